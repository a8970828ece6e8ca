// Destinations on their way down: from a protected column to the literals and parameters whose values end up in it.
// Everything on the way must hand the value on unchanged.
#include "plan/analyzer.hpp"
#include "plan/types.hpp"

namespace sealrow::plan {

namespace {

constexpr unsigned max_push_depth = 600;

class DepthGuard {
 public:
  explicit DepthGuard(unsigned& depth) : depth_(depth) { ++depth_; }
  ~DepthGuard() { --depth_; }
  DepthGuard(const DepthGuard&) = delete;
  DepthGuard& operator=(const DepthGuard&) = delete;

 private:
  unsigned& depth_;
};

bool same(const Destination& a, const Destination& b) {
  return a.purpose == b.purpose && a.column == b.column && a.tenant == b.tenant && a.json_as_text == b.json_as_text;
}

bool is_null_default(const std::string& expression) {
  return expression.empty() || expression == "NULL" || expression.substr(0, 6) == "NULL::";
}

// CONVERT(x USING utf8mb4): every value stays as it is.
bool is_conversion_to_utf8(const sql::Expr& expr) {
  return expr.names.size() == 1 && expr.names[0] == "convert" && expr.args.size() == 2 && expr.args[0] &&
         expr.args[1] && expr.args[1]->kind == sql::ExprKind::constant && expr.args[1]->names[0] == "utf8mb4";
}

bool is_number(sql::LiteralKind kind) { return kind == sql::LiteralKind::integer || kind == sql::LiteralKind::number; }

}  // namespace

const sql::Expr* leaf_of(const sql::Expr& expr) {
  const sql::Expr* inner = &expr;
  while ((inner->kind == sql::ExprKind::cast || inner->kind == sql::ExprKind::collate) && !inner->args.empty() &&
         inner->args[0]) {
    inner = inner->args[0].get();
  }
  return inner;
}

void Analyzer::refuse_value(const Flow& flow, const sql::Expr* at, std::string message, ErrorCode code) {
  refuse(code, std::move(message), "pass the whole value as a literal or parameter", flow.column->display, at);
}

void Analyzer::push(const Origin& origin, const Flow& flow) {
  if (origin.field) return push_field(*origin.field, flow, nullptr);
  if (origin.expr) return push_expr(*origin.expr, *origin.scope, flow);
  push_default(nullptr, flow);
}

void Analyzer::push_default(const sql::Expr* at, const Flow& flow) {
  if (!flow.default_expression || is_null_default(*flow.default_expression)) return;
  refuse(ErrorCode::clear_to_sealed, "the default of a protected column would be stored unsealed",
         "give the column a value, or drop its default", flow.column->display, at);
}

void Analyzer::push_field(Field& field, const Flow& flow, const sql::Expr* at) {
  if (field.pushing) return;
  if (const Field* base = base_field(field); base && base->bound) {
    if (base->bound->column == flow.column->column) return;  // the envelope is copied as it is
    refuse(ErrorCode::expression_not_sealable,
           "an envelope of " + base->bound->display + " cannot be stored in another column",
           "read the value and write it through the application", flow.column->display, at);
    return;
  }
  if (field.column || field.opaque || field.origins.empty()) {
    refuse(ErrorCode::clear_to_sealed, "an unsealed column would be copied into a protected one",
           "read the value and write it through the application", flow.column->display, at);
    return;
  }
  field.pushing = true;
  for (std::size_t row = 0; row < field.origins.size(); ++row) {
    Flow down = flow;
    down.cast = nullptr;
    // A VALUES list or query right under an INSERT takes the column's types, unless something lies between.
    down.derived = flow.derived || at != nullptr;
    down.tenant.origin = descend(flow.tenant.origin, field, row);
    push(field.origins[row], down);
  }
  field.pushing = false;
}

void Analyzer::push_expr(const sql::Expr& expr, Scope& scope, const Flow& flow) {
  using sql::ExprKind;
  if (refusal_ || is_null_constant(expr)) return;
  if (depth_ >= max_push_depth)
    return refuse_value(flow, &expr, "the value is nested too deeply", ErrorCode::statement_not_understood);
  const DepthGuard guard(depth_);
  if (!scope.editable)
    return refuse_value(flow, nullptr, "a value inside a view cannot be sealed", ErrorCode::expression_not_sealable);
  switch (expr.kind) {
    case ExprKind::literal:
    case ExprKind::parameter:
      return push_leaf(expr, flow);
    case ExprKind::cast:
      return push_cast(expr, scope, flow);
    case ExprKind::default_value:
      return push_default(&expr, flow);
    case ExprKind::collate:  // decides comparisons, and nothing of what is stored
      if (mysql_ && !expr.args.empty() && expr.args[0]) return push_expr(*expr.args[0], scope, flow);
      break;
    case ExprKind::call:
      if (mysql_ && is_conversion_to_utf8(expr)) return push_expr(*expr.args[0], scope, flow);
      break;
    case ExprKind::case_expr:
      for (const auto& result : expr.args) {
        if (result) push_expr(*result, scope, flow);
      }
      if (expr.case_else) push_expr(*expr.case_else, scope, flow);
      return;
    case ExprKind::coalesce:
      for (const auto& arg : expr.args) {
        if (arg) push_expr(*arg, scope, flow);
      }
      return;
    case ExprKind::column: {
      const Name name = find_name(expr.names, &scope, expr);
      if (name.field) return push_field(*name.field, flow, &expr);
      return refuse_value(flow, &expr, "an unsealed value would flow into a protected column",
                          ErrorCode::clear_to_sealed);
    }
    case ExprKind::subquery:
      if (expr.subquery_kind == sql::SubqueryKind::scalar && expr.query) {
        Query* query = build_query(*expr.query, &scope);
        if (query->outputs.size() == 1) return push_field(*query->outputs[0], flow, &expr);
      }
      break;
    case ExprKind::constant:
    case ExprKind::op:
      if (is_spelled_value(expr, *flow.column)) return push_leaf(expr, flow);
      break;
    default:
      break;
  }
  refuse_value(flow, &expr, "the value of a protected column is computed by the server and cannot be sealed",
               ErrorCode::expression_not_sealable);
}

void Analyzer::replace_type(const sql::Expr& cast, std::string_view name) {
  if (!retyped_.insert(&cast).second) return;
  if (cast.type->span.end <= cast.type->span.begin) {
    refuse(ErrorCode::statement_not_understood, "the place of a type name is not known", "leave out the cast", "",
           &cast);
    return;
  }
  edits_.replace(cast.type->span, std::string(name));
}

// N'…' and CHARACTER '…' are of type bpchar without a length, which loses the blanks at its end on the way to text:
// fitting if there are none.
bool Analyzer::is_padded_character(const sql::Expr& cast, const BoundColumn& bound) {
  if (type_oid(*cast.type) != oid::bpchar || cast.type->array || !cast.type->modifiers.empty()) return false;
  if (is_logical(bound) || !is_character(bound.storage)) return false;
  const auto value = literal_text(*cast.args[0]);
  if (!value) return false;
  decided_by_literal();
  return !value->ends_with(' ');
}

void Analyzer::push_cast(const sql::Expr& cast, Scope& scope, const Flow& flow) {
  if (cast.args.empty() || !cast.args[0] || !cast.type) return;
  if (is_padded_character(cast, *flow.column)) {
    replace_type(cast, type_name(flow.column->storage));
    return push_expr(*cast.args[0], scope, flow);
  }
  // CHAR CHARACTER SET latin1 and the like would store another value than the one that is sealed.
  std::string name(request_.text.substr(cast.type->span.begin, cast.type->span.end - cast.type->span.begin));
  sql::fold_column_name(name, session_.lexer);
  if (mysql_ && name != cast.type->name)
    return refuse_value(flow, &cast, "a cast would change the sealed value", ErrorCode::expression_not_sealable);
  switch (fit_of_value_cast(*cast.type, *flow.column, session_.lexer)) {
    case CastFit::keep:
      break;
    case CastFit::replace:
      replace_type(cast, type_name(flow.column->storage));
      break;
    case CastFit::refuse:
      refuse(ErrorCode::expression_not_sealable, "a cast to " + cast.type->name + " would change the sealed value",
             "leave out the cast, or cast to the column's type without a length", flow.column->display, &cast);
      return;
  }
  Flow down = flow;
  down.cast = &*cast.type;
  push_expr(*cast.args[0], scope, down);
}

// TRUE, FALSE and a number with a sign are no literal tokens, but values all the same.
bool Analyzer::is_spelled_value(const sql::Expr& expr, const BoundColumn& bound) const {
  if (!is_logical(bound)) return false;
  if (expr.kind == sql::ExprKind::constant) {
    return expr.span.end > expr.span.begin && !expr.names.empty() &&
           (expr.names[0] == "true" || expr.names[0] == "false");
  }
  const sql::Expr* number = is_op(expr, "-") && expr.args.size() == 1 ? expr.args[0].get() : nullptr;
  return number && number->kind == sql::ExprKind::literal && number->number < parsed_.literals.size() &&
         is_number(parsed_.literals[number->number].kind) && request_.text.substr(expr.span.begin, 1) == "-";
}

bool Analyzer::literal_fits(const sql::Expr& leaf, const BoundColumn& bound) {
  if (leaf.kind != sql::ExprKind::literal || leaf.number >= parsed_.literals.size()) return true;
  const sql::LiteralKind kind = parsed_.literals[leaf.number].kind;
  const bool bits = kind == sql::LiteralKind::bit_string || kind == sql::LiteralKind::hex_string;
  if (bits && mysql_ && !is_json(bound.storage)) return true;  // bytes, as any string
  if (!bits && (!is_number(kind) || is_logical(bound))) return true;
  refuse(ErrorCode::expression_not_sealable, "a literal of this kind cannot be sealed",
         "write the value as a string literal", bound.display, &leaf);
  return false;
}

bool Analyzer::set_leaf(const sql::Expr& leaf, const Destination& destination, const BoundColumn& bound) {
  const auto [place, fresh] = leaves_.emplace(&leaf, destination);
  if (fresh || same(place->second, destination)) return true;
  refuse(ErrorCode::expression_not_sealable, "one value of the statement goes to two places that differ",
         "write the value once per place", bound.display, &leaf);
  return false;
}

void Analyzer::push_leaf(const sql::Expr& leaf, const Flow& flow) {
  const BoundColumn& bound = *flow.column;
  if (!literal_fits(leaf, bound)) return;
  Destination destination{Purpose::seal, index_of(bound), tenant_of(flow, &leaf)};
  leaf_types_[&leaf] = {flow.cast, flow.derived};
  if (is_json(bound.storage)) {
    const Oid declared = leaf.kind == sql::ExprKind::parameter ? declared_type(leaf.number) : 0;
    const Oid written = declared ? declared : flow.cast ? type_oid(*flow.cast) : flow.derived ? oid::text : 0;
    destination.json_as_text = written == oid::text || written == oid::varchar;
  }
  set_leaf(leaf, destination, bound);
}

}  // namespace sealrow::plan
