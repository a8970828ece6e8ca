// INSERT, REPLACE, UPDATE, DELETE.
#include "sql/mysql/parser.hpp"

#include <algorithm>

namespace sealrow::sql::mysql {

void Parser::with_statement(Statement& out) {
  const std::size_t first = pos_;
  auto common = with();
  if (is_any({"update", "delete"})) {
    fill(out);
    if (auto* update = std::get_if<Update>(&out.node)) update->with = std::move(common);
    if (auto* removal = std::get_if<Delete>(&out.node)) removal->with = std::move(common);
    return;
  }
  auto parsed = set_operations();
  query_tail(parsed);
  if (parsed->with) fail("WITH stands twice");
  parsed->with = std::move(common);
  parsed->span = span_from(first);
  out.node = std::move(*parsed);
}

void Parser::insert_statement(Statement& out) {
  Insert result;
  result.replace = is("replace");
  advance();
  accept_any({"low_priority", "delayed", "high_priority"});
  result.ignore = accept("ignore");
  accept("into");
  result.table = relation();
  if (accept("partition")) skip_brackets();
  insert_source(result);
  row_alias_.clear();
  row_columns_.clear();
  if (accept("as")) row_alias();
  for (const auto& column : result.columns) inserted_columns_.push_back(column.name);
  in_duplicate_clause_ = true;
  if (is_sequence({"on", "duplicate"})) on_duplicate(result);
  in_duplicate_clause_ = false;
  row_alias_.clear();
  row_columns_.clear();
  inserted_columns_.clear();
  result.returning = returning();
  out.node = std::move(result);
}

void Parser::insert_source(Insert& out) {
  if (accept("set")) return set_as_row(out);
  if (is("(") && !is_query_start(pos_ + 1)) out.columns = target_columns();
  const bool rows = is_any({"values", "value"}) && !is("row", 1);
  if (!rows) {
    out.source = query();
    return;
  }
  const std::size_t first = pos_;
  advance();
  out.source = std::make_unique<Select>();
  out.source->values = value_rows();
  out.source->span = span_from(first);
  const auto is_empty = [](const auto& row) { return row.empty(); };
  out.default_values = std::all_of(out.source->values.begin(), out.source->values.end(), is_empty);
  if (out.default_values) out.source = nullptr;
}

// INSERT … SET a = 1, b = 2
void Parser::set_as_row(Insert& out) {
  const std::size_t first = pos_;
  out.source = std::make_unique<Select>();
  out.source->values.emplace_back();
  for (auto& item : assignments()) {
    out.columns.push_back({item.column, item.column_span});
    out.source->values.back().push_back(std::move(item.value));
  }
  out.source->span = span_from(first);
}

void Parser::row_alias() {
  row_alias_ = table_name();
  if (is("(")) row_columns_ = names_in_brackets();
}

void Parser::on_duplicate(Insert& out) {
  if (!accept_sequence({"on", "duplicate", "key", "update"})) return fail("unexpected token behind ON");
  ConflictClause clause;
  clause.update = true;
  clause.duplicate_key = true;
  clause.set = assignments();
  out.conflict = std::move(clause);
}

std::vector<TargetColumn> Parser::target_columns() {
  std::vector<TargetColumn> result;
  expect("(");
  if (accept(")")) return result;
  do {
    const std::size_t first = pos_;
    TargetColumn column;
    column.name = column_name();
    while (accept(".")) column.name = column_name();  // t.c, db.t.c
    column.span = span_from(first);
    result.push_back(std::move(column));
  } while (accept(","));
  expect(")");
  return result;
}

ExprPtr Parser::value_or_default() {
  const std::size_t first = pos_;
  if (accept("ignore")) return make(ExprKind::other, first);  // MariaDB: as if the column were not named
  return expr();
}

std::vector<std::vector<ExprPtr>> Parser::value_rows() {
  std::vector<std::vector<ExprPtr>> rows;
  do {
    accept("row");
    expect("(");
    std::vector<ExprPtr> row;
    if (!is(")")) {
      do row.push_back(value_or_default());
      while (accept(","));
    }
    expect(")");
    rows.push_back(std::move(row));
  } while (accept(","));
  return rows;
}

std::vector<Assignment> Parser::assignments() {
  std::vector<Assignment> result;
  do result.push_back(assignment());
  while (accept(","));
  return result;
}

Assignment Parser::assignment() {
  Assignment result;
  const std::size_t first = pos_;
  accept(".");
  result.column = name_token();
  while (accept(".")) {
    result.qualifier.push_back(fold_table(result.column));
    result.column = name_token();
  }
  result.column = fold_case(result.column);
  result.column_span = span_from(first);
  if (!accept_any({"=", ":="})) fail("an assignment was expected");
  result.value = value_or_default();
  return result;
}

// One table in front of SET is `table`; several are `from`.
void Parser::update_statement(Statement& out) {
  Update result;
  expect("update");
  accept("low_priority");
  result.ignore = accept("ignore");
  auto tables = from_list();
  const bool single = tables.size() == 1 && tables[0]->kind == FromItem::Kind::relation && tables[0]->calls.empty();
  if (single) {
    result.table = tables[0]->relation;
    result.alias = tables[0]->alias;
  } else {
    result.from = std::move(tables);
  }
  expect("set");
  result.set = assignments();
  if (accept("from")) {  // MySQL has no such clause; MariaDB 11.8 neither: not modelled
    fail("UPDATE with FROM");
  }
  if (accept("where")) result.where = expr();
  result.order_by = order_by();
  if (accept("limit")) result.limit = expr();
  result.returning = returning();
  out.node = std::move(result);
}

void Parser::delete_statement(Statement& out) {
  Delete result;
  expect("delete");
  while (accept_any({"low_priority", "quick", "ignore", "history"})) {
  }
  if (!accept("from")) {
    // DELETE a, b FROM a JOIN b …
    delete_targets(result);
    expect("from");
    result.using_ = from_list();
  } else {
    const std::size_t before = pos_;
    const std::size_t known = mentioned_.size();
    delete_targets(result);
    if (accept("using")) {
      result.using_ = from_list();
    } else if (!error_) {
      // One table, perhaps with an alias.
      pos_ = before;
      mentioned_.resize(known);
      result.targets.clear();
      result.table = relation();
      if (accept("partition")) skip_brackets();
      if (is_sequence({"for", "portion"}) || is_sequence({"before", "system_time"})) return fail("DELETE of a period");
      result.alias = table_alias();
      skip_index_hints();
    }
  }
  if (accept("where")) result.where = expr();
  result.order_by = order_by();
  if (accept("limit")) result.limit = expr();
  result.returning = returning();
  out.node = std::move(result);
}

// Names or aliases of the tables behind; "t.*" is an older spelling.
void Parser::delete_targets(Delete& out) {
  do {
    RelationName target;
    const std::size_t first = pos_;
    target.name = table_name();
    while (accept(".")) {
      if (accept("*")) break;
      target.schema = std::move(target.name);
      target.name = table_name();
    }
    target.span = span_from(first);
    out.targets.push_back(std::move(target));
  } while (accept(","));
}

}  // namespace sealrow::sql::mysql
