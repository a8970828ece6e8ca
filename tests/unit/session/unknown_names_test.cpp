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
  CHECK(names.worth_reading({"a"}, start, false));
  names.still_unknown({"a"}, start);
  CHECK_FALSE(names.worth_reading({"a"}, start + std::chrono::milliseconds(999), false));
  CHECK(names.worth_reading({"a", "b"}, start, false));
  CHECK(names.worth_reading({"a"}, start + std::chrono::seconds(1), false));
}

TEST_CASE("what the session made itself is not asked for") {
  UnknownNames names;
  names.made({{{"t", true}, {"s.u"}, {"v", false, true}}});
  CHECK_FALSE(names.worth_reading({"t", "s.u"}, {}, true));
  CHECK(names.worth_reading({"u"}, {}, true));
  CHECK(names.worth_reading({"s.u"}, {}, false));      // committed: it can be read
  CHECK_FALSE(names.worth_reading({"t"}, {}, false));  // never in the catalog
  CHECK_FALSE(names.lead_to_protected({"t", "s.u"}));
  CHECK(names.lead_to_protected({"public.v"}));
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
