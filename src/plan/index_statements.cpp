#include "plan/index_statements.hpp"

#include "sealrow/crypto/envelope.hpp"

namespace sealrow::plan {

namespace {

std::string tag_of(const IndexElement& element, const sql::Dialect& dialect) {
  const TagExpression tag = tag_expression(*element.sealed, dialect);
  return tag.before + quoted(element.column->name, dialect) + tag.after;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

// "ADD COLUMN …": INVISIBLE, so that neither * nor an INSERT without a column list sees it.
std::string add_tag_column(const IndexElement& element, std::string_view name, const sql::Dialect& dialect) {
  const std::string type =
      element.sealed->storage == Storage::bytea
          ? "varbinary(" + std::to_string(crypto::equality_tag_size) + ")"
          : "varchar(" + std::to_string(crypto::equality_tag_text_size) + ") CHARACTER SET ascii COLLATE ascii_bin";
  return "ADD COLUMN " + quoted(name, dialect) + " " + type + " GENERATED ALWAYS AS (" + tag_of(element, dialect) +
         ") VIRTUAL INVISIBLE";
}

std::string create_mariadb_index(const catalog::Relation& relation, const std::vector<IndexElement>& elements,
                                 bool unique, std::string_view name, const sql::Dialect& dialect) {
  std::vector<std::string> parts, keys;
  for (const IndexElement& element : elements) {
    std::string key = element.column->name;
    if (element.sealed) {
      const catalog::Column* known = tag_column_of(relation, *element.sealed, dialect);
      key = known ? known->name : "sealrow_" + element.column->name;
      if (!known) parts.push_back(add_tag_column(element, key, dialect));
    }
    keys.push_back(quoted(key, dialect));
  }
  parts.push_back(std::string(unique ? "ADD UNIQUE INDEX " : "ADD INDEX ") + quoted(name, dialect) + " (" +
                  joined(keys) + ")");
  return "ALTER TABLE " + quoted(relation, dialect) + " " + joined(parts) + ";";
}

}  // namespace

std::string quoted(std::string_view name, const sql::Dialect& dialect) {
  std::string text;
  sql::append_identifier(text, name, dialect);
  return text;
}

std::string quoted(const catalog::Relation& relation, const sql::Dialect& dialect) {
  return quoted(relation.schema, dialect) + "." + quoted(relation.name, dialect);
}

const catalog::Column* tag_column_of(const catalog::Relation& relation, const BoundColumn& sealed,
                                     const sql::Dialect& dialect) {
  for (const catalog::Column& column : relation.columns) {
    if (column.generated && is_tag_expression(column.default_expression, sealed, dialect)) return &column;
  }
  return nullptr;
}

std::string create_index(const catalog::Relation& relation, const std::vector<IndexElement>& elements, bool unique,
                         std::string_view name, const sql::Dialect& dialect) {
  if (sql::is_mariadb(dialect)) return create_mariadb_index(relation, elements, unique, name, dialect);
  const bool mysql = sql::is_mysql(dialect);
  std::vector<std::string> keys;
  for (const IndexElement& element : elements) {
    const std::string key = element.sealed ? tag_of(element, dialect) : quoted(element.column->name, dialect);
    // MySQL: brackets around an expression, and around nothing else.
    keys.push_back(mysql && !element.sealed ? key : "(" + key + ")");
  }
  return std::string(unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ") + (mysql ? quoted(name, dialect) + " " : "") +
         "ON " + quoted(relation, dialect) + " (" + joined(keys) + ");";
}

std::string drop_index(const catalog::Relation& relation, std::string_view name, const sql::Dialect& dialect) {
  if (sql::is_mysql(dialect)) return "DROP INDEX " + quoted(name, dialect) + " ON " + quoted(relation, dialect) + ";";
  return "DROP INDEX " + quoted(relation.schema, dialect) + "." + quoted(name, dialect) + ";";
}

}  // namespace sealrow::plan
