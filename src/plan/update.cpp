// UPDATE, DELETE, MERGE, and assignments wherever they stand.
#include "plan/analyzer.hpp"

#include <algorithm>

namespace sealrow::plan {

Origin Analyzer::assigned_value(const sql::Assignment& assignment, Scope& scope) {
  if (assignment.value) return {assignment.value.get(), &scope, nullptr};
  const sql::Expr* row = assignment.row_source.get();
  if (!row) return {};
  if (row->kind == sql::ExprKind::subquery && row->query) {
    Query* query = build_query(*row->query, &scope);
    if (assignment.row_index < query->outputs.size()) return {nullptr, nullptr, query->outputs[assignment.row_index]};
  } else if (row->kind == sql::ExprKind::row && assignment.row_index < row->args.size()) {
    return {row->args[assignment.row_index].get(), &scope, nullptr};
  }
  return {row, &scope, nullptr};
}

// Written anew by this statement, under the tenant that it names: not an envelope of the row that was there.
bool Analyzer::is_fresh_value(const Written& column, const Target& target) {
  const sql::Expr* leaf = column.value.expr ? leaf_of(*column.value.expr) : nullptr;
  if (!leaf) return false;
  if (leaf->kind == sql::ExprKind::literal || leaf->kind == sql::ExprKind::parameter || is_null_constant(*leaf))
    return true;
  Field* field = leaf->kind == sql::ExprKind::column ? quiet_field(leaf->names, column.value.scope) : nullptr;
  return field && field->owner != target.source->fields.front()->owner && leaf->names.size() > 1 &&
         leaf->names[0] == "excluded";
}

void Analyzer::assign_tenant(const Written& tenant_column, const std::vector<Written>& columns, const Target& target,
                             TenantTerm& tenant) {
  Field* kept = field_of(tenant_column.value);
  if (kept && kept == tenant_column.field) return;  // SET tenant = tenant
  const bool excluded = kept && kept->name == tenant_column.field->name && is_fresh_value(tenant_column, target);
  bool null = false;
  const auto input = input_of(tenant_column.value, null);
  const bool same = input && tenant.inputs.size() == 1 && same_input(*input, tenant.inputs[0]);
  if (same && tenant.from_predicate) return;  // SET tenant = $1 … WHERE tenant = $1
  for (const BoundColumn* bound : target.bound->columns) {
    if (!bound) continue;
    const bool anew = std::any_of(columns.begin(), columns.end(), [&](const Written& column) {
      const Field* base = column.field ? base_field(*column.field) : nullptr;
      return base && base->bound == bound && is_fresh_value(column, target);
    });
    if (anew) continue;
    refuse(ErrorCode::tenant_conflict, "a row with sealed columns would move to another tenant",
           "set all protected columns of the row anew in the same statement", bound->display, tenant_column.value.expr);
    return;
  }
  if (excluded) return;
  if (!input) {
    tenant.known = false;
    return;
  }
  tenant = TenantTerm{};
  tenant.inputs = {*input};
}

void Analyzer::assign(const std::vector<sql::Assignment>& set, const Target& target, Scope& scope, TenantTerm tenant) {
  Assignments all;
  for (const sql::Assignment& assignment : set) all.push_back(&assignment);
  assign(all, target, scope, std::move(tenant));
}

void Analyzer::assign(const Assignments& set, const Target& target, Scope& scope, TenantTerm tenant) {
  std::vector<Written> columns;
  const Written* tenant_written = nullptr;
  const std::string* wanted = target.bound ? tenant_column(*target.bound->table) : nullptr;
  columns.reserve(set.size());
  for (const sql::Assignment* each : set) {
    const sql::Assignment& assignment = *each;
    Field* field = field_in(*target.source, assignment.column);
    if (!field && target.bound) {
      refuse_at(ErrorCode::name_unresolved, "the column is not known", "check the name", assignment.column,
                assignment.column_span);
    }
    Field* base = field ? base_field(*field) : nullptr;
    if (assignment.indirection && base && base->bound) {
      refuse_at(ErrorCode::expression_not_sealable, "a part of a protected column cannot be written",
                "write the column whole", base->bound->display, assignment.column_span);
    }
    columns.push_back({field, assigned_value(assignment, scope)});
    if (wanted && base && base->column->name == *wanted) tenant_written = &columns.back();
  }
  if (tenant_written) assign_tenant(*tenant_written, columns, target, tenant);
  write(target, columns, tenant, nullptr);
}

// MySQL: `UPDATE a JOIN b … SET a.x = …, y = …` writes to each table that an assignment names.
Source* Analyzer::assigned_source(const sql::Assignment& assignment, Scope& scope) {
  if (!assignment.qualifier.empty()) return find_source(assignment.qualifier, assignment.qualifier.size(), &scope);
  Source* found = nullptr;
  for (Source* source : scope.sources) {
    Field* field = field_in(*source, assignment.column);
    // Two candidates are the server's error to report; the protected one is the careful reading.
    if (field && (!found || source->relation)) found = source;
  }
  if (found) return found;
  const auto opaque = std::find_if(scope.sources.begin(), scope.sources.end(), [](Source* s) { return s->opaque; });
  return opaque == scope.sources.end() ? nullptr : *opaque;
}

void Analyzer::assign_to_tables(const sql::Update& update, Scope& scope) {
  std::vector<std::pair<Source*, Assignments>> tables;
  for (const sql::Assignment& assignment : update.set) {
    Source* source = assigned_source(assignment, scope);
    if (!source || !source->name) {
      refuse_at(ErrorCode::name_unresolved, "the table that is written to is not known",
                "qualify the column with its table", assignment.column, assignment.column_span);
      return;
    }
    auto table = std::find_if(tables.begin(), tables.end(), [&](const auto& each) { return each.first == source; });
    if (table == tables.end()) table = tables.insert(table, {source, {}});
    table->second.push_back(&assignment);
  }
  for (const auto& [source, set] : tables) {
    Field* base = source->fields.empty() ? nullptr : base_field(*source->fields.front());
    TenantTerm tenant;
    if (base && base->owner) tenant = term_for(*static_cast<const Source*>(base->owner));
    assign(set, target_of(*source, *source->name), scope, std::move(tenant));
  }
}

Shape Analyzer::build_update(const sql::Update& update, Scope* outer) {
  if (update.with) {
    outer = new_scope(outer);
    build_with(update.with, *outer);
  }
  Scope& scope = *new_scope(outer);
  const bool several = update.table.name.empty();
  const Target target = several ? Target{} : make_target(update.table, update.alias, scope);
  for (const sql::FromPtr& item : update.from) {
    if (item) build_from(*item, scope, scope.star);
  }
  for (const sql::FromPtr& item : update.from) {
    if (item) collect_join_tenants(*item, scope);
  }
  collect_tenants(update.where.get(), scope);
  if (several) {
    assign_to_tables(update, scope);
  } else {
    Field* base = target.source->fields.empty() ? nullptr : base_field(*target.source->fields.front());
    TenantTerm tenant;
    if (base && base->owner) tenant = term_for(*static_cast<const Source*>(base->owner));
    assign(update.set, target, scope, std::move(tenant));
  }
  later([this, &update, &scope] {
    require_clear(update.where, scope, "WHERE");
    for (const sql::SortKey& key : update.order_by) require_clear(key.expr, scope, "ORDER BY");
    require_clear(update.limit, scope, "LIMIT");
  });
  return build_returning(update.returning, scope, target.source);
}

Shape Analyzer::build_delete(const sql::Delete& del, Scope* outer) {
  if (del.with) {
    outer = new_scope(outer);
    build_with(del.with, *outer);
  }
  Scope& scope = *new_scope(outer);
  const Source* written = del.table.name.empty() ? nullptr : make_target(del.table, del.alias, scope).source;
  for (const sql::FromPtr& item : del.using_) {
    if (item) build_from(*item, scope, scope.star);
  }
  for (const sql::RelationName& target : del.targets) {
    std::vector<std::string> names = {target.name};
    if (!target.schema.empty()) names.insert(names.begin(), target.schema);
    Source* source = find_source(names, names.size(), &scope);
    if (source && source->name) (void)target_of(*source, *source->name);  // triggers
  }
  collect_tenants(del.where.get(), scope);
  later([this, &del, &scope] {
    require_clear(del.where, scope, "WHERE");
    for (const sql::SortKey& key : del.order_by) require_clear(key.expr, scope, "ORDER BY");
    require_clear(del.limit, scope, "LIMIT");
  });
  return build_returning(del.returning, scope, written);
}

void Analyzer::build_merge_action(const sql::MergeWhen& when, const Target& target, Scope& scope) {
  later([this, &when, &scope] { require_clear(when.condition, scope, "WHEN"); });
  if (when.action == sql::MergeWhen::Action::update) {
    TenantTerm tenant = term_for(*target.source);
    return assign(when.set, target, scope, std::move(tenant));
  }
  if (when.action != sql::MergeWhen::Action::insert) return;
  std::vector<Written> columns;
  for (std::size_t i = 0; i < when.values.size(); ++i) {
    Field* field = nullptr;
    if (when.columns.empty()) {
      field = i < target.source->fields.size() ? target.source->fields[i] : nullptr;
    } else if (i < when.columns.size()) {
      field = field_in(*target.source, when.columns[i].name);
      if ((!field || when.columns[i].indirection) && target.bound) {
        refuse_at(ErrorCode::name_unresolved, "the column is not known", "check the name", when.columns[i].name,
                  when.columns[i].span);
      }
    }
    columns.push_back({field, {when.values[i].get(), &scope, nullptr}});
  }
  write(target, columns, row_tenant(target, columns), nullptr);
  write_defaults(target, columns);
}

Shape Analyzer::build_merge(const sql::Merge& merge, Scope* outer) {
  if (merge.with) {
    outer = new_scope(outer);
    build_with(merge.with, *outer);
  }
  Scope& scope = *new_scope(outer);
  const Target target = make_target(merge.table, merge.alias, scope);
  // RETURNING * lists the source before the target (PostgreSQL 17).
  std::vector<StarColumn> star;
  if (merge.source) build_from(*merge.source, scope, star);
  star.insert(star.end(), scope.star.begin(), scope.star.end());
  scope.star = std::move(star);
  collect_tenants(merge.on.get(), scope);
  later([this, &merge, &scope] { require_clear(merge.on, scope, "ON"); });
  for (const sql::MergeWhen& when : merge.when) build_merge_action(when, target, scope);
  return build_returning(merge.returning, scope, target.source);
}

}  // namespace sealrow::plan
