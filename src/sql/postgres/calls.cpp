// Expressions that look like calls, constructors and subqueries.
#include "sql/postgres/converter.hpp"

#include <algorithm>
#include <array>

namespace sealrow::sql::postgres {

void Converter::cast(const PgQuery__TypeCast& node, Expr& out) {
  out.kind = ExprKind::cast;
  out.args.push_back(expr(node.arg));
  if (node.type_name) out.type = type(*node.type_name);
  const std::size_t token = tokens_.at(node.location);
  if (tokens_.is_word(token, "cast") || tokens_.is_word(token, "treat")) out.span = bracketed_span(node.location);
}

void Converter::collate(const PgQuery__CollateClause& node, Expr& out) {
  out.kind = ExprKind::collate;
  out.names = strings_of(Nodes{node.collname, node.n_collname});
  out.span = tokens_.span_at(node.location);
  if (auto argument = expr(node.arg)) out.args.push_back(std::move(argument));
}

// (x).a.b[1][2].*: one step around the other; neighbouring subscripts are one step, as an array access is.
void Converter::indirection(const PgQuery__AIndirection& node, Expr& out) {
  auto inner = expr(node.arg);
  const auto wrap = [&](ExprKind kind) {
    auto step = std::make_unique<Expr>();
    step->kind = kind;
    if (inner) {
      step->span = inner->span;
      step->args.push_back(std::move(inner));
    }
    inner = std::move(step);
  };
  for (const Node* part : Nodes{node.indirection, node.n_indirection}) {
    if (const auto* index = as<PgQuery__AIndices>(part, pg_query__a__indices__descriptor)) {
      if (!inner || inner->kind != ExprKind::subscript) wrap(ExprKind::subscript);
      if (auto low = expr(index->lidx)) inner->args.push_back(std::move(low));
      if (auto high = expr(index->uidx)) inner->args.push_back(std::move(high));
    } else {
      wrap(ExprKind::field);
      inner->names = {word_of(part)};  // empty for a star
    }
  }
  if (inner) out = std::move(*inner);
}

void Converter::array(const PgQuery__AArrayExpr& node, Expr& out) {
  out.kind = ExprKind::array;
  out.args = exprs(Nodes{node.elements, node.n_elements});
  out.span = bracketed_span(node.location);
}

void Converter::row(const PgQuery__RowExpr& node, Expr& out) {
  out.kind = ExprKind::row;
  out.args = exprs(Nodes{node.args, node.n_args});
  out.span = bracketed_span(node.location);
}

void Converter::case_expr(const PgQuery__CaseExpr& node, Expr& out) {
  out.kind = ExprKind::case_expr;
  out.span = tokens_.span_at(node.location);
  out.case_operand = expr(node.arg);
  for (const Node* arm : Nodes{node.args, node.n_args}) {
    const auto* when = as<PgQuery__CaseWhen>(arm, pg_query__case_when__descriptor);
    if (!when) continue;
    out.case_when.push_back(expr(when->expr));
    out.args.push_back(expr(when->result));
  }
  out.case_else = expr(node.defresult);
}

void Converter::coalesce(const PgQuery__CoalesceExpr& node, Expr& out) {
  out.kind = ExprKind::coalesce;
  out.args = exprs(Nodes{node.args, node.n_args});
  out.span = bracketed_span(node.location);
}

void Converter::greatest_least(const PgQuery__MinMaxExpr& node, Expr& out) {
  out.kind = ExprKind::greatest_least;
  out.names = {node.op == PG_QUERY__MIN_MAX_OP__IS_LEAST ? "least" : "greatest"};
  out.args = exprs(Nodes{node.args, node.n_args});
  out.span = bracketed_span(node.location);
}

void Converter::default_value(const PgQuery__SetToDefault& node, Expr& out) {
  out.kind = ExprKind::default_value;
  out.span = tokens_.span_at(node.location);
}

void Converter::current_of(const PgQuery__CurrentOfExpr& node, Expr& out) {
  out.kind = ExprKind::current_of;
  out.names = {node.cursor_name};
}

void Converter::call(const PgQuery__FuncCall& node, Expr& out) {
  const Nodes arguments{node.args, node.n_args};
  out.span = bracketed_span(node.location, node.n_funcname);
  out.names = strings_of(Nodes{node.funcname, node.n_funcname});
  if (node.funcformat == PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX && out.names.back() == "timezone") {
    // gram.y turns `x AT TIME ZONE z` into timezone(z, x) and `x AT LOCAL` into timezone(x); here as written.
    out.names.clear();
    out.kind = ExprKind::at_time_zone;
    out.args = exprs(arguments);
    std::reverse(out.args.begin(), out.args.end());
    return;
  }
  out.kind = ExprKind::call;
  out.args = exprs(arguments);
  out.order = sort_exprs(Nodes{node.agg_order, node.n_agg_order});
  out.filter = expr(node.agg_filter);
  out.distinct = node.agg_distinct;
  out.star_call = node.agg_star;
  out.variadic = node.func_variadic;
  if (node.over) out.window = std::make_unique<WindowParts>(window(*node.over));
}

WindowParts Converter::window(const PgQuery__WindowDef& node) {
  WindowParts parts;
  parts.partition = exprs(Nodes{node.partition_clause, node.n_partition_clause});
  parts.order = sort_exprs(Nodes{node.order_clause, node.n_order_clause});
  for (const Node* bound : {node.start_offset, node.end_offset}) {
    if (auto offset = expr(bound)) parts.frame.push_back(std::move(offset));
  }
  parts.named = *node.name || *node.refname;
  return parts;
}

// f(name => value): not modelled, the value stays visible.
void Converter::named_argument(const PgQuery__NamedArgExpr& node, Expr& out) {
  out.names = {node.name};
  out.span = tokens_.span_at(node.location);
  if (auto value = expr(node.arg)) out.args.push_back(std::move(value));
}

void Converter::merge_action(const PgQuery__MergeSupportFunc& node, Expr& out) {
  out.kind = ExprKind::call;
  out.names = {"merge_action"};
  out.span = bracketed_span(node.location);
}

void Converter::sql_value(const PgQuery__SQLValueFunction& node, Expr& out) {
  out.kind = ExprKind::sql_value;
  const std::size_t token = tokens_.at(node.location);
  out.names = {token == TokenMap::none ? std::string() : fold_case(tokens_.text(token))};
  out.span = bracketed_span(node.location);
}

void Converter::grouping(const PgQuery__GroupingFunc& node, Expr& out) {
  out.kind = ExprKind::grouping;
  out.args = exprs(Nodes{node.args, node.n_args});
  out.span = bracketed_span(node.location);
}

void Converter::xml(const PgQuery__XmlExpr& node, Expr& out) {
  static constexpr std::array<const char*, 9> words = {"",      "xmlconcat", "xmlelement",   "xmlforest",  "xmlparse",
                                                       "xmlpi", "xmlroot",   "xmlserialize", "is_document"};
  out.kind = ExprKind::xml_func;
  out.names = {static_cast<std::size_t>(node.op) < words.size() ? words[node.op] : ""};
  out.span = bracketed_span(node.location);
  collect_exprs(node.base, out.args);
}

void Converter::xml_serialize(const PgQuery__XmlSerialize& node, Expr& out) {
  out.kind = ExprKind::xml_func;
  out.names = {"xmlserialize"};
  out.span = bracketed_span(node.location);
  out.args.push_back(expr(node.expr));
  if (node.type_name) out.type = type(*node.type_name);
}

void Converter::json_query_function(const PgQuery__JsonFuncExpr& node, Expr& out) {
  static constexpr std::array<const char*, 5> words = {"", "json_exists", "json_query", "json_value", "json_table"};
  const std::size_t index = static_cast<std::size_t>(node.op);
  json_constructor(node.base, node.location, index < words.size() ? words[index] : "", out);
}

void Converter::json_constructor(const ProtobufCMessage& message, std::int32_t location, std::string_view name,
                                 Expr& out) {
  out.kind = ExprKind::json_func;
  out.names = {std::string(name)};
  out.span = bracketed_span(location);
  collect_exprs(message, out.args);
}

void Converter::sub_link(const PgQuery__SubLink& node, Expr& out) {
  out.kind = ExprKind::subquery;
  out.span = bracketed_span(node.location);
  if (node.n_oper_name != 0) out.names = {word_of(node.oper_name[node.n_oper_name - 1])};
  switch (node.sub_link_type) {
    case PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK:
      out.subquery_kind = SubqueryKind::exists;
      break;
    case PG_QUERY__SUB_LINK_TYPE__ALL_SUBLINK:
      out.subquery_kind = SubqueryKind::all;
      break;
    case PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK:
      out.subquery_kind = node.n_oper_name == 0 ? SubqueryKind::in : SubqueryKind::any;
      break;
    case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK:
      out.subquery_kind = SubqueryKind::scalar;
      break;
    case PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK:
      out.subquery_kind = SubqueryKind::array;
      break;
    default:
      out.kind = ExprKind::other;
      break;
  }
  if (auto left = expr(node.testexpr)) out.args.push_back(std::move(left));
  if (out.kind == ExprKind::other) {
    collect_exprs(node.base, out.args);
  } else {
    out.query = select_ptr(node.subselect);
  }
}

void Converter::sub_select(const PgQuery__SelectStmt& node, Expr& out) {
  out.kind = ExprKind::subquery;
  out.query = select_ptr(&node);
}

}  // namespace sealrow::sql::postgres
