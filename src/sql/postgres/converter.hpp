// libpg_query's tree → AST. One class, one file per area: names, expressions, queries, writes, utility, definitions.
#pragma once

#include "sealrow/sql/ast.hpp"
#include "sql/postgres/token_map.hpp"
#include "sql/postgres/tree.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::sql::postgres {

using Node = PgQuery__Node;
using Nodes = std::span<Node* const>;

// The message inside a node; null for a missing or empty one.
[[nodiscard]] const ProtobufCMessage* content_of(const Node* node);

// The node's message if it is a T, else null.
template <class T>
[[nodiscard]] const T* as(const Node* node, const ProtobufCMessageDescriptor& descriptor) {
  const ProtobufCMessage* content = content_of(node);
  return content && content->descriptor == &descriptor ? reinterpret_cast<const T*>(content) : nullptr;
}

class Converter {
 public:
  Converter(std::string_view text, const TokenMap& tokens) : text_(text), tokens_(tokens) {}

  [[nodiscard]] Statement statement(const PgQuery__RawStmt& raw);
  [[nodiscard]] bool too_deep() const { return too_deep_; }

 private:
  // names.cpp
  [[nodiscard]] RelationName relation(const PgQuery__RangeVar& var) const;
  [[nodiscard]] std::optional<RelationName> optional_relation(const PgQuery__RangeVar* var) const;
  [[nodiscard]] std::vector<RelationName> relations(Nodes nodes) const;
  [[nodiscard]] TypeName type(const PgQuery__TypeName& type) const;
  [[nodiscard]] Span type_span(std::int32_t location) const;
  [[nodiscard]] std::size_t base_type_end(std::size_t first) const;
  [[nodiscard]] Span bracketed_span(std::int32_t location, std::size_t name_parts = 1) const;
  [[nodiscard]] Span name_span(std::int32_t location, std::size_t parts = 1) const;
  [[nodiscard]] Span query_span(Span inside) const;
  void collect_relations(const ProtobufCMessage& message, std::vector<RelationName>& out) const;

  // expressions.cpp, calls.cpp
  [[nodiscard]] ExprPtr expr(const Node* node);
  [[nodiscard]] ExprPtr expr(const ProtobufCMessage& message);
  [[nodiscard]] std::vector<ExprPtr> exprs(Nodes nodes);
  [[nodiscard]] std::vector<ExprPtr> sort_exprs(Nodes nodes);
  void collect_exprs(const ProtobufCMessage& message, std::vector<ExprPtr>& out);
  void constant(const PgQuery__AConst& node, Expr& out);
  void column(const PgQuery__ColumnRef& node, Expr& out);
  void parameter(const PgQuery__ParamRef& node, Expr& out);
  void operation(const PgQuery__AExpr& node, Expr& out);
  void boolean(const PgQuery__BoolExpr& node, Expr& out);
  void null_test(const PgQuery__NullTest& node, Expr& out);
  void bool_test(const PgQuery__BooleanTest& node, Expr& out);
  void cast(const PgQuery__TypeCast& node, Expr& out);
  void collate(const PgQuery__CollateClause& node, Expr& out);
  void indirection(const PgQuery__AIndirection& node, Expr& out);
  void array(const PgQuery__AArrayExpr& node, Expr& out);
  void row(const PgQuery__RowExpr& node, Expr& out);
  void case_expr(const PgQuery__CaseExpr& node, Expr& out);
  void coalesce(const PgQuery__CoalesceExpr& node, Expr& out);
  void greatest_least(const PgQuery__MinMaxExpr& node, Expr& out);
  void default_value(const PgQuery__SetToDefault& node, Expr& out);
  void current_of(const PgQuery__CurrentOfExpr& node, Expr& out);
  void call(const PgQuery__FuncCall& node, Expr& out);
  void named_argument(const PgQuery__NamedArgExpr& node, Expr& out);
  void merge_action(const PgQuery__MergeSupportFunc& node, Expr& out);
  void sql_value(const PgQuery__SQLValueFunction& node, Expr& out);
  void grouping(const PgQuery__GroupingFunc& node, Expr& out);
  void xml(const PgQuery__XmlExpr& node, Expr& out);
  void xml_serialize(const PgQuery__XmlSerialize& node, Expr& out);
  void json_query_function(const PgQuery__JsonFuncExpr& node, Expr& out);
  void json_constructor(const ProtobufCMessage& message, std::int32_t location, std::string_view name, Expr& out);
  void sub_link(const PgQuery__SubLink& node, Expr& out);
  void sub_select(const PgQuery__SelectStmt& node, Expr& out);
  [[nodiscard]] WindowParts window(const PgQuery__WindowDef& node);
  struct ExprTable;

