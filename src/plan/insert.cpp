// Targets of writes, and INSERT.
#include "plan/analyzer.hpp"
#include "plan/types.hpp"

#include <algorithm>

namespace sealrow::plan {

// A view that the server updates through (rewriteHandler.c, view_query_is_auto_updatable): plain columns of one table.
const BoundRelation* Analyzer::base_of_view(const Source& view, const sql::RelationName& name) {
  const Source* current = &view;
  for (;;) {
    const auto query = view_queries_.find(current);
    if (query == view_queries_.end()) return current->relation;
    const sql::Select& select = *query->second->select;
    const bool simple = !query->second->left && select.values.empty() && !select.with && !select.distinct &&
                        select.distinct_on.empty() && select.group_by.empty() && !select.having &&
                        select.windows.empty() && !select.limit && !select.offset &&
                        query->second->scope->sources.size() == 1;
    if (!simple) {
      refuse_at(ErrorCode::statement_not_understood,
                "a view that is not a plain selection of columns cannot be written to", "write to the table itself",
                name.name, name.span);
      return nullptr;
    }
    current = query->second->scope->sources[0];
  }
}

void Analyzer::check_hidden_writes(const catalog::Relation& relation, const sql::RelationName& name) {
  const auto refuse_hidden = [&](const std::string& what) {
    refuse_at(ErrorCode::hidden_write, what + " could write unsealed values to a protected table",
              "allow its function in the policy after checking what it does", relation.schema + "." + relation.name,
              name.span);
  };
  std::vector<const catalog::Relation*> reached = {&relation};
  std::set<Oid> seen = {relation.oid};
  for (std::size_t i = 0; i < reached.size(); ++i) {  // a row lands in a partition and fires its triggers
    for (const catalog::Trigger& trigger : reached[i]->triggers) {
      if (bound_.is_risky(*reached[i], trigger)) return refuse_hidden("the trigger " + trigger.name);
    }
    if (bound_.risky_definitions.contains(reached[i]->oid))
      return refuse_hidden("a default or constraint of the table");
    for (const std::string& rule : reached[i]->rules) {
      const bool own = bound_.leads_to_protected(*reached[i]);
      if (own || bound_.risk_of_code("sql", rule) != FunctionRisk::none) return refuse_hidden("a rule of the table");
    }
    for (const Oid child : reached[i]->children) {
      const catalog::Relation* next = bound_.catalog->find(child);
      if (next && seen.insert(child).second) reached.push_back(next);
    }
  }
}

Target Analyzer::target_of(Source& source, const sql::RelationName& name) {
  Target target;
  target.source = &source;
  const RelationMeaning meaning = names_.relation(name);
  target.relation = meaning.relation;
  if (meaning.relation) check_hidden_writes(*meaning.relation, name);
  if (meaning.view_to_protected && meaning.relation) {
    target.through_view = true;
    if (!meaning.relation->triggers.empty()) {
      refuse_at(ErrorCode::hidden_write, "a view with triggers of its own hides what is written",
                "write to the table itself", name.name, name.span);
    }
    target.bound = base_of_view(source, name);
    if (target.bound) check_hidden_writes(*target.bound->relation, name);
  } else {
    target.bound = meaning.bound;
  }
  if (target.bound && target.bound->problem) {
    const Error& problem = *target.bound->problem;
    refuse_at(problem.code, problem.message, problem.hint, problem.object, name.span);
  }
  return target;
}

Target Analyzer::make_target(const sql::RelationName& name, const std::string& alias, Scope& scope) {
  seen_relations_.insert(name.span.begin);
  Scope bare;  // a CTE is never a target
  Source& source = *build_relation(name, bare);
  const Target target = target_of(source, name);
  apply_alias(source, alias, {});
  scope.sources.push_back(&source);
  add_star(source, scope.star);
  if (source.opaque) scope.star_known = false;
  return target;
}

void Analyzer::write_clear(const Written& column) {
  later([this, column] {
    if (const Value value = value_of(column.value); !value.is_clear()) {
      refuse(ErrorCode::sealed_to_clear, "a sealed value would be stored in a column that is not protected",
             "name the target column in the policy, or leave the value out", display(value), column.value.expr);
    }
  });
}

void Analyzer::write_column(const Target& target, const Written& column, const TenantTerm& tenant,
                            const sql::Expr* at) {
  Field* base = column.field ? base_field(*column.field) : nullptr;
  if (!base || !base->bound) return write_clear(column);
  Flow flow;
  flow.column = base->bound;
  flow.relation = target.bound;
  flow.default_expression = &base->column->default_expression;
  flow.tenant = tenant;
  if (column.value.expr || column.value.field) {
    push(column.value, flow);
  } else {
    push_default(at, flow);
  }
  later([this, column] { (void)value_of(column.value); });
}

void Analyzer::write(const Target& target, const std::vector<Written>& columns, const TenantTerm& tenant,
                     const sql::Expr* at) {
  for (const Written& column : columns) write_column(target, column, tenant, at);
}

// Columns that an INSERT leaves out get their defaults, also those that a view adds.
void Analyzer::write_defaults(const Target& target, const std::vector<Written>& columns) {
  if (!target.bound) return;
  for (std::size_t i = 0; i < target.bound->columns.size(); ++i) {
    const BoundColumn* bound = target.bound->columns[i];
    if (!bound) continue;
    const catalog::Column& stored = target.bound->relation->columns[i];
    const bool given = std::any_of(columns.begin(), columns.end(), [&](const Written& column) {
      const Field* base = column.field ? base_field(*column.field) : nullptr;
      return base && base->column == &stored;
    });
    Flow flow;
    flow.column = bound;
    flow.default_expression = &stored.default_expression;
    if (given) continue;
    push_default(nullptr, flow);
    // Without a strict sql_mode the server stores an empty string; with it, it refuses too.
    if (mysql_ && stored.not_null && stored.default_expression.empty()) {
      refuse(ErrorCode::clear_to_sealed, "the row leaves out a protected column that may not be NULL",
             "give the column a value", bound->display, nullptr);
    }
  }
  if (!target.through_view || !target.relation) return;
  for (const catalog::Column& column : target.relation->columns) {
    if (column.default_expression.empty()) continue;
    refuse(ErrorCode::clear_to_sealed, "the view gives a column a default of its own", "write to the table itself",
           target.relation->schema + "." + target.relation->name + "." + column.name, nullptr);
  }
}

TenantTerm Analyzer::row_tenant(const Target& target, const std::vector<Written>& columns) const {
  TenantTerm term;
  const std::string* wanted = target.bound ? tenant_column(*target.bound->table) : nullptr;
  if (!wanted) return term;
  for (const Written& column : columns) {
    Field* base = column.field ? const_cast<Analyzer*>(this)->base_field(*column.field) : nullptr;
    if (base && base->column && base->column->name == *wanted) term.origin = column.value;
  }
  return term;
}

std::vector<Written> Analyzer::insert_columns(const sql::Insert& insert, const Target& target, const Query* source) {
  std::vector<Written> columns;
  const auto value = [&](std::size_t i) -> Origin {
    return source && i < source->outputs.size() ? Origin{nullptr, nullptr, source->outputs[i]} : Origin{};
  };
  if (insert.columns.empty()) {
    std::vector<Field*> fields = target.source->fields;
    std::erase_if(fields, [](const Field* field) { return is_invisible(*field); });
    const std::size_t given = source ? source->outputs.size() : 0;
    for (std::size_t i = 0; i < given; ++i) {
      columns.push_back({i < fields.size() ? fields[i] : nullptr, value(i)});
    }
    return columns;
  }
  for (std::size_t i = 0; i < insert.columns.size(); ++i) {
    const sql::TargetColumn& column = insert.columns[i];
    Field* field = field_in(*target.source, column.name);
    if (!field && target.bound) {
      refuse_at(ErrorCode::name_unresolved, "the column is not known", "check the name", column.name, column.span);
    }
    Field* base = field ? base_field(*field) : nullptr;
    if (column.indirection && base && base->bound) {
      refuse_at(ErrorCode::expression_not_sealable, "a part of a protected column cannot be written",
                "write the column whole", base->bound->display, column.span);
    }
    columns.push_back({field, value(i)});
  }
  return columns;
}

Shape Analyzer::build_insert(const sql::Insert& insert, Scope* outer) {
  if (insert.with) {
    outer = new_scope(outer);
    build_with(insert.with, *outer);
  }
  Scope& scope = *new_scope(outer);
  const Target target = make_target(insert.table, insert.alias, scope);
  const Query* source = insert.source ? build_query(*insert.source, outer) : nullptr;
  if (source && !source->outputs_known && (target.bound || touched_)) {
    refuse_at(ErrorCode::statement_not_understood, "the columns that * stands for are not known", "list the columns",
              insert.table.name, insert.table.span);
  }
  const std::vector<Written> columns = insert_columns(insert, target, source);
  const TenantTerm tenant = row_tenant(target, columns);
  write(target, columns, tenant, nullptr);
  write_defaults(target, columns);
  if (insert.conflict) build_conflict(insert, target, scope, columns);
  return build_returning(insert.returning, scope, target.source);
}

void Analyzer::build_conflict(const sql::Insert& insert, const Target& target, Scope& scope,
                              const std::vector<Written>& columns) {
  const sql::ConflictClause& conflict = *insert.conflict;
  Source& excluded = sources_.emplace_back();
  excluded.alias = "excluded";
  excluded.opaque = target.source->opaque;
  for (Field* field : target.source->fields) {
    Field* copy = new_field(field->name);
    Field* base = base_field(*field);
    copy->owner = &excluded;
    copy->column = base ? base->column : nullptr;
    copy->bound = base ? base->bound : nullptr;
    copy->opaque = !base;
    excluded.fields.push_back(copy);
  }
  // Only names qualified with `excluded` mean the proposed row.
  Scope& row = *new_scope(new_scope(scope.outer));
  row.outer->sources = {&excluded};
  row.sources = scope.sources;
  later([this, &conflict, &scope, &row] {
    for (const auto& element : conflict.target) {
      if (element && !eval(*element, scope).is_clear()) tag_key(*element, scope, "ON CONFLICT");
    }
    require_clear(conflict.target_where, scope, "ON CONFLICT … WHERE");
    require_clear(conflict.where, row, "WHERE");
  });
  TenantTerm tenant;
  tenant.inputs = inputs_of_all_rows(row_tenant(target, columns).origin, tenant.known);
  assign(conflict.set, target, row, std::move(tenant));
}

}  // namespace sealrow::plan
