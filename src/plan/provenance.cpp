// Where the value of an expression comes from. What is not listed here as harmless is refused on sealed operands.
#include "plan/analyzer.hpp"
#include "plan/places.hpp"
#include "plan/types.hpp"

#include <algorithm>

namespace sealrow::plan {

namespace {

constexpr unsigned max_expression_depth = 600;

std::string what_of(const sql::Expr& expr) {
  switch (expr.kind) {
    case sql::ExprKind::op:
    case sql::ExprKind::boolean:
      return expr.names.empty() ? "an operator" : "the operator " + expr.names[0];
    case sql::ExprKind::greatest_least:
      return expr.names.empty() ? "greatest" : expr.names[0];
    case sql::ExprKind::json_func:
    case sql::ExprKind::xml_func:
      return expr.names.empty() ? "a JSON or XML function" : expr.names[0];
    case sql::ExprKind::at_time_zone:
      return "AT TIME ZONE";
    case sql::ExprKind::collate:
      return "COLLATE";
    case sql::ExprKind::grouping:
      return "GROUPING";
    case sql::ExprKind::bool_test:
      return "IS TRUE, FALSE or UNKNOWN";
    case sql::ExprKind::subscript:
      return "a subscript";
    default:
      return "this expression";
  }
}

// The shortest token of a literal that might spell an envelope is longer: a prefix, a header, a tag.
constexpr std::uint32_t harmless_literal = 40;

bool is_comparison(const std::string& op) { return op == "=" || op == "<>" || op == "!="; }
bool is_json_access(const std::string& op) { return op == "->" || op == "->>" || op == "#>" || op == "#>>"; }

}  // namespace

bool is_op(const sql::Expr& expr, std::string_view name) {
  return expr.kind == sql::ExprKind::op && !expr.names.empty() && expr.names[0] == name;
}

bool is_null_constant(const sql::Expr& expr) {
  if (expr.kind == sql::ExprKind::cast && !expr.args.empty() && expr.args[0]) return is_null_constant(*expr.args[0]);
  return expr.kind == sql::ExprKind::constant && !expr.names.empty() && expr.names[0] == "null";
}

void Analyzer::refuse_operand(const Value& value, const sql::Expr& at, std::string_view what) {
  refuse(ErrorCode::sealed_operand, std::string(what) + " cannot work on sealed data",
         "read the column as it is and do this in the application", display(value), &at);
}

void Analyzer::require_clear(const sql::Expr& expr, Scope& scope, std::string_view what) {
  if (const Value value = eval(expr, scope); !value.is_clear()) refuse_operand(value, expr, what);
}

void Analyzer::require_clear(const sql::ExprPtr& expr, Scope& scope, std::string_view what) {
  if (expr) require_clear(*expr, scope, what);
}

void Analyzer::require_clear(const std::vector<sql::ExprPtr>& list, Scope& scope, std::string_view what) {
  for (const sql::ExprPtr& expr : list) require_clear(expr, scope, what);
}

Value Analyzer::sealed_value(const BoundColumn& column) {
  Value value;
  value.kind = Value::Kind::sealed;
  value.columns = {index_of(column)};
  return value;
}

Value Analyzer::joined(Value a, const Value& b, const sql::Expr* at) {
  if (b.null && b.is_clear()) return a;
  if (a.null && a.is_clear()) return b;
  if (a.is_clear() && b.is_clear()) {
    a.foreign = a.foreign || b.foreign;
    return a;
  }
  if ((a.is_clear() && a.foreign) || (b.is_clear() && b.foreign)) refuse_mixture(a.is_clear() ? b : a, at);
  Value result;
  result.kind = a.kind == Value::Kind::container || b.kind == Value::Kind::container ? Value::Kind::container
                                                                                     : Value::Kind::sealed;
  result.columns = a.columns;
  result.take_columns(b);
  result.mixed = a.mixed || b.mixed || a.is_clear() || b.is_clear();
  result.direct = a.direct && b.direct && !result.mixed;
  if (result.kind == Value::Kind::container) {
    result.places = merged_places(places_of(a), places_of(b));
    if (!result.places) {
      refuse_mixture(result, at);
      result.places = leaf_places(Places::Kind::sealed);
    }
  }
  // A value type of its own has one physical and one logical spelling: they must not meet in one column.
  const auto logical = [&](ColumnIndex c) { return column(c).logical_type; };
  const Oid first = logical(result.columns.front());
  for (const ColumnIndex c : result.columns) {
    if (is_logical(column(c)) && (result.mixed || logical(c) != first)) {
      refuse(ErrorCode::sealed_operand, "values of different types meet in one place",
             "read the sealed column in a place of its own", display(result), at);
    }
  }
  return result;
}

Value Analyzer::value_of(const Origin& origin) {
  if (origin.field) return value_of(*origin.field);
  if (!origin.expr) return {};
  const bool in_aggregate = std::exchange(in_aggregate_, false);
  Value value = eval(*origin.expr, *origin.scope);
  in_aggregate_ = in_aggregate;
  return value;
}

Value Analyzer::value_of_origins(Field& field) {
  for (std::size_t i = 0; i < field.origins.size(); ++i) {
    const Value before = field.value;
    const Value next = value_of(field.origins[i]);
    field.value = i == 0 ? next : joined(before, next, written_at(field.origins[i]));
    const bool changed = field.value.kind != before.kind || field.value.columns != before.columns;
    // The recursive branch was read under the assumption that the column is as in the branches before.
    if (i > 0 && field.reentered && changed) {
      refuse(ErrorCode::sealed_operand, "a recursive query mixes sealed and other values in one column",
             "read the sealed column outside of the recursion", display(field.value), field.origins[i].expr);
    }
  }
  return field.value;
}

// The first expression that a handed-on column comes from: a place for errors to point to.
const sql::Expr* Analyzer::written_at(const Origin& origin) const {
  const Origin* at = &origin;
  for (std::size_t steps = 0; at->field && !at->field->origins.empty() && steps < fields_.size(); ++steps) {
    at = &at->field->origins[0];
  }
  return at->scope && at->scope->editable ? at->expr : nullptr;
}

Value Analyzer::value_of(Field& field) {
  switch (field.state) {
    case Field::State::done:
      return field.value;
    case Field::State::busy: {
      field.reentered = true;
      Value sofar = field.value;  // what the recursive branch adds is not known yet
      sofar.null = false;
      sofar.foreign = true;
      return sofar;
    }
    case Field::State::fresh:
      break;
  }
  field.state = Field::State::busy;
  if (depth_ < max_expression_depth) {
    ++depth_;
    if (field.bound) {
      field.value = sealed_value(*field.bound);
    } else if (field.column) {
      field.value.foreign = may_hold_text(field.column->type);
    } else {
      field.value = value_of_origins(field);
    }
    --depth_;
  } else {
    refuse(ErrorCode::statement_not_understood, "the statement is nested too deeply", "simplify the statement", "",
           nullptr);
  }
  field.state = Field::State::done;
  return field.value;
}

Value Analyzer::eval(const sql::Expr& expr, Scope& scope) {
  if (const auto known = values_.find(&expr); known != values_.end()) return known->second;
  if (depth_ >= max_expression_depth) {
    refuse(ErrorCode::statement_not_understood, "the statement is nested too deeply", "simplify the statement", "",
           &expr);
    return {};
  }
  ++depth_;
  Value value = eval_new(expr, scope);
  --depth_;
  values_.emplace(&expr, value);
  return value;
}

Value Analyzer::eval_new(const sql::Expr& expr, Scope& scope) {
  using sql::ExprKind;
  switch (expr.kind) {
    case ExprKind::column:
      return eval_column(expr, scope);
    case ExprKind::literal:
    case ExprKind::parameter:
      return eval_leaf(expr, scope);
    case ExprKind::constant: {
      if (leaves_.contains(&expr)) return eval_leaf(expr, scope);
      Value value = Value::harmless();
      value.null = is_null_constant(expr);
      return value;
    }
    case ExprKind::cast:
      return eval_cast(expr, scope);
    case ExprKind::call:
      return eval_call(expr, scope);
    case ExprKind::op:
      return eval_op(expr, scope);
    case ExprKind::case_expr:
      return eval_case(expr, scope);
    case ExprKind::subquery:
      return eval_subquery(expr, scope);
    case ExprKind::field:
      return eval_field(expr, scope);
    case ExprKind::coalesce: {
      Value value;
      value.null = true;
      for (const auto& arg : expr.args) {
        if (arg) value = joined(value, eval(*arg, scope), arg.get());
      }
      return value;
    }
    case ExprKind::row:
    case ExprKind::array: {
      std::vector<Value> parts;
      for (const auto& arg : expr.args) {
        if (arg) parts.push_back(eval(*arg, scope));
      }
      std::vector<std::string> names;  // of a row's columns
      for (std::size_t i = 0; expr.kind == ExprKind::row && i < parts.size(); ++i) {
        names.push_back("f" + std::to_string(i + 1));
      }
      return contained(parts, Form::members, std::move(names), expr);
    }
    case ExprKind::null_test:  // an envelope is null exactly when its value is
      if (!expr.args.empty() && expr.args[0]) (void)eval(*expr.args[0], scope);
      return Value::harmless();
    case ExprKind::subscript: {
      if (expr.args.empty() || !expr.args[0]) return {};
      Value value = eval(*expr.args[0], scope);
      if (value.kind == Value::Kind::sealed) refuse_operand(value, expr, what_of(expr));
      for (std::size_t i = 1; i < expr.args.size(); ++i) require_clear(expr.args[i], scope, "a subscript");
      const PlacesPtr any = flat_places(value.places);
      return part_of(std::move(value), any, expr);
    }
    case ExprKind::star:
      return eval_star(expr, scope);
    case ExprKind::default_value:  // of a sealed column it is NULL, or refused on the way there
      return Value::harmless();
    case ExprKind::variable:
    case ExprKind::other: {
      for (const auto& arg : expr.args) {
        if (!arg) continue;
        if (const Value value = eval(*arg, scope); !value.is_clear()) {
          refuse(ErrorCode::statement_not_understood, "an expression over sealed data is not understood",
                 "read the column as it is", display(value), &expr);
        }
      }
      return {};
    }
    case ExprKind::sql_value:
      // @@x may be any text that the client has put there.
      if (!expr.names.empty() && expr.names[0].starts_with("@@")) return {};
      [[fallthrough]];
    case ExprKind::boolean:
    case ExprKind::bool_test:
    case ExprKind::at_time_zone:
    case ExprKind::grouping:
    case ExprKind::current_of:
      require_clear(expr.args, scope, what_of(expr));
      return Value::harmless();
    case ExprKind::collate:
      // Says how to compare, which is refused elsewhere; where nothing is compared the value is handed on.
      if (mysql_ && !expr.args.empty() && expr.args[0]) return eval(*expr.args[0], scope);
      [[fallthrough]];
    case ExprKind::greatest_least:
    case ExprKind::json_func:
    case ExprKind::xml_func:
      require_clear(expr.args, scope, what_of(expr));
      return {};
  }
  return {};
}

Value Analyzer::eval_leaf(const sql::Expr& expr, const Scope& scope) {
  const auto leaf = leaves_.find(&expr);
  if (leaf != leaves_.end() && leaf->second.purpose == Purpose::seal) return sealed_value(column(leaf->second.column));
  // The session looks through what the client sends. A view's literals are not the client's, and the arguments of
  // EXECUTE may be expressions.
  Value value;
  const bool looked_through = scope.editable && !(mysql_ && prepare_);  // MySQL: PREPARE has its text in a literal
  const bool argument = expr.kind == sql::ExprKind::parameter && prepare_;
  value.foreign = argument || (!looked_through && expr.span.end - expr.span.begin >= harmless_literal);
  return value;
}

Value Analyzer::eval_column(const sql::Expr& expr, Scope& scope) {
  const Name name = find_name(expr.names, &scope, expr);
  if (name.row) return eval_row(*name.row, expr);
  if (!name.field) return {};
  Value value = value_of(*name.field);
  const bool member = name.scope && name.scope->grouped && !in_aggregate_ && value.kind == Value::Kind::sealed &&
                      std::find(name.scope->group_fields.begin(), name.scope->group_fields.end(), name.field) !=
                          name.scope->group_fields.end();
  if (member && name.scope != &scope) refuse_operand(value, expr, "a subquery inside a grouped query");
  if (member) group_uses_.push_back(&expr);
  return value;
}

Value Analyzer::eval_cast(const sql::Expr& expr, Scope& scope) {
  if (expr.args.empty() || !expr.args[0] || !expr.type) return {};
  Value value = eval(*expr.args[0], scope);
  const Oid to = type_oid(*expr.type);
  if (value.is_clear()) {
    // Nothing is known of types that are not built in.
    value.foreign = to == 0 || (value.foreign && (expr.type->array || may_hold_text(to)));
    return value;
  }
  if (retyped_.contains(&expr)) return value;
  const bool character = to == oid::text || to == oid::varchar;
  const bool json = to == oid::json || to == oid::jsonb;
  const std::string what = "a cast to " + expr.type->name;
  if (!expr.type->modifiers.empty()) {
    refuse_operand(value, expr, what + " of limited length");
  } else if (value.kind == Value::Kind::container) {
    if (!character && !json && !(expr.type->array && to == oid::bytea)) refuse_operand(value, expr, what);
  } else {
    for (const ColumnIndex c : value.columns) {
      const BoundColumn& bound = column(c);
      const sql::Expr* leaf = leaf_of(expr);
      if (!expr.type->array && is_logical(bound) && to == bound.logical_type && scope.editable && leaf) {
        replace_type(expr, type_name(bound.storage));
        continue;
      }
      const bool fits = !expr.type->array && !is_logical(bound) &&
                        (is_character(bound.storage) ? character
                         : is_json(bound.storage)    ? character || json
                                                     : to == oid::bytea);
      if (!fits) refuse_operand(value, expr, what);
      if (is_json(bound.storage) && character) value.direct = false;
    }
  }
  return value;
}

Value Analyzer::eval_case(const sql::Expr& expr, Scope& scope) {
  for (const auto& when : expr.case_when) {
    if (!when) continue;
    if (expr.case_operand) {
      // `CASE x WHEN y` compares; a tag would have to replace x for all branches.
      require_clear(expr.case_operand, scope, "CASE with an operand");
      require_clear(when, scope, "CASE with an operand");
    } else {
      require_clear(when, scope, "a CASE condition");
    }
  }
  Value value;
  value.null = true;
  for (const auto& result : expr.args) {
    if (result) value = joined(value, eval(*result, scope), result.get());
  }
  if (expr.case_else) value = joined(value, eval(*expr.case_else, scope), expr.case_else.get());
  return value;
}

Value Analyzer::eval_op(const sql::Expr& expr, Scope& scope) {
  if (leaves_.contains(&expr)) return eval_leaf(expr, scope);  // a number with its sign
  const std::string op = expr.names.empty() ? "" : expr.names[0];
  const auto& args = expr.args;
  const bool binary = args.size() == 2 && args[0] && args[1];
  if (binary && (is_comparison(op) || op == "distinct" || op == "not_distinct")) {
    (void)compare(*args[0], *args[1], scope);
    return Value::harmless();
  }
  if (binary && (op == "any" || op == "all") && expr.names.size() > 1 && is_comparison(expr.names[1])) {
    (void)compare(*args[0], *args[1], scope, true);
    return Value::harmless();
  }
  if ((op == "in" || op == "not_in") && args.size() >= 2 && args[0]) {
    if (args.size() > 2 && args[0]->kind != sql::ExprKind::row && eval(*args[0], scope).is_clear()) {
      // The left side would have to be a tag for one element and a value for another.
      for (std::size_t i = 1; i < args.size(); ++i) require_clear(args[i], scope, "IN with a column in its list");
      return Value::harmless();
    }
    for (std::size_t i = 1; i < args.size(); ++i) {
      if (args[i]) (void)compare(*args[0], *args[i], scope);
    }
    return Value::harmless();
  }
  if (binary && is_json_access(op)) return eval_access(expr, scope);
  require_clear(args, scope, what_of(expr));
  return {};
}

Value Analyzer::eval_subquery(const sql::Expr& expr, Scope& scope) {
  if (!expr.query) return {};
  Query* query = build_query(*expr.query, &scope);
  check_query(*query);
  switch (expr.subquery_kind) {
    case sql::SubqueryKind::exists:
      return Value::harmless();
    case sql::SubqueryKind::scalar:
      return query->outputs.empty() ? Value{} : value_of(*query->outputs[0]);
    case sql::SubqueryKind::array: {
      if (query->outputs.empty()) return {};
      return contained({value_of(*query->outputs[0])}, Form::list, {}, expr);
    }
    case sql::SubqueryKind::in:
    case sql::SubqueryKind::not_in:
    case sql::SubqueryKind::any:
    case sql::SubqueryKind::all:
      (void)compare_query(expr, scope);
      return Value::harmless();
  }
  return {};
}

}  // namespace sealrow::plan
