// Reads, search, names. The numbers are those of the leak probe.
#include "unit/plan/fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sealrow;
using namespace sealrow::plan;
using namespace sealrow::plan::test;

namespace {
struct Case {
  const char* id;
  const char* sql;
  const char* want;
};
void check_all(const std::vector<Case>& cases) {
  for (const Case& each : cases) {
    INFO(each.id << ": " << each.sql);
    CHECK(shown(each.sql) == each.want);
  }
}
}  // namespace

TEST_CASE("reads") {
  check_all({
      {"A8.01", "select id, body, m.body as b, m.* from msg m",
       "same => -,body,body,-,-,body,email,meta,doc,raw,num:23,-"},
      {"A8.01b", "table msg", "same => -,-,body,email,meta,doc,raw,num:23,-"},
      {"A8.01c", "select body from msg for update", "same => body"},
      {"A8.01d", "select body, row_number() over (order by id) from public.\"msg\"", "same => body,-"},
      {"A8.02",
       "select (select body from msg limit 1), l.b from other o, lateral (select m.body b from msg m where m.id = "
       "o.msg_id) l",
       "same => body,body"},
      {"A8.03", "select x.z from (select body z from msg) x", "same => body"},
      {"A8.03b", "with c as (select body from msg) select * from c", "same => body"},
      {"A8.03c", "select body from msg union all select body from note", "same => body+note.body"},
      {"A8.03d", "select content from msg_v", "same => body"},
      {"A8.03e", "select * from msg_vv", "same => -,body"},
      {"A8.03f", "select coalesce(body, '') from msg", "same => body*"},
      {"A8.03g", "select case when id > 1 then body end from msg", "same => body"},
      {"A8.03h", "declare c cursor for select body from msg", "same => body"},
      {"A8.04", "select * from note, other", "same => -,-,note.body,note.email,-,-,-,-"},
      {"A8.05", "select * from other o join note n on n.id = o.msg_id", "same => -,-,-,-,-,-,note.body,note.email"},
      {"A8.05b", "select * from other o join note n using (id)", "same => -,-,-,-,-,note.body,note.email"},
      {"A8.05c", "select * from (other o join note n using (id)) j", "same => -,-,-,-,-,note.body,note.email"},
      {"A8.05d", "select * from other join note using (id, body)", "refuse sealed_search"},
      {"A8.05e", "select * from other natural join note", "refuse sealed_search"},
      {"A8.06", "select body::text, body::varchar, meta::text from msg", "same => body,body,meta*"},
      {"A8.06b", "select body::varchar(20) from msg", "refuse sealed_operand"},
      {"A8.06c", "select body::bytea from msg", "refuse sealed_operand"},
      {"A8.06d", "select num::int4 from msg", "select num::bytea from msg => num:23"},
      {"A8.06e", "select num::text from msg", "refuse sealed_operand"},
      {"A8.07", "select length(body) from msg", "refuse sealed_operand"},
      {"A8.08", "select left(body, 3) from msg", "refuse sealed_operand"},
      {"A8.08b", "select body || 'x' from msg", "refuse sealed_operand"},
      {"A8.08c", "select max(body) from msg", "refuse sealed_operand"},
      {"A8.08d", "select num + 1 from msg", "refuse sealed_operand"},
      {"A8.08e", "select sum(num) from msg", "refuse sealed_operand"},
      {"A8.09", "select array_agg(body) from msg", "select pg_catalog.array_agg(body) from msg => body*"},
      {"A8.09b", "select array_agg(array[m.tenant::bytea, m.raw]) from msg m",
       "select pg_catalog.array_agg(array[m.tenant::bytea, m.raw]) from msg m => raw*[[-,S]...]"},
      {"A8.10", "select json_build_object('b', body), row_to_json(n), json_agg(n.body order by id), n from note n",
       "select pg_catalog.json_build_object('b', body), pg_catalog.row_to_json(n), pg_catalog.json_agg(n.body order by "
       "id), n from note n => note.body*,note.body+note.email*{id ,tenant -,body S,email "
       "S},note.body*,note.body+note.email*{id ,tenant -,body S,email S}"},
      {"A8.10b", "select json_build_object(body, 1) from msg", "refuse sealed_operand"},
      {"A8.10c", "select jsonb_agg(raw), to_json(raw) from msg",
       "select pg_catalog.jsonb_agg(raw), pg_catalog.to_json(raw) from msg => raw*,raw*"},
      {"A8.10d", "select json_build_object('n', num) from msg", "refuse sealed_operand"},
      {"A8.10d", "select (json_build_object('b', body))->>'b' from msg",
       "select (pg_catalog.json_build_object('b', body))->>'b' from msg => body*"},
      {"whole row", "select row_to_json(n.*), json_agg(n.*), count(n.*), count(*) from note n",
       "select pg_catalog.row_to_json(n.*), pg_catalog.json_agg(n.*), pg_catalog.count(n.*), count(*) from note n => "
       "note.body+note.email*{id ,tenant -,body S,email S},note.body+note.email*[{id ,tenant -,body S,email "
       "S}...],-,-"},
      {"A8.11", "select (n).body, (n).* from note n", "same => note.body,-,-,note.body,note.email"},
      {"A8.12", "select id from msg where body = 'alpha'", "refuse sealed_search"},
      {"A8.12b", "select id from msg where body in ('a','b')", "refuse sealed_search"},
      {"A8.12c", "select id from msg where body like 'a%'", "refuse sealed_operand"},
      {"A8.13", "select id from msg where body between 'a' and 'b'", "refuse sealed_operand"},
      {"A8.13b", "select body from msg union select body from note", "refuse sealed_search"},
      {"A8.13c", "select body from msg except select body from note", "refuse sealed_search"},
      {"A8.13d", "select id, body from msg order by 2", "refuse sealed_operand"},
      {"A8.13e", "select id, body from msg order by 1", "same => -,body"},
      {"A8.13f", "select distinct body from msg", "refuse sealed_search"},
      {"A8.13g", "select count(*) over (partition by body) from msg", "refuse sealed_search"},
      {"A8.13h", "select distinct on (body) id from msg", "refuse sealed_search"},
      {"A8.14", "select id from msg order by body", "refuse sealed_operand"},
      {"A8.14b", "select id from msg where body > 'a'", "refuse sealed_operand"},
      {"A8.14c", "select id, body b from msg order by b", "refuse sealed_operand"},
      {"A8.15", "select m.id from msg m join note n on m.body = n.body", "refuse sealed_search"},
      {"A8.16", "select meta->'a' from msg", "refuse sealed_operand"},
      {"A8.16b", "select id from msg where meta @> '{}'", "refuse sealed_operand"},
      {"A8.17", "select id from msg where body ilike $1 escape $2", "refuse sealed_operand"},
      {"A8.18", "select 1; select body from msg", "same => body"},
      {"A8.21", "insert into msg(id) values (1) returning body as b, length(body)", "refuse sealed_operand"},
      {"A8.31", "select from msg", "pass"},
      {"A8.31b", "select null::int from msg", "pass"},
      {"A8.32", "select *, (select count(*) from s2.msg) from other where body = 'x' order by body", "pass"},
      {"is null", "select id from msg where body is not null and meta is null", "pass"},
      {"count", "select count(body), count(*) from msg", "select pg_catalog.count(body), count(*) from msg"},
      {"window", "select lag(body) over (order by id), first_value(body) over w from msg window w as (order by id)",
       "select pg_catalog.lag(body) over (order by id), pg_catalog.first_value(body) over w from msg window w as "
       "(order by id) => body,body"},
      {"view count", "select * from msg_counts", "pass"},
      {"recursive",
       "with recursive r as (select id, body from msg where id = 1 union all select m.id, m.body from msg m join r on "
       "m.id = r.id + 1) select * from r",
       "same => -,body"},
      {"recursive mixed",
       "with recursive r(i, b) as (select 1, 'x' union all select m.id, m.body from msg m join r on m.id = r.i) "
       "select b from r",
       "same => body*"},
      {"cte hides", "with msg as (select 'x' as body) select body from msg where body = 'x'", "pass"},
      {"langgraph",
       "select case when $2::text is not null then ts_rank(to_tsvector(meta::text), plainto_tsquery($2)) else 0 end "
       "from msg",
       "refuse sealed_operand"},
      {"prisma",
       "SELECT t.id, COALESCE(j.__prisma_data__, '[]') FROM other t LEFT JOIN LATERAL (SELECT "
       "JSONB_AGG(__prisma_data__) AS "
       "__prisma_data__ FROM (SELECT t3.__prisma_data__ FROM (SELECT JSONB_BUILD_OBJECT('id', t2.id, 'body', t2.body) "
       "AS "
       "__prisma_data__ FROM (SELECT t1.* FROM note t1 WHERE t.id = t1.id) t2) t3) t4) j ON true",
       "SELECT t.id, COALESCE(j.__prisma_data__, '[]') FROM other t LEFT JOIN LATERAL (SELECT "
       "pg_catalog.JSONB_AGG(__prisma_data__) AS __prisma_data__ FROM (SELECT t3.__prisma_data__ FROM (SELECT "
       "pg_catalog.JSONB_BUILD_OBJECT('id', t2.id, 'body', t2.body) AS __prisma_data__ FROM (SELECT t1.* FROM note t1 "
       "WHERE t.id = t1.id) t2) t3) t4) j ON true => -,note.body*"},
      {"drizzle",
       "select o.id, d.data from other o left join lateral (select coalesce(json_agg(json_build_array(n.id, n.body)), "
       "'[]'::json) as data from note n where n.id = o.id) d on true",
       "select o.id, d.data from other o left join lateral (select "
       "coalesce(pg_catalog.json_agg(pg_catalog.json_build_array(n.id, n.body)), '[]'::json) as data from note n where "
       "n.id = o.id) d on true => -,note.body*"},
      {"unknown column", "select nope from msg", "refuse name_unresolved"},
      {"functional", "select n.row_to_json from note n", "refuse name_unresolved"},
      {"system column", "select ctid, body from msg", "same => -,body"},
      {"function source", "select * from msg, json_each(meta)", "refuse sealed_operand"},
      {"opaque star", "select * from note n, generate_series(1, 2) g", "same => -,-,note.body,note.email,..."},
      {"opaque star in the middle", "select o.*, g.*, body from other o, f() g(a), note n",
       "same => -,-,-,-,...,note.body"},
      {"opaque stars around", "select f.*, body, g.* from f(), g(), note n", "refuse name_unresolved"},
      {"opaque star below", "select * from (select g.*, n.body from g(), note n) x", "same => ...,note.body"},
      {"opaque star with names", "select x.b from (select g.*, n.body from g(), note n) x(a, b)",
       "refuse name_unresolved"},
      {"opaque star in a union", "select g.*, n.body from g(), note n union all select 'x', n.body from note n",
       "refuse name_unresolved"},
      {"opaque star in order", "select g.*, n.body from g(), note n order by 2", "refuse name_unresolved"},
      {"explain", "explain select body from msg", "pass"},
      {"catalog", "select relname from pg_class where relname = 'msg'", "pass"},
  });
}

