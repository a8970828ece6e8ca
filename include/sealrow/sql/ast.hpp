// One AST for both dialects. A front end (sql/postgres, sql/mysql) fills it; the planner reads it. It models
// what the planner must understand; anything else becomes ExprKind::other or Utility and is refused on protected
// tables. Trees are immutable once built and freed as a whole.
//
// Spans are byte offsets into the statement text that was parsed, end exclusive. Spans of leaves (literal, parameter,
// column, star) and of names are exact token spans, {0, 0} for one that is not written; spans of compound expressions
// cover at least their first token.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sealrow::sql {

struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

struct Select;
struct Expr;
using ExprPtr = std::unique_ptr<Expr>;
using SelectPtr = std::unique_ptr<Select>;

// schema empty: not qualified. Names are as the server sees them: folded unless quoted.
struct RelationName {
  std::string schema;
  std::string name;
  Span span;          // "schema.name" as written, without alias
  bool only = false;  // ONLY
};

struct TypeName {
  std::string schema;  // empty or e.g. "pg_catalog"
  std::string name;    // canonical: "text", "varchar", "bpchar", "int4", "jsonb", "bytea", …
  bool array = false;
  std::vector<std::int32_t> modifiers;
  Span span;  // as written after :: or AS
};

enum class ExprKind : std::uint8_t {
  column,          // names = [qualifier…, column]
  star,            // names = [] or [qualifier…]
  literal,         // index into Parsed::literals in `number`
  constant,        // names[0] = "null" | "true" | "false" or a word that the grammar takes as a value, such as the
                   // field of EXTRACT: structure, not a literal
  parameter,       // parameter number in `number`
  cast,            // args[0], type
  call,            // names = [schema…, function], args; agg parts in `call`
  op,              // names[0] = operator or one of Op's words; args
  boolean,         // AND / OR / NOT: names[0], args
  case_expr,       // args: [operand or null pointer…]: see CaseParts
  coalesce,        // args
  greatest_least,  // names[0] = "greatest" | "least"
  null_test,       // args[0] IS [NOT] NULL; negated
  bool_test,       // args[0] IS [NOT] TRUE/FALSE/UNKNOWN
  row,             // ROW(...) or (...): args
  array,           // ARRAY[...]: args
  subquery,        // see SubqueryKind; args[0] = left side for in/any/all
  default_value,   // DEFAULT in VALUES or SET
  field,           // (args[0]).names[0]; names[0] empty = (args[0]).*
  subscript,       // args[0][args[1…]]
  collate,         // args[0] COLLATE …
  at_time_zone,    // args
  sql_value,       // CURRENT_DATE, CURRENT_USER, …: names[0]
  json_func,       // SQL/JSON constructors and JSON_VALUE…: names[0] lower-case word, args
  xml_func,        // names[0], args
  grouping,        // GROUPING(...), args
  current_of,      // WHERE CURRENT OF cursor: names[0]
  other,           // not modelled; args hold every child expression found
  variable,        // user variable (MySQL): names[0] without the @; args[0] = the value that `@v := …` gives it
};

// Operator classes beside the plain ones (`=`, `||`, …), where names[0] is a word.
// "in" "not_in": args[0], args[1…]   "any" "all": args[0] op args[1] with operator in names[1]
// "like" "not_like" "ilike" "not_ilike" "similar" "not_similar"   "between" "not_between" "between_symmetric"
// "distinct" "not_distinct" (IS [NOT] DISTINCT FROM; MySQL's <=>)   "nullif"
// "regexp" "not_regexp" "sounds_like" "member_of" "div" "mod" "xor"   plain binary/unary operators: the operator itself

enum class SubqueryKind : std::uint8_t { scalar, exists, in, not_in, any, all, array };

struct WindowParts {
  std::vector<ExprPtr> partition;
  std::vector<ExprPtr> order;
  std::vector<ExprPtr> frame;
  bool named = false;  // OVER name (the definition is in Select::windows)
};

struct Expr {
  ExprKind kind = ExprKind::other;
  Span span;
  std::vector<std::string> names;
  std::vector<ExprPtr> args;
  std::uint32_t number = 0;      // parameter number; literal index (into Parsed::literals)
  bool negated = false;          // null_test, bool_test
  std::optional<TypeName> type;  // cast
  SubqueryKind subquery_kind = SubqueryKind::scalar;
  SelectPtr query;  // subquery
  // case_expr
  ExprPtr case_operand;
  std::vector<ExprPtr> case_when;  // conditions, same length as args (results)
  ExprPtr case_else;
  // call
  bool distinct = false;
  bool star_call = false;      // count(*)
  bool variadic = false;       // f(VARIADIC array)
  std::vector<ExprPtr> order;  // agg ORDER BY / WITHIN GROUP
  ExprPtr filter;
  std::unique_ptr<WindowParts> window;
};

