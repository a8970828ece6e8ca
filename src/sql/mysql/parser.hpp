// Tokens → AST by recursive descent (grammar: sql/sql_yacc.yy of both servers). One class, one file per area.
//
// Errors are sticky: fail() remembers the first one and moves to the end of the text, where every loop stops; the parse
// functions return nodes without a meaning from then on. Sizes are bounded: nesting, left-deep chains and nodes.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/sql/ast.hpp"
#include "sql/mysql/lexer.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::sql::mysql {

class Parser {
 public:
  Parser(std::string_view text, LexerOptions options) : text_(text), options_(options) {}
  [[nodiscard]] Result<Parsed> parse();

 private:
  class Nesting;
  struct StatementTable;

  // parse.cpp
  bool tokenize();
  [[nodiscard]] Statement statement();
  void fill(Statement& out);
  [[nodiscard]] bool changes_language(const Statement& statement) const;
  [[nodiscard]] bool changes_language(const SetVariable& item) const;
  [[nodiscard]] StatementPtr nested_statement(void (Parser::*fill_from)(Statement&));

  // cursor.cpp: tokens and names
  [[nodiscard]] const Token& at(std::size_t ahead = 0) const;
  [[nodiscard]] std::string_view token_text(std::size_t ahead = 0) const;
  [[nodiscard]] bool is(std::string_view what, std::size_t ahead = 0) const;
  [[nodiscard]] bool is_any(std::initializer_list<std::string_view> words, std::size_t ahead = 0) const;
  [[nodiscard]] bool is_sequence(std::initializer_list<std::string_view> words) const;
  bool accept(std::string_view what);
  bool accept_sequence(std::initializer_list<std::string_view> words);
  bool accept_any(std::initializer_list<std::string_view> words);
  void expect(std::string_view what);
  void fail(const char* reason);
  void advance() { pos_ += at().kind == TokenKind::end ? 0 : 1; }
  [[nodiscard]] bool at_end() const;  // of the statement
  [[nodiscard]] bool is_kind(TokenKind kind, std::size_t ahead = 0) const { return at(ahead).kind == kind; }
  [[nodiscard]] bool is_string(std::size_t ahead = 0) const;
  [[nodiscard]] bool is_name(std::size_t ahead = 0) const;
  [[nodiscard]] Span span_from(std::size_t first_token) const;
  [[nodiscard]] std::string any_word();    // a word, reserved or not, folded
  [[nodiscard]] std::string name_token();  // as written
  [[nodiscard]] std::string column_name();
  [[nodiscard]] std::string table_name();    // also databases and aliases
  [[nodiscard]] std::string label_name();    // names of other objects, as written
  [[nodiscard]] std::string string_value();  // a literal that is structure: makes the text exact
  [[nodiscard]] std::string name_or_string();
  [[nodiscard]] std::string output_alias();
  [[nodiscard]] std::string table_alias();
  [[nodiscard]] std::string variable_name();
  [[nodiscard]] RelationName relation();
  [[nodiscard]] RelationName relation_without_mention();
  [[nodiscard]] std::vector<RelationName> relations();
  [[nodiscard]] std::vector<std::string> names_in_brackets();
  void skip_brackets();
  [[nodiscard]] std::string fold_table(std::string_view name) const;

  // mentions.cpp
  void mention_everything(std::size_t first, std::size_t last);
  void mention_positions(std::size_t first, std::size_t last);
  void mention_text(std::string_view code);
  std::size_t mention_chain(std::size_t token, std::size_t last);

  // expressions.cpp
  [[nodiscard]] ExprPtr expr();
  [[nodiscard]] ExprPtr and_chain();
  [[nodiscard]] ExprPtr xor_chain();
  [[nodiscard]] ExprPtr negation();
  [[nodiscard]] ExprPtr comparison();
  [[nodiscard]] ExprPtr comparison_right(std::string_view op, ExprPtr left, std::size_t first);
  [[nodiscard]] ExprPtr is_test(ExprPtr left, std::size_t first);
  [[nodiscard]] ExprPtr predicate();
  [[nodiscard]] ExprPtr in_list(ExprPtr left, bool negated, std::size_t first);
  [[nodiscard]] ExprPtr like(ExprPtr left, bool negated, std::size_t first);
  [[nodiscard]] ExprPtr binary(int minimum);
  [[nodiscard]] ExprPtr unary();
  [[nodiscard]] ExprPtr postfix();
  [[nodiscard]] int binary_precedence() const;
  [[nodiscard]] ExprPtr make(ExprKind kind, std::size_t first, std::initializer_list<std::string> names = {});
  [[nodiscard]] ExprPtr operation(std::string name, std::size_t first, ExprPtr left, ExprPtr right = nullptr);
  void chain();
  [[nodiscard]] std::vector<ExprPtr> exprs();
  [[nodiscard]] std::vector<ExprPtr> exprs_in_brackets();
  [[nodiscard]] std::vector<ExprPtr> sort_exprs();

