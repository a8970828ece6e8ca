// SELECT, VALUES, set operations, WITH.
#include "sql/postgres/converter.hpp"

#include <algorithm>
#include <array>

namespace sealrow::sql::postgres {
namespace {

SetOp set_operation(PgQuery__SetOperation op) {
  switch (op) {
    case PG_QUERY__SET_OPERATION__SETOP_UNION:
      return SetOp::union_;
    case PG_QUERY__SET_OPERATION__SETOP_INTERSECT:
      return SetOp::intersect;
    case PG_QUERY__SET_OPERATION__SETOP_EXCEPT:
      return SetOp::except;
    default:
      return SetOp::none;
  }
}

// What the parts of a query that have positions of their own cover.
Span covered(const Select& select) {
  Span span;
  for (const auto& row : select.values) {
    for (const auto& value : row) cover(span, value->span);
  }
  for (const auto& item : select.output) cover(span, item.span);
  for (const auto& item : select.from) cover(span, item->relation.span);
  for (const auto& key : select.order_by) cover(span, key.expr->span);
  for (const auto& part : select.group_by) cover(span, part->span);
  for (const auto* part : {&select.where, &select.having, &select.limit, &select.offset}) {
    if (*part) cover(span, (*part)->span);
  }
  for (const auto* part : {&select.left, &select.right}) {
    if (*part) cover(span, (*part)->span);
  }
  return span;
}

}  // namespace

SelectPtr Converter::select_ptr(const PgQuery__SelectStmt* node) {
  return node ? std::make_unique<Select>(select(*node)) : nullptr;
}

SelectPtr Converter::select_ptr(const Node* node) {
  auto query = select_ptr(as<PgQuery__SelectStmt>(node, pg_query__select_stmt__descriptor));
  if (query) query->span = query_span(query->span);
  return query;
}

Select Converter::select(const PgQuery__SelectStmt& node) {
  Select result;
  if (!enter()) return result;
  result.with = with(node.with_clause);
  result.set_op = set_operation(node.op);
  if (result.set_op == SetOp::none) {
    leaf(node, result);
  } else {
    result.set_all = node.all;
    result.left = select_ptr(node.larg);
    result.right = select_ptr(node.rarg);
  }
  for (const Node* key : Nodes{node.sort_clause, node.n_sort_clause}) {
    const auto* sort = as<PgQuery__SortBy>(key, pg_query__sort_by__descriptor);
    if (!sort) continue;
    result.order_by.push_back({expr(sort->node), sort->sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC});
  }
  result.limit = expr(node.limit_count);
  result.offset = expr(node.limit_offset);
  result.locking = node.n_locking_clause != 0;
  result.span = covered(result);
  return result;
}

// From the first word behind the enclosing parenthesis to its end, if the query stands in one.
Span Converter::query_span(Span inside) const {
  static constexpr std::array<std::string_view, 4> queries = {"select", "values", "with", "table"};
  static constexpr std::array<std::string_view, 4> writes = {"insert", "update", "delete", "merge"};
  if (inside.end == 0) return inside;
  for (std::size_t open = tokens_.enclosing(tokens_.at(static_cast<std::int32_t>(inside.begin)));
       open != TokenMap::none; open = tokens_.enclosing(open)) {
    const auto begins_with = [&](std::string_view word) { return tokens_.is_word(open + 1, word); };
    if (std::any_of(writes.begin(), writes.end(), begins_with)) break;
    const std::size_t close = tokens_.partner(open);
    if (close == TokenMap::none || std::none_of(queries.begin(), queries.end(), begins_with)) continue;
    return {tokens_[open + 1].span.begin, tokens_[close - 1].span.end};
  }
  return inside;
}

void Converter::leaf(const PgQuery__SelectStmt& node, Select& out) {
  for (const Node* row : Nodes{node.values_lists, node.n_values_lists}) {
    const auto* list = as<PgQuery__List>(row, pg_query__list__descriptor);
    if (list) out.values.push_back(exprs(Nodes{list->items, list->n_items}));
  }
  // Plain DISTINCT is a list with one empty node.
  out.distinct = node.n_distinct_clause != 0;
  out.distinct_on = exprs(Nodes{node.distinct_clause, node.n_distinct_clause});
  out.output = outputs(Nodes{node.target_list, node.n_target_list});
  if (node.into_clause) out.into = optional_relation(node.into_clause->rel);
  out.from = from(Nodes{node.from_clause, node.n_from_clause});
  out.where = expr(node.where_clause);
  grouping_elements(Nodes{node.group_clause, node.n_group_clause}, out);
  out.having = expr(node.having_clause);
  for (const Node* definition : Nodes{node.window_clause, node.n_window_clause}) {
    const auto* parts = as<PgQuery__WindowDef>(definition, pg_query__window_def__descriptor);
    if (parts) out.windows.push_back(window(*parts));
  }
}

void Converter::grouping_elements(Nodes nodes, Select& out) {
  for (const Node* node : nodes) {
    if (const auto* set = as<PgQuery__GroupingSet>(node, pg_query__grouping_set__descriptor)) {
      out.grouping_sets = true;
      if (enter()) grouping_elements(Nodes{set->content, set->n_content}, out);
    } else if (auto element = expr(node)) {
      out.group_by.push_back(std::move(element));
    }
  }
}

std::unique_ptr<With> Converter::with(const PgQuery__WithClause* node) {
  if (!node) return nullptr;
  auto result = std::make_unique<With>();
  result->recursive = node->recursive;
  for (const Node* table : Nodes{node->ctes, node->n_ctes}) {
    const auto* common = as<PgQuery__CommonTableExpr>(table, pg_query__common_table_expr__descriptor);
    if (common) result->tables.push_back(common_table(*common));
  }
  return result;
}

CommonTable Converter::common_table(const PgQuery__CommonTableExpr& node) {
  CommonTable result;
  result.name = node.ctename;
  result.columns = strings_of(Nodes{node.aliascolnames, node.n_aliascolnames});
  result.statement = statement(node.ctequery);
  result.extra_columns = node.search_clause || node.cycle_clause;
  return result;
}

std::vector<OutputItem> Converter::outputs(Nodes nodes) {
  std::vector<OutputItem> result;
  result.reserve(nodes.size());
  for (const Node* node : nodes) {
    if (const auto* target = as<PgQuery__ResTarget>(node, pg_query__res_target__descriptor)) {
      result.push_back(output(*target));
    }
  }
  return result;
}

OutputItem Converter::output(const PgQuery__ResTarget& node) {
  OutputItem item;
  item.expr = expr(node.val);
  if (!item.expr) item.expr = std::make_unique<Expr>();
  item.alias = node.name;
  item.span = item.expr->span;
  cover(item.span, tokens_.span_at(node.location));
  if (item.span.end == 0) return item;
  // Closing parentheses around the expression are not part of the tree.
  std::size_t last = tokens_.at(static_cast<std::int32_t>(item.span.end) - 1);
  while (tokens_.is_punctuation(last + 1, ")") && tokens_.enclosing(last + 1) != TokenMap::none &&
         tokens_[tokens_.enclosing(last + 1)].span.begin >= item.span.begin) {
    ++last;
  }
  if (!item.alias.empty()) {
    if (tokens_.is_word(last + 1, "as")) ++last;
    if (tokens_.is_name(last + 1)) ++last;
  }
  item.span.end = tokens_[last].span.end;
  return item;
}

}  // namespace sealrow::sql::postgres
