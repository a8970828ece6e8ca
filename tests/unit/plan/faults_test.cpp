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
