// Expressions: dispatch and the operators.
#include "sql/postgres/converter.hpp"

#include <unordered_map>

namespace sealrow::sql::postgres {
namespace {

// Names of an operator: pg_catalog's are the plain ones; any other schema stays visible, so that nothing mistakes it.
std::string operator_name(Nodes names) {
  if (names.empty()) return {};
  const std::string name = word_of(names.back());
  if (names.size() == 1 || word_of(names[0]) == "pg_catalog") return name;
  return word_of(names[names.size() - 2]) + "." + name;
}

// gram.y tells the negated forms of IN, LIKE and so on by the operator's name only.
bool is_negated_operator(const std::string& name) { return name == "<>" || name.starts_with("!"); }

void cover_all(Span& span, const std::vector<ExprPtr>& parts) {
  for (const auto& part : parts) {
    if (part) cover(span, part->span);
  }
}

void cover_children(Expr& out) {
  cover_all(out.span, out.args);
  cover_all(out.span, out.case_when);
  cover_all(out.span, out.order);
  if (out.case_operand) cover(out.span, out.case_operand->span);
  if (out.case_else) cover(out.span, out.case_else->span);
  if (out.filter) cover(out.span, out.filter->span);
  if (out.type) cover(out.span, out.type->span);
  if (out.query) cover(out.span, out.query->span);
}

}  // namespace

struct Converter::ExprTable {
  using Handler = void (*)(Converter&, const ProtobufCMessage&, Expr&);

  template <class T, void (Converter::*method)(const T&, Expr&)>
  static void call(Converter& converter, const ProtobufCMessage& message, Expr& out) {
    (converter.*method)(reinterpret_cast<const T&>(message), out);
  }

  // The SQL/JSON constructors differ in name only; their parts are found without a model of them.
  template <class T, const char* name>
  static void json(Converter& converter, const ProtobufCMessage& message, Expr& out) {
    converter.json_constructor(message, reinterpret_cast<const T&>(message).location, name, out);
  }

  static Handler find(const ProtobufCMessage& message) {
    const auto found = handlers().find(message.descriptor);
    return found == handlers().end() ? nullptr : found->second;
  }

  static const std::unordered_map<const ProtobufCMessageDescriptor*, Handler>& handlers();

