// Writes: tests/bypass has the same rows against real servers. The numbers are those of the leak probe.
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

TEST_CASE("writes with literals") {
  check_all({
      {"A1.01", "INSERT INTO msg (tenant, body, meta) VALUES ('t', 'x', '{}')",
       "INSERT INTO msg (tenant, body, meta) VALUES ('t', <seal body @L0>, <seal meta @L0>)"},
      {"A1.02", "insert into msg(tenant,body) values ('a','x'),('b',NULL),('b','y')",
       "insert into msg(tenant,body) values ('a',<seal body @L0>),('b',NULL),('b',<seal body @L3>)"},
      {"A1.03", "insert into msg(tenant,num) values ('a',123)",
       "insert into msg(tenant,num) values ('a',<seal num @L0>)"},
      {"A1.03b", "insert into msg(tenant,num) values ('a',-123), ('a', - 4), ('a', (-5))",
       "insert into msg(tenant,num) values ('a',<seal num @L0 negative>), ('a',  <seal num @L2 negative>), "
       "('a', (<seal num @L4 negative>))"},
      {"A1.03c", "update msg set num = true", "update msg set num = <seal num true>"},
      {"A1.03d", "insert into msg(tenant,num) select 'a', case when id = 1 then -1 else 1 end from other",
       "insert into msg(tenant,num) select 'a', case when id = 1 then <seal num @L0 negative> else <seal num @L0> end "
       "from other"},
      {"A1.03e", "insert into msg(tenant,body) values ('a', -1)", "refuse expression_not_sealable"},
      {"A1.03f", "insert into msg(tenant,body) values ('a', true)", "refuse expression_not_sealable"},
      {"A7.01f", "insert into msg(tenant,body,email) values ('a', N'x', char 'y')",
       "insert into msg(tenant,body,email) values ('a', text<seal body @L0>, varchar <seal email @L0>)"},
      {"A7.01f blanks", "insert into msg(tenant,body) values ('a', N'x ')", "refuse expression_not_sealable"},
      {"A7.01f length", "insert into msg(tenant,body) values ('a', 'x'::char)", "refuse expression_not_sealable"},
      {"A1.04", "insert into msg values (1,'t','x','e','{}','{}','\\x00',5,now())",
       "insert into msg values (1,'t',<seal body @L1>,<seal email @L1>,<seal meta @L1>,<seal doc @L1>,<seal raw @L1>,"
       "<seal num @L1>,now())"},
      {"A1.05", "insert into msg values (1,'t','x')", "insert into msg values (1,'t',<seal body @L1>)"},
      {"A1.07", "/* hi */ INSERT INTO \"public\".\"msg\" AS m (\"tenant\", BODY) VALUES ('t', E'x\\n')",
       "  INSERT INTO \"public\".\"msg\" AS m (\"tenant\", BODY) VALUES ('t', <seal body @L0>)"},
      {"A1.08", "insert into msg(tenant,body) values ('t', (('x')))",
       "insert into msg(tenant,body) values ('t', ((<seal body @L0>)))"},
      {"A1.09", "insert into msg(tenant,body,raw) values ('t', 'x'::text, CAST('y' AS bytea))",
       "insert into msg(tenant,body,raw) values ('t', <seal body @L0>::text, CAST(<seal raw @L0> AS bytea))"},
      {"A1.09b", "insert into msg(body) values ('x'::bytea)", "refuse expression_not_sealable"},
      {"A1.09c", "insert into msg(body) values ('x'::varchar(3))", "refuse expression_not_sealable"},
      {"A1.10", "insert into msg(raw) values (CAST(CAST('x' AS text) AS bytea))", "refuse expression_not_sealable"},
      {"A1.11", "insert into msg(body) values (lower('x'))", "refuse expression_not_sealable"},
      {"A1.12", "insert into msg(body) values ('SEC' || 'RET')", "refuse expression_not_sealable"},
      {"A1.13", "insert into msg(body) values (coalesce('x',''))",
       "insert into msg(body) values (coalesce(<seal body>,<seal body>))"},
      {"A1.14", "insert into msg(body) values (case when 1=1 then 'x' else 'y' end)",
       "insert into msg(body) values (case when 1=1 then <seal body> else <seal body> end)"},
      {"A1.15", "insert into msg(body) values ((select 'x'))", "insert into msg(body) values ((select <seal body>))"},
      {"A1.16", "insert into msg(tenant,body) select 't','x'",
       "insert into msg(tenant,body) select 't',<seal body @L0>"},
      {"A1.17", "insert into msg(tenant,body) select a,b from (values ('t','x'),('u','y')) v(a,b)",
       "insert into msg(tenant,body) select a,b from (values ('t',<seal body @L0>),('u',<seal body @L2>)) v(a,b)"},
      {"A1.18", "insert into msg(body) select t from other", "refuse clear_to_sealed"},
      {"A1.19", "insert into msg(body) select body from msg", "pass"},
      {"A1.19b", "insert into msg(body) select body from note", "refuse expression_not_sealable"},
      {"A1.20", "insert into other(t) select body from msg", "refuse sealed_to_clear"},
      {"A1.21", "insert into msg(id,body) values (1,'x') on conflict (id) do update set body = excluded.body",
       "insert into msg(id,body) values (1,<seal body>) on conflict (id) do update set body = excluded.body"},
      {"A1.22", "insert into msg(id,tenant,body) values (1,'t','x') on conflict (id) do update set body = 'y'",
       "insert into msg(id,tenant,body) values (1,'t',<seal body @L1>) on conflict (id) do update set body = <seal "
       "body @L1>"},
      {"A1.23", "insert into msg(id,body) values (1,'x') on conflict (id) do update set body = excluded.body || 'x'",
       "refuse expression_not_sealable"},
      {"A1.24", "insert into msg(email,body) values ('e','x') on conflict (email) do nothing",
       "insert into msg(email,body) values (<seal email>,<seal body>) on conflict (pg_catalog.substr(email, 21, 24)) "
       "do nothing"},
      {"A1.25", "update msg set body = 'x' where id = 1 returning *",
       "update msg set body = <seal body> where id = 1 returning * => -,-,body,email,meta,doc,raw,num:23,-"},
      {"A1.25b", "UPDATE ONLY msg m SET body = 'x' FROM other o WHERE o.msg_id = m.id AND m.tenant = 't'",
       "UPDATE ONLY msg m SET body = <seal body @L1> FROM other o WHERE o.msg_id = m.id AND m.tenant = 't'"},
      {"A1.26", "update msg set body = o.body from other o where o.msg_id = msg.id", "refuse clear_to_sealed"},
      {"A1.27", "update msg set (id, body) = (1,'x')", "update msg set (id, body) = (1,<seal body>)"},
      {"A1.28", "update msg set body = (select t from other)", "refuse clear_to_sealed"},
      {"A1.29", "update msg set body = 'SEC' || 'RET'", "refuse expression_not_sealable"},
      {"A1.29b", "update msg set body = body || 'x'", "refuse expression_not_sealable"},
      {"A1.29c", "update msg set body = upper('x')", "refuse expression_not_sealable"},
      {"A1.30", "update msg set body = default", "pass"},
      {"A1.31", "with x as (insert into msg(tenant,body) values ('t','x') returning id, body) select * from x",
       "with x as (insert into msg(tenant,body) values ('t',<seal body @L0>) returning id, body) select * from x => "
       "-,body"},
      {"A1.32", "with v as (select 'x' b) insert into msg(body) select b from v",
       "with v as (select <seal body> b) insert into msg(body) select b from v"},
      {"A1.33", "with v as (select 1) insert into msg(body) values ('x')",
       "with v as (select 1) insert into msg(body) values (<seal body>)"},
      {"A1.34",
       "merge into msg m using (values (1)) v(i) on m.id = v.i when matched then update set body = 'x' "
       "when not matched then insert (tenant, body) values ('t','y')",
       "merge into msg m using (values (1)) v(i) on m.id = v.i when matched then update set body = <seal body> "
       "when not matched then insert (tenant, body) values ('t',<seal body @L2>)"},
      {"A1.35", "select 1; insert into msg(body) values ('x')", "select 1; insert into msg(body) values (<seal body>)"},
      {"A1.36", "begin; insert into msg(body) values ('x'); commit",
       "begin; insert into msg(body) values (<seal body>); commit"},
      {"A1.39", "explain analyze insert into msg(body) values ('x')",
       "explain analyze insert into msg(body) values (<seal body>)"},
      {"A1.43", "delete from msg where id = 1 returning body", "same => body"},
      {"A1.41", "insert into msg(body) values ('x'", "refuse statement_syntax"},
      {"A1.41b", "insert into elsewhere(body) values ('x'", "pass"},
      {"A5.04", "insert into msg_v(tenant, content) values ('t','x')",
       "insert into msg_v(tenant, content) values ('t',<seal body @L0>)"},
      {"A5.04b", "update msg_vv set c = 'x' where id = 1", "update msg_vv set c = <seal body> where id = 1"},
      {"A6.01", "insert into s2.msg(body) values ('x')", "pass"},
      {"A6.05", "insert into msg_p1(body) values ('x')", "insert into msg_p1(body) values (<seal body>)"},
      {"A7.01", "insert into msg(tenant,body) values ('t', $q$x$q$)",
       "insert into msg(tenant,body) values ('t', <seal body @L0>)"},
      {"A7.01b", "insert into msg(body) values (B'01')", "refuse expression_not_sealable"},
      {"self", "update msg set body = body", "pass"},
      {"self through view", "update msg_v set content = content", "pass"},
      {"null", "update msg set body = null where id = 1", "pass"},
      {"subscript", "update msg set meta['a'] = '1'", "refuse expression_not_sealable"},
      {"jsonb_set", "update msg set meta = jsonb_set(meta, '{a}', '1')", "refuse expression_not_sealable"},
      {"json cast", "update msg set meta = '{}'::text::jsonb",
       "update msg set meta = <seal meta as text>::text::jsonb"},
      {"logical cast", "update msg set num = '5'::int4", "update msg set num = <seal num>::bytea"},
      {"logical typed", "update msg set num = int4 '5'", "update msg set num = bytea <seal num>"},
  });
}

