// Literals, names, variables, brackets, CASE and the other atoms of an expression.
#include "sql/mysql/parser.hpp"

#include <algorithm>
#include <array>

namespace sealrow::sql::mysql {
namespace {

constexpr std::string_view units[] = {
    "day",
    "day_hour",
    "day_microsecond",
    "day_minute",
    "day_second",
    "hour",
    "hour_microsecond",
    "hour_minute",
    "hour_second",
    "microsecond",
    "minute",
    "minute_microsecond",
    "minute_second",
    "month",
    "quarter",
    "second",
    "second_microsecond",
    "week",
    "year",
    "year_month",
};

// Built-in functions whose names are reserved.
constexpr std::string_view reserved_functions[] = {
    "char",       "cume_dist", "database", "dense_rank",   "first_value", "if",     "insert",  "lag",
    "last_value", "lead",      "left",     "mod",          "nth_value",   "ntile",  "rank",    "repeat",
    "replace",    "right",     "grouping", "percent_rank", "row_number",  "schema", "truncate"};

}  // namespace

bool Parser::is_unit(std::size_t ahead) const {
  if (!is_kind(TokenKind::word, ahead)) return false;
  std::string word = fold_case(token_text(ahead));
  if (word.starts_with("sql_tsi_")) word.erase(0, 8);
  return std::binary_search(std::begin(units), std::end(units), word);
}

// A query begins at the token, maybe behind further opening brackets.
bool Parser::is_query_start(std::size_t token) const {
  const auto word = [&](std::size_t index, std::string_view what) {
    return index < tokens_.size() && is(what, index - pos_);
  };
  std::size_t inner = token;
  while (word(inner, "(")) ++inner;
  // "(VALUES(c))" in ON DUPLICATE KEY UPDATE is the function; a list of rows needs ROW in MySQL.
  const bool rows = word(inner, "values") &&
                    (word(inner + 1, "row") || (options_.flavour == Flavour::mariadb && !in_duplicate_clause_));
  const bool query =
      word(inner, "select") || word(inner, "with") || rows || (word(inner, "table") && !word(inner + 1, "("));
  if (!query) return false;
  // Behind each inner bracket the query must go on; else it is an operand or a table.
  static constexpr std::array<std::string_view, 10> goes_on = {"union", "except", "intersect", "minus", "order",
                                                               "limit", ")",      "for",       "lock",  "into"};
  while (inner > token) {
    const std::size_t behind = tokens_[--inner].index + 1;
    const bool last = tokens_[std::min(behind, tokens_.size() - 1)].kind == TokenKind::end || word(behind, ";");
    if (!last && std::none_of(goes_on.begin(), goes_on.end(), [&](std::string_view w) { return word(behind, w); })) {
      return false;
    }
  }
  return true;
}

ExprPtr Parser::primary() {
  switch (at().kind) {
    case TokenKind::literal:
      return literal();
    case TokenKind::parameter: {
      const std::uint32_t number = at().index;
      advance();
      auto result = make(ExprKind::parameter, pos_ - 1);
      result->number = number;
      return result;
    }
    case TokenKind::variable:
      return user_variable();
    case TokenKind::system_variable:
      return system_variable();
    case TokenKind::name:
      return name_chain();
    case TokenKind::word:
      return word_primary();
    case TokenKind::symbol:
      if (is("(")) return bracketed();
      if (is("{")) return braced();
      if (accept("\\n")) return make(ExprKind::constant, pos_ - 1, {"null"});
      break;
    case TokenKind::end:
    case TokenKind::comment:
    case TokenKind::unknown:
      break;
  }
  const std::size_t first = pos_;
  fail("an expression was expected");
  return make(ExprKind::other, first);
}

ExprPtr Parser::literal() {
  const std::uint32_t index = at().index;
  advance();
  auto result = make(ExprKind::literal, pos_ - 1);
  result->number = index;
  return result;
}

ExprPtr Parser::word_primary() {
  using Method = ExprPtr (Parser::*)();
  struct Entry {
    std::string_view word;
    Method method;
  };
  static constexpr auto called = std::to_array<Entry>({
      {"cast", &Parser::cast},
      {"convert", &Parser::convert},
      {"values", &Parser::inserted_value},
      {"value", &Parser::inserted_value},
  });
  static constexpr auto plain = std::to_array<Entry>({
      {"case", &Parser::case_expr},
      {"interval", &Parser::interval},
      {"match", &Parser::match},
  });
  const std::size_t first = pos_;
  if (is_any({"null", "true", "false"})) {
    std::string word = any_word();
    return make(ExprKind::constant, first, {std::move(word)});
  }
  for (const auto& entry : plain) {
    if (is(entry.word)) return (this->*entry.method)();
  }
  if (is("(", 1)) {
    for (const auto& entry : called) {
      if (accept(entry.word)) return (this->*entry.method)();
    }
    if (accept("exists")) return subquery(SubqueryKind::exists, first);
    if (accept("row")) {
      auto items = exprs_in_brackets();
      auto result = make(ExprKind::row, first);
      result->args = std::move(items);
      return result;
    }
  }
  // DATE '2020-01-01'
  if (is_any({"date", "time", "timestamp"}) && is_string(1)) {
    std::string name = any_word();
    auto value = literal();
    auto result = make(ExprKind::cast, first);
    result->args.push_back(std::move(value));
    result->type = plain_type(std::move(name));
    return result;
  }
  if (is_sequence({"next", "value", "for"}) || is_sequence({"previous", "value", "for"})) return sequence_value();
  if (auto value = sql_value()) return value;
  if (accept("default") && !is("(")) return make(ExprKind::default_value, first);
  if (pos_ > first) return call({"default"}, first);
  return name_chain();
}

ExprPtr Parser::name_chain() {
  const std::size_t first = pos_;
  const bool function = is_kind(TokenKind::word) && is("(", 1) &&
                        std::any_of(std::begin(reserved_functions), std::end(reserved_functions),
                                    [&](std::string_view word) { return is(word); });
  std::vector<std::string> names;
  accept(".");
  if (function)
    names.push_back(any_word());
  else
    names.push_back(name_token());
  while (!function && names.size() < 3 && is(".")) {
    advance();
    if (accept("*")) {
      auto star = make(ExprKind::star, first);
      for (auto& name : names) star->names.push_back(fold_table(name));
      return star;
    }
    names.push_back(name_token());
  }
  if (is("(") && !error_) return call(std::move(names), first);
  return column(std::move(names), first);
}

ExprPtr Parser::column(std::vector<std::string> names, std::size_t first) {
  auto result = make(ExprKind::column, first);
  names.back() = fold_case(names.back());
  for (std::size_t i = 0; i + 1 < names.size(); ++i) names[i] = fold_table(names[i]);
  resolve_row_alias(names);
  result->names = std::move(names);
  return result;
}

// INSERT … AS new(m, n) ON DUPLICATE KEY UPDATE c = new.m + n: the row that could not be inserted.
void Parser::resolve_row_alias(std::vector<std::string>& names) const {
  // A relation of that name is not the inserted row.
  if (in_duplicate_clause_ && names.size() > 1 && names[names.size() - 2] == "excluded" && row_alias_ != "excluded") {
    names[names.size() - 2] = "#excluded";
  }
  if (row_alias_.empty() || names.size() > 2) return;
  if (names.size() == 2 && names[0] != row_alias_) return;
  const auto found = std::find(row_columns_.begin(), row_columns_.end(), names.back());
  if (names.size() == 1 && found == row_columns_.end()) return;
  std::string column_name = names.back();
  if (!row_columns_.empty()) {
    const auto index = static_cast<std::size_t>(found - row_columns_.begin());
    // An alias for a column that is not known by name: a name that nothing resolves.
    column_name = index < inserted_columns_.size() ? inserted_columns_[index] : "#" + std::to_string(index + 1);
  }
  names = {"excluded", std::move(column_name)};
}

ExprPtr Parser::user_variable() {
  const std::size_t first = pos_;
  std::string name = variable_name();
  ExprPtr value;
  if (accept(":=")) value = expr();
  auto result = make(ExprKind::variable, first, {std::move(name)});
  if (value) result->args.push_back(std::move(value));
  return result;
}

ExprPtr Parser::system_variable() {
  const std::size_t first = pos_;
  std::string name = "@@" + fold_case(name_value(token_text().substr(2)));
  advance();
  while (accept(".")) name += "." + any_word();
  return make(ExprKind::sql_value, first, {std::move(name)});
}

ExprPtr Parser::bracketed() {
  const std::size_t first = pos_;
  if (is_query_start(pos_ + 1)) return subquery(SubqueryKind::scalar, first);
  auto items = exprs_in_brackets();
  if (items.size() == 1) return std::move(items.front());
  auto result = make(ExprKind::row, first);
  result->args = std::move(items);
  return result;
}

// ODBC escapes: {d '2020-01-01'}, {fn now()}.
ExprPtr Parser::braced() {
  expect("{");
  static_cast<void>(name_token());
  auto result = expr();
  expect("}");
  return result;
}

ExprPtr Parser::subquery(SubqueryKind kind, std::size_t first) {
  expect("(");
  auto inner = query();
  expect(")");
  auto result = make(ExprKind::subquery, first);
  result->subquery_kind = kind;
  result->query = std::move(inner);
  return result;
}

ExprPtr Parser::case_expr() {
  const std::size_t first = pos_;
  expect("case");
  ExprPtr operand, otherwise;
  if (!is("when")) operand = expr();
  auto result = make(ExprKind::case_expr, first);
  while (accept("when")) {
    result->case_when.push_back(expr());
    expect("then");
    result->args.push_back(expr());
  }
  if (accept("else")) otherwise = expr();
  expect("end");
  if (result->args.empty()) fail("CASE without WHEN");
  result->span = span_from(first);
  result->case_operand = std::move(operand);
  result->case_else = std::move(otherwise);
  return result;
}

// INTERVAL 1 DAY, and the function INTERVAL(n, a, b).
ExprPtr Parser::interval() {
  const std::size_t first = pos_;
  expect("interval");
  if (is("(")) {
    const std::size_t behind = at().index + 1;
    // With one argument and a unit behind it the bracket is just a bracket; an operator goes on with the expression.
    const std::size_t ahead = behind - pos_;
    const bool function =
        !is_unit(ahead) && std::any_of(tokens_.begin() + static_cast<std::ptrdiff_t>(pos_),
                                       tokens_.begin() + static_cast<std::ptrdiff_t>(behind), [&](const Token& token) {
                                         return token.kind == TokenKind::symbol && text_[token.span.begin] == ',';
                                       });
    if (function) return call({"interval"}, first);
  }
  auto amount = expr();
  if (!is_unit()) fail("a unit was expected");
  const std::size_t unit = pos_;
  std::string word = any_word();
  auto result = make(ExprKind::call, first, {"interval"});
  result->args.push_back(std::move(amount));
  result->args.push_back(make(ExprKind::constant, unit, {std::move(word)}));
  return result;
}

ExprPtr Parser::match() {
  const std::size_t first = pos_;
  expect("match");
  std::vector<ExprPtr> columns;
  if (is("("))
    columns = exprs_in_brackets();
  else
    columns = exprs();
  expect("against");
  expect("(");
  auto pattern = binary(1);
  if (!is(")")) {
    if (accept("in")) {
      if (!accept_sequence({"boolean", "mode"})) {
        if (!accept_sequence({"natural", "language", "mode"})) fail("unexpected mode of MATCH");
      }
    }
    if (accept("with") && !accept_sequence({"query", "expansion"})) fail("unexpected mode of MATCH");
  }
  expect(")");
  auto result = make(ExprKind::call, first, {"match"});
  auto row = make(ExprKind::row, first);
  row->args = std::move(columns);
  result->args.push_back(std::move(row));
  result->args.push_back(std::move(pattern));
  return result;
}

// VALUES(c) in ON DUPLICATE KEY UPDATE.
ExprPtr Parser::inserted_value() {
  const std::size_t first = pos_ - 1;
  expect("(");
  std::string name = column_name();
  while (accept(".")) name = column_name();
  expect(")");
  return make(ExprKind::column, first, {"excluded", std::move(name)});
}

ExprPtr Parser::sequence_value() {
  const std::size_t first = pos_;
  const bool next = is("next");
  pos_ += 3;
  static_cast<void>(relation());
  return make(ExprKind::call, first, {next ? "nextval" : "lastval"});
}

}  // namespace sealrow::sql::mysql
