// What the planner knows about a statement while it reads it: where a value comes from (Value), the columns that names
// can mean (Field, Source, Scope), and queries (Query).
#pragma once

#include "plan/binding.hpp"
#include "sealrow/plan/plan.hpp"
#include "sealrow/sql/ast.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sealrow::plan {

// Provenance of an expression.
struct Value {
  enum class Kind : std::uint8_t {
    clear,      // no envelope can be in it
    sealed,     // the value of a protected column, as stored
    container,  // array, record or JSON built from sealed values, or a part of such
  };
  Kind kind = Kind::clear;
  std::vector<ColumnIndex> columns;  // sealed, container: envelopes of which columns; sorted, no duplicates
  bool mixed = false;                // sealed: may also be a clear value (COALESCE(col, ''))
  bool null = false;                 // clear: the constant NULL, fits everything
  bool direct = true;                // sealed: in the column's own type (not cast to another)
  // clear: may be a text that neither Sealrow nor the client wrote, and thus an envelope from anywhere. False for
  // numbers and the like, and for what the client sends: the session looks through that.
  bool foreign = true;
  std::shared_ptr<const Places> places;  // container: where the sealed values are
  [[nodiscard]] bool is_clear() const noexcept { return kind == Kind::clear; }
  [[nodiscard]] static Value harmless();
  void take_columns(const Value& other);
};

struct Scope;
struct Field;

// Where a derived column's value comes from: an expression, or a column that is handed on.
struct Origin {
  const sql::Expr* expr = nullptr;
  Scope* scope = nullptr;
  Field* field = nullptr;
};

// A column that a name can mean.
struct Field {
  std::string name;
  const catalog::Column* column = nullptr;  // of a base relation
  const BoundColumn* bound = nullptr;       // protected column of a base relation
  // Derived columns: one origin per VALUES row or UNION branch, aligned over all fields of the same source.
  std::vector<Origin> origins;
  const void* owner = nullptr;  // the source or query whose origins are aligned with these
  bool opaque = false;          // nothing is known of it, but it is clear (function results)
  bool rest = false;            // stands for any number of clear columns that the catalog does not list
  enum class State : std::uint8_t { fresh, busy, done };
  State state = State::fresh;
  bool reentered = false;  // a recursive CTE refers to itself
  bool pushing = false;    // guards recursion of a destination through recursive CTEs
  Value value;
};

// Something in FROM, or the target of INSERT, UPDATE, DELETE, MERGE.
struct Source {
  std::string alias;                        // name by which columns are qualified; empty: none
  std::string schema;                       // schema.table.column is allowed for relations without alias
  const BoundRelation* relation = nullptr;  // protected base relation
  const sql::RelationName* name = nullptr;  // as the statement names it in FROM
  std::vector<Field*> fields;
  bool opaque = false;                 // has columns that are not listed; they are clear
  Field* rest = nullptr;               // opaque: stands for all of its columns in `SELECT *`
  std::vector<InputRef> tenants;       // equality predicates on the tenant column: literals, parameters
  std::vector<Origin> tenant_origins;  // … and other columns
};

struct Query;

struct NamedQuery {  // a common table expression
  std::string name;
  Source* source = nullptr;
};

// Output columns in the order of `SELECT *`: joins with USING merge columns.
struct StarColumn {
  Field* field = nullptr;
  const Source* source = nullptr;  // null: merged by USING
};

struct Scope {
  Scope* outer = nullptr;
  std::vector<Source*> sources;
  std::vector<NamedQuery> named;  // CTEs defined at this level
  std::vector<StarColumn> star;
  bool star_known = true;
  bool editable = true;  // false inside view definitions: their text is not ours to change
  bool grouped = false;  // has GROUP BY on tags: `group_fields` need an aggregate outside of it
  std::vector<const Field*> group_fields;
};

struct Query {
  const sql::Select* select = nullptr;
  Scope* scope = nullptr;  // leaf
  Query* left = nullptr;
  Query* right = nullptr;
  std::vector<Field*> outputs;
  std::vector<const sql::Expr*> output_exprs;  // leaf: expression of each output, null where a star gave it
  bool outputs_known = true;                   // false: a star over columns that the catalog does not list
  bool checked = false;
};

}  // namespace sealrow::plan