TEST_CASE("writes with parameters") {
  check_all({
      {"A2.01", "insert into msg(tenant,body) values ($1,$2)", "same | $2=seal body @$1:25"},
      {"A2.01b", "insert into msg(tenant,body) values ($1,$2),($3,$4)",
       "same | $2=seal body @$1:25 | $4=seal body @$3:25"},
      {"A2.03", "insert into msg(id,tenant,body,created) values (default,'t',$1,now())", "same | $1=seal body @L0:25"},
      {"A2.04", "insert into msg(body,doc) values ('x',$1)",
       "insert into msg(body,doc) values (<seal body>,$1) | $1=seal doc:114"},
      {"A2.05", "insert into msg(tenant,body) values ($1,null)", "pass"},
      {"A2.06", "insert into msg(tenant,body,meta) values ($1,$2::varchar,$3::jsonb)",
       "same | $2=seal body @$1:1043 | $3=seal meta @$1:3802"},
      {"A2.06b", "insert into msg(meta) values ($1::text::jsonb)", "same | $1=seal meta as text:25"},
      {"A2.06c", "insert into msg(num) values ($1::int4)",
       "insert into msg(num) values ($1::bytea) | $1=seal num:17 shown 23"},
      {"A2.07", "update msg set body = coalesce($1, body) where id = $2", "same | $1=seal body:25"},
      {"A2.07b", "update msg set body = case when $2 then $1 else body end", "same | $1=seal body:25"},
      {"A2.08", "update msg set body = upper($1)", "refuse expression_not_sealable"},
      {"A2.10", "insert into msg(tenant,body) select $1, $2", "same | $2=seal body @$1:25"},
      {"A2.11", "insert into msg(body) select * from unnest($1::text[])", "refuse statement_not_understood"},
      {"A2.11b", "insert into msg(body) select u from unnest($1::text[]) u", "refuse clear_to_sealed"},
      {"A2.12", "insert into msg(id,tenant,body) values ($1,$2,$3) on conflict (id) do update set body = $4",
       "same | $3=seal body @$2:25 | $4=seal body @$2:25"},
      {"A2.16", "insert into msg(body,email) values ($1,$1)",
       "insert into msg(body,email) values ($1,$2) | $1=seal body:25 | $1->$2=seal email:1043"},
      {"A2.17", "insert into msg(tenant,body) values ($1,$1)",
       "insert into msg(tenant,body) values ($1,$2) | $1=clear | $1->$2=seal body @$1:25"},
      {"A2.17b", "update msg set email = $1 where email = $1",
       "update msg set email = $1 where pg_catalog.substr(email, 21, 24) = $2 | $1=seal email:1043 | $1->$2=tag "
       "email:25"},
      {"A3.02",
       "INSERT INTO msg (tenant, body) SELECT p0::VARCHAR, p1::VARCHAR FROM (VALUES ($1::VARCHAR, $2::VARCHAR, 0), "
       "($3::VARCHAR, $4::VARCHAR, 1)) AS imp_sen(p0, p1, sen_counter) ORDER BY sen_counter RETURNING msg.id, msg.id "
       "AS i",
       "same | $2=seal body @$1:1043 | $4=seal body @$3:1043"},
      {"returning old before 18", "update msg set body = 'x' returning old.body", "refuse name_unresolved"},
      {"returning old star", "update msg set body = 'x' returning old.*", "refuse name_unresolved"},
      {"bulk", "update msg set body = v.b from (values ($1,$2),($3,$4)) v(t,b) where msg.tenant = v.t",
       "same | $2=seal body @$1:25 | $4=seal body @$3:25"},
      {"derived json", "insert into msg(meta) select v::jsonb from (values ($1)) x(v)",
       "same | $1=seal meta as text:25"},
      {"limit", "select id from msg limit $1", "pass"},
  });
  CHECK(shown("insert into msg(tenant,meta) values ($1,$2)", world(), {}, {25, 3802}) == "same | $2=seal meta @$1");
  CHECK(shown("insert into msg(tenant,num) values ($1,$2)", world(), {}, {25, 23}) ==
        "same | $2=seal num @$1:17 shown 23");
  CHECK(shown("insert into msg(tenant,meta) values ($1,$2::jsonb)", world(), {}, {25, 25}) ==
        "same | $2=seal meta as text @$1");
}

