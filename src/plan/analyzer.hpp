// Reads the statements of one text and decides about them. Two steps per statement: first destinations are pushed from
// write targets down to the literals and parameters that reach them, then the provenance of every expression is
// evaluated and whatever sealed data may not take part in is refused. The first refusal wins and ends up in the plan;
// reading goes on harmlessly behind it.
#pragma once

#include "plan/edits.hpp"
#include "plan/model.hpp"
#include "plan/resolve.hpp"
#include "sealrow/plan/planner.hpp"

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <unordered_map>

namespace sealrow::plan {

// The place in a statement where the tenant of a row is written, followed down beside the row's values.
struct TenantTerm {
  Origin origin;                 // empty: no column of the row tells the tenant
  std::vector<InputRef> inputs;  // predicates and rows that hold for all values
  bool known = true;             // false: the row has a tenant that cannot be read off the statement
  bool from_predicate = false;   // `origin` stands in a predicate: not to be read is no contradiction
};

// A value on its way to a protected column.
struct Flow {
  const BoundColumn* column = nullptr;
  const BoundRelation* relation = nullptr;
  const std::string* default_expression = nullptr;  // what DEFAULT means there
  TenantTerm tenant;
  const sql::TypeName* cast = nullptr;  // directly around the value
  bool derived = false;                 // the value stands in a subquery, CTE or VALUES list with types of its own
};

// Target of INSERT, UPDATE, DELETE, MERGE, COPY FROM: a table or a view that maps onto one.
struct Target {
  Source* source = nullptr;
  const catalog::Relation* relation = nullptr;  // as named; null: not in the catalog
  const BoundRelation* bound = nullptr;         // of the base table, null: nothing protected
  bool through_view = false;
};

// A column of a target with the value that is written to it.
struct Written {
  Field* field = nullptr;  // of the target's source
  Origin value;            // empty: DEFAULT
};

struct Shape {  // what a statement returns
  std::vector<Field*> outputs;
  bool known = true;
};

class Analyzer {
 public:
  Analyzer(const Binding& binding, const SessionNames& session, const PlanRequest& request, const sql::Parsed& parsed);
  [[nodiscard]] PlanOutcome run();

 private:
  // planner.cpp
  StatementPlan plan_top(const sql::Statement& statement);
  void plan_node(const sql::Statement& statement, StatementPlan& out);
  [[nodiscard]] bool touches(const sql::Statement& statement) const;
  void plan_query(const sql::Statement& statement, StatementPlan& out);
  void require_all_seen(const sql::Statement& statement);
  void run_checks();
  void scan_calls(const sql::Statement& statement, StatementPlan& out);
  void check_call(const sql::Expr& call, StatementPlan& out);
  void catalog_changes(StatementPlan& out, std::vector<CreatedRelation> created = {});
  void find_unknown(const sql::Statement& statement);
  void note_unknown(const std::string& written, sql::Span span);
  // do_blocks.cpp
  [[nodiscard]] bool is_block_of_definitions(const sql::DoBlock& block);
  // definitions.cpp
  [[nodiscard]] bool names_something_protected(const sql::WordScan& scan, std::string_view text) const;
  [[nodiscard]] bool changes_plans(const sql::Statement& statement) const;
  [[nodiscard]] bool changes_plans(const sql::AlterTable& alter, const sql::AlterTable::Command& command) const;
  void settle_catalog_effects(const sql::Statement& statement, StatementPlan& out);
  PlanOutcome finish(std::vector<StatementPlan> statements);
  void qualify_builtin_calls();
  void edit_leaf(const sql::Expr& leaf, const Destination& destination);
  [[nodiscard]] bool changes_something(const std::vector<StatementPlan>& statements) const;
  Outputs outputs_of(const Shape& shape);
  OutputColumn output_of(Field& field);
  std::optional<std::size_t> cut_out_gap(Outputs& outputs, const Shape& shape);

