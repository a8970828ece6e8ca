// Operators, from OR down to the unary ones (sql_yacc.yy: expr, bool_pri, predicate, bit_expr, simple_expr).
#include "sql/mysql/parser.hpp"

#include <array>

namespace sealrow::sql::mysql {

ExprPtr Parser::make(ExprKind kind, std::size_t first, std::initializer_list<std::string> names) {
  constexpr std::uint32_t most_nodes = 1U << 20;
  if (++nodes_ > most_nodes) fail("too many expressions");
  auto result = std::make_unique<Expr>();
  result->kind = kind;
  result->names = names;
  result->span = span_from(first);
  return result;
}

ExprPtr Parser::operation(std::string name, std::size_t first, ExprPtr left, ExprPtr right) {
  auto result = make(ExprKind::op, first, {std::move(name)});
  result->args.push_back(std::move(left));
  if (right) result->args.push_back(std::move(right));
  return result;
}

// One more link of a left-deep chain: trees are walked and freed recursively.
void Parser::chain() {
  constexpr std::uint32_t longest = 4000;
  if (++chained_ > longest) fail("too many operators in a row");
}

std::vector<ExprPtr> Parser::exprs() {
  std::vector<ExprPtr> result;
  do result.push_back(expr());
  while (accept(","));
  return result;
}

std::vector<ExprPtr> Parser::exprs_in_brackets() {
  expect("(");
  if (accept(")")) return {};
  auto result = exprs();
  expect(")");
  return result;
}

std::vector<ExprPtr> Parser::sort_exprs() {
  std::vector<ExprPtr> result;
  for (auto& key : order_by()) result.push_back(std::move(key.expr));
  return result;
}

ExprPtr Parser::expr() {
  const Nesting nesting(*this);
  const std::size_t first = pos_;
  auto result = xor_chain();
  const auto is_or = [&] { return is("or") || (!options_.pipes_as_concat && is("||")); };
  if (!is_or()) return result;
  auto chain_of = make(ExprKind::boolean, first, {"or"});
  chain_of->args.push_back(std::move(result));
  while (is_or()) {
    advance();
    chain_of->args.push_back(xor_chain());
  }
  chain_of->span = span_from(first);
  return chain_of;
}

ExprPtr Parser::xor_chain() {
  const std::size_t first = pos_;
  auto result = and_chain();
  while (accept("xor")) {
    chain();
    auto right = and_chain();
    result = operation("xor", first, std::move(result), std::move(right));
  }
  return result;
}

ExprPtr Parser::and_chain() {
  const std::size_t first = pos_;
  auto result = negation();
  if (!is_any({"and", "&&"})) return result;
  auto chain_of = make(ExprKind::boolean, first, {"and"});
  chain_of->args.push_back(std::move(result));
  while (accept_any({"and", "&&"})) chain_of->args.push_back(negation());
  chain_of->span = span_from(first);
  return chain_of;
}

ExprPtr Parser::negation() {
  const std::size_t first = pos_;
  if (options_.high_not_precedence || !accept("not")) return comparison();
  const Nesting nesting(*this);
  auto operand = negation();
  auto result = make(ExprKind::boolean, first, {"not"});
  result->args.push_back(std::move(operand));
  return result;
}

ExprPtr Parser::comparison() {
  static constexpr std::array<std::string_view, 8> operators = {"=", "<=>", "<>", "!=", "<", "<=", ">", ">="};
  const std::size_t first = pos_;
  auto left = predicate();
  for (;;) {
    if (is("is")) {
      chain();
      left = is_test(std::move(left), first);
      continue;
    }
    std::string_view found;
    for (const auto op : operators) found = is(op) ? op : found;
    if (found.empty()) return left;
    chain();
    advance();
    left = comparison_right(found, std::move(left), first);
  }
}

ExprPtr Parser::comparison_right(std::string_view op, ExprPtr left, std::size_t first) {
  const std::string name(op == "<=>" ? "not_distinct" : op == "!=" ? "<>" : op);
  const bool all = is("all") && is("(", 1);
  if (all || (is_any({"any", "some"}) && is("(", 1))) {
    advance();
    auto result = subquery(all ? SubqueryKind::all : SubqueryKind::any, first);
    result->names = {name};
    result->args.push_back(std::move(left));
    return result;
  }
  auto right = predicate();
  return operation(name, first, std::move(left), std::move(right));
}

ExprPtr Parser::is_test(ExprPtr left, std::size_t first) {
  expect("is");
  const bool negated = accept("not");
  ExprPtr result;
  if (accept_any({"null", "\\n"})) {
    result = make(ExprKind::null_test, first);
  } else if (is_any({"true", "false", "unknown"})) {
    std::string word = any_word();
    result = make(ExprKind::bool_test, first, {std::move(word)});
  } else if (accept("json")) {
    accept_any({"value", "array", "object", "scalar"});
    result = make(ExprKind::json_func, first, {"is_json"});
  } else {
    fail("unexpected token behind IS");
    result = make(ExprKind::other, first);
  }
  result->negated = negated;
  result->args.push_back(std::move(left));
  return result;
}

ExprPtr Parser::predicate() {
  const std::size_t first = pos_;
  auto left = binary(1);
  if (accept_sequence({"sounds", "like"})) {
    auto right = binary(1);
    return operation("sounds_like", first, std::move(left), std::move(right));
  }
  if (accept_sequence({"member", "of"}) || accept("member")) {
    accept("of");
    auto list = exprs_in_brackets();
    auto result = operation("member_of", first, std::move(left));
    for (auto& item : list) result->args.push_back(std::move(item));
    return result;
  }
  const bool negated = is("not") && is_any({"in", "between", "like", "regexp", "rlike"}, 1);
  if (negated) advance();
  const std::string prefix = negated ? "not_" : "";
  if (is("in")) return in_list(std::move(left), negated, first);
  if (is("like")) return like(std::move(left), negated, first);
  if (accept("between")) {
    auto low = binary(1);
    expect("and");
    const Nesting nesting(*this);
    auto high = predicate();
    auto result = operation(prefix + "between", first, std::move(left), std::move(low));
    result->args.push_back(std::move(high));
    return result;
  }
  if (accept_any({"regexp", "rlike"})) {
    auto right = binary(1);
    return operation(prefix + "regexp", first, std::move(left), std::move(right));
  }
  return left;
}

ExprPtr Parser::in_list(ExprPtr left, bool negated, std::size_t first) {
  expect("in");
  if (is_query_start(pos_ + 1) && is("(")) {
    auto result = subquery(negated ? SubqueryKind::not_in : SubqueryKind::in, first);
    result->args.push_back(std::move(left));
    return result;
  }
  auto list = exprs_in_brackets();
  auto result = operation(negated ? "not_in" : "in", first, std::move(left));
  for (auto& item : list) result->args.push_back(std::move(item));
  return result;
}

// With an ESCAPE clause the pattern is a call, as the PostgreSQL grammar has it.
ExprPtr Parser::like(ExprPtr left, bool negated, std::size_t first) {
  expect("like");
  const std::size_t pattern_first = pos_;
  auto pattern = binary(1);
  if (accept("escape")) {
    auto character = binary(1);
    auto escape = make(ExprKind::call, pattern_first, {"like_escape"});
    escape->args.push_back(std::move(pattern));
    escape->args.push_back(std::move(character));
    pattern = std::move(escape);
  }
  return operation(negated ? "not_like" : "like", first, std::move(left), std::move(pattern));
}

int Parser::binary_precedence() const {
  struct Level {
    std::string_view op;
    int precedence;
  };
  static constexpr auto levels = std::to_array<Level>({
      {"|", 1},
      {"&", 2},
      {"<<", 3},
      {">>", 3},
      {"+", 4},
      {"-", 4},
      {"*", 5},
      {"/", 5},
      {"%", 5},
      {"div", 5},
      {"mod", 5},
      {"^", 6},
  });
  if (options_.pipes_as_concat && is("||")) return 7;
  for (const auto& level : levels) {
    if (is(level.op)) return level.precedence;
  }
  return 0;
}

ExprPtr Parser::binary(int minimum) {
  const std::size_t first = pos_;
  auto left = unary();
  for (int precedence = binary_precedence(); precedence >= minimum && precedence > 0;
       precedence = binary_precedence()) {
    chain();
    std::string op = fold_case(token_text());
    advance();
    auto right = binary(precedence + 1);
    left = operation(op == "%" ? "mod" : std::move(op), first, std::move(left), std::move(right));
  }
  return left;
}

ExprPtr Parser::unary() {
  const std::size_t first = pos_;
  const bool negation_word = is("!") || (options_.high_not_precedence && is("not"));
  const bool binary_word = is("binary") && !is("(", 1);
  if (!negation_word && !binary_word && !is_any({"-", "+", "~"})) {
    return is("binary") && is("(", 1) ? (advance(), cast()) : postfix();
  }
  const Nesting nesting(*this);
  std::string op = fold_case(token_text());
  advance();
  auto operand = unary();
  if (negation_word) {
    auto result = make(ExprKind::boolean, first, {"not"});
    result->args.push_back(std::move(operand));
    return result;
  }
  if (binary_word) {
    auto result = make(ExprKind::cast, first);
    result->args.push_back(std::move(operand));
    result->type = plain_type("binary");
    return result;
  }
  return operation(std::move(op), first, std::move(operand));
}

ExprPtr Parser::postfix() {
  const std::size_t first = pos_;
  auto result = primary();
  for (;;) {
    if (accept("collate")) {
      std::string name = is_string() ? string_value() : any_word();
      auto collated = make(ExprKind::collate, first, {std::move(name)});
      collated->args.push_back(std::move(result));
      result = std::move(collated);
    } else if (is_any({"->", "->>"})) {
      std::string op(token_text());
      advance();
      auto path = primary();
      result = operation(std::move(op), first, std::move(result), std::move(path));
    } else if (accept_sequence({"at", "time", "zone"})) {
      accept("interval");
      auto zone = primary();
      auto moved = make(ExprKind::at_time_zone, first);
      moved->args.push_back(std::move(result));
      moved->args.push_back(std::move(zone));
      result = std::move(moved);
    } else {
      return result;
    }
    chain();
  }
}

}  // namespace sealrow::sql::mysql
