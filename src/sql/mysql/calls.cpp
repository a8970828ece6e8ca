// Function calls, casts, windows.
#include "sql/mysql/parser.hpp"

#include <algorithm>
#include <array>

namespace sealrow::sql::mysql {
namespace {

// Their first argument is a word: a unit, or the kind of a date format.
constexpr std::array<std::string_view, 5> with_leading_word = {"extract", "timestampadd", "timestampdiff", "get_format",
                                                               "trim"};

bool is_one_of(const auto& words, std::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

}  // namespace

// CAST(x AS type), and BINARY(x).
ExprPtr Parser::cast() {
  const std::size_t first = pos_ - 1;
  const bool binary_only =
      tokens_[first].kind == TokenKind::word && equals_word(text_.substr(tokens_[first].span.begin, 6), "binary");
  expect("(");
  auto value = expr();
  auto result = make(ExprKind::cast, first);
  if (binary_only) {
    result->type = plain_type("binary");
  } else {
    if (accept_sequence({"at", "time", "zone"})) {
      accept("interval");
      static_cast<void>(primary());
    }
    expect("as");
    result->type = type();
  }
  accept("array");
  expect(")");
  result->args.push_back(std::move(value));
  result->span = span_from(first);
  return result;
}

// CONVERT(x, type), CONVERT(x USING charset).
ExprPtr Parser::convert() {
  const std::size_t first = pos_ - 1;
  expect("(");
  auto value = expr();
  ExprPtr result;
  if (accept("using")) {
    std::string charset = is_string() ? string_value() : any_word();
    const std::size_t word = pos_ - 1;
    result = make(ExprKind::call, first, {"convert"});
    result->args.push_back(std::move(value));
    result->args.push_back(make(ExprKind::constant, word, {std::move(charset)}));
  } else {
    expect(",");
    result = make(ExprKind::cast, first);
    result->args.push_back(std::move(value));
    result->type = type();
  }
  expect(")");
  result->span = span_from(first);
  return result;
}

// CURRENT_TIMESTAMP and the like: with or without a bracket. Null if it is something else.
ExprPtr Parser::sql_value() {
  static constexpr std::array<std::string_view, 10> words = {
      "current_date", "current_time", "current_timestamp", "localtime",    "localtimestamp",
      "utc_date",     "utc_time",     "utc_timestamp",     "current_user", "current_role"};
  if (!is_kind(TokenKind::word)) return nullptr;
  const std::size_t first = pos_;
  std::string word = fold_case(token_text());
  if (!is_one_of(words, word)) return nullptr;
  advance();
  std::vector<ExprPtr> precision;
  if (is("(")) precision = exprs_in_brackets();
  auto result = make(ExprKind::sql_value, first, {std::move(word)});
  result->args = std::move(precision);
  return result;
}

ExprPtr Parser::call(std::vector<std::string> names, std::size_t first) {
  const Nesting nesting(*this);
  auto result = make(ExprKind::call, first);
  names.back() = fold_case(names.back());
  for (std::size_t i = 0; i + 1 < names.size(); ++i) names[i] = fold_table(names[i]);
  result->names = std::move(names);
  arguments(*result);
  window_of(*result);
  result->span = span_from(first);
  shape_call(*result);
  return result;
}

void Parser::arguments(Expr& out) {
  const bool built_in = out.names.size() == 1;
  const std::string& name = out.names.back();
  expect("(");
  accept_any({"all", "distinct"});
  out.distinct = pos_ > 0 && equals_word(text_.substr(tokens_[pos_ - 1].span.begin, 8), "distinct");
  if (accept("*")) out.star_call = true;
  if (built_in && is_one_of(with_leading_word, name)) {
    const bool side = is_any({"leading", "trailing", "both"});
    if (side || (name != "trim" && is_kind(TokenKind::word) && (is(",", 1) || is("from", 1)))) {
      const std::size_t first = pos_;
      std::string word = any_word();
      if (!side) out.args.push_back(make(ExprKind::constant, first, {std::move(word)}));
    }
  }
  while (!is(")") && !error_) {
    if (argument_clause(out)) continue;
    // POSITION(a IN b): the IN is not the predicate.
    out.args.push_back(built_in && name == "position" && out.args.empty() ? binary(1) : expr());
    if (!accept("as")) continue;
    // f(x AS name) of user-defined functions; COLUMN_CREATE('a', 1 AS int), WEIGHT_STRING(x AS CHAR(3))
    if (is_string() || (is_name() && is_any({",", ")"}, 1)))
      static_cast<void>(name_or_string());
    else
      static_cast<void>(type());
  }
  expect(")");
}

// What stands between arguments. False: an argument follows.
bool Parser::argument_clause(Expr& out) {
  if (accept_any({",", "from", "for", "in"})) return true;
  if (is("order")) {
    out.order = sort_exprs();
    return true;
  }
  if (accept("separator")) {
    if (!is_kind(TokenKind::literal))
      fail("a string was expected");
    else
      out.args.push_back(literal());
    return true;
  }
  if (accept("using")) {
    const std::size_t first = pos_;
    std::string charset = any_word();
    out.args.push_back(make(ExprKind::constant, first, {std::move(charset)}));
    return true;
  }
  if (accept("limit")) {
    out.args.push_back(primary());
    if (accept_any({",", "offset"})) out.args.push_back(primary());
    return true;
  }
  if (is("returning") && !is("(", 1)) {
    advance();
    static_cast<void>(type());
    return true;
  }
  if (accept("on")) {  // … NULL ON EMPTY DEFAULT 'x' ON ERROR
    if (!accept_any({"empty", "error"})) fail("unexpected token behind ON");
    return true;
  }
  if (is("default") && !is("(", 1)) {
    advance();
    out.args.push_back(primary());
    return true;
  }
  return is_any({"error", "null"}) && is("on", 1) && accept_any({"error", "null"});
}

// Functions that the other dialect has as syntax.
void Parser::shape_call(Expr& out) {
  if (out.names.size() != 1 || out.window || out.distinct || out.star_call) return;
  const std::string name = out.names[0];
  if (name == "coalesce" || ((name == "ifnull" || name == "nvl") && out.args.size() == 2)) {
    out.kind = ExprKind::coalesce;
    out.names.clear();
  } else if (name == "greatest" || name == "least") {
    out.kind = ExprKind::greatest_least;
  } else if (name == "nullif" && out.args.size() == 2) {
    out.kind = ExprKind::op;
  } else if (name == "grouping") {
    out.kind = ExprKind::grouping;
    out.names.clear();
  } else if (name == "if" && out.args.size() == 3) {
    out.kind = ExprKind::case_expr;
    out.names.clear();
    std::vector<ExprPtr> parts = std::move(out.args);
    out.args.clear();
    out.case_when.push_back(std::move(parts[0]));
    out.args.push_back(std::move(parts[1]));
    out.case_else = std::move(parts[2]);
  } else if (name == "nextval" || name == "lastval" || name == "setval") {
    // MariaDB: the argument is a sequence's name.
    if (out.args.empty() || out.args[0]->kind != ExprKind::column) return;
    const auto& names = out.args[0]->names;
    mentioned_.push_back(
        {.schema = names.size() > 1 ? names[names.size() - 2] : "", .name = names.back(), .span = out.args[0]->span});
    out.args.erase(out.args.begin());
  }
}

void Parser::window_of(Expr& out) {
  if (accept_sequence({"within", "group"})) {
    expect("(");
    out.order = sort_exprs();
    expect(")");
  }
  if (accept("from") || is_sequence({"respect", "nulls"}) || is_sequence({"ignore", "nulls"})) {
    // FROM FIRST is only for window functions; a FROM clause is not ours.
    if (tokens_[pos_ - 1].kind == TokenKind::word && !is_any({"respect", "ignore"}) && !is_any({"first", "last"})) {
      --pos_;
    } else {
      accept_any({"first", "last"});
      if (is("nulls", 1) && accept_any({"respect", "ignore"})) advance();
    }
  }
  if (!accept("over")) return;
  if (!is("(")) {
    static_cast<void>(label_name());
    out.window = std::make_unique<WindowParts>();
    out.window->named = true;
    return;
  }
  out.window = std::make_unique<WindowParts>(window());
}

// "( [name] [PARTITION BY …] [ORDER BY …] [frame] )"
WindowParts Parser::window() {
  WindowParts parts;
  expect("(");
  if (is_name() && !is_any({"rows", "range", "groups"})) {
    static_cast<void>(label_name());
    parts.named = true;
  }
  if (accept_sequence({"partition", "by"})) parts.partition = exprs();
  if (is("order")) parts.order = sort_exprs();
  frame(parts);
  expect(")");
  return parts;
}

void Parser::frame(WindowParts& out) {
  if (!accept_any({"rows", "range", "groups"})) return;
  const bool between = accept("between");
  for (int bound = between ? 2 : 1; bound > 0; --bound) {
    if (!accept("unbounded") && !accept_sequence({"current", "row"})) out.frame.push_back(binary(1));
    accept_any({"preceding", "following"});
    if (between && bound == 2) expect("and");
  }
  if (!accept("exclude")) return;
  if (!accept_sequence({"no", "others"}) && !accept_sequence({"current", "row"}) && !accept_any({"group", "ties"})) {
    fail("unexpected frame exclusion");
  }
}

}  // namespace sealrow::sql::mysql