TEST_CASE("search by equality tag") {
  check_all({
      {"=", "select id from msg where email = 'a@b'",
       "select id from msg where pg_catalog.substr(email, 21, 24) = <tag email>"},
      {"= right", "select id from msg where $1 = email",
       "select id from msg where $1 = pg_catalog.substr(email, 21, 24) | $1=tag email:25"},
      {"cast", "select id from msg m where m.email = $1::varchar",
       "select id from msg m where pg_catalog.substr(m.email, 21, 24) = $1::varchar | $1=tag email:25 shown 1043"},
      {"<>", "select id from msg where email <> 'a' and tenant = 't'",
       "select id from msg where pg_catalog.substr(email, 21, 24) <> <tag email @L1> and tenant = 't'"},
      {"in", "select id from msg where email in ('a', $1, null)",
       "select id from msg where pg_catalog.substr(email, 21, 24) in (<tag email>, $1, null) | $1=tag email:25"},
      {"any", "select id from msg where email = any($1)",
       "select id from msg where pg_catalog.substr(email, 21, 24) = any($1) | $1=tags email:1009"},
      {"any cast", "select id from msg where email <> all($1::text[])",
       "select id from msg where pg_catalog.substr(email, 21, 24) <> all($1::text[]) | $1=tags email:1009"},
      {"any array", "select id from msg where email = any(array[$1,'x'])",
       "select id from msg where pg_catalog.substr(email, 21, 24) = any(array[$1,<tag email>]) | $1=tag email:25"},
      {"distinct from", "select id from msg where email is not distinct from $1",
       "select id from msg where pg_catalog.substr(email, 21, 24) is not distinct from $1 | $1=tag email:25"},
      {"bytea", "select id from msg where raw = $1",
       "select id from msg where substring(raw from 13 for 18) = $1 | $1=tag raw:17"},
      {"logical", "select id from msg where num = 5",
       "select id from msg where substring(num from 13 for 18) = <tag num>"},
      {"logical negative", "select id from msg where num = -5",
       "select id from msg where substring(num from 13 for 18) = <tag num negative>"},
      {"logical cast", "select id from msg where num = $1::int4",
       "select id from msg where substring(num from 13 for 18) = $1::bytea | $1=tag num:17 shown 23"},
      {"logical array", "select id from msg where num = any($1::int4[])",
       "select id from msg where substring(num from 13 for 18) = any($1::bytea[]) | $1=tags num:1001 shown 1007"},
      {"row", "select id from msg where (tenant, email) = ($1, $2)",
       "select id from msg where (tenant, pg_catalog.substr(email, 21, 24)) = ($1, $2) | $2=tag email:25"},
      {"null", "select id from msg where email = null", "pass"},
      {"join", "select m.id from msg m join note n on m.email = n.email",
       "select m.id from msg m join note n on pg_catalog.substr(m.email, 21, 24) = pg_catalog.substr(n.email, 21, 24)"},
      {"join clear", "select m.id from msg m join other o on m.email = o.t", "refuse sealed_search"},
      {"other group", "select id from msg where raw = num", "refuse sealed_search"},
      {"function", "select id from msg where email = lower($1)", "refuse sealed_search"},
      {"in query", "select id from msg where email in (select email from note)",
       "select id from msg where pg_catalog.substr(email, 21, 24) in (select pg_catalog.substr(email, 21, 24) from "
       "note)"},
      {"value in query", "select 1 where $1 in (select email from note)",
       "select 1 where $1 in (select pg_catalog.substr(email, 21, 24) from note) | $1=tag note.email:25"},
      {"in clear query", "select id from msg where email in (select t from other)", "refuse sealed_search"},
      {"group", "select email, count(*) from msg group by email",
       "select (pg_catalog.array_agg(email))[1] AS email, count(*) from msg group by pg_catalog.substr(email, 21, 24) "
       "=> email,-"},
      {"group alias", "select m.email as e, max(id) from msg m group by m.email having m.email <> 'x'",
       "select (pg_catalog.array_agg(m.email))[1] as e, max(id) from msg m group by pg_catalog.substr(m.email, 21, 24) "
       "having pg_catalog.substr(m.email, 21, 24) <> <tag email> => email,-"},
      {"group count", "select count(email) from msg group by email",
       "select pg_catalog.count(email) from msg group by pg_catalog.substr(email, 21, 24)"},
      {"group ordinal", "select email, count(*) from msg group by 1", "refuse sealed_search"},
      {"group clear ordinal", "select tenant, count(email) from msg group by 1",
       "select tenant, pg_catalog.count(email) from msg group by 1"},
      {"group untagged", "select body from msg group by body", "refuse sealed_search"},
      {"count distinct", "select count(distinct email) from msg",
       "select pg_catalog.count(distinct pg_catalog.substr(email, 21, 24)) from msg"},
      {"distinct", "select distinct email from msg",
       "select distinct ON (pg_catalog.substr(email, 21, 24)) email from msg => email"},
      {"distinct two", "select distinct tenant, email from msg limit 3",
       "select distinct ON (tenant, pg_catalog.substr(email, 21, 24)) tenant, email from msg limit 3 => -,email"},
      {"distinct order", "select distinct email from msg order by id", "refuse sealed_search"},
      {"partition", "select count(*) over (partition by email) from msg",
       "select count(*) over (partition by pg_catalog.substr(email, 21, 24)) from msg"},
      {"order", "select id from msg order by email", "refuse sealed_operand"},
      {"update", "update msg set body = 'x' where email = 'e'",
       "update msg set body = <seal body> where pg_catalog.substr(email, 21, 24) = <tag email>"},
      {"derived", "select 1 from (select email e from msg where tenant = $2) d where d.e = $1",
       "select 1 from (select email e from msg where tenant = $2) d where pg_catalog.substr(d.e, 21, 24) = $1 "
       "| $1=tag email @$2:25"},
      {"limit cast", "select id from msg where email = $1::varchar(10)", "refuse sealed_search"},
      {"mixed", "select id from msg where coalesce(email, '') = $1", "refuse sealed_search"},
      {"case", "select case email when 'x' then 1 end from msg", "refuse sealed_operand"},
      {"index", "create unique index i on note (tenant, email)",
       "create unique index i on note (tenant, pg_catalog.substr(email, 21, 24))"},
      {"index untagged", "create unique index i on note (body)", "refuse ddl_refused"},
      {"index gin", "create index i on msg using gin (meta)", "refuse ddl_refused"},
      {"index function", "create index i on note (lower(email))", "refuse sealed_operand"},
      {"split literal", "select id from msg where $1 in (email, 'x')", "refuse sealed_operand"},
  });
}

