#include "catalog/mysql/reader.hpp"

#include "catalog/mysql/control.hpp"
#include "catalog/mysql/types.hpp"

#include <map>
#include <utility>

namespace sealrow::catalog::mysql {
namespace {

// One query per kind of object for the whole server. MySQL gives names of information_schema in capitals whatever the
// query says, so results are read by position.
#define USER_SCHEMA(COLUMN) COLUMN " NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')"

constexpr const char* server_sql = "SELECT VERSION(), @@lower_case_table_names, @@character_set_server";

// What the server does not show to this user could lead to a protected table unseen.
constexpr const char* privileges_sql =
    "SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES WHERE GRANTEE = CONCAT('''', "
    "LEFT(CURRENT_USER(), CHAR_LENGTH(CURRENT_USER()) - CHAR_LENGTH(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)) - 1), "
    "'''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''')";

constexpr const char* relations_sql =
    "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES "
    "WHERE " USER_SCHEMA("TABLE_SCHEMA") " ORDER BY TABLE_SCHEMA, TABLE_NAME";

#define COLUMNS_SQL(DEFAULT)                                                                 \
  "SELECT TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, " \
  "  CHARACTER_MAXIMUM_LENGTH, CHARACTER_OCTET_LENGTH, IS_NULLABLE, EXTRA, " DEFAULT         \
  ", GENERATION_EXPRESSION, CHARACTER_SET_NAME, COLLATION_NAME "                             \
  "FROM information_schema.COLUMNS WHERE " USER_SCHEMA(                                      \
      "TABLE_SCHEMA") " ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION"
// MySQL has the value of a constant there, MariaDB an expression.
constexpr const char* columns_sql = COLUMNS_SQL(
    "CASE WHEN COLUMN_DEFAULT IS NULL THEN NULL WHEN EXTRA LIKE '%DEFAULT_GENERATED%' THEN COLUMN_DEFAULT "
    "ELSE QUOTE(COLUMN_DEFAULT) END");
constexpr const char* columns_sql_mariadb = COLUMNS_SQL("NULLIF(COLUMN_DEFAULT, 'NULL')");

constexpr const char* views_sql =
    "SELECT TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS "
    "WHERE " USER_SCHEMA("TABLE_SCHEMA");

#define INDEXES_SQL(EXPRESSION)                                                                             \
  "SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, NON_UNIQUE, INDEX_TYPE, COLUMN_NAME, SUB_PART, " EXPRESSION \
  " FROM information_schema.STATISTICS WHERE " USER_SCHEMA(                                                 \
      "TABLE_SCHEMA") " ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX"
constexpr const char* indexes_sql = INDEXES_SQL("EXPRESSION");
constexpr const char* indexes_sql_mariadb = INDEXES_SQL("NULL");

constexpr const char* keys_sql =
    "SELECT c.TABLE_SCHEMA, c.TABLE_NAME, c.CONSTRAINT_NAME, c.CONSTRAINT_TYPE, k.COLUMN_NAME, "
    "  k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME "
    "FROM information_schema.TABLE_CONSTRAINTS c JOIN information_schema.KEY_COLUMN_USAGE k "
    "ON k.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND k.CONSTRAINT_NAME = c.CONSTRAINT_NAME "
    "AND k.TABLE_SCHEMA = c.TABLE_SCHEMA AND k.TABLE_NAME = c.TABLE_NAME "
    "WHERE " USER_SCHEMA("c.TABLE_SCHEMA") " ORDER BY 1, 2, 3, k.ORDINAL_POSITION";

#define CHECKS_SQL(SAME_TABLE)                                                                         \
  "SELECT c.TABLE_SCHEMA, c.TABLE_NAME, c.CONSTRAINT_NAME, k.CHECK_CLAUSE "                            \
  "FROM information_schema.TABLE_CONSTRAINTS c JOIN information_schema.CHECK_CONSTRAINTS k "           \
  "ON k.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND k.CONSTRAINT_NAME = c.CONSTRAINT_NAME " SAME_TABLE \
  "WHERE c.CONSTRAINT_TYPE = 'CHECK' AND " USER_SCHEMA("c.TABLE_SCHEMA") " ORDER BY 1, 2, 3"
constexpr const char* checks_sql = CHECKS_SQL("");
// Names of constraints are those of a table there, not of a schema.
constexpr const char* checks_sql_mariadb = CHECKS_SQL("AND k.TABLE_NAME = c.TABLE_NAME ");

constexpr const char* triggers_sql =
    "SELECT EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, TRIGGER_NAME, ACTION_STATEMENT "
    "FROM information_schema.TRIGGERS WHERE " USER_SCHEMA("TRIGGER_SCHEMA") " ORDER BY 1, 2, 3";

constexpr const char* routines_sql =
    "SELECT ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_DEFINITION FROM information_schema.ROUTINES "
    "WHERE " USER_SCHEMA("ROUTINE_SCHEMA") " ORDER BY ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_TYPE";

constexpr Oid first_oid = 16384;  // as PostgreSQL's first user object: never 0, never a type

// "10.11.19-MariaDB…", "5.5.5-10.11.19-MariaDB…", "9.7.4" → 101119, 90704
int version_number(std::string_view text) {
  if (text.starts_with("5.5.5-")) text.remove_prefix(6);
  int parts[3] = {};
  for (int& part : parts) {
    const auto [next, failure] = std::from_chars(text.data(), text.data() + text.size(), part);
    if (failure != std::errc{}) break;
    text.remove_prefix(static_cast<std::size_t>(next - text.data()));
    if (!text.starts_with('.')) break;
    text.remove_prefix(1);
  }
  return parts[0] * 10000 + parts[1] * 100 + parts[2];
}

// MySQL shows expressions of generated columns, indexes and checks with quotes and backslashes escaped once more.
std::string unescaped(const std::string& shown) {
  std::string text;
  for (std::size_t at = 0; at < shown.size(); ++at) {
    if (shown[at] == '\\' && at + 1 < shown.size()) ++at;
    text += shown[at];
  }
  return text;
}

RelationKind relation_kind(std::string_view type) {
  if (type == "BASE TABLE" || type == "SYSTEM VERSIONED") return RelationKind::table;
  if (type == "VIEW") return RelationKind::view;
  return type == "SEQUENCE" ? RelationKind::sequence : RelationKind::other;
}

Constraint::Kind constraint_kind(std::string_view type) {
  if (type == "PRIMARY KEY") return Constraint::Kind::primary_key;
  if (type == "UNIQUE") return Constraint::Kind::unique;
  return type == "FOREIGN KEY" ? Constraint::Kind::foreign_key : Constraint::Kind::other;
}

std::string quoted(const std::string& name) {
  std::string text;
  ::sealrow::sql::mysql::append_identifier(text, name);
  return text;
}

// Fills one snapshot; each function reads one kind.
class Reading {
 public:
  Reading(Control& control, Snapshot& snapshot) : control_(control), snapshot_(snapshot) {}

