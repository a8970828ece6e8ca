// A policy that does not fit the schema must not come into force.
#include "plan/types.hpp"
#include "unit/plan/fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sealrow;
using namespace sealrow::plan;
using namespace sealrow::plan::test;

namespace {

// public.chat with a sealed column `body`.
World chat(bool may_be_missing = false) {
  World world{std::make_shared<policy::Policy>(), std::make_shared<catalog::Snapshot>()};
  policy::SealedColumn body;
  body.name = "body";
  body.id = ColumnId("body");
  world.policy->generation = 7;
  world.policy->allow_missing_tables = may_be_missing;
  world.policy->tables.push_back(
      {"public", "chat", TableId("public.chat"), {body}, {policy::ConstantTenant{TenantId("a")}}});
  return world;
}

World with_table(World world, std::string name, std::string column, Oid type) {
  add_relation(world, 1, "public", std::move(name), {{"id", oid::int8}, {std::move(column), type}});
  world.catalog->build_index();
  return world;
}

std::vector<ErrorCode> codes(const std::vector<World>& databases) {
  std::vector<std::shared_ptr<const Binding>> bound;
  for (const World& world : databases) bound.push_back(Binding::make(databases.front().policy, world.catalog));
  std::vector<ErrorCode> found;
  for (const Error& error : faults(bound)) found.push_back(error.code);
  return found;
}

using Codes = std::vector<ErrorCode>;

}  // namespace

TEST_CASE("a policy that names what the schema lacks has faults") {
  CHECK(codes({with_table(chat(), "chat", "body", oid::text)}).empty());
  CHECK(codes({with_table(chat(), "chats", "body", oid::text)}) == Codes{ErrorCode::policy_object_missing});
  CHECK(codes({with_table(chat(), "chat", "text", oid::text)}) == Codes{ErrorCode::policy_object_missing});
  CHECK(codes({with_table(chat(), "chat", "body", oid::int4)}) == Codes{ErrorCode::policy_type_mismatch});
}

TEST_CASE("arrays of text cannot be sealed: the policy has a fault and writes are refused") {
  constexpr Oid text_array = 1009, varchar_array = 1015, jsonb_array = 3807, bytea_array = 1001;
  for (const Oid type : {text_array, varchar_array, jsonb_array, bytea_array}) {
    const World world = with_table(chat(), "chat", "body", type);
    CHECK(codes({world}) == Codes{ErrorCode::policy_type_mismatch});
    const auto binding = world.bind();
    CHECK(shown("insert into chat(id, body) values (1, '{x}')", *binding) == "refuse policy_type_mismatch");
    CHECK(shown("update chat set id = 2", *binding) == "refuse policy_type_mismatch");
    CHECK(shown("copy chat from stdin", *binding) == "refuse policy_type_mismatch");
    const auto found = check(*binding);
    REQUIRE(found.size() == 1);
    CHECK(found[0].severity == Finding::Severity::error);
    CHECK(found[0].error.object == "public.chat.body");
    CHECK(found[0].error.message == "an array cannot be sealed");
  }
}

TEST_CASE("a foreign table is sealed like any other") {
  World world = with_table(chat(), "chat", "body", oid::text);
  world.catalog->relations.at(1).kind = catalog::RelationKind::foreign_table;
  CHECK(codes({world}).empty());
  CHECK(shown("insert into chat(id, body) values (1, 'x')", *world.bind()) ==
        "insert into chat(id, body) values (1, <seal chat.body>)");
  CHECK(shown("select body from chat", *world.bind()) == "same => chat.body");
  // It counts as a schema in use: a misspelt name is no table that waits for its migration.
  World other = with_table(chat(), "chats", "body", oid::text);
  other.catalog->relations.at(1).kind = catalog::RelationKind::foreign_table;
  CHECK(codes({other}) == Codes{ErrorCode::policy_object_missing});
}

TEST_CASE("tables may be missing before the first migration, and where the policy says so") {
  CHECK(codes({chat()}).empty());
  CHECK(codes({with_table(chat(true), "chats", "body", oid::text)}).empty());
  // What is there and does not fit can never become right by waiting.
  CHECK(codes({with_table(chat(true), "chat", "text", oid::text)}) == Codes{ErrorCode::policy_object_missing});
  CHECK(codes({with_table(chat(true), "chat", "body", oid::int4)}) == Codes{ErrorCode::policy_type_mismatch});
}

TEST_CASE("a table of another database is not missing") {
  const World other = with_table(chat(), "settings", "value", oid::text);
  CHECK(codes({other, with_table(chat(), "chat", "body", oid::text)}).empty());
  CHECK(codes({other, chat()}) == Codes{ErrorCode::policy_object_missing});
}

TEST_CASE("MySQL: other databases do not make one that is empty a mistake") {
  World world = with_table(chat(), "elsewhere", "body", oid::text);
  world.catalog->dialect = sql::mysql::LexerOptions{};
  world.catalog->relations.at(1).schema = "other_app";
  world.catalog->build_index();
  CHECK(codes({world}).empty());
  world.catalog->relations.at(1).schema = "public";
  world.catalog->build_index();
  CHECK(codes({world}) == Codes{ErrorCode::policy_object_missing});
}
