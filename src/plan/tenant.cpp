// Whose values they are: the tenant's place in the statement, row by row.
#include "plan/analyzer.hpp"

#include <algorithm>

namespace sealrow::plan {

namespace {

constexpr int max_steps = 64;  // hand-ons that are followed for one term

bool is_session_term(const sql::Expr& expr) {
  return (expr.kind == sql::ExprKind::call && !expr.names.empty() && expr.names.back() == "current_setting") ||
         expr.kind == sql::ExprKind::sql_value || expr.kind == sql::ExprKind::default_value;
}

}  // namespace

std::pair<std::size_t, std::uint32_t> key_of(const InputRef& input) {
  const auto* literal = std::get_if<LiteralRef>(&input);
  return {input.index(), literal ? literal->index : std::get<ParameterRef>(input).number};
}

bool same_input(const InputRef& a, const InputRef& b) { return key_of(a) == key_of(b); }

const std::string* Analyzer::tenant_column(const policy::ProtectedTable& table) const {
  for (const policy::TenantSource& source : table.tenant) {
    if (const auto* column = std::get_if<policy::ColumnTenant>(&source)) return &column->column;
  }
  return nullptr;
}

bool Analyzer::has_session_source(const policy::ProtectedTable& table) const {
  return std::any_of(table.tenant.begin(), table.tenant.end(), [](const policy::TenantSource& source) {
    return !std::holds_alternative<policy::ColumnTenant>(source);
  });
}

// Equality predicates that hold for every row: those under AND.
void Analyzer::collect_tenants(const sql::Expr* condition, Scope& scope) {
  if (!condition || !scope.editable) return;
  if (condition->kind == sql::ExprKind::boolean && !condition->names.empty() && condition->names[0] == "and") {
    for (const auto& part : condition->args) collect_tenants(part.get(), scope);
    return;
  }
  if (!is_op(*condition, "=") || condition->args.size() != 2 || !condition->args[0] || !condition->args[1]) return;
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    const sql::Expr& column = *leaf_of(*condition->args[side]);
    const sql::Expr& other = *condition->args[1 - side];
    Field* field = column.kind == sql::ExprKind::column ? quiet_field(column.names, &scope) : nullptr;
    Field* base = field ? base_field(*field) : nullptr;
    if (!base || !base->owner || !base->column) continue;
    // `owner` of a base relation's column is its source. Sources are ours to write: they live in sources_.
    auto* source = const_cast<Source*>(static_cast<const Source*>(base->owner));
    const std::string* wanted = source->relation ? tenant_column(*source->relation->table) : nullptr;
    if (!wanted || base->column->name != *wanted) continue;
    bool null = false;
    const sql::Expr& leaf = *leaf_of(other);
    if (const auto input = input_of({&leaf, &scope, nullptr}, null)) {
      const auto known = std::any_of(source->tenants.begin(), source->tenants.end(),
                                     [&](const InputRef& each) { return same_input(each, *input); });
      if (!known) source->tenants.push_back(*input);
    } else if (leaf.kind == sql::ExprKind::column) {
      source->tenant_origins.push_back({&leaf, &scope, nullptr});
    }
  }
}

void Analyzer::collect_join_tenants(const sql::FromItem& item, Scope& scope) {
  if (item.kind != sql::FromItem::Kind::join) return;
  if (item.left) collect_join_tenants(*item.left, scope);
  if (item.right) collect_join_tenants(*item.right, scope);
  // An outer join's condition does not hold for the rows of its preserved side.
  if (item.join == sql::JoinKind::inner) collect_tenants(item.on.get(), scope);
}

TenantTerm Analyzer::term_for(const Source& source) const {
  TenantTerm term;
  term.inputs = source.tenants;
  term.from_predicate = true;
  if (term.inputs.empty() && !source.tenant_origins.empty()) term.origin = source.tenant_origins.front();
  return term;
}

Field* Analyzer::field_of(const Origin& term) {
  if (term.field || !term.expr) return term.field;
  const sql::Expr& inner = *leaf_of(*term.expr);
  return inner.kind == sql::ExprKind::column ? quiet_field(inner.names, term.scope) : nullptr;
}

