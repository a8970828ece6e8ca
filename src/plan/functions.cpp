// Calls. A function that only hands values on is listed here; every other one is refused on sealed arguments.
#include "plan/analyzer.hpp"
#include "plan/places.hpp"

#include <algorithm>
#include <array>

namespace sealrow::plan {

namespace {

enum class Transport : std::uint8_t {
  first,          // the first argument, unchanged; others steer
  first_or_last,  // lag, lead: the first argument or the default
  same,           // the first argument in another spelling; others steer
  list,           // an array of the first argument
  members,        // an array of all arguments
  pairs,          // an object of keys and values
  pair_list,      // an object of one key and value per row
};

struct TransportFunction {
  std::string_view name;
  Transport how;
};

constexpr std::array transports = {
    TransportFunction{"any_value", Transport::first},
    TransportFunction{"first_value", Transport::first},
    TransportFunction{"last_value", Transport::first},
    TransportFunction{"nth_value", Transport::first},
    TransportFunction{"lag", Transport::first_or_last},
    TransportFunction{"lead", Transport::first_or_last},
    TransportFunction{"array_agg", Transport::list},
    TransportFunction{"json_agg", Transport::list},
    TransportFunction{"jsonb_agg", Transport::list},
    TransportFunction{"to_json", Transport::same},
    TransportFunction{"to_jsonb", Transport::same},
    TransportFunction{"row_to_json", Transport::same},
    TransportFunction{"array_to_json", Transport::same},
    TransportFunction{"json_build_array", Transport::members},
    TransportFunction{"jsonb_build_array", Transport::members},
    TransportFunction{"json_build_object", Transport::pairs},
    TransportFunction{"jsonb_build_object", Transport::pairs},
    TransportFunction{"json_object_agg", Transport::pair_list},
    TransportFunction{"jsonb_object_agg", Transport::pair_list},
};

// group_concat and concat are not among them: text that holds envelopes among other characters is not opened.
constexpr std::array mysql_transports = {
    TransportFunction{"any_value", Transport::first},    TransportFunction{"first_value", Transport::first},
    TransportFunction{"last_value", Transport::first},   TransportFunction{"nth_value", Transport::first},
    TransportFunction{"lag", Transport::first_or_last},  TransportFunction{"lead", Transport::first_or_last},
    TransportFunction{"convert", Transport::first},  // … USING: an envelope is ASCII
    TransportFunction{"json_array", Transport::members}, TransportFunction{"json_arrayagg", Transport::list},
    TransportFunction{"json_object", Transport::pairs},  TransportFunction{"json_objectagg", Transport::pair_list},
};

constexpr std::array<std::string_view, 11> aggregates = {
    "count", "any_value", "array_agg",     "json_agg",       "jsonb_agg", "json_object_agg", "jsonb_object_agg",
    "min",   "max",       "json_arrayagg", "json_objectagg",
};

std::optional<Transport> transport_of(std::string_view name, const sql::Dialect& dialect) {
  const auto find = [&](const auto& table) -> std::optional<Transport> {
    for (const TransportFunction& function : table) {
      if (function.name == name) return function.how;
    }
    return std::nullopt;
  };
  return sql::is_mysql(dialect) ? find(mysql_transports) : find(transports);
}

}  // namespace

Value Analyzer::eval_call(const sql::Expr& expr, Scope& scope) {
  const std::string name = expr.names.empty() ? "" : expr.names.back();
  const bool builtin = names_.is_builtin(expr.names, scope.editable ? Names::Place::statement : Names::Place::view);
  const bool aggregate =
      builtin && !expr.window && std::find(aggregates.begin(), aggregates.end(), name) != aggregates.end();
  const bool outside = std::exchange(in_aggregate_, in_aggregate_ || aggregate);
  require_clear(expr.order, scope, "ORDER BY in an aggregate");
  require_clear(expr.filter, scope, "FILTER");
  Value value;
  if (builtin && name == "count") {
    const bool star = expr.star_call || (expr.args.size() == 1 && expr.args[0] &&
                                         expr.args[0]->kind == sql::ExprKind::star && expr.args[0]->names.empty());
    for (const auto& arg : expr.args) {
      if (!arg || star) continue;
      if (eval(*arg, scope).is_clear()) continue;
      rely_on_builtin(expr, scope);
      if (expr.distinct) tag_key(*arg, scope, "COUNT(DISTINCT …)");
    }
  } else if (builtin && transport_of(name, session_.lexer)) {
    value = eval_transport_call(expr, scope, name);
    if (!value.is_clear()) rely_on_builtin(expr, scope);
  } else {
    require_clear(expr.args, scope, name + "()");
  }
  in_aggregate_ = outside;
  if (expr.window) {
    for (const auto& key : expr.window->partition) {
      if (key && !eval(*key, scope).is_clear()) tag_key(*key, scope, "PARTITION BY");
    }
    require_clear(expr.window->order, scope, "ORDER BY in a window");
    require_clear(expr.window->frame, scope, "a window frame");
  }
  return value;
}

// A function of the same name that the catalog does not show yet must not get the sealed values in its stead.
void Analyzer::rely_on_builtin(const sql::Expr& call, const Scope& scope) {
  if (!mysql_ && scope.editable && call.names.size() == 1) builtin_calls_.insert(&call);
}

Value Analyzer::eval_transport_call(const sql::Expr& expr, Scope& scope, std::string_view name) {
  const Transport how = *transport_of(name, session_.lexer);
  std::vector<Value> values;
  for (const auto& arg : expr.args) values.push_back(arg ? eval(*arg, scope) : Value{});
  if (values.empty()) return Value::harmless();  // an empty array or object
  const auto clear_argument = [&](std::size_t i) {
    if (expr.args[i]) require_clear(*expr.args[i], scope, std::string(name) + "()");
  };
  if (expr.distinct && std::any_of(values.begin(), values.end(), [](const Value& v) { return !v.is_clear(); })) {
    refuse_operand(contained(values, Form::list, {}, expr), expr, "DISTINCT in an aggregate");
  }
  if (expr.variadic) {  // the elements of an array are the arguments
    const Value all = contained(values, Form::members, {}, expr);
    return part_of(all, flat_places(all.places), expr);
  }
  switch (how) {
    case Transport::first:
      for (std::size_t i = 1; i < values.size(); ++i) clear_argument(i);
      return values[0];
    case Transport::first_or_last:
      if (values.size() > 1) clear_argument(1);
      // Without a default the function gives NULL outside of the partition.
      return values.size() > 2 ? joined(values[0], values[2], &expr) : values[0];
    case Transport::same: {
      for (std::size_t i = 1; i < values.size(); ++i) clear_argument(i);
      const Value checked = contained({values[0]}, Form::list, {}, expr);
      return checked.is_clear() ? checked : part_of(checked, places_of(values[0]), expr);
    }
    case Transport::list:
      values.resize(1);
      return contained(values, Form::list, {}, expr);
    case Transport::members:
      return contained(values, Form::members, {}, expr);
    case Transport::pair_list:
      clear_argument(0);
      values.erase(values.begin());
      return contained(values, Form::list, {}, expr);
    case Transport::pairs:
      for (std::size_t i = 0; i < values.size(); i += 2) clear_argument(i);
      return object_of(expr, values, scope);
  }
  return {};
}

}  // namespace sealrow::plan
