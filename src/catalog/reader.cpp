#include "sealrow/catalog/reader.hpp"

#include "catalog/control.hpp"
#include "catalog/mysql/reader.hpp"

#include <algorithm>
#include <charconv>

namespace sealrow::catalog {
namespace {

// One query per kind of object for the whole database: thousands of tables cost ten round trips.
// The alias n is the object's pg_namespace. Temporary tables of other sessions are nobody's business.
#define USER_SCHEMA "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp_)'"
constexpr const char* relations_sql =
    "SELECT c.oid, n.nspname, c.relname, c.relkind, "
    "  CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END "
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE " USER_SCHEMA;

constexpr const char* system_relations_sql =
    "SELECT c.relname FROM pg_catalog.pg_class c "
    "WHERE c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace AND c.relkind IN ('r', 'v')";

constexpr const char* system_functions_sql =
    "SELECT DISTINCT p.proname FROM pg_catalog.pg_proc p WHERE p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace";

// Rows are no target of such casts in practice, arrays have no name that one writes.
constexpr const char* types_sql =
    "SELECT DISTINCT t.typname FROM pg_catalog.pg_type t WHERE t.typtype <> 'c' AND t.typcategory <> 'A'";

constexpr const char* columns_sql =
    "SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attgenerated, a.attidentity, "
    "  pg_catalog.pg_get_expr(d.adbin, d.adrelid) "
    "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
    "WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind NOT IN ('i', 'I', 'S', 't') AND " USER_SCHEMA
    " ORDER BY a.attrelid, a.attnum";

constexpr const char* parents_sql =
    "SELECT i.inhrelid, i.inhparent FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind NOT IN ('i', 'I') AND " USER_SCHEMA
    " ORDER BY i.inhrelid, i.inhseqno";

constexpr const char* indexes_sql =
    "SELECT x.indrelid, x.indexrelid, ic.relname, x.indisunique, x.indisprimary, x.indisvalid, am.amname, "
    "  x.indnkeyatts, x.indkey, pg_catalog.pg_get_expr(x.indpred, x.indrelid), "
    "  pg_catalog.pg_get_indexdef(x.indexrelid) "
    "FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class ic ON ic.oid = x.indexrelid "
    "JOIN pg_catalog.pg_am am ON am.oid = ic.relam JOIN pg_catalog.pg_class c ON c.oid = x.indrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE " USER_SCHEMA " ORDER BY x.indexrelid";

constexpr const char* index_expressions_sql =
    "SELECT x.indexrelid, pg_catalog.pg_get_indexdef(x.indexrelid, k, false) "
    "FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "CROSS JOIN LATERAL pg_catalog.generate_series(1, x.indnkeyatts::int) AS k "
    "WHERE x.indexprs IS NOT NULL AND x.indkey[k - 1] = 0 AND " USER_SCHEMA " ORDER BY x.indexrelid, k";

constexpr const char* constraints_sql =
    "SELECT o.conrelid, o.conname, o.contype, o.conkey, pg_catalog.pg_get_constraintdef(o.oid) "
    "FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_class c ON c.oid = o.conrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE " USER_SCHEMA " ORDER BY o.conrelid, o.conname";

constexpr const char* triggers_sql =
    "SELECT t.tgrelid, t.tgname, t.tgfoid FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND " USER_SCHEMA
    " ORDER BY t.tgrelid, t.tgname";

constexpr const char* rules_sql =
    "SELECT r.ev_class, pg_catalog.pg_get_ruledef(r.oid) "
    "FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE NOT (r.ev_type = '1' AND r.rulename = '_RETURN') AND " USER_SCHEMA " ORDER BY r.ev_class, r.rulename";

#define FUNCTIONS_SQL(BODY)                                                                                 \
  "SELECT p.oid, n.nspname, p.proname, l.lanname, " BODY                                                    \
  ", EXISTS (SELECT 1 FROM pg_catalog.pg_depend e "                                                         \
  "  WHERE e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND e.objid = p.oid AND e.deptype = 'e') " \
  "FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "                     \
  "JOIN pg_catalog.pg_language l ON l.oid = p.prolang WHERE " USER_SCHEMA
// SQL-standard bodies (BEGIN ATOMIC) came with PostgreSQL 14; prosrc is empty there.
constexpr const char* functions_sql = FUNCTIONS_SQL("COALESCE(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc)");
constexpr const char* functions_sql_13 = FUNCTIONS_SQL("p.prosrc");
constexpr int version_14 = 140000;

RelationKind relation_kind(std::string_view relkind) {
  switch (relkind.empty() ? '\0' : relkind.front()) {
    case 'r':
      return RelationKind::table;
    case 'p':
      return RelationKind::partitioned_table;
    case 'v':
      return RelationKind::view;
    case 'm':
      return RelationKind::materialized_view;
    case 'f':
      return RelationKind::foreign_table;
    case 'S':
      return RelationKind::sequence;
    case 'i':
    case 'I':
      return RelationKind::index;
    case 'c':
      return RelationKind::composite;
    default:
      return RelationKind::other;
  }
}

Constraint::Kind constraint_kind(std::string_view contype) {
  switch (contype.empty() ? '\0' : contype.front()) {
    case 'p':
      return Constraint::Kind::primary_key;
    case 'u':
      return Constraint::Kind::unique;
    case 'c':
      return Constraint::Kind::check;
    case 'f':
      return Constraint::Kind::foreign_key;
    case 'x':
      return Constraint::Kind::exclusion;
    case 'n':
      return Constraint::Kind::not_null;
    case 't':
      return Constraint::Kind::trigger;
    default:
      return Constraint::Kind::other;
  }
}

// Both "{1,2}" (smallint[]) and "1 2" (int2vector).
std::vector<std::int16_t> numbers(std::string_view text) {
  std::vector<std::int16_t> found;
  for (const char *at = text.data(), *end = at + text.size(); at < end;) {
    std::int16_t value = 0;
    const auto [next, failure] = std::from_chars(at, end, value);
    if (failure == std::errc{}) found.push_back(value);
    at = next == at ? at + 1 : next;
  }
  return found;
}

// Fills one snapshot; each function reads one kind.
class Reading {
 public:
  Reading(Control& control, Snapshot& snapshot) : control_(control), snapshot_(snapshot) {}