  // queries.cpp, from.cpp
  [[nodiscard]] Select select(const PgQuery__SelectStmt& node);
  [[nodiscard]] SelectPtr select_ptr(const PgQuery__SelectStmt* node);
  [[nodiscard]] SelectPtr select_ptr(const Node* node);
  void leaf(const PgQuery__SelectStmt& node, Select& out);
  void grouping_elements(Nodes nodes, Select& out);
  [[nodiscard]] std::unique_ptr<With> with(const PgQuery__WithClause* node);
  [[nodiscard]] CommonTable common_table(const PgQuery__CommonTableExpr& node);
  [[nodiscard]] std::vector<OutputItem> outputs(Nodes nodes);
  [[nodiscard]] OutputItem output(const PgQuery__ResTarget& node);
  [[nodiscard]] std::vector<FromPtr> from(Nodes nodes);
  [[nodiscard]] FromPtr from(const Node* node);
  void from_function(const PgQuery__RangeFunction& node, FromItem& out);
  void from_join(const PgQuery__JoinExpr& node, FromItem& out);
  void from_sample(const PgQuery__RangeTableSample& node, FromItem& out);

  // writes.cpp
  [[nodiscard]] Insert insert(const PgQuery__InsertStmt& node);
  [[nodiscard]] Update update(const PgQuery__UpdateStmt& node);
  [[nodiscard]] Delete delete_(const PgQuery__DeleteStmt& node);
  [[nodiscard]] Merge merge(const PgQuery__MergeStmt& node);
  [[nodiscard]] MergeWhen merge_when(const PgQuery__MergeWhenClause& node);
  [[nodiscard]] ConflictClause conflict(const PgQuery__OnConflictClause& node);
  [[nodiscard]] std::vector<Assignment> assignments(Nodes nodes);
  [[nodiscard]] std::vector<TargetColumn> target_columns(Nodes nodes) const;
  [[nodiscard]] ExprPtr index_element(const PgQuery__IndexElem& node, std::size_t token);
  [[nodiscard]] std::vector<ExprPtr> index_elements(Nodes nodes, std::size_t open);

  // copy.cpp
  [[nodiscard]] Copy copy(const PgQuery__CopyStmt& node);
  void copy_option(const PgQuery__DefElem& option, Copy& out);

  // utility.cpp
  [[nodiscard]] StatementPtr statement(const Node* node);
  void fill(const ProtobufCMessage& message, Statement& out);
  void collect_listed_names(const ProtobufCMessage& message, Statement& out) const;
  [[nodiscard]] Explain explain(const PgQuery__ExplainStmt& node);
  [[nodiscard]] Prepare prepare(const PgQuery__PrepareStmt& node);
  [[nodiscard]] DeclareCursor declare(const PgQuery__DeclareCursorStmt& node);
  [[nodiscard]] Transaction transaction(const PgQuery__TransactionStmt& node) const;
  [[nodiscard]] SetVariable set_variable(const PgQuery__VariableSetStmt& node) const;
  [[nodiscard]] Utility utility(const ProtobufCMessage& message, Span span) const;
  [[nodiscard]] Execute execute(const PgQuery__ExecuteStmt& node);
  [[nodiscard]] Drop drop(const PgQuery__DropStmt& node) const;
  [[nodiscard]] DoBlock do_block(const PgQuery__DoStmt& node) const;
  struct StatementTable;

  // definitions.cpp, alterations.cpp
  [[nodiscard]] ColumnDefinition column_definition(const PgQuery__ColumnDef& node);
  [[nodiscard]] TableConstraint table_constraint(const PgQuery__Constraint& node);
  [[nodiscard]] CreateTable create_table(const PgQuery__CreateStmt& node);
  [[nodiscard]] CreateTableAs create_table_as(const PgQuery__CreateTableAsStmt& node);
  [[nodiscard]] CreateIndex create_index(const PgQuery__IndexStmt& node);
  [[nodiscard]] CreateView create_view(const PgQuery__ViewStmt& node);
  [[nodiscard]] CreateFunction create_function(const PgQuery__CreateFunctionStmt& node);
  [[nodiscard]] std::vector<StatementPtr> function_body(const Node* body);
  [[nodiscard]] CreateTrigger create_trigger(const PgQuery__CreateTrigStmt& node) const;
  [[nodiscard]] CreateRule create_rule(const PgQuery__RuleStmt& node);
  [[nodiscard]] AlterTable alter_table(const PgQuery__AlterTableStmt& node);
  [[nodiscard]] AlterTable::Command alter_command(const PgQuery__AlterTableCmd& node);
  bool rename(const PgQuery__RenameStmt& node, Statement& out) const;
  bool set_schema(const PgQuery__AlterObjectSchemaStmt& node, Statement& out) const;

  // Notes when the recursion must stop; the statement is then refused as a whole.
  bool enter();

  std::string_view text_;
  const TokenMap& tokens_;
  StackBudget budget_;
  bool too_deep_ = false;
};

// Values of the small nodes that are not expressions.
[[nodiscard]] std::vector<std::string> strings_of(Nodes nodes);
// String, number or name held by a String, Integer, Float, Boolean, A_Const, TypeName or cast node; else empty.
[[nodiscard]] std::string word_of(const Node* node);
[[nodiscard]] std::string word_of(const PgQuery__AConst& constant);
[[nodiscard]] RelationName relation_of_names(Nodes names);
// An option without a value counts as true.
[[nodiscard]] bool is_true(const Node* option_value);

void cover(Span& span, Span part);

}  // namespace sealrow::sql::postgres
