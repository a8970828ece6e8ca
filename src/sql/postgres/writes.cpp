// INSERT, UPDATE, DELETE, MERGE.
#include "sql/postgres/converter.hpp"

namespace sealrow::sql::postgres {
namespace {

std::string alias_of(const PgQuery__RangeVar* var) {
  return var && var->alias ? std::string(var->alias->aliasname) : std::string();
}

std::string overriding_word(PgQuery__OverridingKind kind) {
  switch (kind) {
    case PG_QUERY__OVERRIDING_KIND__OVERRIDING_USER_VALUE:
      return "user";
    case PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE:
      return "system";
    default:
      return {};
  }
}

MergeWhen::Match match_of(PgQuery__MergeMatchKind kind) {
  switch (kind) {
    case PG_QUERY__MERGE_MATCH_KIND__MERGE_WHEN_NOT_MATCHED_BY_SOURCE:
      return MergeWhen::Match::not_matched_by_source;
    case PG_QUERY__MERGE_MATCH_KIND__MERGE_WHEN_NOT_MATCHED_BY_TARGET:
      return MergeWhen::Match::not_matched_by_target;
    default:
      return MergeWhen::Match::matched;
  }
}

}  // namespace

std::vector<TargetColumn> Converter::target_columns(Nodes nodes) const {
  std::vector<TargetColumn> result;
  for (const Node* node : nodes) {
    const auto* target = as<PgQuery__ResTarget>(node, pg_query__res_target__descriptor);
    if (!target) continue;
    result.push_back({target->name, tokens_.span_at(target->location), target->n_indirection != 0});
  }
  return result;
}

// In (a, b) = source each target holds its own copy of the source.
std::vector<Assignment> Converter::assignments(Nodes nodes) {
  std::vector<Assignment> result;
  std::shared_ptr<Expr> source;
  for (const Node* node : nodes) {
    const auto* target = as<PgQuery__ResTarget>(node, pg_query__res_target__descriptor);
    if (!target) continue;
    Assignment assignment;
    assignment.column = target->name;
    assignment.column_span = tokens_.span_at(target->location);
    assignment.indirection = target->n_indirection != 0;
    const auto* part = as<PgQuery__MultiAssignRef>(target->val, pg_query__multi_assign_ref__descriptor);
    if (!part) {
      assignment.value = expr(target->val);
      if (!assignment.value) assignment.value = std::make_unique<Expr>();
    } else {
      const auto index = static_cast<std::uint32_t>(part->colno - 1);
      const auto* row = as<PgQuery__RowExpr>(part->source, pg_query__row_expr__descriptor);
      if (row && row->n_args == static_cast<std::size_t>(part->ncolumns) && index < row->n_args) {
        assignment.value = expr(row->args[index]);
      } else {
        if (index == 0) source = expr(part->source);
        assignment.row_source = source;
        assignment.row_index = index;
      }
    }
    result.push_back(std::move(assignment));
  }
  return result;
}

ExprPtr Converter::index_element(const PgQuery__IndexElem& node, std::size_t token) {
  if (node.expr) return expr(node.expr);
  auto column_expr = std::make_unique<Expr>();
  column_expr->kind = ExprKind::column;
  column_expr->names = {node.name};
  if (tokens_.is_name(token)) column_expr->span = tokens_[token].span;
  return column_expr;
}

// libpg_query has no positions for the elements: they are what the commas directly inside the bracket separate.
std::vector<ExprPtr> Converter::index_elements(Nodes nodes, std::size_t open) {
  std::vector<ExprPtr> result;
  std::size_t token = open;
  for (const Node* node : nodes) {
    const auto* element = as<PgQuery__IndexElem>(node, pg_query__index_elem__descriptor);
    if (!element) continue;
    result.push_back(index_element(*element, token == TokenMap::none ? token : token + 1));
    token = tokens_.next_comma(open, token);
  }
  return result;
}

ConflictClause Converter::conflict(const PgQuery__OnConflictClause& node) {
  ConflictClause result;
  result.update = node.action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE;
  if (const auto* infer = node.infer) {
    result.target = index_elements(Nodes{infer->index_elems, infer->n_index_elems}, tokens_.at(infer->location));
    result.constraint = infer->conname;
    result.target_where = expr(infer->where_clause);
  }
  result.set = assignments(Nodes{node.target_list, node.n_target_list});
  result.where = expr(node.where_clause);
  return result;
}

Insert Converter::insert(const PgQuery__InsertStmt& node) {
  Insert result;
  result.with = with(node.with_clause);
  if (node.relation) result.table = relation(*node.relation);
  result.alias = alias_of(node.relation);
  result.columns = target_columns(Nodes{node.cols, node.n_cols});
  result.source = select_ptr(node.select_stmt);
  result.default_values = !result.source;
  result.overriding = overriding_word(node.override);
  if (node.on_conflict_clause) result.conflict = conflict(*node.on_conflict_clause);
  result.returning = outputs(Nodes{node.returning_list, node.n_returning_list});
  return result;
}

Update Converter::update(const PgQuery__UpdateStmt& node) {
  Update result;
  result.with = with(node.with_clause);
  if (node.relation) result.table = relation(*node.relation);
  result.alias = alias_of(node.relation);
  result.set = assignments(Nodes{node.target_list, node.n_target_list});
  result.from = from(Nodes{node.from_clause, node.n_from_clause});
  result.where = expr(node.where_clause);
  result.returning = outputs(Nodes{node.returning_list, node.n_returning_list});
  return result;
}

Delete Converter::delete_(const PgQuery__DeleteStmt& node) {
  Delete result;
  result.with = with(node.with_clause);
  if (node.relation) result.table = relation(*node.relation);
  result.alias = alias_of(node.relation);
  result.using_ = from(Nodes{node.using_clause, node.n_using_clause});
  result.where = expr(node.where_clause);
  result.returning = outputs(Nodes{node.returning_list, node.n_returning_list});
  return result;
}

Merge Converter::merge(const PgQuery__MergeStmt& node) {
  Merge result;
  result.with = with(node.with_clause);
  if (node.relation) result.table = relation(*node.relation);
  result.alias = alias_of(node.relation);
  result.source = from(node.source_relation);
  result.on = expr(node.join_condition);
  for (const Node* clause : Nodes{node.merge_when_clauses, node.n_merge_when_clauses}) {
    const auto* when = as<PgQuery__MergeWhenClause>(clause, pg_query__merge_when_clause__descriptor);
    if (when) result.when.push_back(merge_when(*when));
  }
  result.returning = outputs(Nodes{node.returning_list, node.n_returning_list});
  return result;
}

MergeWhen Converter::merge_when(const PgQuery__MergeWhenClause& node) {
  const Nodes targets{node.target_list, node.n_target_list};
  MergeWhen result;
  result.match = match_of(node.match_kind);
  result.condition = expr(node.condition);
  switch (node.command_type) {
    case PG_QUERY__CMD_TYPE__CMD_INSERT:
      result.action = MergeWhen::Action::insert;
      result.columns = target_columns(targets);
      result.values = exprs(Nodes{node.values, node.n_values});
      result.default_values = result.values.empty();
      break;
    case PG_QUERY__CMD_TYPE__CMD_UPDATE:
      result.action = MergeWhen::Action::update;
      result.set = assignments(targets);
      break;
    case PG_QUERY__CMD_TYPE__CMD_DELETE:
      result.action = MergeWhen::Action::delete_;
      break;
    default:
      result.action = MergeWhen::Action::nothing;
      break;
  }
  return result;
}

}  // namespace sealrow::sql::postgres