  Result<> all() {
    SEALROW_CHECK(server());
    SEALROW_CHECK(privileges());
    SEALROW_TRY(const Rows tables, control_.query(relations_sql));
    relations(tables);
    SEALROW_TRY(const Rows columns_before, control_.query(sql_of_columns()));
    columns(columns_before);
    SEALROW_CHECK(views());
    SEALROW_CHECK(indexes());
    SEALROW_CHECK(keys());
    SEALROW_CHECK(checks());
    SEALROW_CHECK(triggers());
    SEALROW_CHECK(routines());
    // information_schema knows no snapshots: what changed meanwhile would be half old and half new.
    SEALROW_TRY(const Rows tables_after, control_.query(relations_sql));
    SEALROW_TRY(const Rows columns_after, control_.query(sql_of_columns()));
    steady_ = tables == tables_after && columns_before == columns_after;
    return {};
  }
  // Nothing changed while it was read.
  [[nodiscard]] bool steady() const noexcept { return steady_; }

 private:
  Result<> server() {
    SEALROW_TRY(const Rows rows, control_.query(server_sql));
    const std::string& version = rows.text(0, 0);
    mariadb_ = version.find("MariaDB") != version.npos;
    snapshot_.server_version = version_number(version);
    snapshot_.server_encoding = rows.text(0, 2);
    ::sealrow::sql::mysql::LexerOptions options;
    options.flavour = mariadb_ ? ::sealrow::sql::mysql::Flavour::mariadb : ::sealrow::sql::mysql::Flavour::mysql;
    options.version = static_cast<std::uint32_t>(snapshot_.server_version);
    options.table_names = rows.text(0, 1) == "0" ? ::sealrow::sql::mysql::TableNameCase::sensitive
                                                 : ::sealrow::sql::mysql::TableNameCase::insensitive;
    snapshot_.dialect = options;
    return {};
  }

