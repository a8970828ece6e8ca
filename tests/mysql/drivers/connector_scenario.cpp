// What an application on MySQL Connector/C++ (the classic API) does with a table whose text, json and blob columns may
// be sealed. usage: mysql_connector_scenario PORT USER PASSWORD DATABASE [CA]; prints what it saw, one observation per
// line
#include <cppconn/connection.h>
#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>

#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace {

const char* const insert_sql = "insert into chat(who, body, doc, raw) values (?, ?, ?, ?)";
const char* const read_sql = "select id, who, body, doc, raw from chat order by id";

std::string printable(const std::string& bytes) {
  std::ostringstream out;
  out << bytes.size() << ':';
  for (const char c : bytes.substr(0, 60)) {
    if (c >= ' ' && c <= '~')
      out << c;
    else
      out << '<' << static_cast<int>(static_cast<unsigned char>(c)) << '>';
  }
  return out.str();
}

void show(sql::ResultSet& rows) {
  auto* const meta = rows.getMetaData();
  const auto columns = meta->getColumnCount();
  for (unsigned i = 1; i <= columns; ++i) {
    std::cout << meta->getColumnLabel(i) << ' ' << meta->getColumnTypeName(i) << ' ' << meta->getColumnType(i) << "; ";
  }
  std::cout << '\n';
  while (rows.next()) {
    for (unsigned i = 1; i <= columns; ++i) {
      const std::string value = rows.getString(i);
      std::cout << (rows.isNull(i) ? std::string("null") : printable(value)) << " | ";
    }
    std::cout << '\n';
  }
}

void show_all(sql::Connection& connection, const std::string& text) {
  const std::unique_ptr<sql::Statement> statement(connection.createStatement());
  const std::unique_ptr<sql::ResultSet> rows(statement->executeQuery(text));
  show(*rows);
}

void insert(sql::PreparedStatement& statement, const std::string& who, const std::string& body,
            const std::string& doc) {
  statement.setString(1, who);
  statement.setString(2, body);
  if (doc.empty())
    statement.setNull(3, 0);
  else
    statement.setString(3, doc);
  // A stream is sent as long data, before the statement runs.
  std::istringstream raw(std::string("\0\xff raw ", 7) + std::string(body.size(), 'r'));
  statement.setBlob(4, &raw);
  std::cout << "inserted " << statement.executeUpdate() << '\n';
}

void text_statements(sql::Connection& connection) {
  const std::unique_ptr<sql::Statement> statement(connection.createStatement());
  std::cout << "text "
            << statement->executeUpdate("insert into chat(who, body) values ('text', 'it''s \\n text'), ('text', null)")
            << '\n';
  std::cout << "text "
            << statement->executeUpdate("update chat set body = 'changed' where who = 'text' and body is null") << '\n';
  show_all(connection, "select body from chat where who = 'text' order by id");
}

void prepared_statements(sql::Connection& connection) {
  const std::unique_ptr<sql::PreparedStatement> statement(connection.prepareStatement(insert_sql));
  insert(*statement, "a", "hello", R"({"k": [1, "é"]})");
  insert(*statement, "b", "", "");
  insert(*statement, "c", std::string(200'000, 'l') + " é", R"("text")");
  // The API cannot read MySQL's type JSON from a prepared statement: `doc` is read by text, at the end.
  const std::unique_ptr<sql::PreparedStatement> reading(
      connection.prepareStatement("select body, raw from chat where who = ? order by id"));
  for (const char* who : {"a", "b", "c", "a", "nobody"}) {
    reading->setString(1, who);
    const std::unique_ptr<sql::ResultSet> rows(reading->executeQuery());
    show(*rows);
  }
}

// The API has no batch of its own: one statement of many rows, and many executions in one transaction.
void batches(sql::Connection& connection) {
  connection.setAutoCommit(false);
  const std::unique_ptr<sql::PreparedStatement> rows(
      connection.prepareStatement("insert into chat(who, body) values (?, ?), (?, ?), (?, ?)"));
  for (int i = 0; i < 5; ++i) {
    for (unsigned row = 0; row < 3; ++row) {
      rows->setString(2 * row + 1, "batch");
      rows->setString(2 * row + 2, "batch " + std::to_string(i) + "/" + std::to_string(row));
    }
    std::cout << "batch " << rows->executeUpdate() << '\n';
  }
  connection.commit();
  const std::unique_ptr<sql::PreparedStatement> one(connection.prepareStatement(insert_sql));
  insert(*one, "rolled back", "never", "");
  connection.rollback();
  connection.setAutoCommit(true);
  show_all(connection, "select body from chat where who in ('batch', 'rolled back') order by id");
}

void errors(sql::Connection& connection) {
  for (const char* text : {"select nothing from nowhere", "insert into chat(id, body) values (1, 'twice')", "selec"}) {
    try {
      show_all(connection, text);
    } catch (const sql::SQLException& error) {
      std::cout << "error " << error.getErrorCode() << ' ' << error.getSQLState() << '\n';
    }
  }
}

void run(const std::vector<std::string>& arguments) {
  sql::ConnectOptionsMap options;
  options["hostName"] = sql::SQLString("tcp://127.0.0.1:" + arguments[0]);
  options["userName"] = sql::SQLString(arguments[1]);
  options["password"] = sql::SQLString(arguments[2]);
  options["schema"] = sql::SQLString(arguments[3]);
  options["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
  if (arguments.size() > 4) {
    options["sslEnforce"] = true;
    options["sslVerify"] = true;
    options["sslCA"] = sql::SQLString(arguments[4]);
  }
  const std::unique_ptr<sql::Connection> connection(get_driver_instance()->connect(options));
  text_statements(*connection);
  prepared_statements(*connection);
  batches(*connection);
  errors(*connection);
  show_all(*connection, read_sql);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run({argv + 1, argv + argc});
  } catch (const sql::SQLException& error) {
    std::cerr << error.getErrorCode() << ' ' << error.what() << '\n';
    return 1;
  }
  return 0;
}
