// Against a throw-away PostgreSQL: made by the first test case that needs it, gone at the end of the process.
#include "sealrow/catalog/reader.hpp"

#include <catch2/catch_test_macros.hpp>

#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>

using namespace sealrow;
using namespace sealrow::catalog;

namespace {

constexpr const char* bin = "/usr/lib/postgresql/15/bin/";

class Postgres {
 public:
  static Postgres* get() {
    static Postgres server;
    return server.running_ ? &server : nullptr;
  }
  [[nodiscard]] ControlConnection control() const {
    return PostgresControl{"host='" + directory_ + "' user=postgres", 5, 15000};
  }
  void run(const std::string& sql) const {
    PGconn* connection = PQconnectdb(
        ("host='" + directory_ + "' user=postgres dbname=postgres options='-c client_min_messages=warning'").c_str());
    PGresult* result = PQexec(connection, sql.c_str());
    INFO(PQerrorMessage(connection));
    CHECK((PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK));
    PQclear(result);
    PQfinish(connection);
  }

 private:
  Postgres() {
    char pattern[] = "/tmp/sealrow-pg-XXXXXX";
    if (!std::filesystem::exists(std::string(bin) + "initdb") || ::mkdtemp(pattern) == nullptr) return;
    directory_ = pattern;
    // The server refuses to run as root.
    if (::getuid() == 0) {
      as_ = "setpriv --reuid=nobody --regid=nogroup --clear-groups ";
      shell("chown nobody " + directory_);
    }
    running_ = shell(as_ + bin + "initdb -D " + directory_ + "/db -U postgres -A trust --no-sync -E UTF8 --locale=C") &&
               shell(as_ + bin + "pg_ctl -D " + directory_ + "/db -s -w -l " + directory_ + "/log -o \"-k " +
                     directory_ + " -c listen_addresses='' -c fsync=off\" start");
  }
  ~Postgres() {
    if (running_) shell(as_ + bin + "pg_ctl -D " + directory_ + "/db -s -m immediate stop");
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }
  static bool shell(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }
  std::string directory_, as_;
  bool running_ = false;
};

#define REQUIRE_POSTGRES(server)      \
  Postgres* server = Postgres::get(); \
  if (server == nullptr) SKIP("no PostgreSQL 15 on this machine")

template <class T>
class Awaited {
 public:
  std::function<void(Result<T>)> taker() {
    return [this](Result<T> value) {
      const std::lock_guard lock(mutex_);
      value_ = std::make_unique<Result<T>>(std::move(value));
      done_.notify_all();
    };
  }
  Result<T>& wait() {
    std::unique_lock lock(mutex_);
    REQUIRE(done_.wait_for(lock, std::chrono::seconds(60), [this] { return value_ != nullptr; }));
    return *value_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::unique_ptr<Result<T>> value_;
};

}  // namespace

TEST_CASE("a snapshot has every kind of object that a plan can depend on") {
  REQUIRE_POSTGRES(server);
  server->run(R"(
    DROP SCHEMA IF EXISTS app CASCADE; DROP FOREIGN DATA WRAPPER IF EXISTS nothing CASCADE; CREATE SCHEMA app;
    CREATE EXTENSION IF NOT EXISTS plpgsql;
    CREATE TABLE app."Messages" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, gone int, tenant text NOT NULL,
      body text DEFAULT 'none', short varchar(40), size int GENERATED ALWAYS AS (length(body)) STORED,
      CONSTRAINT long_enough CHECK (length(tenant) > 2));
    ALTER TABLE app."Messages" DROP COLUMN gone;
    CREATE UNIQUE INDEX one_body ON app."Messages" (tenant, lower(body)) INCLUDE (short) WHERE tenant <> 'x';
    CREATE VIEW app.recent AS SELECT id, body FROM app."Messages" WHERE id > 10;
    CREATE TABLE app.parts (id int, at date) PARTITION BY RANGE (at);
    CREATE TABLE app.parts_2026 PARTITION OF app.parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
    CREATE FUNCTION app.twice(i int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT i * 2; END;
    CREATE TRIGGER noting BEFORE INSERT ON app."Messages" FOR EACH ROW EXECUTE FUNCTION app.note();
    CREATE RULE never AS ON DELETE TO app."Messages" DO INSTEAD NOTHING;
    CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing;
    CREATE FOREIGN TABLE app.afar (id int, body text, words text[]) SERVER nowhere;
    CREATE TYPE app.mood AS ENUM ('glad');)");
  const auto read = read_snapshot(server->control(), "postgres", 7);
  REQUIRE(read.has_value());
  const Snapshot& snapshot = **read;
  CHECK(snapshot.generation == 7);
  CHECK(snapshot.database == "postgres");
  CHECK(snapshot.server_version / 10000 == 15);
  CHECK(snapshot.server_encoding == "UTF8");
  for (const char* name : {"count", "array_agg", "json_build_object", "upper", "set_config", "text"})
    CHECK(snapshot.system_functions.contains(name));
  for (const char* name : {"any_value", "twice", "", "counts", "coun"})  // any_value came with PostgreSQL 16
    CHECK_FALSE(snapshot.system_functions.contains(name));
  CHECK(snapshot.system_functions.size() > 2000);
  CHECK(snapshot.system_relations.contains("pg_class"));
  CHECK_FALSE(snapshot.system_relations.contains("Messages"));
  for (const char* name : {"mood", "date", "varchar"}) CHECK(snapshot.types.contains(name));
  CHECK_FALSE(snapshot.types.contains("Messages"));

  const Relation* afar = snapshot.find("app", "afar");
  REQUIRE(afar != nullptr);
  CHECK(afar->kind == RelationKind::foreign_table);
  REQUIRE(afar->columns.size() == 3);
  CHECK(afar->columns[1].type == 25);
  CHECK(afar->columns[2].type == 1009);

  const Relation* messages = snapshot.find("app", "Messages");
  REQUIRE(messages != nullptr);
  CHECK(messages->kind == RelationKind::table);
  REQUIRE(messages->columns.size() == 5);
  CHECK(messages->columns[0].identity);
  CHECK(messages->columns[1].name == "tenant");
  CHECK(messages->columns[1].number == 3);  // the dropped column leaves its gap
  CHECK(messages->columns[1].not_null);
  CHECK(messages->columns[2].default_expression == "'none'::text");
  CHECK(messages->columns[3].type == 1043);
  CHECK(messages->columns[3].type_modifier == 44);
  CHECK(messages->columns[4].generated);
  CHECK(messages->columns[4].default_expression == "length(body)");

  const auto one_body = std::ranges::find(messages->indexes, "one_body", &Index::name);
  REQUIRE(one_body != messages->indexes.end());
  CHECK(one_body->unique);
  CHECK_FALSE(one_body->primary);
  CHECK(one_body->method == "btree");
  CHECK(one_body->columns == std::vector<std::int16_t>{3, 0});
  CHECK(one_body->expressions == std::vector<std::string>{"lower(body)"});
  CHECK(one_body->predicate == "(tenant <> 'x'::text)");
  CHECK(one_body->definition.find("app.\"Messages\"") != std::string::npos);
  CHECK(std::ranges::count(messages->constraints, Constraint::Kind::primary_key, &Constraint::kind) == 1);
  const auto check = std::ranges::find(messages->constraints, "long_enough", &Constraint::name);
  REQUIRE(check != messages->constraints.end());
  CHECK(check->columns == std::vector<std::int16_t>{3});
  REQUIRE(messages->triggers.size() == 1);
  CHECK(snapshot.functions.at(messages->triggers[0].function).name == "note");
  REQUIRE(messages->rules.size() == 1);
  CHECK(messages->rules[0].find("DO INSTEAD NOTHING") != std::string::npos);

  const Relation* recent = snapshot.find("app", "recent");
  REQUIRE(recent != nullptr);
  CHECK(recent->view_definition.find("app.\"Messages\"") != std::string::npos);  // qualified, whatever the search_path
  const Relation* parts = snapshot.find("app", "parts");
  const Relation* part = snapshot.find("app", "parts_2026");
  REQUIRE((parts != nullptr && part != nullptr));
  CHECK(parts->kind == RelationKind::partitioned_table);
  CHECK(part->parents == std::vector<Oid>{parts->oid});
  CHECK(parts->children == std::vector<Oid>{part->oid});
  REQUIRE(snapshot.find_functions("app", "twice").size() == 1);
  CHECK(snapshot.find_functions("app", "twice")[0]->body.find("i * 2") != std::string::npos);
  CHECK(snapshot.find("pg_catalog", "pg_class") == nullptr);
}

TEST_CASE("errors of the reader are values") {
  REQUIRE_POSTGRES(server);
  CHECK(read_snapshot(server->control(), "no_such_database", 1).error().code == ErrorCode::catalog_unavailable);
  // A database name is a name, never a connection string.
  CHECK(read_snapshot(server->control(), "dbname=postgres", 1).has_error());
  const PostgresControl nowhere{"host=/nonexistent user=postgres", 1, 1000};
  CHECK(read_snapshot(nowhere, "postgres", 1).error().code == ErrorCode::catalog_unavailable);
}

TEST_CASE("hundreds of tables are read in a few round trips") {
  REQUIRE_POSTGRES(server);
  server->run(R"(DROP SCHEMA IF EXISTS many CASCADE; CREATE SCHEMA many;
    DO $$ BEGIN FOR i IN 1..400 LOOP EXECUTE format('CREATE TABLE many.t%s (id int, a text, b text)', i); END LOOP; END $$)");
  const auto read = read_snapshot(server->control(), "postgres", 1);
  REQUIRE(read.has_value());
  CHECK(std::ranges::count_if((*read)->relations, [](const auto& entry) { return entry.second.schema == "many"; }) ==
        400);
  server->run("DROP SCHEMA many CASCADE");
}

TEST_CASE("the service: current, refresh, generations") {
  REQUIRE_POSTGRES(server);
  const auto service = make_catalog_service({server->control()});
  CHECK(service->current("postgres") == nullptr);
  Awaited<std::shared_ptr<const Snapshot>> first, failed, second;
  service->refresh("postgres", first.taker());
  REQUIRE(first.wait().has_value());
  CHECK(service->current("postgres") == *first.wait());
  service->refresh("no_such_database", failed.taker());
  CHECK(failed.wait().has_error());
  CHECK(service->current("no_such_database") == nullptr);
  server->run("DROP TABLE IF EXISTS public.fresh; CREATE TABLE public.fresh (id int)");
  service->refresh("postgres", second.taker());
  REQUIRE(second.wait().has_value());
  CHECK((*second.wait())->generation > (*first.wait())->generation);
  CHECK((*second.wait())->find("public", "fresh") != nullptr);
  // Nothing has changed: the same snapshot, and plans made from it stay.
  Awaited<std::shared_ptr<const Snapshot>> third;
  service->refresh("postgres", third.taker());
  REQUIRE(third.wait().has_value());
  CHECK(*third.wait() == *second.wait());
  CHECK(service->current("postgres") == *second.wait());
}

TEST_CASE("every refresh is answered once, also when the service ends") {
  REQUIRE_POSTGRES(server);
  std::atomic<int> answers{0};
  {
    const auto service = make_catalog_service({server->control()});
    for (int i = 0; i < 50; ++i) service->refresh("postgres", [&](const auto&) { ++answers; });
    for (int i = 0; i < 50; ++i) service->fetch_verifier("nobody", [&](const auto&) { ++answers; });
  }
  CHECK(answers == 100);
}

TEST_CASE("verifiers of roles that may log in now") {
  REQUIRE_POSTGRES(server);
  server->run(R"(DROP ROLE IF EXISTS alice, expired, group_only;
    CREATE ROLE alice LOGIN PASSWORD 'secret'; CREATE ROLE expired LOGIN PASSWORD 'x' VALID UNTIL '2001-01-01';
    CREATE ROLE group_only PASSWORD 'x')");
  const auto service = make_catalog_service({server->control()});
  const auto verifier_of = [&](const std::string& user) {
    Awaited<std::string> answer;
    service->fetch_verifier(user, answer.taker());
    REQUIRE(answer.wait().has_value());
    return *answer.wait();
  };
  CHECK(verifier_of("alice").starts_with("SCRAM-SHA-256$"));
  CHECK(verifier_of("expired").empty());
  CHECK(verifier_of("group_only").empty());
  CHECK(verifier_of("nobody' OR true --").empty());
  // The kept connection dies; the next login does not notice.
  server->run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sealrow'");
  CHECK(verifier_of("alice").starts_with("SCRAM-SHA-256$"));
}
