// Equality on sealed columns by the tag that stands at a fixed place of the envelope (crypto/envelope.hpp).
#include "plan/analyzer.hpp"
#include "plan/tag.hpp"
#include "plan/types.hpp"

#include <algorithm>

namespace sealrow::plan {

namespace {

constexpr std::string_view search_hint =
    "set `search: equality` for the column in the policy, or compare in the application";

Oid tag_oid(const BoundColumn& column) { return column.storage == Storage::bytea ? oid::bytea : oid::text; }

bool is_plain_leaf(const Query& query) {
  const sql::Select& select = *query.select;
  return !query.left && select.values.empty() && !select.distinct && select.distinct_on.empty() &&
         select.group_by.empty() && !select.having && query.output_exprs.size() == 1 && query.output_exprs[0];
}

}  // namespace

void Analyzer::tag_text(std::string& before, std::string& after, const BoundColumn& column) const {
  TagExpression tag = tag_expression(column, session_.lexer);
  before = std::move(tag.before);
  after = std::move(tag.after);
  // Qualified, so that no function of the application's schemas is chosen instead.
  if (!mysql_ && column.storage != Storage::bytea) before.insert(0, "pg_catalog.");
}

const BoundColumn* Analyzer::tagged(const Value& value, const sql::Expr& at, std::string_view what) {
  if (value.kind == Value::Kind::container) {
    refuse_operand(value, at, what);
    return nullptr;
  }
  const BoundColumn& first = column(value.columns.front());
  const bool alike = std::all_of(value.columns.begin(), value.columns.end(), [&](ColumnIndex c) {
    return has_tag(column(c)) && column(c).column->index_group == first.column->index_group &&
           tag_oid(column(c)) == tag_oid(first) && is_json(column(c).storage) == is_json(first.storage);
  });
  if (alike && !value.mixed && value.direct) return &first;
  refuse(ErrorCode::sealed_search, std::string(what) + " needs an equality tag in the sealed column",
         std::string(search_hint), display(value), &at);
  return nullptr;
}

void Analyzer::wrap_in_tag(const sql::Expr& expr, const BoundColumn& column, Scope& scope) {
  const sql::Expr* inner = &expr;
  while (inner->kind == sql::ExprKind::cast && inner->type && !inner->args.empty() && inner->args[0]) {
    if (!retyped_.contains(inner)) {
      const CastFit fit = fit_of_tag_cast(*inner->type, column, session_.lexer);
      if (fit == CastFit::refuse || inner->type->array) break;
      if (fit == CastFit::replace) replace_type(*inner, column.storage == Storage::bytea ? "bytea" : "text");
    }
    inner = inner->args[0].get();
  }
  if (inner->kind != sql::ExprKind::column || !scope.editable) {
    refuse(ErrorCode::sealed_search, "only a column itself can be compared by its equality tag",
           "compare the column itself, in the statement and not inside a view", column.display, &expr);
    return;
  }
  if (!wrapped_.insert(inner).second) return;
  std::erase(group_uses_, inner);
  if (auto own = tag_column(*inner, scope)) {
    edits_.replace(inner->span, std::move(*own));
  } else {
    std::string before, after;
    tag_text(before, after, column);
    edits_.insert(inner->span.begin, before);
    edits_.insert(inner->span.end, after);
  }
  note(column.display + ": compared by its equality tag");
}

TenantIndex Analyzer::search_tenant(const sql::Expr& expr, Scope& scope, const BoundColumn& bound) {
  std::vector<InputRef> inputs;
  const sql::Expr* inner = &expr;
  while (inner->kind == sql::ExprKind::cast && !inner->args.empty() && inner->args[0]) inner = inner->args[0].get();
  if (inner->kind == sql::ExprKind::column) {
    const Name name = find_name(inner->names, &scope, *inner);
    Field* base = name.field ? base_field(*name.field) : nullptr;
    if (base && base->bound) inputs = static_cast<const Source*>(base->owner)->tenants;
  }
  return tenant_rule(*bound.table, std::move(inputs), &expr);
}

void Analyzer::push_search(const sql::Expr& expr, const BoundColumn& column, TenantIndex tenant, Scope& scope,
                           bool array) {
  const auto refuse_term = [&] {
    refuse(ErrorCode::sealed_search, "a sealed column can be compared with literals and parameters only",
           "pass the value as a parameter", column.display, &expr);
  };
  if (is_null_constant(expr)) return;
  switch (expr.kind) {
    case sql::ExprKind::constant:
    case sql::ExprKind::op:
      if (array || !is_spelled_value(expr, column)) return refuse_term();
      [[fallthrough]];
    case sql::ExprKind::literal:
    case sql::ExprKind::parameter: {
      if (!scope.editable) return refuse_term();
      const Destination destination{array ? Purpose::search_tag_array : Purpose::search_tag, index_of(column), tenant};
      if (array || literal_fits(expr, column)) set_leaf(expr, destination, column);
      return;
    }
    case sql::ExprKind::cast: {
      if (expr.args.empty() || !expr.args[0] || !expr.type || expr.type->array != array) return refuse_term();
      const CastFit fit = fit_of_tag_cast(*expr.type, column, session_.lexer);
      if (fit == CastFit::refuse) return refuse_term();
      if (fit == CastFit::replace) {
        replace_type(expr, std::string(column.storage == Storage::bytea ? "bytea" : "text") + (array ? "[]" : ""));
      }
      const sql::Expr& inner = *expr.args[0];
      if (inner.kind != sql::ExprKind::cast) leaf_types_[&inner].cast = &*expr.type;
      return push_search(inner, column, tenant, scope, array);
    }
    case sql::ExprKind::array:
      if (!array) return refuse_term();
      for (const auto& element : expr.args) {
        if (element) push_search(*element, column, tenant, scope, false);
      }
      return;
    default:
      return refuse_term();
  }
}

void Analyzer::compare_sealed(const sql::Expr& left, const Value& l, const sql::Expr& right, const Value& r,
                              Scope& scope) {
  const BoundColumn* a = tagged(l, left, "a comparison");
  const BoundColumn* b = a ? tagged(r, right, "a comparison") : nullptr;
  if (!a || !b) return;
  if (a->column->index_group != b->column->index_group || tag_oid(*a) != tag_oid(*b)) {
    refuse(ErrorCode::sealed_search, "the equality tags of the two columns cannot be compared",
           "give both columns the same `index_group` in the policy", a->display, &left);
    return;
  }
  wrap_in_tag(left, *a, scope);
  wrap_in_tag(right, *b, scope);
}

Value Analyzer::compare(const sql::Expr& left, const sql::Expr& right, Scope& scope, bool array) {
  if (left.kind == sql::ExprKind::row && right.kind == sql::ExprKind::row && left.args.size() == right.args.size()) {
    for (std::size_t i = 0; i < left.args.size(); ++i) {
      if (left.args[i] && right.args[i]) (void)compare(*left.args[i], *right.args[i], scope);
    }
    return {};
  }
  const Value l = eval(left, scope), r = eval(right, scope);
  if (l.is_clear() && r.is_clear()) return {};
  for (const auto& [value, expr] : {std::pair{&l, &left}, std::pair{&r, &right}}) {
    if (value->kind != Value::Kind::container) continue;
    refuse_operand(*value, *expr, "a comparison");
    return {};
  }
  if (l.null || r.null) return {};  // never equal, or a test for null: no value is looked at
  if (!l.is_clear() && !r.is_clear() && !array) {
    compare_sealed(left, l, right, r, scope);
    return {};
  }
  const bool sealed_left = !l.is_clear();
  if (array && !sealed_left) {
    refuse_operand(r, right, "ANY or ALL");
    return {};
  }
  const sql::Expr& sealed = sealed_left ? left : right;
  if (const BoundColumn* bound = tagged(sealed_left ? l : r, sealed, "a comparison")) {
    wrap_in_tag(sealed, *bound, scope);
    push_search(sealed_left ? right : left, *bound, search_tenant(sealed, scope, *bound), scope, array);
  }
  return {};
}

Value Analyzer::compare_query(const sql::Expr& expr, Scope& scope) {
  Query& query = *build_query(*expr.query, &scope);
  const bool one = !expr.args.empty() && expr.args[0] && expr.args[0]->kind != sql::ExprKind::row &&
                   query.outputs.size() == 1 && query.outputs_known;
  if (!one) {
    require_clear(expr.args, scope, "IN with a subquery of several columns");
    for (Field* field : query.outputs) {
      if (const Value value = value_of(*field); !value.is_clear()) refuse_operand(value, expr, "IN with a subquery");
    }
    return {};
  }
  const sql::Expr& left = *expr.args[0];
  const Value l = eval(left, scope), r = value_of(*query.outputs[0]);
  if (l.is_clear() && r.is_clear()) return {};
  const bool equality = expr.names.empty() || expr.names[0] == "=" || expr.names[0] == "<>";
  const BoundColumn* inner = !r.is_clear() && equality ? tagged(r, expr, "IN with a subquery") : nullptr;
  if (!inner || !is_plain_leaf(query)) {
    refuse(ErrorCode::sealed_search, "a sealed column cannot be compared with the rows of this subquery",
           "select an equality-searchable column of the same index group, without grouping",
           display(l.is_clear() ? r : l), &left);
    return {};
  }
  if (!l.is_clear()) {
    const BoundColumn* outer = tagged(l, left, "IN with a subquery");
    if (!outer) return {};
    if (outer->column->index_group != inner->column->index_group || tag_oid(*outer) != tag_oid(*inner)) {
      refuse(ErrorCode::sealed_search, "the equality tags of the two columns cannot be compared",
             "give both columns the same `index_group` in the policy", outer->display, &left);
      return {};
    }
    wrap_in_tag(left, *outer, scope);
  } else {
    push_search(left, *inner, search_tenant(*query.output_exprs[0], *query.scope, *inner), scope, false);
  }
  wrap_in_tag(*query.output_exprs[0], *inner, *query.scope);
  return {};
}

void Analyzer::tag_key(const sql::Expr& expr, Scope& scope, std::string_view what) {
  if (const BoundColumn* bound = tagged(eval(expr, scope), expr, what)) wrap_in_tag(expr, *bound, scope);
}

}  // namespace sealrow::plan