  // mysql.cpp
  void plan_set_variables(const sql::SetVariables& set, StatementPlan& out);
  void plan_system_variable(const sql::SetVariable& item, StatementPlan& out);
  void plan_user_variable(const sql::SetVariable& item, StatementPlan& out);
  void plan_character_set(const std::string& name, std::string_view value, StatementPlan& out);
  void plan_sql_mode(const sql::SetVariable& item, StatementPlan& out);
  void find_assigned_variables(const sql::Statement& statement, StatementPlan& out);
  void plan_prepared_text(const sql::Prepare& prepare, StatementPlan& out);
  void plan_call(const sql::CallProcedure& call, StatementPlan& out);
  void plan_mysql_utility(const sql::Utility& utility, const sql::Statement& statement);
  void check_words(const sql::Statement& statement);
  void check_into(const Query& query);
  void keep_output_names();
  [[nodiscard]] bool is_output_of_statement(const sql::OutputItem& item) const;
  Scope& scope_with_aliases(Query& query);
  [[nodiscard]] std::optional<std::string> tag_column(const sql::Expr& expr, Scope& scope);
  [[nodiscard]] std::string_view written(const sql::Expr& expr) const;

  // statements.cpp, session_effects.cpp, ddl.cpp, copy.cpp
  struct NodePlanner;
  void plan_prepare(const sql::Prepare& prepare, StatementPlan& out);
  void plan_execute(const sql::Execute& execute, StatementPlan& out);
  void plan_explain(const sql::Explain& explain, StatementPlan& out);
  void plan_transaction(const sql::Transaction& transaction, StatementPlan& out);
  void plan_utility(const sql::Utility& utility, const sql::Statement& statement, StatementPlan& out);
  void plan_set(const sql::SetVariable& set, StatementPlan& out);
  void plan_set_config(const sql::Expr& call, bool plain, StatementPlan& out);
  void plan_copy(const sql::Copy& copy, StatementPlan& out);
  void plan_copy_in(const sql::Copy& copy, Target& target, CopyPlan& plan);
  void plan_copy_out(const sql::Copy& copy, CopyPlan& plan);
  void copy_options(const sql::Copy& copy, const std::vector<Field*>& fields, CopyPlan& plan);
  // load.cpp
  void plan_load(const sql::LoadData& load, const sql::Statement& statement, StatementPlan& out);
  void plan_loaded_rows(const sql::LoadData& load, const Target& target, Scope& scope, CopyPlan& plan);
  void load_fields(const sql::LoadData& load, const Target& target, std::vector<Field*>& fields);
  struct LoadedTenant {
    std::optional<std::uint32_t> field;  // of the file
    TenantTerm term;                     // SET tenant = …
  };
  LoadedTenant assign_loaded(const sql::LoadData& load, const Target& target, Scope& scope,
                             std::vector<Written>& written);
  void load_format(const sql::LoadData& load, const Target& target, CopyPlan& plan);
  void plan_create_table(const sql::CreateTable& create, StatementPlan& out);
  void check_definition(const policy::ProtectedTable& table, const sql::ColumnDefinition& column);
  void check_constraint(const policy::ProtectedTable& table, const sql::TableConstraint& constraint);
  void check_mentions_of_columns(const policy::ProtectedTable& table, const sql::Expr& expr, std::string_view what);
  void check_merge_table(const sql::CreateTable& create);
  [[nodiscard]] bool is_tag_definition(const policy::ProtectedTable& table, const sql::Expr& expr) const;
  void index_by_tag(const sql::Expr& column, Scope& scope);
  void plan_create_table_as(const sql::CreateTableAs& create, StatementPlan& out);
  void plan_alter_table(const sql::AlterTable& alter, StatementPlan& out);
  void check_alter_command(const sql::AlterTable::Command& command, const policy::ProtectedTable& table,
                           const BoundRelation* bound);
  [[nodiscard]] bool index_is_clear(const sql::CreateIndex& index) const;
  void plan_create_index(const sql::CreateIndex& index, StatementPlan& out);
  void plan_create_view(const sql::CreateView& view, StatementPlan& out);
  void check_code(std::string_view language, std::string_view body, const std::string& schema, const std::string& name,
                  std::string_view what);
  void refuse_sealed_copy(const Shape& shape, std::string_view place);
  void check_hides_policy_table(const sql::RelationName& name, bool temporary);