  Result<> all() {
    SEALROW_CHECK(relations());
    SEALROW_CHECK(names(system_relations_sql, snapshot_.system_relations));
    SEALROW_CHECK(names(system_functions_sql, snapshot_.system_functions));
    SEALROW_CHECK(names(types_sql, snapshot_.types));
    SEALROW_CHECK(columns());
    SEALROW_CHECK(inheritance());
    SEALROW_CHECK(indexes());
    SEALROW_CHECK(of_relations(constraints_sql, [](Relation& relation, const Rows& rows, int row) {
      relation.constraints.push_back({std::string(rows.text(row, 1)), constraint_kind(rows.text(row, 2)),
                                      numbers(rows.text(row, 3)), std::string(rows.text(row, 4))});
    }));
    SEALROW_CHECK(of_relations(triggers_sql, [](Relation& relation, const Rows& rows, int row) {
      relation.triggers.push_back({std::string(rows.text(row, 1)), rows.number<Oid>(row, 2)});
    }));
    SEALROW_CHECK(of_relations(rules_sql, [](Relation& relation, const Rows& rows, int row) {
      relation.rules.emplace_back(rows.text(row, 1));
    }));
    return functions();
  }

 private:
  // Calls `each` with the relation named by the first result column.
  template <class Each>
  Result<> of_relations(const char* sql, Each&& each) {
    SEALROW_TRY(const Rows rows, control_.query(sql));
    for (int row = 0; row < rows.count(); ++row) {
      const auto relation = snapshot_.relations.find(rows.number<Oid>(row, 0));
      if (relation != snapshot_.relations.end()) each(relation->second, rows, row);
    }
    return {};
  }

  Result<> relations() {
    SEALROW_TRY(const Rows rows, control_.query(relations_sql));
    snapshot_.relations.reserve(static_cast<std::size_t>(rows.count()));
    for (int row = 0; row < rows.count(); ++row) {
      const Oid oid = rows.number<Oid>(row, 0);
      Relation& relation = snapshot_.relations[oid];
      relation.oid = oid;
      relation.schema = rows.text(row, 1);
      relation.name = rows.text(row, 2);
      relation.kind = relation_kind(rows.text(row, 3));
      relation.view_definition = rows.text(row, 4);
    }
    return {};
  }

  Result<> names(const char* sql, NamePool& pool) {
    SEALROW_TRY(const Rows rows, control_.query(sql));
    std::vector<std::string_view> all;
    for (int row = 0; row < rows.count(); ++row) all.push_back(rows.text(row, 0));
    pool = NamePool(std::move(all));
    return {};
  }