struct OutputItem {
  ExprPtr expr;
  std::string alias;  // AS name, empty if none
  Span span;          // the expression with its alias as far as known
};

struct SortKey {
  ExprPtr expr;
  bool descending = false;
};

enum class JoinKind : std::uint8_t { inner, left, right, full, cross };

struct FromItem;
using FromPtr = std::unique_ptr<FromItem>;

struct FromItem {
  enum class Kind : std::uint8_t { relation, subquery, function, join, values_alias, table_sample, json_table, other };
  Kind kind = Kind::other;
  std::string alias;
  std::vector<std::string> column_aliases;
  bool lateral = false;
  RelationName relation;               // relation, table_sample
  SelectPtr query;                     // subquery
  std::vector<ExprPtr> calls;          // function (ROWS FROM has several), json_table: argument expressions
  std::vector<TypeName> column_types;  // function with column definition list (names in column_aliases)
  bool with_ordinality = false;
  JoinKind join = JoinKind::inner;  // join
  FromPtr left, right;
  ExprPtr on;
  std::vector<std::string> using_columns;
  bool natural = false;
};

struct CommonTable;

struct With {
  bool recursive = false;
  std::vector<CommonTable> tables;
};

enum class IntoKind : std::uint8_t { none, outfile, dumpfile, variables };

enum class SetOp : std::uint8_t { none, union_, intersect, except };

struct Select {
  Span span;
  std::unique_ptr<With> with;
  // set operation: left/right, otherwise a leaf
  SetOp set_op = SetOp::none;
  bool set_all = false;
  SelectPtr left, right;
  // leaf
  std::vector<std::vector<ExprPtr>> values;  // VALUES lists (then everything below but order/limit is empty)
  bool distinct = false;
  std::vector<ExprPtr> distinct_on;
  std::vector<OutputItem> output;
  std::optional<RelationName> into;     // SELECT INTO
  IntoKind into_kind = IntoKind::none;  // SELECT … INTO OUTFILE / DUMPFILE / @var (MySQL)
  std::vector<std::string> into_names;  // the file, or the variables (local ones of a routine too)
  std::vector<FromPtr> from;
  ExprPtr where;
  std::vector<ExprPtr> group_by;  // grouping sets flattened
  bool grouping_sets = false;
  ExprPtr having;
  std::vector<WindowParts> windows;
  // both
  std::vector<SortKey> order_by;
  ExprPtr limit, offset;
  bool locking = false;  // FOR UPDATE / SHARE …
};

struct Assignment {
  std::vector<std::string> qualifier;  // table.col = … (MySQL): schema and table or alias as written
  std::string column;
  Span column_span;
  bool indirection = false;          // col[1] = …, col.field = …
  ExprPtr value;                     // null pointer if the value is element `row_index` of `row_source`
  std::shared_ptr<Expr> row_source;  // (a, b) = (SELECT …) or (a, b) = ROW(...) that could not be split
  std::uint32_t row_index = 0;
};

struct ConflictClause {
  bool update = false;          // DO UPDATE (otherwise DO NOTHING)
  bool duplicate_key = false;   // ON DUPLICATE KEY UPDATE: any unique key; VALUES(c) and new.c are excluded.c
  std::vector<ExprPtr> target;  // inference elements (columns or expressions), may be empty
  std::string constraint;
  ExprPtr target_where;
  std::vector<Assignment> set;
  ExprPtr where;
};

struct TargetColumn {
  std::string name;
  Span span;
  bool indirection = false;
};

struct Insert {
  std::unique_ptr<With> with;
  RelationName table;
  std::string alias;
  std::vector<TargetColumn> columns;  // empty: all columns in table order
  bool default_values = false;
  bool replace = false;  // REPLACE: rows that collide are deleted first
  bool ignore = false;   // IGNORE: errors become warnings, values are made to fit
  SelectPtr source;      // VALUES or query
  std::string overriding;
  std::optional<ConflictClause> conflict;
  std::vector<OutputItem> returning;
};

struct Update {
  std::unique_ptr<With> with;
  RelationName table;
  std::string alias;
  std::vector<Assignment> set;
  std::vector<FromPtr> from;  // MySQL, several tables: all of them; `table` is empty, assignments are qualified
  ExprPtr where;
  std::vector<SortKey> order_by;
  ExprPtr limit;
  bool ignore = false;
  std::vector<OutputItem> returning;
};

struct Delete {
  std::unique_ptr<With> with;
  RelationName table;
  std::string alias;
  std::vector<RelationName> targets;  // DELETE a, b FROM … (MySQL): names or aliases within using_, `table` is empty
  std::vector<FromPtr> using_;
  ExprPtr where;
  std::vector<SortKey> order_by;
  ExprPtr limit;
  std::vector<OutputItem> returning;
};

