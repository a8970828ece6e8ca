// SELECT, VALUES, TABLE, set operations, WITH.
#include "sql/mysql/parser.hpp"

namespace sealrow::sql::mysql {
namespace {

// Clauses that belong behind a query stand there already: another tail needs a query around this one.
bool has_tail(const Select& query) {
  return !query.order_by.empty() || query.limit || query.offset || query.locking || query.with ||
         query.into_kind != IntoKind::none;
}

// A star that is not written: its span stays empty.
OutputItem implied_star() {
  OutputItem item;
  item.expr = std::make_unique<Expr>();
  item.expr->kind = ExprKind::star;
  return item;
}

// (SELECT … LIMIT 5) LIMIT 3 → SELECT * FROM (SELECT … LIMIT 5) LIMIT 3
SelectPtr wrapped(SelectPtr inner) {
  auto outer = std::make_unique<Select>();
  outer->span = inner->span;
  outer->output.push_back(implied_star());
  auto item = std::make_unique<FromItem>();
  item->kind = FromItem::Kind::subquery;
  item->query = std::move(inner);
  outer->from.push_back(std::move(item));
  return outer;
}

}  // namespace

void Parser::select_statement(Statement& out) {
  auto parsed = query();
  out.node = std::move(*parsed);
}

SelectPtr Parser::query() {
  const Nesting nesting(*this);
  if (!nesting.ok()) return std::make_unique<Select>();
  const std::size_t first = pos_;
  auto common = with();
  auto result = set_operations();
  query_tail(result);
  if (common && result->with) result = wrapped(std::move(result));
  if (common) result->with = std::move(common);
  result->span = span_from(first);
  return result;
}

SelectPtr Parser::set_operations() {
  const std::size_t first = pos_;
  auto left = intersections();
  while (is_any({"union", "except"}) || (is("minus") && is_any({"select", "(", "all", "distinct"}, 1))) {
    chain();
    auto both = std::make_unique<Select>();
    both->set_op = is("union") ? SetOp::union_ : SetOp::except;
    advance();
    both->set_all = accept("all");
    accept("distinct");
    both->left = std::move(left);
    both->right = intersections();
    both->span = span_from(first);
    left = std::move(both);
  }
  return left;
}

SelectPtr Parser::intersections() {
  const std::size_t first = pos_;
  auto left = query_operand();
  while (accept("intersect")) {
    chain();
    auto both = std::make_unique<Select>();
    both->set_op = SetOp::intersect;
    both->set_all = accept("all");
    accept("distinct");
    both->left = std::move(left);
    both->right = query_operand();
    both->span = span_from(first);
    left = std::move(both);
  }
  return left;
}

SelectPtr Parser::query_operand() {
  if (accept("(")) {
    auto inner = query();
    expect(")");
    return inner;
  }
  if (is("values")) return values_query();
  if (is("table")) return table_query();
  return select_leaf();
}

// VALUES ROW(1, 2), ROW(…) (MySQL); VALUES (1, 2), (…) (MariaDB)
SelectPtr Parser::values_query() {
  const std::size_t first = pos_;
  expect("values");
  auto result = std::make_unique<Select>();
  result->values = value_rows();
  result->span = span_from(first);
  return result;
}

SelectPtr Parser::table_query() {
  const std::size_t first = pos_;
  expect("table");
  auto result = std::make_unique<Select>();
  auto item = std::make_unique<FromItem>();
  item->kind = FromItem::Kind::relation;
  item->relation = relation();
  result->from.push_back(std::move(item));
  result->span = span_from(first);
  result->output.push_back(implied_star());
  return result;
}

SelectPtr Parser::select_leaf() {
  const std::size_t first = pos_;
  auto result = std::make_unique<Select>();
  expect("select");
  select_options(*result);
  result->output = outputs();
  if (is("into")) into(*result);
  query_clauses(*result);
  result->span = span_from(first);
  return result;
}

void Parser::select_options(Select& out) {
  while (!error_) {
    if (accept_any({"distinct", "distinctrow"})) {
      out.distinct = true;
      continue;
    }
    // Some of the words are names elsewhere.
    if (is_any({"sql_buffer_result", "sql_cache", "sql_no_cache"}) && (is_any({",", "from", "."}, 1))) return;
    if (!accept_any({"all", "high_priority", "straight_join", "sql_small_result", "sql_big_result", "sql_buffer_result",
                     "sql_cache", "sql_no_cache", "sql_calc_found_rows"})) {
      return;
    }
  }
}

std::vector<OutputItem> Parser::outputs() {
  std::vector<OutputItem> result;
  do result.push_back(output());
  while (accept(","));
  return result;
}

OutputItem Parser::output() {
  const std::size_t first = pos_;
  OutputItem item;
  if (accept("*")) {
    item.expr = make(ExprKind::star, first);
  } else {
    item.expr = expr();
    item.alias = output_alias();
  }
  item.span = span_from(first);
  return item;
}

std::vector<OutputItem> Parser::returning() { return accept("returning") ? outputs() : std::vector<OutputItem>(); }

void Parser::query_clauses(Select& out) {
  if (accept("from") && !accept("dual")) out.from = from_list();
  if (accept("where")) out.where = expr();
  if (accept_sequence({"group", "by"})) grouping(out);
  if (accept("having")) out.having = expr();
  if (accept("window")) {
    do {
      static_cast<void>(label_name());
      expect("as");
      out.windows.push_back(window());
    } while (accept(","));
  }
  if (accept("qualify")) {
    // Not modelled: the children stay visible as a condition that nobody understands.
    const std::size_t first = pos_;
    auto unknown = make(ExprKind::other, first);
    if (out.having) unknown->args.push_back(std::move(out.having));
    unknown->args.push_back(expr());
    out.having = std::move(unknown);
  }
}

void Parser::grouping(Select& out) {
  do {
    const bool rollup = is_any({"rollup", "cube"}) && is("(", 1);
    out.grouping_sets = out.grouping_sets || rollup;
    if (rollup) {
      advance();
      for (auto& element : exprs_in_brackets()) out.group_by.push_back(std::move(element));
    } else {
      out.group_by.push_back(expr());
      accept_any({"asc", "desc"});
    }
  } while (accept(","));
  if (accept_sequence({"with", "rollup"}) || accept_sequence({"with", "cube"})) out.grouping_sets = true;
}

std::vector<SortKey> Parser::order_by() {
  std::vector<SortKey> keys;
  if (!accept("order")) return keys;
  expect("by");
  do {
    SortKey key;
    key.expr = expr();
    key.descending = accept("desc");
    accept("asc");
    keys.push_back(std::move(key));
  } while (accept(","));
  return keys;
}

// What follows a query expression as a whole.
void Parser::query_tail(SelectPtr& query) {
  const bool begins =
      is_any({"order", "limit", "for", "into", "procedure", "offset", "fetch"}) || is_sequence({"lock", "in"});
  if (!begins) return;
  if (has_tail(*query)) query = wrapped(std::move(query));
  query->order_by = order_by();
  limit(*query);
  if (accept("procedure")) {  // PROCEDURE ANALYSE() of MariaDB
    static_cast<void>(label_name());
    skip_brackets();
  }
  for (bool found = true; found && !error_;) {
    found = is_any({"for", "into"}) || is_sequence({"lock", "in"});
    if (is("into"))
      into(*query);
    else if (found)
      locking(*query);
  }
}

void Parser::limit(Select& out) {
  if (accept("limit")) {
    if (!accept_sequence({"rows", "examined"})) {
      out.limit = expr();
      if (accept("offset"))
        out.offset = expr();
      else if (accept(",")) {
        out.offset = std::move(out.limit);
        out.limit = expr();
      }
      if (!accept_sequence({"rows", "examined"})) return;
    }
    static_cast<void>(expr());
    return;
  }
  if (accept("offset")) {
    out.offset = expr();
    accept_any({"row", "rows"});
  }
  if (!accept("fetch")) return;
  if (!accept_any({"first", "next"})) fail("unexpected token behind FETCH");
  if (!is_any({"row", "rows"})) out.limit = expr();
  accept_any({"row", "rows"});
  if (!accept("only") && !accept_sequence({"with", "ties"})) fail("unexpected end of FETCH");
}

void Parser::locking(Select& out) {
  out.locking = true;
  if (accept("lock")) {
    if (!accept_sequence({"in", "share", "mode"})) fail("unexpected lock");
  } else {
    expect("for");
    if (!accept_any({"update", "share"})) fail("unexpected token behind FOR");
    if (accept("of")) {
      do static_cast<void>(relation_without_mention());
      while (accept(","));
    }
  }
  if (accept("wait")) static_cast<void>(primary());
  if (accept("skip")) expect("locked");
  accept("nowait");
}

void Parser::into(Select& out) {
  expect("into");
  if (out.into_kind != IntoKind::none) fail("INTO stands twice");
  if (accept_any({"outfile", "dumpfile"})) {
    out.into_kind =
        equals_word(text_.substr(tokens_[pos_ - 1].span.begin, 7), "outfile") ? IntoKind::outfile : IntoKind::dumpfile;
    out.into_names.push_back(string_value());
    file_format(nullptr);
    return;
  }
  out.into_kind = IntoKind::variables;
  do out.into_names.push_back(is_kind(TokenKind::variable) ? "@" + variable_name() : column_name());
  while (accept(","));
}

std::unique_ptr<With> Parser::with() {
  if (!accept("with")) return nullptr;
  auto result = std::make_unique<With>();
  result->recursive = accept("recursive");
  do {
    CommonTable table;
    table.name = table_name();
    if (is("(")) table.columns = names_in_brackets();
    expect("as");
    expect("(");
    table.statement = nested_statement(&Parser::select_statement);
    expect(")");
    if (accept("cycle")) {
      table.extra_columns = true;
      do static_cast<void>(column_name());
      while (accept(","));
      expect("restrict");
    }
    result->tables.push_back(std::move(table));
  } while (accept(","));
  return result;
}

}  // namespace sealrow::sql::mysql