TEST_CASE("old and new in RETURNING mean the row before and after, from PostgreSQL 18 on") {
  World made = make_world();
  made.catalog->server_version = 180000;
  const auto binding = made.bind();
  const auto on_18 = [&](std::string_view text) { return shown(text, *binding); };
  CHECK(on_18("update msg set id = 1 returning old.body, new.body, id") == "same => body,body,-");
  CHECK(on_18("update msg set id = 1 returning new.id, body b") == "same => -,body");
  CHECK(on_18("update msg m set id = 1 returning old.*") == "same => -,-,body,email,meta,doc,raw,num:23,-");
  CHECK(on_18("insert into note(tenant, body) values ('t', 'x') on conflict (id) do update set body = excluded.body "
              "returning old.body, new.body") ==
        "insert into note(tenant, body) values ('t', <seal note.body @L0>) on conflict (id) do update set body = "
        "excluded.body returning old.body, new.body => note.body,note.body");
  CHECK(on_18("delete from note returning old.body") == "same => note.body");
  CHECK(on_18("merge into note n using other o on n.id = o.id when matched then delete returning old.body, o.t") ==
        "same => note.body,-");
  CHECK(on_18("update msg_v set content = content returning old.content, new") ==
        "same => body,body*{id ,tenant -,content S}");
  CHECK(on_18("with w as (update note set id = 1 returning old.body b) select b from w") == "same => note.body");
  // Columns of unknown number beside it hide nothing.
  CHECK(on_18("update note set id = 1 from json_each('{}') f where true returning old") ==
        "same => note.body+note.email*{id ,tenant -,body S,email S}");
  CHECK(on_18("update note set id = 1 returning upper(old.body)") == "refuse sealed_operand");
  CHECK(on_18("update note set id = 1 returning old.email = 'x'") ==
        "update note set id = 1 returning pg_catalog.substr(old.email, 21, 24) = <tag note.email>");
  // Names of the statement's own come first; without a qualifier it is the target.
  CHECK(on_18("update note set id = 1 from other old where true returning old.body") == "pass");
  CHECK(on_18("update note old set id = 1 returning old.body") == "same => note.body");
  CHECK(on_18("update note set id = 1 returning with (old as o) o.body") == "refuse statement_syntax");
  CHECK(shown("update msg set id = 1 returning old.body") == "refuse name_unresolved");
}

