// FROM items, common table expressions and views: what names can mean.
#include "plan/analyzer.hpp"
#include "plan/walk.hpp"
#include "sealrow/sql/postgres.hpp"

#include <algorithm>

namespace sealrow::plan {

namespace {

constexpr unsigned max_view_depth = 16;
constexpr std::size_t max_views = 200;

std::string limit_hint() { return "simplify the statement"; }

}  // namespace

Scope* Analyzer::new_scope(Scope* outer) {
  Scope& scope = scopes_.emplace_back();
  scope.outer = outer;
  scope.editable = outer ? outer->editable : true;
  return &scope;
}

Field* Analyzer::new_field(std::string name, Origin origin) {
  Field& field = fields_.emplace_back();
  field.name = std::move(name);
  if (origin.expr || origin.field) field.origins.push_back(origin);
  return &field;
}

// The same column one level up.
Field* Analyzer::handed_on(Field& field) {
  Field* copy = new_field(field.name, {nullptr, nullptr, &field});
  copy->rest = field.rest;
  return copy;
}

Field* Analyzer::rest_field(const void* owner) {
  Field* rest = new_field("");
  rest->opaque = rest->rest = true;
  rest->owner = owner;
  return rest;
}

void Analyzer::add_star(Source& source, std::vector<StarColumn>& star) {
  if (source.rest) star.push_back({source.rest, &source});
  for (Field* field : source.fields) {
    if (!source.rest && !is_invisible(*field)) star.push_back({field, &source});
  }
}

Source* Analyzer::base_source(const catalog::Relation& relation, const BoundRelation* bound) {
  Source& source = sources_.emplace_back();
  source.alias = relation.name;
  source.schema = relation.schema;
  source.relation = bound;
  for (std::size_t i = 0; i < relation.columns.size(); ++i) {
    Field* field = new_field(relation.columns[i].name);
    field->column = &relation.columns[i];
    field->owner = &source;
    if (bound) field->bound = bound->columns[i];
    source.fields.push_back(field);
  }
  return &source;
}

bool is_invisible(const Field& field) { return field.column && field.column->invisible; }

Source* Analyzer::derived_source(const std::vector<Field*>& outputs, bool known) {
  Source& source = sources_.emplace_back();
  source.opaque = !known;
  for (Field* output : outputs) {
    Field* field = handed_on(*output);
    field->owner = &source;
    source.fields.push_back(field);
  }
  return &source;
}

void Analyzer::apply_alias(Source& source, const std::string& alias, const std::vector<std::string>& columns) {
  if (!alias.empty()) {
    source.alias = alias;
    source.schema.clear();
  }
  for (std::size_t i = 0; i < columns.size() && i < source.fields.size(); ++i) source.fields[i]->name = columns[i];
  const auto rest = std::find_if(source.fields.begin(), source.fields.end(), [](Field* field) { return field->rest; });
  if (static_cast<std::size_t>(rest - source.fields.begin()) >= columns.size()) return;
  // Behind columns of unknown number nobody knows which name goes where.
  later([this, &source] {
    for (Field* field : source.fields) {
      if (!value_of(*field).is_clear()) refuse_unknown_columns(nullptr);
    }
  });
}

// Functions that a view calls run with every statement that reads it.
void Analyzer::check_view_calls(const sql::Statement& view) {
  StatementPlan effects;
  for_each_expr(view, [&](const sql::Expr& expr) {
    if (expr.kind != sql::ExprKind::call) return;
    check_call(expr, effects);
    if (!expr.names.empty() && expr.names.back() == "set_config") effects.effects.emplace_back(SearchPathUnknown{});
  });
  if (effects.effects.empty()) return;
  refuse(ErrorCode::tenant_conflict, "a view changes settings of the session", "read the table itself", "", nullptr);
}

Source* Analyzer::build_view(const catalog::Relation& view) {
  const std::string display = view.schema + "." + view.name;
  if (view_depth_ >= max_view_depth || view_texts_.size() >= max_views) {
    refuse(ErrorCode::statement_not_understood, "views are nested too deeply", limit_hint(), display, nullptr);
    return base_source(view, nullptr);
  }
  auto parsed = sql::parse(view.view_definition, bound_.catalog->dialect);
  const bool usable = parsed.has_value() && parsed->statements.size() == 1 &&
                      std::holds_alternative<sql::Select>(parsed->statements[0].node);
  if (!usable) {
    refuse(ErrorCode::statement_not_understood, "the definition of a view over a protected table is not understood",
           "read the table itself", display, nullptr);
    return base_source(view, nullptr);
  }
  const sql::Parsed& text = view_texts_.emplace_back(std::move(*parsed));
  Scope* scope = new_scope(nullptr);
  scope->editable = false;
  check_view_calls(text.statements[0]);
  ++view_depth_;
  Query* query = build_query(std::get<sql::Select>(text.statements[0].node), scope);
  --view_depth_;
  if (!query->outputs_known || query->outputs.size() != view.columns.size()) {
    refuse(ErrorCode::name_unresolved, "the columns of a view over a protected table are not known",
           "list the columns in the view's definition", display, nullptr);
  }
  Source* source = derived_source(query->outputs, true);
  source->alias = view.name;
  source->schema = view.schema;
  view_queries_.emplace(source, query);
  for (std::size_t i = 0; i < source->fields.size() && i < view.columns.size(); ++i) {
    source->fields[i]->name = view.columns[i].name;
  }
  return source;
}

Source* Analyzer::build_relation(const sql::RelationName& name, Scope& scope) {
  if (scope.editable) seen_relations_.insert(name.span.begin);
  if (name.schema.empty()) {
    for (const Scope* s = &scope; s; s = s->outer) {
      for (const NamedQuery& named : s->named) {
        if (named.name != name.name) continue;
        if (named.source) {
          Source* copy = derived_source(named.source->fields, !named.source->opaque);
          copy->alias = name.name;
          return copy;
        }
        refuse_at(ErrorCode::statement_not_understood, "a WITH RECURSIVE query refers to a later one",
                  "order the queries so that each refers to earlier ones", name.name, name.span);
      }
    }
  }
  const RelationMeaning meaning = scope.editable ? names_.relation(name) : names_.relation_in_view(name);
  if (meaning.bound && catalog_changed_) {
    refuse_at(ErrorCode::statement_not_understood, "a protected table is used behind a definition in the same text",
              "send the definition and the statement one after the other", name.name, name.span);
  }
  if (meaning.kind == RelationMeaning::Kind::uncertain) {
    refuse_at(ErrorCode::name_unresolved, "the table cannot be resolved with certainty",
              "qualify the name with its schema, and check that the table exists", name.name, name.span);
  }
  if (meaning.relation && meaning.view_to_protected) return build_view(*meaning.relation);
  if (meaning.relation) return base_source(*meaning.relation, meaning.bound);
  Source& source = sources_.emplace_back();
  source.alias = name.name;
  source.schema = name.schema;
  source.opaque = true;
  source.rest = rest_field(&source);
  return &source;
}

void Analyzer::refuse_unknown_columns(const sql::Expr* at) {
  refuse(ErrorCode::name_unresolved, "the columns that * stands for are not known", "list the columns", "", at);
}

Source* Analyzer::function_source(const sql::FromItem& item, Scope& scope) {
  Source& source = sources_.emplace_back();
  // How many columns a function returns is not in the catalog; none of them is sealed, since no argument may be.
  source.opaque = true;
  source.rest = rest_field(&source);
  const auto add = [&](const std::string& name) {
    Field* field = new_field(name);
    field->opaque = true;
    field->owner = &source;
    source.fields.push_back(field);
  };
  for (const std::string& name : item.column_aliases) add(name);
  if (item.calls.size() == 1 && item.calls[0] && !item.calls[0]->names.empty()) {
    source.alias = item.calls[0]->names.back();
    if (item.column_aliases.empty()) add(item.alias.empty() ? source.alias : item.alias);
  }
  Scope* own = new_scope(&scope);
  later([this, &item, own] { require_clear(item.calls, *own, "a function in FROM"); });
  return &source;
}

void Analyzer::build_from(const sql::FromItem& item, Scope& scope, std::vector<StarColumn>& star) {
  Source* source = nullptr;
  switch (item.kind) {
    case sql::FromItem::Kind::join:
      return build_join(item, scope, star);
    case sql::FromItem::Kind::table_sample:
      later([this, &item, own = new_scope(scope.outer)] { require_clear(item.calls, *own, "TABLESAMPLE"); });
      [[fallthrough]];
    case sql::FromItem::Kind::relation:
      source = build_relation(item.relation, scope);
      source->name = &item.relation;
      break;
    case sql::FromItem::Kind::values_alias:
    case sql::FromItem::Kind::subquery: {
      if (!item.query) break;
      Query* query = build_query(*item.query, item.lateral ? &scope : scope.outer);
      source = derived_source(query->outputs, query->outputs_known);
      break;
    }
    case sql::FromItem::Kind::function:
    case sql::FromItem::Kind::json_table:
      source = function_source(item, scope);
      break;
    case sql::FromItem::Kind::other:
      break;
  }
  if (!source) {
    refuse(ErrorCode::statement_not_understood, "an item in FROM is not understood", "use tables, joins and subqueries",
           "", nullptr);
    return;
  }
  apply_alias(*source, item.alias, item.column_aliases);
  scope.sources.push_back(source);
  add_star(*source, star);
  if (source->opaque) scope.star_known = false;
}

// SQL:2016 7.7: USING and NATURAL put the merged columns first.
void Analyzer::build_join(const sql::FromItem& item, Scope& scope, std::vector<StarColumn>& star) {
  const std::size_t first_source = scope.sources.size();
  std::vector<StarColumn> left, right, merged;
  if (item.left) build_from(*item.left, scope, left);
  if (item.right) build_from(*item.right, scope, right);
  std::vector<std::string> names = item.using_columns;
  const auto named = [](const std::vector<StarColumn>& list, const std::string& name) -> Field* {
    for (const StarColumn& column : list) {
      if (column.field->name == name) return column.field;
    }
    return nullptr;
  };
  if (item.natural) {
    for (const StarColumn& column : left) {
      if (named(right, column.field->name)) names.push_back(column.field->name);
    }
  }
  for (const std::string& name : names) {
    Field* l = named(left, name);
    Field* r = named(right, name);
    if (!l || !r) continue;
    merged.push_back({l, nullptr});
    later([this, l, r] {
      for (Field* field : {l, r}) {
        if (const Value value = value_of(*field); !value.is_clear()) {
          refuse(ErrorCode::sealed_search, "JOIN … USING and NATURAL JOIN compare a sealed column",
                 "join with ON and an equality-searchable column", display(value), nullptr);
        }
      }
    });
  }
  const auto is_merged = [&](const StarColumn& column) {
    for (const std::string& name : names) {
      if (column.field->name == name) return true;
    }
    return false;
  };
  for (const auto* side : {&left, &right}) {
    for (const StarColumn& column : *side) {
      if (!is_merged(column)) merged.push_back(column);
    }
  }
  if (item.on) {
    Scope* on = new_scope(scope.outer);
    on->sources = scope.sources;
    on->editable = scope.editable;
    later([this, &item, on] { require_clear(item.on, *on, "JOIN … ON"); });
  }
  if (!item.alias.empty()) {  // (a JOIN b …) AS j hides a and b
    std::vector<Field*> outputs;
    for (const StarColumn& column : merged) outputs.push_back(column.field);
    Source* source = derived_source(outputs, scope.star_known);
    apply_alias(*source, item.alias, item.column_aliases);
    scope.sources.resize(first_source);
    scope.sources.push_back(source);
    merged.clear();
    add_star(*source, merged);
  }
  star.insert(star.end(), merged.begin(), merged.end());
}

Source* Analyzer::build_recursive(const sql::CommonTable& table, Scope& scope) {
  const auto& select = std::get<sql::Select>(table.statement->node);
  Query* left = build_query(*select.left, &scope);
  Source* source = derived_source(left->outputs, left->outputs_known);
  apply_alias(*source, table.name, table.columns);
  for (NamedQuery& named : scope.named) {
    if (named.name == table.name) named.source = source;
  }
  Query* right = build_query(*select.right, &scope);
  for (std::size_t i = 0; i < source->fields.size() && i < right->outputs.size(); ++i) {
    source->fields[i]->origins.push_back({nullptr, nullptr, right->outputs[i]});
  }
  Query& whole = query_store_.emplace_back();
  whole.select = &select;
  whole.scope = new_scope(&scope);
  whole.left = left;
  whole.right = right;
  whole.outputs = source->fields;
  whole.outputs_known = left->outputs_known && right->outputs_known;
  later([this, &whole] { check_query(whole); });
  return source;
}

void Analyzer::build_with(const std::unique_ptr<sql::With>& with, Scope& scope) {
  if (!with) return;
  if (with->recursive) {
    for (const sql::CommonTable& table : with->tables) scope.named.push_back({table.name, nullptr});
  }
  for (const sql::CommonTable& table : with->tables) {
    if (!table.statement) continue;
    const auto* select = std::get_if<sql::Select>(&table.statement->node);
    Source* source = nullptr;
    if (with->recursive && select && select->set_op != sql::SetOp::none && select->left && select->right &&
        !select->with) {
      source = build_recursive(table, scope);
    } else {
      const Shape shape = build(*table.statement, &scope);
      source = derived_source(shape.outputs, shape.known);
      apply_alias(*source, table.name, table.columns);
    }
    if (table.extra_columns) source->fields.push_back(rest_field(source));
    source->opaque = source->opaque || table.extra_columns;
    bool placed = false;
    for (NamedQuery& named : scope.named) {
      if (named.name != table.name) continue;
      named.source = source;
      placed = true;
    }
    if (!placed) scope.named.push_back({table.name, source});
  }
}

}  // namespace sealrow::plan