TEST_CASE("names follow search_path") {
  SessionNames other;
  other.search_path = {"s2", "public"};
  CHECK(shown("insert into msg(body) values ('x')", world(), other) == "pass");
  CHECK(shown("insert into public.msg(body) values ('x')", world(), other) ==
        "insert into public.msg(body) values (<seal body>)");
  SessionNames unknown;
  unknown.search_path_known = false;
  CHECK(shown("select * from msg", world(), unknown) == "refuse name_unresolved");
  CHECK(shown("select id from public.msg where id = 1", world(), unknown) == "pass");
  CHECK(shown("select * from other", world(), unknown) == "pass");
  CHECK(shown("set search_path = s2; insert into msg(body) values ('x')") == "refuse name_unresolved");
  CHECK(shown("insert into missing(body) values ('x')") == "refuse name_unresolved");
  CHECK(shown("select * from \"Msg\"") == "pass");
  CHECK(shown("alter table msg add column extra text; insert into msg(body) values ('x')") ==
        "refuse statement_not_understood");
}

TEST_CASE("what a rewrite would get wrong is refused") {
  check_all({
      {"rollup", "select email, count(*) from msg group by rollup (email)", "refuse sealed_operand"},
      {"star group", "select * from note group by id, tenant, body, email", "refuse sealed_search"},
      {"row security", "create policy p on msg using (body = 'x')", "refuse ddl_refused"},
      {"row security by tenant", "create policy p on msg using (tenant = current_setting('app.tenant_id'))", "pass"},
  });
  SessionNames latin;
  latin.utf8 = false;
  CHECK(shown("select body from msg", world(), latin) == "refuse client_encoding");
  CHECK(shown("insert into msg(body) values ('x')", world(), latin) == "refuse client_encoding");
  CHECK(shown("select id from msg where id = 1", world(), latin) == "pass");
}