  // scope.cpp: names in FROM, queries, views
  Shape build(const sql::Statement& statement, Scope* outer);
  Query* build_query(const sql::Select& select, Scope* outer);
  void build_leaf(Query& query, Scope* outer);
  void build_values(Query& query, Scope* outer);
  void build_set_operation(Query& query, Scope* outer);
  void build_outputs(Query& query);
  void build_with(const std::unique_ptr<sql::With>& with, Scope& scope);
  Source* build_recursive(const sql::CommonTable& table, Scope& scope);
  void build_from(const sql::FromItem& item, Scope& scope, std::vector<StarColumn>& star);
  void build_join(const sql::FromItem& item, Scope& scope, std::vector<StarColumn>& star);
  Source* build_relation(const sql::RelationName& name, Scope& scope);
  void check_view_calls(const sql::Statement& view);
  Source* build_view(const catalog::Relation& view);
  Source* base_source(const catalog::Relation& relation, const BoundRelation* bound);
  Source* derived_source(const std::vector<Field*>& outputs, bool known);
  Source* function_source(const sql::FromItem& item, Scope& scope);
  Field* handed_on(Field& field);
  Field* rest_field(const void* owner);
  static void add_star(Source& source, std::vector<StarColumn>& star);
  void refuse_unknown_columns(const sql::Expr* at);
  void require_clear_outputs(const Query& query);
  void apply_alias(Source& source, const std::string& alias, const std::vector<std::string>& columns);
  Scope* new_scope(Scope* outer);
  Field* new_field(std::string name, Origin origin = {});
  Scope& returning_scope(Scope& scope, const Source* target);
  Shape build_returning(const std::vector<sql::OutputItem>& items, Scope& targets, const Source* target);
  void expand_output(const sql::OutputItem& item, Scope& scope, std::vector<Field*>& outputs,
                     std::vector<const sql::Expr*>* exprs, bool& known);

  // columns.cpp: names in expressions
  struct Name {
    Field* field = nullptr;
    Source* row = nullptr;   // whole row
    Scope* scope = nullptr;  // where it was found
    bool opaque = false;     // a column that is not listed, of something clear
  };
  Name find_name(const std::vector<std::string>& names, Scope* scope, const sql::Expr& at);
  Name find_unqualified(const std::string& name, Scope* scope, const sql::Expr& at);
  Source* find_source(const std::vector<std::string>& names, std::size_t count, Scope* scope, Scope** found = nullptr);
  Field* field_in(Source& source, const std::string& name);
  Field* quiet_field(const std::vector<std::string>& names, Scope* scope);  // null instead of a refusal
  Field* base_field(Field& field);  // follows plain hand-ons to a base relation's column, or null

