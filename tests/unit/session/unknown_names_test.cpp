// When a name that the catalog lacks makes the session read the catalog again.
#include "harness.hpp"

#include "session/unknown_names.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace sealrow;
using namespace sealrow::test;
using session::UnknownNames;
using Names = std::vector<std::string>;

namespace {
std::size_t readings(Harness& h) {
  return static_cast<std::size_t>(std::ranges::count_if(h.driver().requests, [](const auto& asked) {
    return std::holds_alternative<session::RefreshCatalog>(asked.second);
  }));
}
}  // namespace

TEST_CASE("unknown names are asked for once in a second") {
  UnknownNames names;
  const Instant start{};
  CHECK(names.worth_reading({"a"}, start, false, true));
  names.still_unknown({"a"}, start);
  CHECK_FALSE(names.worth_reading({"a"}, start + std::chrono::milliseconds(999), false, true));
  CHECK(names.worth_reading({"a", "b"}, start, false, true));
  CHECK(names.worth_reading({"a"}, start + std::chrono::seconds(1), false, true));
}

TEST_CASE("what the session made itself is not asked for") {
  UnknownNames names;
  names.made({{{"t", true}, {"s.u"}, {"v", false, true}}});
  CHECK_FALSE(names.worth_reading({"t", "s.u"}, {}, true, true));
  CHECK(names.worth_reading({"u"}, {}, true, true));
  CHECK(names.worth_reading({"s.u"}, {}, false, true));      // committed: it can be read
  CHECK_FALSE(names.worth_reading({"t"}, {}, false, true));  // never in the catalog
  CHECK_FALSE(names.lead_to_protected({"t", "s.u"}));
  CHECK(names.lead_to_protected({"public.v"}));
}

TEST_CASE("a plain table of its own is asked for only beside protected ones") {
  UnknownNames names;
  names.made({{{"t", false, false, true}}, false});
  CHECK_FALSE(names.worth_reading({"t"}, {}, false, false));
  CHECK(names.worth_reading({"t"}, {}, false, true));
  CHECK(names.worth_reading({"t", "other"}, {}, false, false));
}

// What a migration costs: readings of the catalog.
TEST_CASE("a migration reads the catalog where it changes what plans are made from") {
  FakeEnvironment environment;
  Harness h(environment, 0, "t1");
  const auto run = [&](const std::string& sql, const char* tag) {
    INFO(sql);
    h.client(query(sql));
    // Behind a new reading the names are asked for as well.
    if (kinds(h.to_server()).find('P') != std::string::npos) h.answer_names();
    h.server(complete(tag) + ready());
    CHECK(h.to_client() == complete(tag) + ready());
  };
  for (int i = 0; i < 60; ++i) {
    const std::string t = "t" + std::to_string(i);
    run("create table " + t + " (id bigint primary key, title text not null default 'x', parent bigint)",
        "CREATE TABLE");
    run("create index on " + t + " (parent)", "CREATE INDEX");
    run("alter table " + t + " add column extra text", "ALTER TABLE");
    run("comment on table " + t + " is 'a table'", "COMMENT");
    run("insert into " + t + " values (1, 'x', null)", "INSERT 0 1");
  }
  CHECK(readings(h) == 0);
  run("alter table other add column more text", "ALTER TABLE");
  run("select * from t1", "SELECT 1");
  CHECK(readings(h) == 1);
  run("create trigger x before insert on other execute function plus()", "CREATE TRIGGER");
  run("select 1", "SELECT 1");
  CHECK(readings(h) == 2);
  run("select m.body, t1.extra from msg m, t1", "SELECT 0");  // here its columns matter
  CHECK(readings(h) == 3);
}

TEST_CASE("a view made by another session is found before a write through it") {
  FakeEnvironment environment;
  auto before = environment.current;
  auto world = plan::test::make_world();
  auto& view = plan::test::add_relation(world, 900, "public", "new_v", {{"id", 20}, {"content", 25}});
  view.kind = catalog::RelationKind::view;
  view.view_definition = "SELECT m.id, m.body AS content FROM public.msg m";
  world.catalog->generation = 2;
  world.catalog->build_index();
  Harness h(environment, 0, "t1");
  h.on_refresh = [&] { environment.current = world.bind(); };
  h.client(query("insert into new_v(id, content) values (1, 'canary')"));
  CHECK(readings(h) == 1);
  const auto sent = h.to_server();
  CHECK(sent.find("canary") == std::string::npos);
  CHECK(sent.find("sr1.") != std::string::npos);
}

TEST_CASE("a name that stays unknown does not hold statements up") {
  FakeEnvironment environment;
  Harness h(environment, 0, "t1");
  for (int i = 0; i < 3; ++i) {
    h.client(query("select * from nowhere"));
    CHECK(shown(h.to_server()) == shown(query("select * from nowhere")));
    h.server(complete("SELECT 0") + ready());
    (void)h.to_client();
  }
  CHECK(readings(h) == 1);
}

TEST_CASE("a view over a protected table cannot be used before its commit") {
  FakeEnvironment environment;
  Harness h(environment, 0, "t1");
  h.client(query("begin"));
  h.server(complete("BEGIN") + ready('T'));
  h.client(query("create view v as select id, body from msg"));
  h.server(complete("CREATE VIEW") + ready('T'));
  (void)h.to_server();
  (void)h.to_client();
  h.client(query("insert into v values (1, 'canary')"));
  CHECK(h.to_server().find("canary") == std::string::npos);
}