struct MergeWhen {
  enum class Match : std::uint8_t { matched, not_matched_by_target, not_matched_by_source };
  enum class Action : std::uint8_t { insert, update, delete_, nothing };
  Match match = Match::matched;
  Action action = Action::nothing;
  ExprPtr condition;
  std::vector<TargetColumn> columns;  // insert
  std::vector<ExprPtr> values;        // insert; empty with default_values
  bool default_values = false;
  std::vector<Assignment> set;  // update
};

struct Merge {
  std::unique_ptr<With> with;
  RelationName table;
  std::string alias;
  FromPtr source;
  ExprPtr on;
  std::vector<MergeWhen> when;
  std::vector<OutputItem> returning;
};

struct Statement;
using StatementPtr = std::unique_ptr<Statement>;

struct CommonTable {
  std::string name;
  std::vector<std::string> columns;
  StatementPtr statement;      // select, insert, update, delete, merge
  bool extra_columns = false;  // SEARCH or CYCLE adds columns that are not modelled
};

enum class CopyFormat : std::uint8_t { text, csv, binary };
struct Copy {
  bool from = false;  // COPY … FROM (a write)
  bool program = false;
  std::string file;  // empty: STDIN / STDOUT
  std::optional<RelationName> table;
  std::vector<TargetColumn> columns;
  StatementPtr query;  // COPY (query) TO
  ExprPtr where;
  CopyFormat format = CopyFormat::text;
  std::optional<std::string> delimiter, null_string, quote, escape, encoding, default_string;
  bool header = false;
  bool header_match = false;
  bool force_quote_all = false, force_null_all = false, force_not_null_all = false;
  std::vector<std::string> force_quote, force_null, force_not_null;
  std::vector<std::string> unknown_options;
};

// LOAD DATA and LOAD XML. A column may be given to a user variable instead, for use in `set`.
struct LoadData {
  struct Target {
    std::string column;
    std::string variable;
    Span span;
  };  // one of the two
  bool local = false;
  bool xml = false;
  bool replace = false, ignore = false;
  std::string file;
  Span file_span;
  RelationName table;
  std::string character_set;
  std::optional<std::string> fields_terminated, fields_enclosed, fields_escaped, lines_starting, lines_terminated;
  bool optionally_enclosed = false;
  ExprPtr ignore_lines;
  std::vector<Target> targets;  // empty: all columns in table order
  std::vector<Assignment> set;
};

// `source` (MySQL): the literal or variable that holds the text; `statement` is null then.
struct Prepare {
  std::string name;
  std::vector<TypeName> types;
  StatementPtr statement;
  ExprPtr source;
};
struct Execute {
  std::string name;
  std::vector<ExprPtr> args;
};
struct Deallocate {
  std::string name;
};  // empty: ALL
struct DeclareCursor {
  std::string name;
  bool binary = false;
  bool hold = false;
  bool scroll = false;
  StatementPtr query;
};
struct Fetch {
  std::string cursor;
  bool move = false;
};
struct CloseCursor {
  std::string name;
};  // empty: ALL
struct Explain {
  bool analyze = false;
  StatementPtr statement;
};

struct Transaction {
  enum class Kind : std::uint8_t {
    begin,
    commit,
    rollback,
    savepoint,
    release,
    rollback_to,
    prepare,
    commit_prepared,
    rollback_prepared,
  };
  Kind kind = Kind::begin;
  std::string name;  // savepoint
  bool chain = false;
};

// SET x = v, SET LOCAL, SET … TO DEFAULT, RESET x, RESET ALL, SET TRANSACTION, SET SESSION AUTHORIZATION / ROLE
enum class VariableScope : std::uint8_t { session, global, persist, persist_only, user };
struct SetVariable {
  std::string name;  // lower case; empty with reset_all
  bool local = false;
  bool reset = false;  // RESET x or SET x TO DEFAULT
  bool reset_all = false;
  bool from_current = false;
  std::vector<std::string> values;  // decoded literal or identifier words
  VariableScope scope = VariableScope::session;
  ExprPtr value;  // the expression that is assigned (MySQL)
};
// SET a = 1, @b = 2, NAMES utf8 (MySQL; always this node, also for one). Names of items that are not variables:
// "names" [character set, collation], "character_set", "transaction" [words], "role", and "database" for USE.
struct SetVariables {
  std::vector<SetVariable> items;
};
struct Show {
  std::string name;
};
struct Discard {
  std::string what;
};  // "all", "plans", "sequences", "temp"
struct Truncate {
  std::vector<RelationName> tables;
};
struct LockTable {
  std::vector<RelationName> tables;
};

