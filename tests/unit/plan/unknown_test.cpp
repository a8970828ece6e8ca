// Names that the catalog snapshot does not have.
#include "unit/plan/fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sealrow;
using namespace sealrow::plan;
using namespace sealrow::plan::test;

namespace {
std::vector<std::string> unknown(std::string_view text, const SessionNames& names = {}) {
  return plan::test::plan(text, world(), names).plan->unknown_relations;
}
using Names = std::vector<std::string>;
std::vector<std::string> created(std::string_view text) {
  std::vector<std::string> all;
  const auto outcome = plan::test::plan(text, world());
  REQUIRE(outcome.plan->verdict == Verdict::apply);
  for (const Effect& effect : outcome.plan->statements.at(0).effects) {
    const auto* catalog = std::get_if<CatalogEffect>(&effect);
    if (!catalog) continue;
    for (const CreatedRelation& relation : catalog->created) {
      all.push_back(relation.name + (relation.temporary ? " temporary" : "") +
                    (relation.leads_to_protected ? " leads" : ""));
    }
  }
  return all;
}
}  // namespace

TEST_CASE("relations that the catalog lacks are named in the plan") {
  CHECK(unknown("insert into new_v(body) values ('x')") == Names{"new_v"});
  CHECK(unknown("select * from msg m join s9.x on true where id in (select id from y)") == Names{"s9.x", "y"});
  CHECK(unknown("update new_v set body = 'x'; delete from msg") == Names{"new_v"});
  CHECK(unknown("prepare p as insert into new_v values (1)") == Names{"new_v"});
  CHECK(unknown("explain analyze insert into new_v values (1)") == Names{"new_v"});
  CHECK(unknown("copy new_v from stdin") == Names{"new_v"});
  CHECK(unknown("insert into public.missing(body) values ('x')") == Names{"public.missing"});
  CHECK(unknown("create table t as select * from y") == Names{"y"});
}

TEST_CASE("known names, queries, system relations and definitions are not") {
  CHECK(unknown("select * from msg, other, msg_v, s2.msg").empty());
  CHECK(unknown("with q as (select 1), r as (select * from q) select * from r where exists (select from q)").empty());
  CHECK(unknown("select * from pg_catalog.pg_class, information_schema.tables, pg_temp.t").empty());
  CHECK(unknown("drop table if exists y").empty());
  CHECK(unknown("create table t(a int); insert into t values (1)").empty());
  CHECK(unknown("select 1 into t").empty());
  World with_system = make_world();
  with_system.catalog->system_relations = {"pg_class"};
  CHECK(plan::test::plan("select * from pg_class, pg_new", *with_system.bind()).plan->unknown_relations ==
        Names{"pg_new"});
}

TEST_CASE("an unknown search path takes any relation of that name for known") {
  SessionNames lost;
  lost.search_path_known = false;
  CHECK(unknown("select * from other, new_v", lost) == Names{"new_v"});
}

TEST_CASE("definitions tell what they make and whether it leads to a protected table") {
  CHECK(created("create view v as select id, body from msg") == Names{"v leads"});
  CHECK(created("create temp view v as select id from msg_v") == Names{"v temporary leads"});
  CHECK(created("create view s2.v as select id from other") == Names{"s2.v"});
  CHECK(created("create temp table t(a int)") == Names{"t temporary"});
  CHECK(created("create table t as select id from msg") == Names{"t"});
  CHECK(created("create table child() inherits (msg)") == Names{"child leads"});
  CHECK(created("alter view msg_v rename to w") == Names{"w leads"});
  CHECK(created("alter table other rename to another") == Names{"another"});
}

TEST_CASE("a view is not used in the text that makes it") {
  CHECK(shown("create view v as select id, body from msg; insert into v values (1, 'x')") ==
        "refuse statement_not_understood");
  CHECK(shown("create view v as select id, t from other; insert into v values (1, 'x')") == "same");
}