  Result<> columns() {
    return of_relations(columns_sql, [](Relation& relation, const Rows& rows, int row) {
      Column& column = relation.columns.emplace_back();
      column.number = rows.number<std::int16_t>(row, 1);
      column.name = rows.text(row, 2);
      column.type = rows.number<Oid>(row, 3);
      column.type_modifier = rows.number<std::int32_t>(row, 4);
      column.not_null = rows.is_true(row, 5);
      column.generated = !rows.text(row, 6).empty();
      column.identity = !rows.text(row, 7).empty();
      // The expression of a generated column is kept as well: it may read protected columns.
      column.default_expression = rows.text(row, 8);
    });
  }

  Result<> inheritance() {
    return of_relations(parents_sql, [this](Relation& relation, const Rows& rows, int row) {
      const Oid parent = rows.number<Oid>(row, 1);
      relation.parents.push_back(parent);
      const auto found = snapshot_.relations.find(parent);
      if (found != snapshot_.relations.end()) found->second.children.push_back(relation.oid);
    });
  }

  Result<> indexes() {
    SEALROW_TRY(const Rows parts, control_.query(index_expressions_sql));
    std::unordered_map<Oid, std::vector<std::string>> expressions;
    for (int row = 0; row < parts.count(); ++row)
      expressions[parts.number<Oid>(row, 0)].emplace_back(parts.text(row, 1));
    return of_relations(indexes_sql, [&expressions](Relation& relation, const Rows& rows, int row) {
      Index& index = relation.indexes.emplace_back();
      index.name = rows.text(row, 2);
      index.unique = rows.is_true(row, 3);
      index.primary = rows.is_true(row, 4);
      index.valid = rows.is_true(row, 5);
      index.method = rows.text(row, 6);
      index.columns = numbers(rows.text(row, 8));
      // Columns of INCLUDE carry no order and no uniqueness.
      const auto keys = static_cast<std::size_t>(std::max<std::int16_t>(0, rows.number<std::int16_t>(row, 7)));
      if (index.columns.size() > keys) index.columns.resize(keys);
      index.predicate = rows.text(row, 9);
      index.definition = rows.text(row, 10);
      const auto found = expressions.find(rows.number<Oid>(row, 1));
      if (found != expressions.end()) index.expressions = std::move(found->second);
    });
  }

  Result<> functions() {
    SEALROW_TRY(const Rows rows,
                control_.query(control_.server_version() >= version_14 ? functions_sql : functions_sql_13));
    for (int row = 0; row < rows.count(); ++row) {
      const Oid oid = rows.number<Oid>(row, 0);
      Function& function = snapshot_.functions[oid];
      function.oid = oid;
      function.schema = rows.text(row, 1);
      function.name = rows.text(row, 2);
      function.language = rows.text(row, 3);
      function.body = rows.text(row, 4);
      function.from_extension = rows.is_true(row, 5);
    }
    return {};
  }

  Control& control_;
  Snapshot& snapshot_;
};

Result<std::shared_ptr<const Snapshot>> read_once(const PostgresControl& connection, const std::string& database,
                                                  std::uint64_t generation) {
  SEALROW_TRY(auto control, Control::open(connection, database));
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->generation = generation;
  snapshot->database = database;
  snapshot->server_version = control.server_version();
  snapshot->server_encoding = control.parameter("server_encoding");
  SEALROW_CHECK(control.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  SEALROW_CHECK(Reading(control, *snapshot).all());
  SEALROW_CHECK(control.execute("COMMIT"));
  snapshot->build_index();
  return std::shared_ptr<const Snapshot>(std::move(snapshot));
}

Result<std::shared_ptr<const Snapshot>> read_database(const PostgresControl& connection, const std::string& database,
                                                      std::uint64_t generation) {
  // pg_get_…def() look objects up as they are now, not as the transaction's snapshot has them: an object that is
  // dropped meanwhile is an error of that one reading.
  constexpr int attempts = 3;
  auto outcome = read_once(connection, database, generation);
  for (int i = 1;
       i < attempts && outcome.has_error() && outcome.error().detail.find("cache lookup") != std::string::npos; ++i)
    outcome = read_once(connection, database, generation);
  return outcome;
}

}  // namespace

Result<std::shared_ptr<const Snapshot>> read_snapshot(const ControlConnection& connection, const std::string& database,
                                                      std::uint64_t generation) {
  if (const auto* server = std::get_if<MysqlControl>(&connection)) return mysql::read_snapshot(*server, generation);
  return read_database(std::get<PostgresControl>(connection), database, generation);
}

}  // namespace sealrow::catalog