  // primaries.cpp
  [[nodiscard]] ExprPtr primary();
  [[nodiscard]] ExprPtr word_primary();
  [[nodiscard]] ExprPtr literal();
  [[nodiscard]] ExprPtr bracketed();
  [[nodiscard]] ExprPtr braced();
  [[nodiscard]] ExprPtr user_variable();
  [[nodiscard]] ExprPtr system_variable();
  [[nodiscard]] ExprPtr name_chain();
  [[nodiscard]] ExprPtr case_expr();
  [[nodiscard]] ExprPtr interval();
  [[nodiscard]] ExprPtr match();
  [[nodiscard]] ExprPtr inserted_value();
  [[nodiscard]] ExprPtr sequence_value();
  [[nodiscard]] ExprPtr subquery(SubqueryKind kind, std::size_t first);
  [[nodiscard]] ExprPtr column(std::vector<std::string> names, std::size_t first);
  void resolve_row_alias(std::vector<std::string>& names) const;
  [[nodiscard]] bool is_query_start(std::size_t token) const;
  [[nodiscard]] bool is_unit(std::size_t ahead = 0) const;

  // calls.cpp
  [[nodiscard]] ExprPtr cast();
  [[nodiscard]] ExprPtr convert();
  [[nodiscard]] ExprPtr call(std::vector<std::string> names, std::size_t first);
  [[nodiscard]] ExprPtr sql_value();
  void arguments(Expr& out);
  bool argument_clause(Expr& out);
  void shape_call(Expr& out);
  void window_of(Expr& out);
  [[nodiscard]] WindowParts window();
  void frame(WindowParts& out);

  // types.cpp
  [[nodiscard]] static TypeName plain_type(std::string name);
  [[nodiscard]] TypeName type();
  void type_words(TypeName& out);
  void type_brackets(TypeName& out);

  // queries.cpp
  void select_statement(Statement& out);
  [[nodiscard]] SelectPtr query();
  [[nodiscard]] SelectPtr set_operations();
  [[nodiscard]] SelectPtr intersections();
  [[nodiscard]] SelectPtr query_operand();
  [[nodiscard]] SelectPtr values_query();
  [[nodiscard]] SelectPtr table_query();
  [[nodiscard]] SelectPtr select_leaf();
  void select_options(Select& out);
  void query_clauses(Select& out);
  void query_tail(SelectPtr& query);
  void limit(Select& out);
  void locking(Select& out);
  void into(Select& out);
  void grouping(Select& out);
  [[nodiscard]] std::vector<SortKey> order_by();
  [[nodiscard]] std::vector<OutputItem> outputs();
  [[nodiscard]] OutputItem output();
  [[nodiscard]] std::vector<OutputItem> returning();
  [[nodiscard]] std::unique_ptr<With> with();

  // from.cpp
  [[nodiscard]] std::vector<FromPtr> from_list();
  [[nodiscard]] FromPtr joined_table();
  bool join_step(FromPtr& left);
  void join_condition(FromItem& join);
  [[nodiscard]] FromPtr table_factor();
  [[nodiscard]] FromPtr bracketed_tables();
  [[nodiscard]] FromPtr derived_table(bool lateral);
  [[nodiscard]] FromPtr json_table();
  void json_columns(FromItem& out);
  [[nodiscard]] FromPtr named_table();
  void skip_index_hints();
  void system_time(FromItem& out);