TEST_CASE("hostile shapes end in bounded time and without a crash") {
  std::string rows = "insert into msg(tenant, body) values ";
  for (int i = 0; i < 20000; ++i) rows += (i ? ",('t','x')" : "('t','x')");
  CHECK(plan::test::plan(rows, world()).plan->tenants.size() == 20000);
  std::string same = "insert into msg(tenant, body) values ";
  for (int i = 0; i < 20000; ++i) same += (i ? ",('t',$1)" : "('t',$1)");
  CHECK(plan::test::plan(same, world()).plan->statements[0].added_parameters == 19999);
  std::string deep = "select body from msg where id = ";
  for (int i = 0; i < 3000; ++i) deep += "(1 + ";
  deep += "1" + std::string(3000, ')');
  CHECK(plan::test::plan(deep, world()).plan->verdict == Verdict::refuse);
  std::string unions = "select body from msg";
  for (int i = 0; i < 3000; ++i) unions += " union all select body from msg";
  CHECK(plan::test::plan(unions, world()).plan->verdict == Verdict::refuse);
  std::string nested = "insert into msg(body) values (";
  for (int i = 0; i < 3000; ++i) nested += "coalesce(";
  nested += "'x'" + std::string(3000, ')') + ")";
  CHECK(plan::test::plan(nested, world()).plan->verdict == Verdict::refuse);
}

