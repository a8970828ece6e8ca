// FROM items.
#include "sql/postgres/converter.hpp"

namespace sealrow::sql::postgres {
namespace {

void set_alias(const PgQuery__Alias* alias, FromItem& out) {
  if (!alias) return;
  out.alias = alias->aliasname;
  out.column_aliases = strings_of(Nodes{alias->colnames, alias->n_colnames});
}

JoinKind join_kind(const PgQuery__JoinExpr& node) {
  switch (node.jointype) {
    case PG_QUERY__JOIN_TYPE__JOIN_LEFT:
      return JoinKind::left;
    case PG_QUERY__JOIN_TYPE__JOIN_FULL:
      return JoinKind::full;
    case PG_QUERY__JOIN_TYPE__JOIN_RIGHT:
      return JoinKind::right;
    default:
      break;
  }
  const bool conditional = node.quals || node.n_using_clause != 0 || node.is_natural;
  return conditional ? JoinKind::inner : JoinKind::cross;
}

}  // namespace

std::vector<FromPtr> Converter::from(Nodes nodes) {
  std::vector<FromPtr> result;
  for (const Node* node : nodes) {
    if (auto item = from(node)) result.push_back(std::move(item));
  }
  return result;
}

FromPtr Converter::from(const Node* node) {
  const ProtobufCMessage* content = content_of(node);
  if (!content) return nullptr;
  auto item = std::make_unique<FromItem>();
  if (!enter()) return item;
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_RANGE_VAR:
      item->kind = FromItem::Kind::relation;
      item->relation = relation(*node->range_var);
      set_alias(node->range_var->alias, *item);
      break;
    case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
      item->kind = FromItem::Kind::subquery;
      item->lateral = node->range_subselect->lateral;
      item->query = select_ptr(node->range_subselect->subquery);
      set_alias(node->range_subselect->alias, *item);
      break;
    case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
      from_function(*node->range_function, *item);
      break;
    case PG_QUERY__NODE__NODE_JOIN_EXPR:
      from_join(*node->join_expr, *item);
      break;
    case PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE:
      from_sample(*node->range_table_sample, *item);
      break;
    case PG_QUERY__NODE__NODE_JSON_TABLE:
      item->kind = FromItem::Kind::json_table;
      item->lateral = node->json_table->lateral;
      set_alias(node->json_table->alias, *item);
      collect_exprs(*content, item->calls);
      break;
    case PG_QUERY__NODE__NODE_RANGE_TABLE_FUNC:  // XMLTABLE
      item->lateral = node->range_table_func->lateral;
      set_alias(node->range_table_func->alias, *item);
      collect_exprs(*content, item->calls);
      break;
    default:
      collect_exprs(*content, item->calls);
      break;
  }
  return item;
}

void Converter::from_function(const PgQuery__RangeFunction& node, FromItem& out) {
  out.kind = FromItem::Kind::function;
  out.lateral = node.lateral;
  out.with_ordinality = node.ordinality;
  set_alias(node.alias, out);
  const auto add_definitions = [&](Nodes definitions) {
    for (const Node* definition : definitions) {
      const auto* column = as<PgQuery__ColumnDef>(definition, pg_query__column_def__descriptor);
      if (!column) continue;
      out.column_aliases.push_back(column->colname);
      out.column_types.push_back(column->type_name ? type(*column->type_name) : TypeName{});
    }
  };
  // Each element is a list of the call and its own column definitions (ROWS FROM).
  for (const Node* element : Nodes{node.functions, node.n_functions}) {
    const auto* pair = as<PgQuery__List>(element, pg_query__list__descriptor);
    if (!pair) continue;
    for (const Node* part : Nodes{pair->items, pair->n_items}) {
      if (const auto* definitions = as<PgQuery__List>(part, pg_query__list__descriptor)) {
        add_definitions(Nodes{definitions->items, definitions->n_items});
      } else if (auto call_expr = expr(part)) {
        out.calls.push_back(std::move(call_expr));
      }
    }
  }
  add_definitions(Nodes{node.coldeflist, node.n_coldeflist});
}

void Converter::from_join(const PgQuery__JoinExpr& node, FromItem& out) {
  out.kind = FromItem::Kind::join;
  out.join = join_kind(node);
  out.left = from(node.larg);
  out.right = from(node.rarg);
  out.on = expr(node.quals);
  out.using_columns = strings_of(Nodes{node.using_clause, node.n_using_clause});
  out.natural = node.is_natural;
  set_alias(node.alias, out);
}

void Converter::from_sample(const PgQuery__RangeTableSample& node, FromItem& out) {
  out.kind = FromItem::Kind::table_sample;
  if (const auto* var = as<PgQuery__RangeVar>(node.relation, pg_query__range_var__descriptor)) {
    out.relation = relation(*var);
    set_alias(var->alias, out);
  }
  out.calls = exprs(Nodes{node.args, node.n_args});
  if (auto seed = expr(node.repeatable)) out.calls.push_back(std::move(seed));
}

}  // namespace sealrow::sql::postgres