  // writes.cpp
  void insert_statement(Statement& out);
  void update_statement(Statement& out);
  void delete_statement(Statement& out);
  void with_statement(Statement& out);
  void insert_source(Insert& out);
  void set_as_row(Insert& out);
  void row_alias();
  void on_duplicate(Insert& out);
  [[nodiscard]] std::vector<TargetColumn> target_columns();
  [[nodiscard]] std::vector<Assignment> assignments();
  [[nodiscard]] Assignment assignment();
  [[nodiscard]] ExprPtr value_or_default();
  [[nodiscard]] std::vector<std::vector<ExprPtr>> value_rows();
  void delete_targets(Delete& out);
  void load_statement(Statement& out);
  void load_format(LoadData& out);
  void load_targets(LoadData& out);
  [[nodiscard]] bool field_option(LoadData* out);
  void file_format(LoadData* out);
  [[nodiscard]] std::string line_string();

  // definitions.cpp, tables.cpp, alterations.cpp
  void create_statement(Statement& out);
  void alter_statement(Statement& out);
  void drop_statement(Statement& out);
  void rename_statement(Statement& out);
  void create_table(Statement& out, bool temporary);
  void table_elements(CreateTable& out);
  bool table_constraint(TableConstraint& out);
  void table_options(CreateTable& out);
  [[nodiscard]] bool at_table_query() const;
  bool key_attribute(ColumnDefinition& out);
  [[nodiscard]] ColumnDefinition column_definition();
  void column_attributes(ColumnDefinition& out);
  bool column_attribute(ColumnDefinition& out);
  void references();
  void create_index(Statement& out, bool unique);
  [[nodiscard]] std::vector<ExprPtr> key_parts();
  void create_view(Statement& out);
  void create_routine(Statement& out);
  void create_trigger(Statement& out);
  void create_event(Statement& out);
  void create_event_or_plain(Statement& out);
  void create_modifiers();
  void routine_characteristics(CreateFunction& out);
  [[nodiscard]] bool at_compound() const;
  [[nodiscard]] std::string rest_as_body();
  void alter_table(Statement& out);
  void alteration(AlterTable& out);
  void alter_add(AlterTable& out);
  [[nodiscard]] AlterTable::Command alter_drop();
  [[nodiscard]] AlterTable::Command alter_column();
  [[nodiscard]] AlterTable::Command alter_rename();
  void skip_to_comma();
  void if_exists();

  // settings.cpp
  void set_statement(Statement& out);
  void use_statement(Statement& out);
  [[nodiscard]] bool set_item(SetVariables& out);
  [[nodiscard]] bool set_named(SetVariables& out, VariableScope scope);
  [[nodiscard]] VariableScope variable_scope();
  void set_value(SetVariable& item);

  // utility.cpp
  void transaction_statement(Statement& out);
  void prepare_statement(Statement& out);
  void execute_statement(Statement& out);
  void deallocate_statement(Statement& out);
  void call_statement(Statement& out);
  void do_statement(Statement& out);
  void explain_statement(Statement& out);
  void analyze_statement(Statement& out);
  void describe_table(Statement& out);
  void show_statement(Statement& out);
  void lock_statement(Statement& out);
  void truncate_statement(Statement& out);
  void begin_statement(Statement& out);
  void block_statement(Statement& out);
  void handler_statement(Statement& out);
  void utility_statement(Statement& out);
  void opaque(Statement& out, std::string kind, bool changes_catalog);
  void skip_to_end();
  void skip_user();
  [[nodiscard]] bool at_explainable() const;

  std::string_view text_;
  LexerOptions options_;
  std::vector<Token> tokens_;  // the last one is `end`; index of a bracket is its partner
  std::size_t pos_ = 0;
  std::optional<Error> error_;
  Parsed result_;
  std::vector<RelationName> mentioned_;
  // In front of ON DUPLICATE KEY UPDATE: the inserted row's alias, its columns' aliases, the columns they stand for.
  std::string row_alias_;
  std::vector<std::string> row_columns_;
  std::vector<std::string> inserted_columns_;
  bool in_duplicate_clause_ = false;
  std::uint32_t depth_ = 0;
  std::uint32_t chained_ = 0;
  std::uint32_t nodes_ = 0;
};

// Counts one level of recursion; too many fail the parse.
class Parser::Nesting {
 public:
  explicit Nesting(Parser& parser) : parser_(parser) {
    constexpr std::uint32_t deepest = 200;
    if (++parser_.depth_ > deepest) parser_.fail("nested too deeply");
  }
  ~Nesting() { --parser_.depth_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;
  [[nodiscard]] bool ok() const { return !parser_.error_; }

 private:
  Parser& parser_;
};

}  // namespace sealrow::sql::mysql
