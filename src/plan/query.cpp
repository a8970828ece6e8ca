// Queries as lists of output columns.
#include "plan/analyzer.hpp"

namespace sealrow::plan {

namespace {

constexpr unsigned max_depth = 400;

// The name the server gives an output column (FigureColname of parse_target.c).
std::string output_name(const sql::Expr& expr) {
  switch (expr.kind) {
    case sql::ExprKind::column:
    case sql::ExprKind::call:
    case sql::ExprKind::field:
    case sql::ExprKind::sql_value:
      return expr.names.empty() ? "?column?" : expr.names.back();
    case sql::ExprKind::cast: {
      std::string inner = expr.args.empty() || !expr.args[0] ? "?column?" : output_name(*expr.args[0]);
      return inner == "?column?" && expr.type ? expr.type->name : inner;
    }
    case sql::ExprKind::collate:
    case sql::ExprKind::subscript:
      return expr.args.empty() || !expr.args[0] ? "?column?" : output_name(*expr.args[0]);
    case sql::ExprKind::case_expr: {
      const std::string inner = expr.case_else ? output_name(*expr.case_else) : "?column?";
      return inner == "?column?" ? "case" : inner;
    }
    case sql::ExprKind::coalesce:
      return "coalesce";
    case sql::ExprKind::greatest_least:
      return expr.names.empty() ? "greatest" : expr.names[0];
    case sql::ExprKind::row:
      return "row";
    case sql::ExprKind::array:
      return "array";
    case sql::ExprKind::grouping:
      return "grouping";
    case sql::ExprKind::op:
      return !expr.names.empty() && expr.names[0] == "nullif" ? "nullif" : "?column?";
    case sql::ExprKind::subquery:
      if (expr.subquery_kind == sql::SubqueryKind::exists) return "exists";
      if (expr.subquery_kind == sql::SubqueryKind::array) return "array";
      if (expr.query && !expr.query->output.empty()) {
        const sql::OutputItem& item = expr.query->output[0];
        return !item.alias.empty() ? item.alias : item.expr ? output_name(*item.expr) : "?column?";
      }
      return "?column?";
    default:
      return "?column?";
  }
}

bool is_row_star(const sql::Expr& expr) {
  return expr.kind == sql::ExprKind::field && !expr.names.empty() && expr.names[0].empty();
}

}  // namespace

Shape Analyzer::build(const sql::Statement& statement, Scope* outer) {
  if (const auto* select = std::get_if<sql::Select>(&statement.node)) {
    Query* query = build_query(*select, outer);
    return {query->outputs, query->outputs_known};
  }
  if (const auto* insert = std::get_if<sql::Insert>(&statement.node)) return build_insert(*insert, outer);
  if (const auto* update = std::get_if<sql::Update>(&statement.node)) return build_update(*update, outer);
  if (const auto* del = std::get_if<sql::Delete>(&statement.node)) return build_delete(*del, outer);
  if (const auto* merge = std::get_if<sql::Merge>(&statement.node)) return build_merge(*merge, outer);
  refuse_at(ErrorCode::statement_not_understood, "the statement is not understood", "use a query or a plain write", "",
            statement.span);
  return {};
}

Query* Analyzer::build_query(const sql::Select& select, Scope* outer) {
  if (const auto known = queries_.find(&select); known != queries_.end()) return known->second;
  Query& query = query_store_.emplace_back();
  queries_.emplace(&select, &query);
  query.select = &select;
  if (depth_ >= max_depth) {
    refuse(ErrorCode::statement_not_understood, "the statement is nested too deeply", "simplify the statement", "",
           nullptr);
    query.scope = new_scope(outer);
    return &query;
  }
  ++depth_;
  if (select.with) {
    Scope* with = new_scope(outer);
    build_with(select.with, *with);
    outer = with;
  }
  if (select.set_op != sql::SetOp::none && select.left && select.right) {
    build_set_operation(query, outer);
  } else if (!select.values.empty()) {
    build_values(query, outer);
  } else {
    build_leaf(query, outer);
  }
  --depth_;
  later([this, &query] { check_query(query); });
  return &query;
}

void Analyzer::build_set_operation(Query& query, Scope* outer) {
  query.scope = new_scope(outer);
  query.left = build_query(*query.select->left, outer);
  query.right = build_query(*query.select->right, outer);
  query.outputs_known = query.left->outputs_known && query.right->outputs_known;
  for (std::size_t i = 0; i < query.left->outputs.size(); ++i) {
    Field* field = new_field(query.left->outputs[i]->name, {nullptr, nullptr, query.left->outputs[i]});
    field->owner = &query;
    // EXCEPT returns rows of its left side only, but which ones depends on both.
    if (i < query.right->outputs.size()) field->origins.push_back({nullptr, nullptr, query.right->outputs[i]});
    query.outputs.push_back(field);
  }
}

void Analyzer::build_values(Query& query, Scope* outer) {
  query.scope = new_scope(outer);
  const auto& rows = query.select->values;
  for (std::size_t column = 0; column < rows[0].size(); ++column) {
    Field* field = new_field(mysql_ ? "column_" + std::to_string(column) : "column" + std::to_string(column + 1));
    field->owner = &query;
    for (const auto& row : rows) {
      // Rows of different lengths are the server's error to report.
      if (column < row.size() && row[column]) field->origins.push_back({row[column].get(), query.scope, nullptr});
    }
    query.outputs.push_back(field);
  }
}

void Analyzer::build_leaf(Query& query, Scope* outer) {
  query.scope = new_scope(outer);
  Scope& scope = *query.scope;
  std::vector<StarColumn> star;
  for (const sql::FromPtr& item : query.select->from) {
    if (item) build_from(*item, scope, star);
  }
  scope.star = std::move(star);
  for (const sql::FromPtr& item : query.select->from) {
    if (item) collect_join_tenants(*item, scope);
  }
  collect_tenants(query.select->where.get(), scope);
  for (const sql::OutputItem& item : query.select->output) {
    expand_output(item, scope, query.outputs, &query.output_exprs, query.outputs_known);
  }
  for (Field* field : query.outputs) field->owner = &query;
}

// PostgreSQL 18: `old` and `new` mean the target's row before and after, unless something else has the name. Only
// qualified names mean them (parse_relation.c, addNSForReturning): they stand one scope further out.
Scope& Analyzer::returning_scope(Scope& scope, const Source* target) {
  constexpr int version_18 = 180000;
  if (!target || mysql_ || bound_.catalog->server_version < version_18) return scope;
  Scope& rows = *new_scope(scope.outer);
  for (const char* name : {"old", "new"}) {
    Source& row = *derived_source(target->fields, !target->opaque);
    row.alias = name;
    rows.sources.push_back(&row);
  }
  Scope& own = *new_scope(&rows);
  own.sources = scope.sources;
  own.star = scope.star;
  own.star_known = scope.star_known;
  own.editable = scope.editable;
  return own;
}

Shape Analyzer::build_returning(const std::vector<sql::OutputItem>& items, Scope& targets, const Source* target) {
  Shape shape;
  if (items.empty()) return shape;
  Scope& scope = returning_scope(targets, target);
  for (const sql::OutputItem& item : items) expand_output(item, scope, shape.outputs, nullptr, shape.known);
  later([this, outputs = shape.outputs] {
    for (Field* field : outputs) (void)value_of(*field);
  });
  return shape;
}

void Analyzer::expand_output(const sql::OutputItem& item, Scope& scope, std::vector<Field*>& outputs,
                             std::vector<const sql::Expr*>* exprs, bool& known) {
  if (!item.expr) return;
  const sql::Expr& expr = *item.expr;
  const auto add = [&](Field* field, const sql::Expr* written) {
    outputs.push_back(field);
    if (exprs) exprs->push_back(written);
  };
  if (expr.kind == sql::ExprKind::star && expr.names.empty()) {
    for (const StarColumn& column : scope.star) add(handed_on(*column.field), nullptr);
    known = known && scope.star_known;
    return;
  }
  const bool row_star = is_row_star(expr);
  if (expr.kind == sql::ExprKind::star || row_star) {
    const sql::Expr* row = row_star && !expr.args.empty() ? expr.args[0].get() : &expr;
    const bool named = row && (!row_star || row->kind == sql::ExprKind::column);
    if (Source* source = named ? find_source(row->names, row->names.size(), &scope) : nullptr) {
      std::vector<StarColumn> columns;
      add_star(*source, columns);
      for (const StarColumn& column : columns) add(handed_on(*column.field), nullptr);
      known = known && !source->opaque;
      return;
    }
    known = false;
    add(rest_field(nullptr), nullptr);
    if (row_star && row) {
      later([this, row, &scope] { require_clear(*row, scope, "the expansion of a record"); });
    } else {
      refuse_unknown_columns(&expr);
    }
    return;
  }
  // MySQL names an expression by its text, which nothing but a column is referred to by.
  const bool named = !mysql_ || expr.kind == sql::ExprKind::column;
  const std::string name = !item.alias.empty() ? item.alias : named ? output_name(expr) : "";
  add(new_field(name, {&expr, &scope, nullptr}), &expr);
  if (!named && item.alias.empty() && scope.editable) nameless_.push_back(&item);
}

}  // namespace sealrow::plan
