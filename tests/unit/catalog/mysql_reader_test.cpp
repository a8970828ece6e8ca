// Against a throw-away MariaDB (Debian's) and MySQL (unpacked by scripts/install-deps), on Unix sockets.
#include "catalog/mysql/control.hpp"
#include "catalog/mysql/types.hpp"
#include "sealrow/catalog/reader.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

using namespace sealrow;
using namespace sealrow::catalog;

namespace {

constexpr const char* mysql_tree = SEALROW_SOURCE_DIR "/.deps/mysql97";

class Server {
 public:
  // Null where the server is not on this machine.
  static Server* get(const std::string& flavour) {
    static std::map<std::string, std::unique_ptr<Server>> servers;
    auto& server = servers[flavour];
    if (server == nullptr) server.reset(new Server(flavour));
    return server->running_ ? server.get() : nullptr;
  }
  ~Server() {
    int pid = 0;
    if (std::ifstream(directory_ + "/pid") >> pid) {
      ::kill(pid, SIGTERM);
      wait_until([pid] { return ::kill(pid, 0) != 0; });
    }
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }
  [[nodiscard]] MysqlControl control(const std::string& user = "root", const std::string& password = "") const {
    MysqlControl options;
    options.host = directory_ + "/s";
    options.user = user;
    options.password = password;
    options.tls = ControlTls::disable;
    return options;
  }
  void run(std::initializer_list<const char*> statements) const {
    auto opened = mysql::Control::open(control());
    REQUIRE(opened.has_value());
    for (const char* sql : statements) {
      INFO(sql);
      const auto done = opened->query(sql);
      INFO((done.has_error() ? done.error().detail : ""));
      CHECK(done.has_value());
    }
  }