// The term as it reads in row (or branch) `row` of the source that `field` belongs to.
Origin Analyzer::descend(const Origin& term, const Field& field, std::size_t row) {
  Origin current = term;
  for (int step = 0; step < max_steps; ++step) {
    Field* at = field_of(current);
    if (!at) return current;
    if (at->owner == field.owner && row < at->origins.size()) return at->origins[row];
    if (at->origins.size() != 1) return current;
    current = at->origins[0];
  }
  return current;
}

std::optional<InputRef> Analyzer::input_of(const Origin& term, bool& null) {
  Origin current = term;
  for (int step = 0; step < max_steps; ++step) {
    if (current.expr) {
      const sql::Expr& leaf = *leaf_of(*current.expr);
      const bool variable = leaf.kind == sql::ExprKind::variable && leaf.args.empty() &&
                            bound_.tracked_settings.contains("@" + leaf.names[0]);
      null = is_null_constant(leaf) || is_session_term(leaf) || variable;
      if (current.scope && !current.scope->editable) return std::nullopt;
      if (leaf.kind == sql::ExprKind::literal) return LiteralRef{leaf.number};
      if (leaf.kind == sql::ExprKind::parameter) return ParameterRef{leaf.number};
    }
    Field* field = field_of(current);
    if (!field || field->origins.size() != 1) return std::nullopt;
    current = field->origins[0];
  }
  return std::nullopt;
}

std::vector<InputRef> Analyzer::inputs_of_all_rows(const Origin& term, bool& known) {
  std::vector<InputRef> inputs;
  if (!term.expr && !term.field) return inputs;
  bool null = false;
  if (const auto input = input_of(term, null)) return {*input};
  Field* field = field_of(term);
  for (int step = 0; field && field->origins.size() == 1 && step < max_steps; ++step)
    field = field_of(field->origins[0]);
  if (!field || field->origins.empty()) {
    known = known && null;
    return inputs;
  }
  for (const Origin& origin : field->origins) {
    const auto input = input_of(origin, null);
    if (input) inputs.push_back(*input);
    known = known && (input || null);
  }
  return inputs;
}

TenantIndex Analyzer::tenant_of(const Flow& flow, const sql::Expr* at) {
  std::vector<InputRef> inputs = flow.tenant.inputs;
  bool known = flow.tenant.known;
  if (flow.tenant.origin.expr || flow.tenant.origin.field) {
    bool null = false;
    if (const auto input = input_of(flow.tenant.origin, null)) {
      inputs.push_back(*input);
    } else {
      known = known && (null || flow.tenant.from_predicate);
    }
  }
  if (!known) {
    refuse(ErrorCode::tenant_missing, "the row's tenant cannot be read off the statement",
           "give the tenant column a literal or parameter", flow.column->display, at);
    return 0;
  }
  return tenant_rule(*flow.column->table, std::move(inputs), at);
}

TenantIndex Analyzer::tenant_rule(const policy::ProtectedTable& table, std::vector<InputRef> inputs,
                                  const sql::Expr* at) {
  if (inputs.empty() && !has_session_source(table)) {
    const std::string* column = tenant_column(table);
    refuse(ErrorCode::tenant_missing, "the statement does not say whose data it writes or looks for",
           column ? "give the tenant column " + *column + " a value in the row, or compare it with = in WHERE"
                  : "name a source of the tenant in the policy",
           table.schema + "." + table.name, at);
    return 0;
  }
  std::vector<std::pair<std::size_t, std::uint32_t>> key;
  for (const InputRef& input : inputs) key.push_back(key_of(input));
  const auto [known, fresh] =
      tenant_index_.try_emplace({&table, std::move(key)}, static_cast<TenantIndex>(tenants_.size()));
  if (!fresh) return known->second;
  if (tenants_.size() >= UINT16_MAX) {
    refuse(ErrorCode::statement_not_understood, "the statement has too many rows with tenants of their own",
           "write fewer rows at once", table.schema + "." + table.name, at);
    return 0;
  }
  tenants_.push_back({&table, std::move(inputs)});
  return known->second;
}

}  // namespace sealrow::plan
