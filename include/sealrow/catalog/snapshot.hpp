// Immutable picture of one database's catalog, read over a control connection (catalog/reader.hpp). Shared by
// shared_ptr<const Snapshot>; a refresh makes a new one with a higher generation.
#pragma once

#include "sealrow/base/ids.hpp"
#include "sealrow/catalog/name_pool.hpp"
#include "sealrow/sql/dialect.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sealrow::catalog {

enum class RelationKind : std::uint8_t {
  table,
  partitioned_table,
  view,
  materialized_view,
  foreign_table,
  sequence,
  index,
  composite,
  other,
};

struct Column {
  std::string name;
  std::int16_t number = 0;  // attnum; gaps where columns were dropped
  Oid type = 0;
  std::int32_t type_modifier = -1;  // varchar(n): n + 4
  bool not_null = false;
  std::string default_expression;  // pg_get_expr, empty if none
  bool generated = false;          // GENERATED ALWAYS AS (…) STORED/VIRTUAL
  bool identity = false;
  bool invisible = false;                // MySQL: neither in * nor in an INSERT without a column list
  std::string native_type;               // MySQL: COLUMN_TYPE, "varchar(255)", "enum('a','b')"
  std::string character_set, collation;  // MySQL, empty for columns that are not text
  bool operator==(const Column&) const = default;
};

struct Index {
  std::string name;
  bool unique = false, primary = false, valid = true;
  std::string method;                    // btree, gin, …
  std::vector<std::int16_t> columns;     // attnum, 0 for an expression
  std::vector<std::string> expressions;  // pg_get_indexdef of the expression parts, in order
  std::string predicate;
  std::string definition;  // pg_get_indexdef
  bool operator==(const Index&) const = default;
};

struct Constraint {
  enum class Kind : std::uint8_t { primary_key, unique, check, foreign_key, exclusion, not_null, trigger, other };
  std::string name;
  Kind kind = Kind::other;
  std::vector<std::int16_t> columns;
  std::string definition;  // pg_get_constraintdef
  bool operator==(const Constraint&) const = default;
};

struct Trigger {
  std::string name;
  Oid function = 0;
  bool operator==(const Trigger&) const = default;
};

struct Relation {
  Oid oid = 0;
  std::string schema, name;
  RelationKind kind = RelationKind::other;
  std::vector<Column> columns;  // live ones, by attnum
  std::vector<Oid> parents;     // inheritance and partitioning
  std::vector<Oid> children;
  std::string view_definition;  // pg_get_viewdef
  std::vector<Index> indexes;
  std::vector<Constraint> constraints;
  std::vector<Trigger> triggers;
  std::vector<std::string> rules;  // pg_get_ruledef of rules other than the view's own
  [[nodiscard]] const Column* find(std::string_view column) const noexcept;
  [[nodiscard]] const Column* find(std::int16_t number) const noexcept;
  bool operator==(const Relation&) const = default;
};

// Functions outside pg_catalog and information_schema.
struct Function {
  Oid oid = 0;
  std::string schema, name, language;
  std::string body;  // prosrc, or the deparsed SQL-standard body
  bool from_extension = false;
  bool operator==(const Function&) const = default;
};

struct Snapshot {
  std::uint64_t generation = 0;
  // The server's language; options as its own texts are written in (view definitions, bodies). MySQL: flavour, version
  // and how names fold.
  sql::Dialect dialect;
  std::string database;
  int server_version = 0;                       // 150020, 180004; 80406; 101119
  std::string server_encoding;                  // "UTF8"
  std::unordered_map<Oid, Relation> relations;  // system schemas left out
  std::unordered_map<Oid, Function> functions;
  // PostgreSQL: names of pg_catalog's tables and views, and of its functions; and those of types, wherever they are,
  // since `name(x)` may be a cast.
  NamePool system_relations, system_functions, types;

  [[nodiscard]] const Relation* find(Oid oid) const noexcept;
  [[nodiscard]] const Relation* find(std::string_view schema, std::string_view name) const noexcept;
  [[nodiscard]] bool has_schema(std::string_view schema) const noexcept;
  // Overloads share a name.
  [[nodiscard]] std::vector<const Function*> find_functions(std::string_view schema, std::string_view name) const;
  // All but the generation.
  [[nodiscard]] bool same_content(const Snapshot& other) const;
  // Call once after filling in the maps. MySQL: folds names as the AST has them (columns and functions always, schemas
  // and relations where the server does).
  void build_index();

 private:
  void fold_names();

  std::unordered_map<std::string, Oid> by_name_;  // schema '\0' name
  std::unordered_multimap<std::string, Oid> functions_by_name_;
  std::unordered_map<std::string, bool> schemas_;
};

}  // namespace sealrow::catalog
