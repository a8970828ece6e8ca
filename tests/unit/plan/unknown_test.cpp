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

TEST_CASE("functions that the catalog lacks are named in the plan") {
  CHECK(unknown("select fresh(body) from msg") == Names{"fresh()"});
  CHECK(unknown("select lower(t), plus(id), fresh(s9.old(t)), now() from other") == Names{"fresh()", "s9.old()"});
  CHECK(unknown("insert into other(t) values (fresh('x'))") == Names{"fresh()"});
  CHECK(unknown("select * from fresh('x')") == Names{"fresh()"});
  CHECK(unknown("call fresh('x')") == Names{"fresh()"});
  CHECK(unknown("explain analyze select fresh('x')") == Names{"fresh()"});
  CHECK(unknown("prepare p as select fresh('x')") == Names{"fresh()"});
  CHECK(unknown("copy (select fresh('x')) to stdout") == Names{"fresh()"});
  // One of another schema than those of the path may have got a namesake there.
  CHECK(unknown("select lower('x'), pg_catalog.fresh('x'), pg_temp.fresh('x'), date('2024-01-01'), trusted('a', 'b')")
            .empty());
  SessionNames elsewhere;
  elsewhere.search_path = {"s2"};
  CHECK(unknown("select plus(1), public.plus(1)", elsewhere) == Names{"plus()"});
  CHECK(unknown("create function fresh() returns int language sql as 'select 1'; select fresh()").empty());
  CHECK(created("create or replace function s2.fresh() returns int language sql as 'select 1'") == Names{"s2.fresh()"});
}

TEST_CASE("a function that is known by its name is the server's own") {
  // As before PostgreSQL 16: nothing is known of a user's any_value.
  World made = make_world();
  made.catalog->system_functions = {"count", "array_agg", "json_agg"};
  made.catalog->functions.emplace(520, catalog::Function{520, "public", "json_agg", "sql", "select $1"});
  made.catalog->functions.emplace(521, catalog::Function{521, "s2", "array_agg", "sql", "select $1"});
  made.catalog->build_index();
  const auto binding = made.bind();
  CHECK(shown("select any_value(body) from msg", *binding) == "refuse sealed_operand");
  CHECK(shown("select pg_catalog.any_value(body) from msg", *binding) == "refuse sealed_operand");
  CHECK(shown("select json_agg(body) from msg", *binding) == "refuse sealed_operand");
  CHECK(shown("select pg_catalog.json_agg(body) from msg", *binding) == "same => body*");
  SessionNames path;
  path.search_path = {"s2", "public"};
  CHECK(shown("select array_agg(body) from public.msg", *binding, path) == "refuse sealed_operand");
  path.search_path_known = false;
  CHECK(shown("select array_agg(body) from public.msg", *binding, path) == "refuse sealed_operand");
  // One that comes to be after the catalog was read is not meant either.
  CHECK(shown("select array_agg(body), count(body), count(id), count(*) from msg", *binding) ==
        "select pg_catalog.array_agg(body), pg_catalog.count(body), count(id), count(*) from msg => body*,-,-,-");
  CHECK(shown("select \"count\"(body), Count(body) from msg", *binding) ==
        "select pg_catalog.\"count\"(body), pg_catalog.Count(body) from msg");
  CHECK(shown("select count(distinct email) from msg", *binding) ==
        "select pg_catalog.count(distinct pg_catalog.substr(email, 21, 24)) from msg");
  CHECK(shown("create view v as select tenant, array_agg(body) a from msg group by tenant", *binding) ==
        "create view v as select tenant, pg_catalog.array_agg(body) a from msg group by tenant");
  // In views names without a schema mean nothing else.
  made.catalog->relations.at(104).view_definition =
      "SELECT 1::bigint AS id, msg.tenant, json_agg(msg.body) AS content FROM public.msg GROUP BY msg.tenant";
  CHECK(shown("select content from msg_v", *made.bind()) == "same => body*");
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

namespace {
bool rereads(std::string_view text, const Binding& binding) {
  const PlanOutcome outcome = plan::test::plan(text, binding);
  INFO(text);
  CHECK(outcome.plan->verdict != Verdict::refuse);
  for (const StatementPlan& statement : outcome.plan->statements) {
    for (const Effect& effect : statement.effects) {
      const auto* change = std::get_if<CatalogEffect>(&effect);
      if (change && change->reread) return true;
    }
  }
  return false;
}
}  // namespace

TEST_CASE("definitions that plans do not depend on need no new reading") {
  const World made = make_world();
  const auto binding = made.bind();
  for (const char* text : {
           "create table fresh (id int primary key, t text default 'x' check (t <> ''))",
           "create table if not exists fresh (id int references other (id))",
           "create temp table fresh (id int)",
           "create index on other (t)",
           "create index concurrently if not exists i on other (lower(t))",
           "create unique index i on note (tenant, email)",
           "create view fresh_v as select id, t from other",
           "alter table other add constraint c check (id > 0)",
           "alter table other alter column t set default 'y'",
           "alter table other alter column t set not null",
           "alter table fresh add column x int",
           "alter table fresh alter column x type bigint",
           "drop table fresh",
           "drop index i",
           "drop type mood",
           "drop sequence s",
           "comment on table msg is 'x'",
           "grant select on msg to somebody",
           "create type mood as enum ('a')",
           "create sequence s",
           "create role somebody",
           "analyze",
           "vacuum msg",
           "reindex table other",
       }) {
    INFO(text);
    CHECK_FALSE(rereads(text, *binding));
  }
  for (const char* text : {
           "create table s2.msg2 (like msg)",
           "create table s2.note (id int)",  // hides public.note under some search_path
           "create table \"note\" (id int)",
           "create table U&\"n\\006fte\" (id int)",
           "create table missing (id int, body text)",  // the policy's own
           "create table p partition of msg for values in (1)",
           "create table p partition of hooked for values in (1)",
           "create view fresh_v as select id from msg",
           "create table fresh as select * from other",
           "alter table other add column x int",
           "alter table other drop column t",
           "alter table other rename to another",
           "alter table other set schema s2",
           "alter table other inherit hooked",
           "alter table fresh rename to fresher",
           "alter table msg alter column id set not null",
           "drop table other",
           "drop table s2.msg",
           "drop table fresh, other",
           "drop table fresh cascade",
           "drop type mood cascade",
           "drop view msg_counts",
           "drop function plus",
           "drop trigger hook on hooked",
           "drop schema s2",
           "create schema s3",
           "import foreign schema public from server s into public",
           "create foreign table fresh (id int) server s",
           "alter foreign table other add column x int",
           "drop foreign table other",
           "create extension vector",
           "create function f() returns int language sql as 'select 1'",
           "create trigger x before insert on other execute function plus()",
           "do $$ begin null; end $$",
       }) {
    INFO(text);
    CHECK(rereads(text, *binding));
  }
  // A default that calls a function which writes to a protected table would make every insert a hidden write.
  CHECK(refusal("create table fresh (id int, t text default add_msg('a', 'b'))").code == ErrorCode::hidden_write);
  CHECK(refusal("alter table other alter column t set default add_msg('a', 'b')").code == ErrorCode::hidden_write);
}