  // provenance.cpp, functions.cpp
  Value eval(const sql::Expr& expr, Scope& scope);
  Value eval_new(const sql::Expr& expr, Scope& scope);
  Value eval_column(const sql::Expr& expr, Scope& scope);
  Value eval_star(const sql::Expr& expr, Scope& scope);
  Value eval_leaf(const sql::Expr& expr, const Scope& scope);
  Value eval_cast(const sql::Expr& expr, Scope& scope);
  Value eval_case(const sql::Expr& expr, Scope& scope);
  Value eval_op(const sql::Expr& expr, Scope& scope);
  Value eval_field(const sql::Expr& expr, Scope& scope);
  Value eval_subquery(const sql::Expr& expr, Scope& scope);
  Value eval_call(const sql::Expr& expr, Scope& scope);
  void rely_on_builtin(const sql::Expr& call, const Scope& scope);
  Value eval_transport_call(const sql::Expr& expr, Scope& scope, std::string_view name);
  Value eval_row(Source& source, const sql::Expr& at);
  Value value_of(Field& field);
  Value value_of_origins(Field& field);
  Value value_of(const Origin& origin);
  Value joined(Value a, const Value& b, const sql::Expr* at);
  enum class Form : std::uint8_t { list, members };
  Value contained(const std::vector<Value>& parts, Form form, std::vector<std::string> names, const sql::Expr& at);
  Value part_of(Value whole, std::shared_ptr<const Places> places, const sql::Expr& at);
  [[nodiscard]] static std::shared_ptr<const Places> places_of(const Value& value);
  Value object_of(const sql::Expr& call, const std::vector<Value>& arguments, const Scope& scope);
  std::shared_ptr<const Places> member_of(const Value& whole, std::string_view name);
  std::optional<std::string> name_in(const sql::Expr& expr, const Scope& scope);
  Value eval_access(const sql::Expr& expr, Scope& scope);
  void refuse_mixture(const Value& sealed, const sql::Expr* at);
  [[nodiscard]] const sql::Expr* written_at(const Origin& origin) const;
  Value sealed_value(const BoundColumn& column);
  void require_clear(const sql::ExprPtr& expr, Scope& scope, std::string_view what);
  void require_clear(const std::vector<sql::ExprPtr>& list, Scope& scope, std::string_view what);
  void require_clear(const sql::Expr& expr, Scope& scope, std::string_view what);
  void refuse_operand(const Value& value, const sql::Expr& at, std::string_view what);

  // search.cpp
  Value compare(const sql::Expr& left, const sql::Expr& right, Scope& scope, bool array = false);
  Value compare_query(const sql::Expr& expr, Scope& scope);
  void compare_sealed(const sql::Expr& left, const Value& l, const sql::Expr& right, const Value& r, Scope& scope);
  const BoundColumn* tagged(const Value& value, const sql::Expr& at, std::string_view what);
  void wrap_in_tag(const sql::Expr& expr, const BoundColumn& column, Scope& scope);
  void push_search(const sql::Expr& expr, const BoundColumn& column, TenantIndex tenant, Scope& scope, bool array);
  void tag_key(const sql::Expr& expr, Scope& scope, std::string_view what);
  void tag_text(std::string& before, std::string& after, const BoundColumn& column) const;
  TenantIndex search_tenant(const sql::Expr& column, Scope& scope, const BoundColumn& bound);

  // select.cpp
  void check_query(Query& query);
  void check_leaf(Query& query);
  void check_group_by(Query& query);
  void check_distinct(Query& query);
  void check_order(Query& query, Scope& scope);
  void check_set_operation(Query& query);
  const sql::Expr* ordinal(const sql::Expr& expr, std::size_t& position);
  void pick_group_members(const Query& query);

  // push.cpp
  void push(const Origin& origin, const Flow& flow);
  bool is_spelled_value(const sql::Expr& expr, const BoundColumn& bound) const;
  bool is_padded_character(const sql::Expr& cast, const BoundColumn& bound);
  void push_expr(const sql::Expr& expr, Scope& scope, const Flow& flow);
  void push_field(Field& field, const Flow& flow, const sql::Expr* at);
  void push_leaf(const sql::Expr& leaf, const Flow& flow);
  void push_cast(const sql::Expr& cast, Scope& scope, const Flow& flow);
  void push_default(const sql::Expr* at, const Flow& flow);
  bool set_leaf(const sql::Expr& leaf, const Destination& destination, const BoundColumn& column);
  bool literal_fits(const sql::Expr& leaf, const BoundColumn& column);
  void replace_type(const sql::Expr& cast, std::string_view name);
  void refuse_value(const Flow& flow, const sql::Expr* at, std::string message, ErrorCode code);

