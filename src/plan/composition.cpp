// Arrays, records and JSON documents that are built from sealed and other values, and parts taken out of them.
#include "plan/analyzer.hpp"
#include "plan/places.hpp"
#include "plan/types.hpp"

#include <algorithm>

namespace sealrow::plan {

Value Value::harmless() {
  Value value;
  value.foreign = false;
  return value;
}

void Value::take_columns(const Value& other) {
  for (const ColumnIndex column : other.columns) {
    const auto place = std::lower_bound(columns.begin(), columns.end(), column);
    if (place == columns.end() || *place != column) columns.insert(place, column);
  }
}

// A text that anybody may have stored would be opened where a sealed value is expected: a decryption oracle.
void Analyzer::refuse_mixture(const Value& sealed, const sql::Expr* at) {
  refuse(ErrorCode::sealed_mixed, "sealed and unsealed values meet in one place",
         "read the sealed column in a place of its own; literals, parameters and NULL may stand in for it",
         display(sealed), at);
}

PlacesPtr Analyzer::places_of(const Value& value) {
  if (value.is_clear()) return leaf_places(value.foreign ? Places::Kind::clear : Places::Kind::harmless);
  return value.kind == Value::Kind::sealed ? leaf_places(Places::Kind::sealed) : value.places;
}

// `names`: of the parts in a JSON object or record; where there are none only positions count.
Value Analyzer::contained(const std::vector<Value>& parts, Form form, std::vector<std::string> names,
                          const sql::Expr& at) {
  Value result = Value::harmless();
  std::vector<PlacesPtr> places;
  for (const Value& part : parts) {
    result.foreign = result.foreign || (part.is_clear() && part.foreign);
    places.push_back(places_of(part));
    if (part.is_clear()) continue;
    result.kind = Value::Kind::container;
    result.take_columns(part);
  }
  if (result.is_clear()) return result;
  if (form == Form::list) {
    PlacesPtr any = places[0];
    for (const PlacesPtr& each : places) any = merged_places(any, each);
    result.places = list_places(std::move(any));
  } else {
    result.places = member_places(std::move(places), std::move(names));
  }
  if (!result.places) {
    refuse_mixture(result, &at);
    result.places = leaf_places(Places::Kind::sealed);
  }
  for (const ColumnIndex c : result.columns) {
    // MySQL writes binary values into JSON as base64:type…:… texts.
    if (is_logical(column(c)) || (mysql_ && column(c).storage == Storage::bytea)) {
      refuse(ErrorCode::sealed_operand, "the sealed value's spelling does not fit into a record, array or JSON",
             "read the column as it is", column(c).display, &at);
    }
  }
  return result;
}

// A part of a container.
Value Analyzer::part_of(Value whole, PlacesPtr places, const sql::Expr& at) {
  if (whole.is_clear()) return whole;
  if (!places) {
    refuse_mixture(whole, &at);
    places = leaf_places(Places::Kind::sealed);
  } else if (!places->any_sealed) {
    Value clear;
    clear.foreign = places->any_clear;
    return clear;
  }
  whole.places = std::move(places);
  return whole;
}

Value Analyzer::eval_row(Source& source, const sql::Expr& at) {
  std::vector<Value> parts;
  std::vector<std::string> names;
  bool certain = !source.opaque;
  for (Field* field : source.fields) {
    parts.push_back(value_of(*field));
    names.push_back(field->name);
    // The row of a table whose columns have aliases is shown with either names, by version.
    certain = certain && (!field->column || field->column->name == field->name);
  }
  return contained(parts, certain ? Form::members : Form::list, std::move(names), at);
}

// In an expression `alias.*` is the whole row: row_to_json(t.*).
Value Analyzer::eval_star(const sql::Expr& expr, Scope& scope) {
  if (!expr.names.empty()) {
    Source* source = find_source(expr.names, expr.names.size(), &scope);
    if (source) return eval_row(*source, expr);
    refuse(ErrorCode::name_unresolved, "the row is not known", "check the name of the table", expr.names.back(), &expr);
    return {};
  }
  std::vector<Value> parts;  // count(*)
  for (const StarColumn& column : scope.star) parts.push_back(value_of(*column.field));
  return parts.empty() ? Value{} : contained(parts, Form::list, {}, expr);
}

Value Analyzer::eval_field(const sql::Expr& expr, Scope& scope) {
  if (expr.args.empty() || !expr.args[0] || expr.names.empty()) return {};
  const sql::Expr& record = *expr.args[0];
  if (record.kind == sql::ExprKind::column) {
    // (alias).column means what alias.column means, unless a composite column has the alias' name.
    const Name name = find_name(record.names, &scope, record);
    if (name.row) {
      Field* field = field_in(*name.row, expr.names[0]);
      if (field) return value_of(*field);
      if (name.row->opaque) return {};
      refuse(ErrorCode::name_unresolved, "the field is not known", "check the name", expr.names[0], &expr);
      return {};
    }
  }
  Value value = eval(record, scope);
  if (value.kind == Value::Kind::sealed) refuse_operand(value, expr, "field access");
  return part_of(value, member_of(value, expr.names[0]), expr);
}

PlacesPtr Analyzer::member_of(const Value& whole, std::string_view name) {
  if (whole.is_clear() || !whole.places) return nullptr;
  const Places& places = *whole.places;
  if (places.kind == Places::Kind::list) return places.parts[0];
  const auto found = std::find(places.names.begin(), places.names.end(), name);
  if (places.names.empty()) return flat_places(whole.places);
  if (found == places.names.end()) return leaf_places(Places::Kind::harmless);  // there is none: NULL
  return places.parts[static_cast<std::size_t>(found - places.names.begin())];
}

// document -> 'name' and ->> 'name'
Value Analyzer::eval_access(const sql::Expr& expr, Scope& scope) {
  Value value = eval(*expr.args[0], scope);
  require_clear(*expr.args[1], scope, "a path");
  if (value.kind == Value::Kind::sealed)
    refuse_operand(value, expr, "access to a part of a document that is sealed whole");
  if (value.is_clear()) return {};
  PlacesPtr part;
  const bool step = (is_op(expr, "->") || is_op(expr, "->>")) && value.places && value.places->any_clear;
  if (const auto name = step ? name_in(*expr.args[1], scope) : std::nullopt) {
    part = member_of(value, *name);
  } else {
    part = flat_places(value.places);
  }
  return part_of(std::move(value), part, expr);
}

// A literal that names a member: only asked where it matters which one, for the plan then holds for this text only.
std::optional<std::string> Analyzer::name_in(const sql::Expr& expr, const Scope& scope) {
  const sql::Expr& leaf = *leaf_of(expr);
  if (!scope.editable || leaf.kind != sql::ExprKind::literal || leaf.number >= parsed_.literals.size())
    return std::nullopt;
  const sql::LiteralKind kind = parsed_.literals[leaf.number].kind;
  if (kind == sql::LiteralKind::integer || kind == sql::LiteralKind::number) return std::nullopt;
  decided_by_literal();
  return literal_text(leaf);
}

// json_build_object. Names that are computed could be any of the others.
Value Analyzer::object_of(const sql::Expr& call, const std::vector<Value>& arguments, const Scope& scope) {
  std::vector<Value> values;
  for (std::size_t i = 1; i < arguments.size(); i += 2) values.push_back(arguments[i]);
  const bool foreign =
      std::any_of(values.begin(), values.end(), [](const Value& value) { return places_of(value)->any_clear; });
  const bool sealed =
      std::any_of(values.begin(), values.end(), [](const Value& value) { return places_of(value)->any_sealed; });
  std::vector<std::string> names;
  for (std::size_t i = 0; foreign && sealed && i + 1 < arguments.size(); i += 2) {
    if (auto name = call.args[i] ? name_in(*call.args[i], scope) : std::nullopt) names.push_back(std::move(*name));
  }
  const Form form = names.size() == values.size() ? Form::members : Form::list;
  return contained(values, form, std::move(names), call);
}

}  // namespace sealrow::plan