 private:
  explicit Server(const std::string& flavour) {
    const bool mariadb = flavour == "mariadb";
    const std::string run = std::string(mysql_tree) + "/run";
    char pattern[] = "/tmp/sealrow-my-XXXXXX";
    if (!std::filesystem::exists(mariadb ? "/usr/sbin/mariadbd" : run) || ::mkdtemp(pattern) == nullptr) return;
    directory_ = pattern;
    std::string as;
    if (::getuid() == 0) {
      as = "setpriv --reuid=nobody --regid=nogroup --clear-groups ";
      shell("chown nobody " + directory_);
    }
    const std::string data =
        " --no-defaults --datadir=" + directory_ + "/db --tmpdir=" + directory_ + " --skip-log-bin";
    const std::string tree = std::string(" --basedir=") + mysql_tree + "/usr --plugin-dir=" + mysql_tree +
                             "/usr/lib/mysql/plugin --lc-messages-dir=" + mysql_tree +
                             "/usr/share/mysql --mysqlx=OFF --secure-file-priv=NULL";
    const std::string program = mariadb ? "/usr/sbin/mariadbd" + data : run + " usr/sbin/mysqld" + data + tree;
    const bool made =
        mariadb ? shell(as + "mariadb-install-db" + data + " --auth-root-authentication-method=normal --skip-test-db")
                : shell(as + program + " --initialize-insecure --innodb-flush-method=nosync");
    if (!made) return;
    shell("{ " + as + program + " --skip-networking --socket=" + directory_ + "/s --pid-file=" + directory_ +
          "/pid & }");
    running_ = wait_until([this] { return mysql::Control::open(control()).has_value(); });
  }
  static bool shell(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }
  template <class Condition>
  static bool wait_until(Condition&& condition) {
    for (int i = 0; i < 600; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
  }
  std::string directory_;
  bool running_ = false;
};

#define REQUIRE_SERVER(server, flavour)  \
  Server* server = Server::get(flavour); \
  if (server == nullptr) SKIP("no " << flavour << " on this machine")

Result<std::shared_ptr<const Snapshot>> read(const Server& server) { return read_snapshot(server.control(), "", 7); }

}  // namespace

TEST_CASE("MySQL: a snapshot has every kind of object that a plan can depend on") {
  const std::string flavour = GENERATE("mariadb", "mysql");
  REQUIRE_SERVER(server, flavour);
  const bool mariadb = flavour == "mariadb";
  server->run({"DROP DATABASE IF EXISTS app", "CREATE DATABASE app CHARACTER SET utf8mb4",
               "CREATE TABLE app.Parent (id INT PRIMARY KEY)",
               "CREATE TABLE app.Messages (id BIGINT AUTO_INCREMENT PRIMARY KEY, Tenant VARCHAR(40) NOT NULL DEFAULT "
               "'it''s', body TEXT, doc JSON, raw LONGBLOB, u INT UNSIGNED, parent INT DEFAULT 5, at DATETIME "
               "DEFAULT CURRENT_TIMESTAMP, size INT GENERATED ALWAYS AS (length(concat(body, 'it''s'))) VIRTUAL "
               "INVISIBLE, UNIQUE one_body (Tenant, body(10)), FOREIGN KEY (parent) REFERENCES app.Parent (id), "
               "CONSTRAINT long_enough CHECK (length(Tenant) > 2))",
               "CREATE VIEW app.recent AS SELECT id, body FROM app.Messages WHERE id > 10",
               "CREATE TRIGGER app.noting BEFORE INSERT ON app.Messages FOR EACH ROW SET NEW.u = 1",
               "CREATE FUNCTION app.Twice(i INT) RETURNS INT DETERMINISTIC RETURN i * 2",
               "CREATE PROCEDURE app.put(t TEXT) INSERT INTO app.Messages (body) VALUES (t)"});
  if (!mariadb) server->run({"CREATE INDEX tag ON app.Messages ((substr(body, 21, 24)))"});
  const auto outcome = read(*server);
  REQUIRE(outcome.has_value());
  const Snapshot& snapshot = **outcome;
  CHECK(snapshot.generation == 7);
  CHECK(snapshot.server_version / 10000 == (mariadb ? 10 : 9));
  CHECK(sealrow::sql::is_mysql(snapshot.dialect));
  CHECK(sealrow::sql::is_mariadb(snapshot.dialect) == mariadb);
  CHECK(snapshot.find("mysql", "user") == nullptr);

  const Relation* messages = snapshot.find("app", "Messages");
  REQUIRE(messages != nullptr);
  CHECK(messages->kind == RelationKind::table);
  REQUIRE(messages->columns.size() == 9);
  const auto column = [&](std::string_view name) { return *messages->find(name); };
  CHECK(column("id").identity);
  CHECK(column("tenant").number == 2);  // folded
  CHECK(column("tenant").not_null);
  CHECK(column("tenant").type == 1043);
  CHECK(column("tenant").type_modifier == 44);
  CHECK(column("tenant").default_expression == (mariadb ? "'it''s'" : "'it\\'s'"));
  CHECK(column("tenant").native_type == "varchar(40)");
  CHECK(column("tenant").character_set == "utf8mb4");
  CHECK(column("body").type == 25);
  CHECK(column("body").type_modifier == 65539);
  CHECK(column("body").default_expression.empty());
  CHECK(column("doc").type == 114);
  CHECK(column("raw").type == 17);
  CHECK(column("raw").type_modifier == -1);
  CHECK(column("u").type == 20);
  CHECK_FALSE(column("parent").default_expression.empty());
  CHECK(column("size").generated);
  CHECK(column("size").invisible);
  CHECK(column("size").default_expression.find("'it\\'s'") != std::string::npos);
  CHECK(column("size").default_expression.find("`body`") != std::string::npos);

  const auto one_body = std::ranges::find(messages->indexes, "one_body", &Index::name);
  REQUIRE(one_body != messages->indexes.end());
  CHECK(one_body->unique);
  CHECK(one_body->columns == std::vector<std::int16_t>{2, 3});
  CHECK(one_body->definition == "CREATE UNIQUE INDEX one_body ON app.`Messages` (`Tenant`, body(10))");
  if (!mariadb) {
    const auto tag = std::ranges::find(messages->indexes, "tag", &Index::name);
    REQUIRE(tag != messages->indexes.end());
    CHECK(tag->columns == std::vector<std::int16_t>{0});
    CHECK(tag->expressions == std::vector<std::string>{"substr(`body`,21,24)"});
  }
  CHECK(std::ranges::count(messages->constraints, Constraint::Kind::primary_key, &Constraint::kind) == 1);
  const auto parent = std::ranges::find(messages->constraints, Constraint::Kind::foreign_key, &Constraint::kind);
  REQUIRE(parent != messages->constraints.end());
  CHECK(parent->columns == std::vector<std::int16_t>{7});
  CHECK(parent->definition == "REFERENCES app.`Parent` (id)");
  CHECK(std::ranges::count(messages->constraints, Constraint::Kind::check, &Constraint::kind) == 1);  // not the JSON's
  REQUIRE(messages->triggers.size() == 1);
  CHECK(snapshot.functions.at(messages->triggers[0].function).body == "SET NEW.u = 1");

  const Relation* recent = snapshot.find("app", "recent");
  REQUIRE(recent != nullptr);
  CHECK(recent->kind == RelationKind::view);
  CHECK(recent->view_definition.find("`app`.`Messages`") != std::string::npos);
  REQUIRE(snapshot.find_functions("app", "twice").size() == 1);
  CHECK(snapshot.find_functions("app", "put")[0]->body.find("INSERT INTO app.Messages") != std::string::npos);
}

TEST_CASE("MySQL: a control user that cannot see everything is refused") {
  const std::string flavour = GENERATE("mariadb", "mysql");
  REQUIRE_SERVER(server, flavour);
  server->run({"DROP DATABASE IF EXISTS hidden", "CREATE DATABASE hidden", "CREATE TABLE hidden.t (id INT, body TEXT)",
               "CREATE VIEW hidden.v AS SELECT body FROM hidden.t",
               "CREATE PROCEDURE hidden.p(t TEXT) INSERT INTO hidden.t VALUES (1, t)",
               "DROP USER IF EXISTS 'seal@row'@localhost", "CREATE USER 'seal@row'@localhost IDENTIFIED BY 'secret'",
               "GRANT SELECT ON hidden.* TO 'seal@row'@localhost"});
  const auto control = server->control("seal@row", "secret");
  const auto blind = read_snapshot(control, "", 1);
  REQUIRE(blind.has_error());
  CHECK(blind.error().code == ErrorCode::catalog_unavailable);
  CHECK(blind.error().hint.find("SHOW VIEW") != std::string::npos);
  server->run({"GRANT SELECT, SHOW VIEW, TRIGGER ON *.* TO 'seal@row'@localhost"});
  const auto seeing = read_snapshot(control, "", 1);
  INFO((seeing.has_error() ? seeing.error().detail : ""));
  REQUIRE(seeing.has_value());
  const Relation* view = (*seeing)->find("hidden", "v");
  REQUIRE(view != nullptr);
  CHECK(view->view_definition.find("`hidden`.`t`") != std::string::npos);
  CHECK((*seeing)->find("hidden", "t")->columns.size() == 2);
  REQUIRE((*seeing)->find_functions("hidden", "p").size() == 1);
  CHECK((*seeing)->find_functions("hidden", "p")[0]->body.find("INSERT INTO") != std::string::npos);
  server->run({"DROP DATABASE hidden", "DROP USER 'seal@row'@localhost"});
}

TEST_CASE("MySQL: errors of the reader are values") {
  const std::string flavour = GENERATE("mariadb", "mysql");
  REQUIRE_SERVER(server, flavour);
  CHECK(read_snapshot(server->control("root", "wrong"), "", 1).error().code == ErrorCode::catalog_unavailable);
  MysqlControl nowhere = server->control();
  nowhere.host = "/nonexistent/socket";
  CHECK(read_snapshot(nowhere, "", 1).error().code == ErrorCode::catalog_unavailable);
  MysqlControl encrypted = server->control();
  encrypted.tls = ControlTls::verify_full;
  encrypted.ca = "/nonexistent/ca.pem";
  CHECK(read_snapshot(encrypted, "", 1).has_error());
}

TEST_CASE("MySQL: the service answers for the whole server and knows no verifiers") {
  const std::string flavour = GENERATE("mariadb", "mysql");
  REQUIRE_SERVER(server, flavour);
  const auto service = make_catalog_service({server->control(), {}, {}});
  CatalogService* const plain = service.get();
  bool refused = false, answered = false;
  std::mutex mutex;
  std::condition_variable done;
  plain->refresh("", [&](const auto& outcome) {
    const std::lock_guard lock(mutex);
    answered = outcome.has_value();
    done.notify_all();
  });
  plain->fetch_verifier("root", [&](const auto& outcome) {
    const std::lock_guard lock(mutex);
    refused = outcome.has_error();
    done.notify_all();
  });
  std::unique_lock lock(mutex);
  CHECK(done.wait_for(lock, std::chrono::seconds(60), [&] { return refused && answered; }));
  CHECK(plain->current("") != nullptr);
}

TEST_CASE("MySQL: column types") {
  using mysql::column_type;
  using mysql::ColumnType;
  CHECK(column_type("varchar", "varchar(20)", 20, 80) == ColumnType{1043, 24});
  CHECK(column_type("char", "char(5)", 5, 20) == ColumnType{1043, 9});
  CHECK(column_type("mediumtext", "mediumtext", 16777215, 16777215) == ColumnType{25, 16777219});
  CHECK(column_type("longtext", "longtext", 4294967295, 4294967295) == ColumnType{25, -1});
  CHECK(column_type("varbinary", "varbinary(30)", 30, 30) == ColumnType{17, 34});
  CHECK(column_type("bigint", "bigint(20) unsigned", 0, 0) == ColumnType{1700, -1});
  CHECK(column_type("datetime", "datetime(6)", 0, 0) == ColumnType{1114, -1});
  CHECK(column_type("timestamp", "timestamp", 0, 0) == ColumnType{1184, -1});
  CHECK(column_type("enum", "enum('unsigned')", 8, 32).oid == 3500);  // never text: no envelope fits
  CHECK(column_type("geometry", "geometry", 0, 0) == ColumnType{});
}
