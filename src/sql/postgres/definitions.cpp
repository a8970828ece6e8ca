// CREATE TABLE, INDEX, VIEW, FUNCTION, TRIGGER, RULE.
#include "sql/postgres/converter.hpp"

namespace sealrow::sql::postgres {
namespace {

bool is_temporary(const PgQuery__RangeVar* var) { return var && std::string_view(var->relpersistence) == "t"; }

TableConstraint::Kind constraint_kind(PgQuery__ConstrType type) {
  switch (type) {
    case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
      return TableConstraint::Kind::primary_key;
    case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
      return TableConstraint::Kind::unique;
    case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
      return TableConstraint::Kind::check;
    case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
      return TableConstraint::Kind::foreign_key;
    case PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION:
      return TableConstraint::Kind::exclusion;
    default:
      return TableConstraint::Kind::other;
  }
}

}  // namespace

ColumnDefinition Converter::column_definition(const PgQuery__ColumnDef& node) {
  ColumnDefinition result;
  result.name = node.colname;
  result.name_span = tokens_.span_at(node.location);
  if (node.type_name) result.type = type(*node.type_name);
  result.default_value = expr(node.raw_default);
  for (const Node* element : Nodes{node.constraints, node.n_constraints}) {
    const auto* constraint = as<PgQuery__Constraint>(element, pg_query__constraint__descriptor);
    if (!constraint) continue;
    switch (constraint->contype) {
      case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
        result.default_value = expr(constraint->raw_expr);
        break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED:
        result.generated = expr(constraint->raw_expr);
        break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
        result.checks.push_back(expr(constraint->raw_expr));
        break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
        result.primary_key = true;
        break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
        result.unique = true;
        break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL:
        result.not_null = true;
        break;
      default:
        break;
    }
  }
  return result;
}

TableConstraint Converter::table_constraint(const PgQuery__Constraint& node) {
  TableConstraint result;
  result.kind = constraint_kind(node.contype);
  result.name = node.conname;
  const bool foreign = result.kind == TableConstraint::Kind::foreign_key;
  result.columns = strings_of(foreign ? Nodes{node.fk_attrs, node.n_fk_attrs} : Nodes{node.keys, node.n_keys});
  result.expr = expr(node.raw_expr);
  // EXCLUDE: the elements are expressions of their own.
  if (result.kind == TableConstraint::Kind::exclusion) {
    result.expr = std::make_unique<Expr>();
    collect_exprs(node.base, result.expr->args);
    for (const Node* pair : Nodes{node.exclusions, node.n_exclusions}) {
      const auto* list = as<PgQuery__List>(pair, pg_query__list__descriptor);
      const auto* element = list && list->n_items != 0
                                ? as<PgQuery__IndexElem>(list->items[0], pg_query__index_elem__descriptor)
                                : nullptr;
      if (element && !element->expr) result.columns.push_back(element->name);
    }
  }
  return result;
}

CreateTable Converter::create_table(const PgQuery__CreateStmt& node) {
  CreateTable result;
  if (node.relation) result.table = relation(*node.relation);
  result.temporary = is_temporary(node.relation);
  result.if_not_exists = node.if_not_exists;
  result.inherits = relations(Nodes{node.inh_relations, node.n_inh_relations});
  const auto add = [&](Nodes elements) {
    for (const Node* element : elements) {
      if (const auto* column = as<PgQuery__ColumnDef>(element, pg_query__column_def__descriptor)) {
        result.columns.push_back(column_definition(*column));
      } else if (const auto* constraint = as<PgQuery__Constraint>(element, pg_query__constraint__descriptor)) {
        result.constraints.push_back(table_constraint(*constraint));
      } else if (const auto* like = as<PgQuery__TableLikeClause>(element, pg_query__table_like_clause__descriptor)) {
        if (like->relation) result.inherits.push_back(relation(*like->relation));
      }
    }
  };
  add(Nodes{node.table_elts, node.n_table_elts});
  add(Nodes{node.constraints, node.n_constraints});
  return result;
}

CreateTableAs Converter::create_table_as(const PgQuery__CreateTableAsStmt& node) {
  CreateTableAs result;
  if (node.into) {
    if (node.into->rel) result.table = relation(*node.into->rel);
    result.temporary = is_temporary(node.into->rel);
    result.with_no_data = node.into->skip_data;
    result.columns = strings_of(Nodes{node.into->col_names, node.into->n_col_names});
  }
  result.materialized_view = node.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW;
  result.query = statement(node.query);
  return result;
}

CreateIndex Converter::create_index(const PgQuery__IndexStmt& node) {
  CreateIndex result;
  result.name = node.idxname;
  if (node.relation) result.table = relation(*node.relation);
  result.unique = node.unique;
  result.method = node.access_method;
  // "ON table [USING method] (elements)"
  std::size_t open = tokens_.at(static_cast<std::int32_t>(result.table.span.end) - 1) + 1;
  while (open < tokens_.size() && !tokens_.is_punctuation(open, "(")) ++open;
  result.elements = index_elements(Nodes{node.index_params, node.n_index_params}, open);
  result.where = expr(node.where_clause);
  return result;
}

CreateView Converter::create_view(const PgQuery__ViewStmt& node) {
  CreateView result;
  if (node.view) result.view = relation(*node.view);
  result.temporary = is_temporary(node.view);
  result.columns = strings_of(Nodes{node.aliases, node.n_aliases});
  result.query = statement(node.query);
  return result;
}

CreateFunction Converter::create_function(const PgQuery__CreateFunctionStmt& node) {
  const RelationName name = relation_of_names(Nodes{node.funcname, node.n_funcname});
  CreateFunction result{.schema = name.schema, .name = name.name};
  for (const Node* option : Nodes{node.options, node.n_options}) {
    const auto* element = as<PgQuery__DefElem>(option, pg_query__def_elem__descriptor);
    if (!element) continue;
    if (std::string_view(element->defname) == "language") result.language = fold_case(word_of(element->arg));
    if (std::string_view(element->defname) != "as") continue;
    const auto* parts = as<PgQuery__List>(element->arg, pg_query__list__descriptor);
    if (parts && parts->n_items != 0) result.body = word_of(parts->items[0]);
  }
  for (const Node* parameter_node : Nodes{node.parameters, node.n_parameters}) {
    const auto* argument = as<PgQuery__FunctionParameter>(parameter_node, pg_query__function_parameter__descriptor);
    if (!argument) continue;
    if (auto value = expr(argument->defexpr)) result.defaults.push_back(std::move(value));
  }
  result.for_trigger = node.return_type && type(*node.return_type).name == "trigger";
  result.statements = function_body(node.sql_body);
  if (result.language.empty() && node.sql_body) result.language = "sql";
  return result;
}

// RETURN expression, or BEGIN ATOMIC … END: a list of lists of statements.
std::vector<StatementPtr> Converter::function_body(const Node* body) {
  std::vector<StatementPtr> result;
  if (!enter()) return result;
  if (const auto* list = as<PgQuery__List>(body, pg_query__list__descriptor)) {
    for (const Node* part : Nodes{list->items, list->n_items}) {
      for (auto& inner : function_body(part)) result.push_back(std::move(inner));
    }
  } else if (const auto* returned = as<PgQuery__ReturnStmt>(body, pg_query__return_stmt__descriptor)) {
    Select query;
    query.output.push_back({expr(returned->returnval), {}, {}});
    auto as_select = std::make_unique<Statement>();
    as_select->node = std::move(query);
    collect_relations(returned->base, as_select->mentioned);
    result.push_back(std::move(as_select));
  } else if (auto inner = statement(body)) {
    result.push_back(std::move(inner));
  }
  return result;
}

CreateTrigger Converter::create_trigger(const PgQuery__CreateTrigStmt& node) const {
  const RelationName function = relation_of_names(Nodes{node.funcname, node.n_funcname});
  CreateTrigger result{.name = node.trigname, .function_schema = function.schema, .function_name = function.name};
  if (node.relation) result.table = relation(*node.relation);
  return result;
}

CreateRule Converter::create_rule(const PgQuery__RuleStmt& node) {
  CreateRule result{.name = node.rulename};
  if (node.relation) result.table = relation(*node.relation);
  for (const Node* action : Nodes{node.actions, node.n_actions}) {
    if (auto converted = statement(action)) result.actions.push_back(std::move(converted));
  }
  return result;
}

}  // namespace sealrow::sql::postgres