// A text that anybody may have put into a clear place must not stand where sealed values are opened.
TEST_CASE("sealed and foreign values in one place are refused") {
  for (const char* sql : {
           "select body from msg union all select t from other",
           "select t from other union all select body from msg",
           "select x.b from (select body b from msg union all (select t from other limit 5)) x",
           "select coalesce(m.body, o.t) from msg m, other o",
           "select coalesce(tenant, body) from msg",
           "select case when m.id > 1 then m.body else o.t end from msg m, other o",
           "select v.c from msg m, other o, lateral (values (m.body), (o.t)) v(c)",
           "select l.c from msg m, other o, lateral (select m.body as c union all select o.t) l",
           "select lag(m.body, 1, o.t) over (order by o.id) from msg m, other o",
           "with recursive r(n, b) as (select 1, body from msg union all select n + 1, o.t from r, other o) select b "
           "from r",
           "with recursive r(n, a, b) as (select 1, 'x', m.body from msg m union all select n + 1, o.t, "
           "coalesce(r.a, r.b) from r, other o) select b from r",
           "select coalesce((select t from other), body) from msg",
           "select array(select t from other union all select body from msg)",
           "select coalesce('sr1.' || $1, body) from msg",
           "select coalesce(lower('x'), body) from msg",
           "select coalesce(current_setting('a.b'), body) from msg",
           "select coalesce('x'::citext, body) from msg",
           "select coalesce(x, body) from msg, unnest($1::text[]) x",
           "select json_build_array(o.t, m.body) -> $1::int from other o, msg m",
           "select json_build_object($1, o.t, 'b', m.body) from other o, msg m",
           "select json_build_object('b', o.t, 'b', m.body) from other o, msg m",
           "select json_object_agg('k', coalesce(o.t, m.body)) from other o, msg m",
           "select json_build_array(variadic array[o.t, m.body]) from other o, msg m",
           "select (array[o.t, m.body])[1] from other o, msg m",
           "select json_build_object('t', o.t, 'b', m.body) #>> $1 from other o, msg m",
           "select coalesce(json_build_array(o.t, m.body), json_build_array(m.body, o.t)) from other o, msg m",
           "select row_to_json(n) from note n(a, b, c, d)",
           "prepare p(text) as select coalesce($1, body) from msg",
       }) {
    INFO(sql);
    const Error error = refusal(sql);
    CHECK(error.code == ErrorCode::sealed_mixed);
    CHECK(!error.hint.empty());
    CHECK(error.offset.has_value());
  }
}