  Result<> privileges() {
    SEALROW_TRY(const Rows rows, control_.query(privileges_sql));
    bool tables = false, views = false, triggers = false;
    for (std::size_t row = 0; row < rows.count(); ++row) {
      const std::string& privilege = rows.text(row, 0);
      tables = tables || privilege == "SELECT";
      views = views || privilege == "SHOW VIEW";
      triggers = triggers || privilege == "TRIGGER";
    }
    if (tables && views && triggers) return {};
    return Error{ErrorCode::catalog_unavailable, "database catalog cannot be read",
                 "the control user does not see every table, view and trigger of the server",
                 "GRANT SELECT, SHOW VIEW, TRIGGER ON *.* to it, directly and not by a role"};
  }

  void relations(const Rows& rows) {
    snapshot_.relations.reserve(rows.count());
    for (std::size_t row = 0; row < rows.count(); ++row) {
      const Oid oid = next_oid_++;
      Relation& relation = snapshot_.relations[oid];
      relation.oid = oid;
      relation.schema = rows.text(row, 0);
      relation.name = rows.text(row, 1);
      relation.kind = relation_kind(rows.text(row, 2));
      by_name_[{relation.schema, relation.name}] = &relation;
    }
  }

  // The relation named by the first two result columns; null if it came later.
  Relation* relation_of(const Rows& rows, std::size_t row) {
    const auto found = by_name_.find({rows.text(row, 0), rows.text(row, 1)});
    return found == by_name_.end() ? nullptr : found->second;
  }

  void columns(const Rows& rows) {
    for (std::size_t row = 0; row < rows.count(); ++row) {
      Relation* relation = relation_of(rows, row);
      if (relation == nullptr) continue;
      Column& column = relation->columns.emplace_back();
      column.number = rows.number<std::int16_t>(row, 2);
      column.name = rows.text(row, 3);
      column.native_type = rows.text(row, 5);
      const ColumnType type = column_type(rows.text(row, 4), column.native_type, rows.number<std::uint64_t>(row, 6),
                                          rows.number<std::uint64_t>(row, 7));
      column.type = type.oid;
      column.type_modifier = type.modifier;
      column.not_null = rows.text(row, 8) == "NO";
      const std::string& extra = rows.text(row, 9);
      column.identity = extra.find("auto_increment") != extra.npos;
      column.invisible = extra.find("INVISIBLE") != extra.npos;
      // The expression of a generated column is kept as well: it may read protected columns.
      column.generated = !rows.text(row, 11).empty();
      column.default_expression = column.generated ? shown(rows.text(row, 11)) : rows.text(row, 10);
      column.character_set = rows.text(row, 12);
      column.collation = rows.text(row, 13);
    }
  }

  Result<> views() {
    SEALROW_TRY(const Rows rows, control_.query(views_sql));
    for (std::size_t row = 0; row < rows.count(); ++row) {
      Relation* relation = relation_of(rows, row);
      if (relation == nullptr) continue;
      relation->view_definition = rows.text(row, 2);
      // A view without a definition would pass for a table of its own.
      if (relation->view_definition.empty())
        return Error{ErrorCode::catalog_unavailable, "database catalog cannot be read",
                     "the definition of a view is hidden from the control user", "GRANT SELECT, SHOW VIEW ON *.* to it",
                     relation->schema + "." + relation->name};
    }
    return {};
  }

  Result<> indexes() {
    SEALROW_TRY(const Rows rows, control_.query(mariadb_ ? indexes_sql_mariadb : indexes_sql));
    for (std::size_t row = 0; row < rows.count(); ++row) {
      Relation* relation = relation_of(rows, row);
      if (relation == nullptr) continue;
      const std::string& name = rows.text(row, 2);
      if (relation->indexes.empty() || relation->indexes.back().name != name) {
        Index& fresh = relation->indexes.emplace_back();
        fresh.name = name;
        fresh.unique = rows.text(row, 3) == "0";
        fresh.primary = name == "PRIMARY";
        fresh.method = rows.text(row, 4);
      }
      Index& index = relation->indexes.back();
      const Column* column = relation->find(rows.text(row, 5));
      index.columns.push_back(column != nullptr ? column->number : std::int16_t{0});
      if (column == nullptr) index.expressions.push_back(shown(rows.text(row, 7)));
      describe(index, *relation, column, rows.text(row, 6));
    }
    return {};
  }

  // One more element of the definition.
  static void describe(Index& index, const Relation& relation, const Column* column, const std::string& length) {
    if (index.definition.empty())
      index.definition = std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX " + quoted(index.name) +
                         " ON " + quoted(relation.schema) + "." + quoted(relation.name) + " (";
    else
      index.definition.replace(index.definition.size() - 1, 1, ", ");
    index.definition += column != nullptr ? quoted(column->name) : "(" + index.expressions.back() + ")";
    if (!length.empty()) index.definition += "(" + length + ")";
    index.definition += ')';
  }