TEST_CASE("the tenant of a write") {
  const auto by_column = [](std::string_view text) { return shown(text, column_world()); };
  CHECK(by_column("insert into msg(body) values ('x')") == "refuse tenant_missing");
  CHECK(by_column("update msg set body = 'x' where id = 1") == "refuse tenant_missing");
  CHECK(by_column("update msg set body = $1 where id = 1 and tenant = $2") == "same | $1=seal body @$2:25");
  CHECK(by_column("update msg set body = $1 where tenant = 'a' or tenant = 'b'") == "refuse tenant_missing");
  CHECK(by_column("select id from msg where email = $1 and tenant = $2::text") ==
        "select id from msg where pg_catalog.substr(email, 21, 24) = $1 and tenant = $2::text | $1=tag email @$2:25");
  CHECK(by_column("select id from msg where email = $1") == "refuse tenant_missing");
  CHECK(shown("insert into msg(tenant,body) values (lower('T'),'x')") == "refuse tenant_missing");
  CHECK(shown("insert into msg(tenant,body) values (current_setting('app.tenant_id'),'x')") ==
        "insert into msg(tenant,body) values (current_setting('app.tenant_id'),<seal body>)");
  CHECK(shown("update msg set tenant = 'b'") == "refuse tenant_conflict");
  CHECK(shown("update msg set tenant = $1, body = $2 where tenant = $1") == "same | $2=seal body @$1:25");
  CHECK(shown("update note set tenant = $1, body = $2, email = $3 where id = $4") ==
        "same | $2=seal note.body @$1:25 | $3=seal note.email @$1:25");
  CHECK(shown("update note set tenant = $1, body = $2, email = email where id = $4") == "refuse tenant_conflict");
}