struct ColumnDefinition {
  std::string name;
  Span name_span;
  TypeName type;
  ExprPtr default_value;
  ExprPtr generated;  // GENERATED ALWAYS AS (…)
  std::vector<ExprPtr> checks;
  bool primary_key = false, unique = false, not_null = false;
};
struct TableConstraint {
  enum class Kind : std::uint8_t { primary_key, unique, check, foreign_key, exclusion, other };
  Kind kind = Kind::other;
  std::string name;
  std::vector<std::string> columns;
  ExprPtr expr;
};
struct CreateTable {
  RelationName table;
  bool temporary = false;
  bool if_not_exists = false;
  std::vector<ColumnDefinition> columns;
  std::vector<TableConstraint> constraints;
  std::vector<RelationName> inherits;  // INHERITS, PARTITION OF, LIKE
};
struct CreateTableAs {  // also CREATE MATERIALIZED VIEW
  RelationName table;
  bool temporary = false;
  bool materialized_view = false;
  bool with_no_data = false;
  std::vector<std::string> columns;  // names in front of AS
  StatementPtr query;                // select or execute
};
struct AlterTable {
  enum class Action : std::uint8_t {
    add_column,
    drop_column,
    set_type,
    set_default,
    drop_default,
    add_constraint,
    rename_column,
    rename_table,
    set_schema,
    attach_partition,
    detach_partition,
    inherit,
    other,
  };
  struct Command {
    Action action = Action::other;
    std::string column;    // affected or old name
    std::string new_name;  // renames, set_schema
    std::optional<ColumnDefinition> definition;
    std::optional<TableConstraint> constraint;
    ExprPtr expr;  // SET DEFAULT, USING
    std::optional<TypeName> type;
    std::optional<RelationName> other;  // partition, parent
  };
  RelationName table;
  bool is_view = false;
  std::vector<Command> commands;
};
struct CreateIndex {
  std::string name;
  RelationName table;
  bool unique = false;
  std::string method;
  std::vector<ExprPtr> elements;
  ExprPtr where;
};
struct CreateView {
  RelationName view;
  bool temporary = false;
  std::vector<std::string> columns;
  StatementPtr query;
};
struct CreateFunction {  // and procedures
  std::string schema, name;
  std::string language;                  // lower case
  std::string body;                      // decoded AS string, empty for SQL-standard bodies
  bool for_trigger = false;              // RETURNS trigger
  std::vector<StatementPtr> statements;  // SQL-standard body
  std::vector<ExprPtr> defaults;
};
struct CreateTrigger {
  std::string name;
  RelationName table;
  std::string function_schema, function_name;  // PostgreSQL
  std::string body;                            // MySQL
};
struct CreateRule {
  std::string name;
  RelationName table;
  std::vector<StatementPtr> actions;
};
struct DoBlock {
  std::string body;
  std::string language;
};
struct CallProcedure {
  ExprPtr call;
};
struct Drop {
  std::string kind;
  std::vector<RelationName> names;
};  // "table", "view", "index", "schema", …
// Everything else: "analyze", "vacuum", "grant", "comment", "listen", "notify", "create_extension", …
struct Utility {
  std::string kind;
  bool changes_catalog = false;  // a DDL statement: the catalog must be read again afterwards
  bool carries_text = false;     // holds literals that reach the catalog (COMMENT, SECURITY LABEL, NOTIFY)
  bool dynamic = false;          // runs a text that is not part of the statement (EXECUTE IMMEDIATE)
  std::string body = {};         // code that it stores (CREATE EVENT)
};

struct Statement {
  Span span;  // without the trailing semicolon
  std::variant<std::monostate, Select, Insert, Update, Delete, Merge, Copy, LoadData, Prepare, Execute, Deallocate,
               DeclareCursor, Fetch, CloseCursor, Explain, Transaction, SetVariable, SetVariables, Show, Discard,
               Truncate, LockTable, CreateTable, CreateTableAs, AlterTable, CreateIndex, CreateView, CreateFunction,
               CreateTrigger, CreateRule, DoBlock, CallProcedure, Drop, Utility>
      node;
  // Safety net: every relation named anywhere in the statement, also in parts the AST does not model.
  std::vector<RelationName> mentioned;
};

enum class LiteralKind : std::uint8_t {
  string,
  escape_string,
  unicode_string,
  dollar_string,
  bit_string,
  hex_string,
  integer,
  number
};

struct Literal {
  Span span;  // whole token; for a string continued over newlines: all its parts
  LiteralKind kind = LiteralKind::string;
};

struct Parsed {
  std::vector<Statement> statements;  // in order; empty for an empty or comment-only text
  std::vector<Literal> literals;      // in text order, all literal tokens of the text
  std::uint32_t parameter_count = 0;  // highest $n, or number of ?
  bool exact = false;                 // a literal is structure (an alias, a PREPARE text): no plan for other texts
};

}  // namespace sealrow::sql