  // tenant.cpp
  [[nodiscard]] const std::string* tenant_column(const policy::ProtectedTable& table) const;
  void collect_tenants(const sql::Expr* condition, Scope& scope);
  void collect_join_tenants(const sql::FromItem& item, Scope& scope);
  TenantTerm term_for(const Source& source) const;
  Origin descend(const Origin& term, const Field& field, std::size_t row);
  Field* field_of(const Origin& term);
  TenantIndex tenant_of(const Flow& flow, const sql::Expr* at);
  TenantIndex tenant_rule(const policy::ProtectedTable& table, std::vector<InputRef> inputs, const sql::Expr* at);
  std::optional<InputRef> input_of(const Origin& term, bool& null);
  std::vector<InputRef> inputs_of_all_rows(const Origin& term, bool& known);
  bool has_session_source(const policy::ProtectedTable& table) const;

  // insert.cpp, update.cpp, merge.cpp
  Target make_target(const sql::RelationName& name, const std::string& alias, Scope& scope);
  Target target_of(Source& source, const sql::RelationName& name);
  const BoundRelation* base_of_view(const Source& view, const sql::RelationName& name);
  void check_hidden_writes(const catalog::Relation& relation, const sql::RelationName& name);
  void write(const Target& target, const std::vector<Written>& columns, const TenantTerm& tenant, const sql::Expr* at);
  void write_column(const Target& target, const Written& column, const TenantTerm& tenant, const sql::Expr* at);
  void write_clear(const Written& column);
  void write_defaults(const Target& target, const std::vector<Written>& columns);
  TenantTerm row_tenant(const Target& target, const std::vector<Written>& columns) const;
  Shape build_insert(const sql::Insert& insert, Scope* outer);
  std::vector<Written> insert_columns(const sql::Insert& insert, const Target& target, const Query* source);
  void build_conflict(const sql::Insert& insert, const Target& target, Scope& scope,
                      const std::vector<Written>& columns);
  Shape build_update(const sql::Update& update, Scope* outer);
  Shape build_delete(const sql::Delete& del, Scope* outer);
  Shape build_merge(const sql::Merge& merge, Scope* outer);
  void build_merge_action(const sql::MergeWhen& when, const Target& target, Scope& scope);
  using Assignments = std::vector<const sql::Assignment*>;
  void assign(const Assignments& set, const Target& target, Scope& scope, TenantTerm tenant);
  void assign(const std::vector<sql::Assignment>& set, const Target& target, Scope& scope, TenantTerm tenant);
  void assign_to_tables(const sql::Update& update, Scope& scope);
  Source* assigned_source(const sql::Assignment& assignment, Scope& scope);
  void assign_tenant(const Written& tenant_column, const std::vector<Written>& columns, const Target& target,
                     TenantTerm& tenant);
  bool is_fresh_value(const Written& column, const Target& target);
  Origin assigned_value(const sql::Assignment& assignment, Scope& scope);

  // parameters.cpp
  void plan_parameters(const sql::Statement& statement, StatementPlan& out);
  void split_parameter(std::uint32_t number, const std::vector<const sql::Expr*>& occurrences, StatementPlan& out);
  [[nodiscard]] Oid declared_type(std::uint32_t parameter) const;
  [[nodiscard]] Oid sent_type(const Destination& destination, const sql::Expr& occurrence) const;
  [[nodiscard]] Oid described_type(const Destination& destination, const sql::Expr& occurrence) const;
  void retype_prepared(std::uint32_t number, Oid type);

  // shared
  void refuse(ErrorCode code, std::string message, std::string hint, std::string object, const sql::Expr* at);
  void refuse_at(ErrorCode code, std::string message, std::string hint, std::string object, sql::Span at);
  [[nodiscard]] ColumnIndex index_of(const BoundColumn& column);
  [[nodiscard]] const BoundColumn& column(ColumnIndex index) const { return *columns_[index]; }
  [[nodiscard]] std::string display(const Value& value) const;
  void later(std::function<void()> check) { checks_.push_back(std::move(check)); }
  void note(std::string line) { notes_.push_back(std::move(line)); }
  [[nodiscard]] std::optional<std::string> literal_text(const sql::Expr& expr);
  [[nodiscard]] Oid type_oid(const sql::TypeName& type) const;
  void decided_by_literal() { exact_ = true; }

