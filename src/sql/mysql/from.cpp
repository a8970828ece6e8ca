// Table references.
#include "sql/mysql/parser.hpp"

namespace sealrow::sql::mysql {

std::vector<FromPtr> Parser::from_list() {
  std::vector<FromPtr> result;
  do result.push_back(joined_table());
  while (accept(","));
  return result;
}

FromPtr Parser::joined_table() {
  const Nesting nesting(*this);
  auto left = table_factor();
  while (join_step(left)) {
  }
  return left;
}

// One more "JOIN table [condition]" around `left`.
bool Parser::join_step(FromPtr& left) {
  const Nesting nesting(*this);
  const bool condition = is_any({"on", "using"}) && !is_sequence({"on", "duplicate", "key"});
  if (condition && left->kind == FromItem::Kind::join) {
    // a JOIN b JOIN c ON … ON …: the condition of the outermost join that has none yet.
    FromItem* join = left.get();
    while (join && join->kind == FromItem::Kind::join && (join->on || !join->using_columns.empty() || join->natural)) {
      join = join->left.get();
    }
    if (!join || join->kind != FromItem::Kind::join) return false;
    join_condition(*join);
    return true;
  }
  auto join = std::make_unique<FromItem>();
  join->kind = FromItem::Kind::join;
  join->natural = accept("natural");
  const bool right = is("right");
  if (is_any({"left", "right"}) &&
      (is("join", 1) || is_sequence({"left", "outer", "join"}) || is_sequence({"right", "outer", "join"}))) {
    advance();
    accept("outer");
    join->join = right ? JoinKind::right : JoinKind::left;
    expect("join");
  } else if (accept("straight_join")) {
    join->join = JoinKind::inner;
  } else if (is("join") || (is_any({"inner", "cross"}) && is("join", 1))) {
    join->join = is("cross") ? JoinKind::cross : JoinKind::inner;
    accept_any({"inner", "cross"});
    expect("join");
  } else {
    if (join->natural) fail("unexpected token behind NATURAL");
    return false;
  }
  chain();
  join->left = std::move(left);
  join->right = table_factor();
  // The right side of an outer join takes further joins until its condition comes.
  const bool outer = join->join == JoinKind::left || join->join == JoinKind::right;
  while (outer && !join->natural && !is_any({"on", "using"}) && !error_) {
    if (!join_step(join->right)) fail("outer join without a condition");
  }
  join_condition(*join);
  left = std::move(join);
  return true;
}

void Parser::join_condition(FromItem& join) {
  if (is_sequence({"on", "duplicate", "key"})) return;  // of the INSERT around the query
  if (accept("on"))
    join.on = expr();
  else if (accept("using"))
    join.using_columns = names_in_brackets();
}

FromPtr Parser::table_factor() {
  const Nesting nesting(*this);
  if (accept("{")) {  // { OJ … }
    static_cast<void>(name_token());
    auto inner = joined_table();
    expect("}");
    return inner;
  }
  if (accept("lateral")) return derived_table(true);
  if (is("(")) return is_query_start(pos_ + 1) ? derived_table(false) : bracketed_tables();
  if (is("json_table") && is("(", 1)) return json_table();
  return named_table();
}

// "(a, b)" and "(a JOIN b)": a comma is a cross join.
FromPtr Parser::bracketed_tables() {
  expect("(");
  auto result = joined_table();
  while (accept(",")) {
    chain();
    auto join = std::make_unique<FromItem>();
    join->kind = FromItem::Kind::join;
    join->join = JoinKind::cross;
    join->left = std::move(result);
    join->right = joined_table();
    result = std::move(join);
  }
  expect(")");
  return result;
}

FromPtr Parser::derived_table(bool lateral) {
  auto result = std::make_unique<FromItem>();
  result->kind = FromItem::Kind::subquery;
  result->lateral = lateral;
  expect("(");
  result->query = query();
  expect(")");
  result->alias = table_alias();
  if (!result->alias.empty() && is("(")) result->column_aliases = names_in_brackets();
  return result;
}

// JSON_TABLE(document, path COLUMNS (…)): arguments in `calls`, columns as alias and type lists.
FromPtr Parser::json_table() {
  auto result = std::make_unique<FromItem>();
  result->kind = FromItem::Kind::json_table;
  pos_ += 1;
  expect("(");
  result->calls.push_back(expr());
  expect(",");
  result->calls.push_back(expr());
  json_columns(*result);
  expect(")");
  result->alias = table_alias();
  return result;
}

void Parser::json_columns(FromItem& out) {
  const Nesting nesting(*this);
  expect("columns");
  expect("(");
  do {
    if (is("nested") && (is("path", 1) || is_string(1))) {
      advance();
      accept("path");
      out.calls.push_back(primary());
      json_columns(out);
      continue;
    }
    out.column_aliases.push_back(column_name());
    if (accept("for")) {
      expect("ordinality");
      out.column_types.push_back(plain_type("int"));
      continue;
    }
    out.column_types.push_back(type());
    if (accept("collate")) static_cast<void>(any_word());
    accept("exists");
    expect("path");
    out.calls.push_back(primary());
    while (is_any({"null", "error", "default"}) && !error_) {
      if (accept("default"))
        out.calls.push_back(primary());
      else
        advance();
      expect("on");
      if (!accept_any({"empty", "error"})) fail("unexpected token behind ON");
    }
  } while (accept(","));
  expect(")");
}

FromPtr Parser::named_table() {
  auto result = std::make_unique<FromItem>();
  result->kind = FromItem::Kind::relation;
  result->relation = relation();
  if (is("(")) {  // a table function: MariaDB's engines have some
    result->kind = FromItem::Kind::other;
    result->calls = exprs_in_brackets();
  }
  if (accept("partition")) skip_brackets();
  if (is_sequence({"for", "system_time"})) system_time(*result);
  result->alias = table_alias();
  if (is_sequence({"for", "system_time"})) system_time(*result);
  skip_index_hints();
  if (accept("tablesample")) {
    result->kind = FromItem::Kind::table_sample;
    static_cast<void>(any_word());
    result->calls = exprs_in_brackets();
  }
  return result;
}

void Parser::skip_index_hints() {
  while (is_any({"use", "force", "ignore"}) && is_any({"index", "key"}, 1)) {
    pos_ += 2;
    if (accept("for") && !accept("join") && !accept_sequence({"order", "by"}) && !accept_sequence({"group", "by"})) {
      fail("unexpected scope of an index hint");
    }
    skip_brackets();
  }
}

// MariaDB's history of a table: its rows have the same columns.
void Parser::system_time(FromItem& out) {
  pos_ += 2;
  const auto bound = [&] {
    if (!is_string(1)) accept_any({"timestamp", "transaction"});
    out.calls.push_back(binary(1));
  };
  if (accept("all")) return;
  if (accept_sequence({"as", "of"})) return bound();
  if (accept_any({"between", "from"})) {
    bound();
    if (!accept_any({"and", "to"})) fail("unexpected bound of SYSTEM_TIME");
    return bound();
  }
  fail("unexpected SYSTEM_TIME");
}

}  // namespace sealrow::sql::mysql