  static constexpr char json_object[] = "json_object";
  static constexpr char json_array[] = "json_array";
  static constexpr char json_parse[] = "json";
  static constexpr char json_scalar[] = "json_scalar";
  static constexpr char json_serialize[] = "json_serialize";
  static constexpr char is_json[] = "is_json";
};

const std::unordered_map<const ProtobufCMessageDescriptor*, Converter::ExprTable::Handler>&
Converter::ExprTable::handlers() {
  using C = Converter;
  static const std::unordered_map<const ProtobufCMessageDescriptor*, Handler> table = {
      {&pg_query__a__const__descriptor, call<PgQuery__AConst, &C::constant>},
      {&pg_query__column_ref__descriptor, call<PgQuery__ColumnRef, &C::column>},
      {&pg_query__param_ref__descriptor, call<PgQuery__ParamRef, &C::parameter>},
      {&pg_query__a__expr__descriptor, call<PgQuery__AExpr, &C::operation>},
      {&pg_query__bool_expr__descriptor, call<PgQuery__BoolExpr, &C::boolean>},
      {&pg_query__null_test__descriptor, call<PgQuery__NullTest, &C::null_test>},
      {&pg_query__boolean_test__descriptor, call<PgQuery__BooleanTest, &C::bool_test>},
      {&pg_query__type_cast__descriptor, call<PgQuery__TypeCast, &C::cast>},
      {&pg_query__collate_clause__descriptor, call<PgQuery__CollateClause, &C::collate>},
      {&pg_query__a__indirection__descriptor, call<PgQuery__AIndirection, &C::indirection>},
      {&pg_query__a__array_expr__descriptor, call<PgQuery__AArrayExpr, &C::array>},
      {&pg_query__row_expr__descriptor, call<PgQuery__RowExpr, &C::row>},
      {&pg_query__case_expr__descriptor, call<PgQuery__CaseExpr, &C::case_expr>},
      {&pg_query__coalesce_expr__descriptor, call<PgQuery__CoalesceExpr, &C::coalesce>},
      {&pg_query__min_max_expr__descriptor, call<PgQuery__MinMaxExpr, &C::greatest_least>},
      {&pg_query__set_to_default__descriptor, call<PgQuery__SetToDefault, &C::default_value>},
      {&pg_query__current_of_expr__descriptor, call<PgQuery__CurrentOfExpr, &C::current_of>},
      {&pg_query__func_call__descriptor, call<PgQuery__FuncCall, &C::call>},
      {&pg_query__named_arg_expr__descriptor, call<PgQuery__NamedArgExpr, &C::named_argument>},
      {&pg_query__merge_support_func__descriptor, call<PgQuery__MergeSupportFunc, &C::merge_action>},
      {&pg_query__sqlvalue_function__descriptor, call<PgQuery__SQLValueFunction, &C::sql_value>},
      {&pg_query__grouping_func__descriptor, call<PgQuery__GroupingFunc, &C::grouping>},
      {&pg_query__xml_expr__descriptor, call<PgQuery__XmlExpr, &C::xml>},
      {&pg_query__xml_serialize__descriptor, call<PgQuery__XmlSerialize, &C::xml_serialize>},
      {&pg_query__sub_link__descriptor, call<PgQuery__SubLink, &C::sub_link>},
      {&pg_query__select_stmt__descriptor, call<PgQuery__SelectStmt, &C::sub_select>},
      {&pg_query__json_func_expr__descriptor, call<PgQuery__JsonFuncExpr, &C::json_query_function>},
      {&pg_query__json_object_constructor__descriptor, json<PgQuery__JsonObjectConstructor, json_object>},
      {&pg_query__json_array_constructor__descriptor, json<PgQuery__JsonArrayConstructor, json_array>},
      {&pg_query__json_array_query_constructor__descriptor, json<PgQuery__JsonArrayQueryConstructor, json_array>},
      {&pg_query__json_parse_expr__descriptor, json<PgQuery__JsonParseExpr, json_parse>},
      {&pg_query__json_scalar_expr__descriptor, json<PgQuery__JsonScalarExpr, json_scalar>},
      {&pg_query__json_serialize_expr__descriptor, json<PgQuery__JsonSerializeExpr, json_serialize>},
      {&pg_query__json_is_predicate__descriptor, json<PgQuery__JsonIsPredicate, is_json>},
      // json_objectagg and json_arrayagg hold a constructor below them: `other`, with every child.
  };
  return table;
}

bool Converter::enter() {
  if (budget_.exhausted()) too_deep_ = true;
  return !too_deep_;
}

ExprPtr Converter::expr(const Node* node) {
  const ProtobufCMessage* content = content_of(node);
  return content ? expr(*content) : nullptr;
}

ExprPtr Converter::expr(const ProtobufCMessage& message) {
  auto result = std::make_unique<Expr>();
  if (!enter()) return result;
  if (const auto handler = ExprTable::find(message)) {
    handler(*this, message, *result);
  } else {
    collect_exprs(message, result->args);
  }
  cover_children(*result);
  return result;
}

std::vector<ExprPtr> Converter::exprs(Nodes nodes) {
  std::vector<ExprPtr> result;
  result.reserve(nodes.size());
  for (const Node* node : nodes) {
    if (auto converted = expr(node)) result.push_back(std::move(converted));
  }
  return result;
}

std::vector<ExprPtr> Converter::sort_exprs(Nodes nodes) {
  std::vector<ExprPtr> result;
  for (const Node* node : nodes) {
    const auto* sort = as<PgQuery__SortBy>(node, pg_query__sort_by__descriptor);
    if (auto converted = expr(sort ? sort->node : node)) result.push_back(std::move(converted));
  }
  return result;
}

void Converter::collect_exprs(const ProtobufCMessage& message, std::vector<ExprPtr>& out) {
  if (!enter()) return;
  for_each_child(message, [&](const ProtobufCMessage& child) {
    if (ExprTable::find(child)) {
      out.push_back(expr(child));
    } else {
      collect_exprs(child, out);
    }
  });
}

void Converter::constant(const PgQuery__AConst& node, Expr& out) {
  std::size_t token = tokens_.at(node.location);
  while (token < tokens_.size() && (tokens_.text(token) == "-" || tokens_.is_punctuation(token, "("))) ++token;
  if (node.isnull || node.val_case == PG_QUERY__A__CONST__VAL_BOOLVAL || token >= tokens_.size() ||
      tokens_[token].kind != TokenKind::literal) {
    // Also words that the grammar makes strings of, such as the field of EXTRACT.
    out.kind = ExprKind::constant;
    out.names = {node.isnull ? "null" : word_of(node)};
    out.span = tokens_.span_at(node.location);
    return;
  }
  auto literal = std::make_unique<Expr>();
  literal->kind = ExprKind::literal;
  literal->span = tokens_[token].span;
  literal->number = *tokens_.literal_from(static_cast<std::int32_t>(literal->span.begin));
  const bool numeric = node.val_case == PG_QUERY__A__CONST__VAL_IVAL || node.val_case == PG_QUERY__A__CONST__VAL_FVAL;
  if (numeric && word_of(node).starts_with('-')) {
    out.kind = ExprKind::op;
    out.names = {"-"};
    out.span = tokens_.span_at(node.location);
    out.args.push_back(std::move(literal));
  } else {
    out = std::move(*literal);
  }
}

void Converter::column(const PgQuery__ColumnRef& node, Expr& out) {
  const Nodes fields{node.fields, node.n_fields};
  const bool star = !fields.empty() && fields.back()->node_case == PG_QUERY__NODE__NODE_A_STAR;
  out.kind = star ? ExprKind::star : ExprKind::column;
  out.names = strings_of(star ? fields.first(fields.size() - 1) : fields);
  out.span = name_span(node.location, fields.size());
}

void Converter::parameter(const PgQuery__ParamRef& node, Expr& out) {
  out.span = tokens_.span_at(node.location);
  if (node.number <= 0) return;  // libpg_query reads a bare ? as a parameter; the server does not
  out.kind = ExprKind::parameter;
  out.number = static_cast<std::uint32_t>(node.number);
}

void Converter::operation(const PgQuery__AExpr& node, Expr& out) {
  const std::string name = operator_name(Nodes{node.name, node.n_name});
  const auto word = [&](std::string_view positive) {
    return (is_negated_operator(name) ? "not_" : "") + std::string(positive);
  };
  out.kind = ExprKind::op;
  out.span = tokens_.span_at(node.location);
  switch (node.kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
      out.names = {name};
      break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
      out.names = {"any", name};
      break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL:
      out.names = {"all", name};
      break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
      out.names = {"distinct"};
      break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT:
      out.names = {"not_distinct"};
      break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF:
      out.names = {"nullif"};
      break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
      out.names = {word("in")};
      break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_LIKE:
      out.names = {word("like")};
      break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE:
      out.names = {word("ilike")};
      break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_SIMILAR:
      out.names = {word("similar")};
      break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
      out.names = {"between"};
      break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
      out.names = {"not_between"};
      break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM:
      out.names = {"between_symmetric"};
      break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM:
      out.names = {"not_between_symmetric"};
      break;
    default:
      out.kind = ExprKind::other;
      break;
  }
  if (auto left = expr(node.lexpr)) out.args.push_back(std::move(left));
  const auto* list = as<PgQuery__List>(node.rexpr, pg_query__list__descriptor);
  if (list) {
    for (auto& item : exprs(Nodes{list->items, list->n_items})) out.args.push_back(std::move(item));
  } else if (auto right = expr(node.rexpr)) {
    out.args.push_back(std::move(right));
  }
  if (node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_IN || node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF) {
    cover(out.span, bracketed_span(node.location));
  }
}

void Converter::boolean(const PgQuery__BoolExpr& node, Expr& out) {
  out.kind = ExprKind::boolean;
  out.names = {node.boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR  ? "and"
               : node.boolop == PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR ? "or"
                                                                  : "not"};
  out.span = tokens_.span_at(node.location);
  // gram.y makes NOT (… IN (SELECT …)) of NOT IN, both located at the same token.
  if (node.boolop == PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR && node.n_args == 1) {
    const auto* link = as<PgQuery__SubLink>(node.args[0], pg_query__sub_link__descriptor);
    if (link && link->location == node.location && link->n_oper_name == 0 &&
        link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK) {
      sub_link(*link, out);
      out.names.clear();
      out.subquery_kind = SubqueryKind::not_in;
      return;
    }
  }
  out.args = exprs(Nodes{node.args, node.n_args});
}

void Converter::null_test(const PgQuery__NullTest& node, Expr& out) {
  out.kind = ExprKind::null_test;
  out.negated = node.nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NOT_NULL;
  out.span = tokens_.span_at(node.location);
  out.args.push_back(expr(node.arg));
}

void Converter::bool_test(const PgQuery__BooleanTest& node, Expr& out) {
  static constexpr const char* words[] = {"true", "true", "false", "false", "unknown", "unknown"};
  out.kind = ExprKind::bool_test;
  const auto index = static_cast<std::size_t>(node.booltesttype - PG_QUERY__BOOL_TEST_TYPE__IS_TRUE);
  if (index < std::size(words)) out.names = {words[index]};
  out.negated = index % 2 == 1;
  out.span = tokens_.span_at(node.location);
  out.args.push_back(expr(node.arg));
}

}  // namespace sealrow::sql::postgres