  const Binding& binding_;
  const Binding::Impl& bound_;
  const SessionNames& session_;
  const PlanRequest& request_;
  const sql::Parsed& parsed_;
  Names names_;
  const bool mysql_;  // MySQL or MariaDB

  std::optional<Error> refusal_;
  bool exact_ = false;
  std::set<std::string> unknown_;          // relations that the catalog lacks, as written
  std::vector<CreatedRelation> created_;   // by earlier statements of the text
  bool catalog_changed_ = false;           // an earlier statement of the text changed what plans are made from
  const sql::Prepare* prepare_ = nullptr;  // while its body is planned
  bool touched_ = false;                   // the statement names something protected
  Edits edits_;
  std::vector<const BoundColumn*> columns_;
  std::vector<TenantRule> tenants_;
  // Rules are as many as rows: found by value.
  std::map<std::pair<const policy::ProtectedTable*, std::vector<std::pair<std::size_t, std::uint32_t>>>, TenantIndex>
      tenant_index_;
  std::vector<std::string> notes_;

  std::deque<Field> fields_;
  std::deque<Source> sources_;
  std::deque<Scope> scopes_;
  std::deque<Query> query_store_;
  std::deque<sql::Parsed> view_texts_;
  std::unordered_map<const sql::Select*, Query*> queries_;
  std::unordered_map<const sql::Expr*, Value> values_;
  std::map<const sql::Expr*, Destination> leaves_;
  struct LeafType {
    const sql::TypeName* cast = nullptr;  // directly around the leaf
    bool derived = false;
  };
  std::unordered_map<const sql::Expr*, LeafType> leaf_types_;
  std::unordered_map<const Source*, Query*> view_queries_;
  std::set<std::uint32_t> seen_relations_;        // where the relation names stand that were resolved
  std::set<const sql::Expr*> retyped_;            // casts whose type was replaced
  std::set<const sql::Expr*> wrapped_;            // columns that were wrapped in their tag
  std::set<const sql::Expr*> builtin_calls_;      // of functions whose names must not mean others
  std::vector<const sql::OutputItem*> nameless_;  // MySQL: named by their text, which edits would change
  std::vector<const sql::Expr*> group_uses_;      // columns of a GROUP BY on tags that are read whole
  std::deque<std::function<void()>> checks_;
  unsigned view_depth_ = 0;
  unsigned depth_ = 0;  // of expressions
  bool in_aggregate_ = false;
};

// "schema.name", or the name alone where the statement gives no schema.
[[nodiscard]] std::string as_written(const sql::RelationName& name);
// The same of a function, with () behind it.
[[nodiscard]] std::string function_as_written(const std::vector<std::string>& names);
// (kind, number) of an input, for comparisons.
[[nodiscard]] std::pair<std::size_t, std::uint32_t> key_of(const InputRef& input);
[[nodiscard]] bool same_input(const InputRef& a, const InputRef& b);
// The literal or parameter under casts and collations, or null.
[[nodiscard]] const sql::Expr* leaf_of(const sql::Expr& expr);
[[nodiscard]] bool is_null_constant(const sql::Expr& expr);
// The part of a query that says INTO (MySQL; the parser wraps `SELECT … INTO @v … LIMIT 1` in a query of its own).
[[nodiscard]] const sql::Select* into_of(const sql::Select& select);
// Left out of * and of an INSERT without a column list (MySQL).
[[nodiscard]] bool is_invisible(const Field& field);
[[nodiscard]] bool is_op(const sql::Expr& expr, std::string_view name);

}  // namespace sealrow::plan