TEST_CASE("what may stand in for a sealed value") {
  check_all({
      {"literal", "select coalesce(body, 'none'::text) from msg", "same => body*"},
      {"parameter", "select coalesce($1::varchar, body) from msg", "same => body*"},
      {"null", "select case when id > 1 then body else null::text end from msg", "same => body"},
      {"number", "select coalesce(body, id::text) from msg", "same => body*"},
      {"true", "select coalesce(body, (id = 5)::text) from msg", "same => body*"},
      {"same column", "select body from msg union all select body from msg", "same => body"},
      {"values", "select body from msg union all (values ('a'), ($1))", "same => body*"},
      {"json", "select coalesce(json_agg(body), '[]'::json) from msg",
       "select coalesce(pg_catalog.json_agg(body), '[]'::json) from msg => body*"},
      {"typed", "select num from msg union all select num from msg", "same => num:23"},
  });
}

TEST_CASE("places of sealed values in containers") {
  check_all({
      {"row", "select row(t, m.body, 1) from other o, msg m", "same => body*{f1 -,f2 S,f3 }"},
      {"prisma", "select jsonb_agg(jsonb_build_object('id', n.id, 'tenant', n.tenant, 'body', n.body)) from note n",
       "select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('id', n.id, 'tenant', n.tenant, 'body', n.body)) "
       "from note n => note.body*[{id ,tenant -,body S}...]"},
      {"drizzle", "select coalesce(json_agg(json_build_array(n.id, n.tenant, n.body)), '[]'::json) from note n",
       "select coalesce(pg_catalog.json_agg(pg_catalog.json_build_array(n.id, n.tenant, n.body)), '[]'::json) from "
       "note n => note.body*[[,-,S]...]"},
      {"whole rows below", "select json_agg(x) from (select n.tenant, n.body b from note n) x",
       "select pg_catalog.json_agg(x) from (select n.tenant, n.body b from note n) x => note.body*[{tenant -,b S}...]"},
      {"nothing foreign", "select json_build_object('id', id, 'body', body) from msg",
       "select pg_catalog.json_build_object('id', id, 'body', body) from msg => body*"},
      {"member", "select json_build_object('t', m.tenant, 'b', m.body) ->> 'b' from msg m",
       "select pg_catalog.json_build_object('t', m.tenant, 'b', m.body) ->> 'b' from msg m => body*"},
      {"clear member", "select json_build_object('t', m.tenant, 'b', m.body) ->> 't' from msg m",
       "select pg_catalog.json_build_object('t', m.tenant, 'b', m.body) ->> 't' from msg m"},
      {"no member", "select json_build_object('t', m.tenant, 'b', m.body) ->> 'x' from msg m",
       "select pg_catalog.json_build_object('t', m.tenant, 'b', m.body) ->> 'x' from msg m"},
      {"field", "select (x.r).body from (select n as r from note n) x", "same => note.body+note.email*"},
      {"clear field", "select (x.r).tenant from (select n as r from note n) x", "pass"},
      {"union", "select row(t, m.body) from other, msg m union all select row(tenant, body) from note",
       "same => body+note.body*{f1 -,f2 S}"},
      {"computed names of sealed values", "select json_object_agg(n.tenant, n.body) from note n",
       "select pg_catalog.json_object_agg(n.tenant, n.body) from note n => note.body*"},
  });
  // The name decides: another one is another plan.
  CHECK(plan::test::plan("select json_build_object('t', m.tenant, 'b', m.body) from msg m", world()).exact);
  CHECK_FALSE(plan::test::plan("select json_build_object('b', m.body) from msg m", world()).exact);
  // Ways that multiply are counted, not walked.
  std::string nested = "select row(body, tenant) x from msg";
  for (int i = 0; i < 40; ++i) nested = "select row(x, x) x from (" + nested + ") q" + std::to_string(i);
  CHECK(plan::test::plan(nested, world()).plan->verdict == Verdict::refuse);
}