  Result<> keys() {
    SEALROW_TRY(const Rows rows, control_.query(keys_sql));
    for (std::size_t row = 0; row < rows.count(); ++row) {
      Relation* relation = relation_of(rows, row);
      if (relation == nullptr) continue;
      auto& constraints = relation->constraints;
      if (constraints.empty() || constraints.back().name != rows.text(row, 2)) {
        Constraint& fresh = constraints.emplace_back();
        fresh.name = rows.text(row, 2);
        fresh.kind = constraint_kind(rows.text(row, 3));
        if (fresh.kind == Constraint::Kind::foreign_key)
          fresh.definition = "REFERENCES " + quoted(rows.text(row, 5)) + "." + quoted(rows.text(row, 6)) + " ()";
      }
      Constraint& constraint = constraints.back();
      if (const Column* column = relation->find(rows.text(row, 4))) constraint.columns.push_back(column->number);
      if (constraint.kind != Constraint::Kind::foreign_key) continue;
      constraint.definition.insert(constraint.definition.size() - 1,
                                   (constraint.columns.size() > 1 ? ", " : "") + quoted(rows.text(row, 7)));
    }
    return {};
  }

  Result<> checks() {
    SEALROW_TRY(const Rows rows, control_.query(mariadb_ ? checks_sql_mariadb : checks_sql));
    for (std::size_t row = 0; row < rows.count(); ++row) {
      Relation* relation = relation_of(rows, row);
      if (relation == nullptr) continue;
      const std::string clause = shown(rows.text(row, 3));
      if (is_json_type(*relation, clause)) continue;
      relation->constraints.push_back({rows.text(row, 2), Constraint::Kind::check, {}, "CHECK (" + clause + ")"});
    }
    return {};
  }

  // MariaDB's JSON is a longtext whose check is this and nothing else.
  bool is_json_type(Relation& relation, const std::string& clause) const {
    if (!mariadb_) return false;
    for (Column& column : relation.columns) {
      if (column.native_type != "longtext" || clause != "json_valid(" + quoted_always(column.name) + ")") continue;
      column.type = json_type.oid;
      column.type_modifier = json_type.modifier;
      return true;
    }
    return false;
  }
  static std::string quoted_always(const std::string& name) {
    std::string text = "`";
    for (const char c : name) text.append(c == '`' ? 2 : 1, c);
    return text + "`";
  }

  Result<> triggers() {
    SEALROW_TRY(const Rows rows, control_.query(triggers_sql));
    for (std::size_t row = 0; row < rows.count(); ++row) {
      Relation* relation = relation_of(rows, row);
      if (relation == nullptr) continue;
      relation->triggers.push_back(
          {rows.text(row, 2), add_code(rows.text(row, 0), rows.text(row, 2), rows.text(row, 3))});
    }
    return {};
  }

  Result<> routines() {
    SEALROW_TRY(const Rows rows, control_.query(routines_sql));
    for (std::size_t row = 0; row < rows.count(); ++row)
      add_code(rows.text(row, 0), rows.text(row, 1), rows.text(row, 2));
    return {};
  }

  Oid add_code(const std::string& schema, const std::string& name, const std::string& body) {
    const Oid oid = next_oid_++;
    // A body that is hidden from the control user may do anything.
    snapshot_.functions[oid] = Function{oid, schema, name, body.empty() ? "hidden" : "sql", body, false};
    return oid;
  }

  [[nodiscard]] const char* sql_of_columns() const noexcept { return mariadb_ ? columns_sql_mariadb : columns_sql; }
  [[nodiscard]] std::string shown(const std::string& expression) const {
    return mariadb_ ? expression : unescaped(expression);
  }

  Control& control_;
  Snapshot& snapshot_;
  std::map<std::pair<std::string, std::string>, Relation*> by_name_;
  Oid next_oid_ = first_oid;
  bool mariadb_ = false, steady_ = false;
};

}  // namespace

Result<std::shared_ptr<const Snapshot>> read_snapshot(const MysqlControl& connection, std::uint64_t generation) {
  constexpr int attempts = 5;
  SEALROW_TRY(auto control, Control::open(connection));
  for (int i = 0; i < attempts; ++i) {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->generation = generation;
    Reading reading(control, *snapshot);
    SEALROW_CHECK(reading.all());
    if (!reading.steady()) continue;
    snapshot->build_index();
    return std::shared_ptr<const Snapshot>(std::move(snapshot));
  }
  return Error{ErrorCode::catalog_unavailable, "database catalog cannot be read",
               "definitions change faster than they can be read"};
}

}  // namespace sealrow::catalog::mysql
