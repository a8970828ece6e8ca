// Reads, searches and utility statements on MySQL and MariaDB. The numbers are those of the leak probe.
#include "unit/plan/mysql_fixture.hpp"

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
void check_all(const std::vector<Case>& cases, const Binding& binding = mysql_world()) {
  for (const Case& each : cases) {
    INFO(each.id << ": " << each.sql);
    CHECK(shown_mysql(each.sql, binding) == each.want);
  }
}
}  // namespace

TEST_CASE("MySQL: reads") {
  check_all({
      {"B3.01", "select * from msg", "same => -,-,body,email,meta,raw,-,-"},
      {"B3.01 invisible", "select *, n.* from note n", "same => -,-,note.body,note.email,-,-,note.body,note.email"},
      {"invisible by name", "select hidden, EMAIL from note", "same => -,note.email"},
      {"B3.01", "select first_value(body) over (partition by email order by id) from msg",
       "select first_value(body) over (partition by SUBSTR(email, 21, 24) order by id) AS `first_value(body) over "
       "(partition by email order by id)` from msg => body"},
      {"B3.02", "select x.b from (select body b from msg) x", "same => body"},
      {"B3.02", "with w as (select body from msg) select * from w", "same => body"},
      {"B3.02", "select body from msg union all select body from note", "same => body+note.body"},
      {"B3.02", "select body from msg union select body from note", "refuse sealed_search"},
      {"B3.02", "select concat(body,'') from msg", "refuse sealed_operand"},
      {"B3.02", "select max(body) from msg", "refuse sealed_operand"},
      {"B3.02", "select group_concat(body) from msg", "refuse sealed_operand"},
      {"B3.02", "select coalesce(body, null) from msg", "same => body"},
      {"B3.03", "select cast(body as char) from msg", "same => body"},
      {"B3.03", "select cast(body as char(10)) from msg", "refuse sealed_operand"},
      {"B3.03", "select convert(body using utf8mb4) from msg", "same => body"},
      {"B3.04", "select json_object('b', body) from msg", "same => body*"},
      {"B3.04", "select json_arrayagg(body) from msg", "same => body*"},
      {"relational", "select coalesce(json_arrayagg(json_array(id, body)), json_array()) from msg", "same => body*"},
      {"B3.04", "select json_object('b', raw) from msg", "refuse sealed_operand"},
      {"B3.05", "select 1; select body from msg", "same => body"},
      {"B3.06", "select length(body) from msg", "refuse sealed_operand"},
      {"B3.06", "select * from msg where body = 'x'", "refuse sealed_search"},
      {"B3.06", "select * from msg where body like 'x%'", "refuse sealed_operand"},
      {"B3.06", "select * from msg where email regexp 'x'", "refuse sealed_operand"},
      {"B3.06", "select * from msg where match(body) against ('x')", "refuse sealed_operand"},
      {"truth", "select 1 from msg where body", "refuse sealed_operand"},
      {"json", "select meta->'$.a' from msg", "refuse sealed_operand"},
      {"json", "select json_extract(meta, '$.a') from msg", "refuse sealed_operand"},
      {"json table", "select j.a from msg, json_table(meta, '$[*]' columns (a text path '$')) j",
       "refuse sealed_operand"},
      {"view", "select content from msg_v where id = 1", "same => body"},
      {"TABLE", "table msg", "same => -,-,body,email,meta,raw,-,-"},
      {"B1.13", "select body into @v from msg", "refuse sealed_to_clear"},
      {"B1.13", "select @v := body from msg", "refuse statement_not_understood"},
      {"B1.13", "set @v = (select body from msg limit 1)", "refuse sealed_to_clear"},
      {"B1.13", "select id into @v from msg", "pass"},
      {"B1.13", "select body into @v from msg limit 1", "refuse sealed_to_clear"},
      {"B1.16", "select body from msg into outfile '/tmp/x'", "refuse sealed_to_clear"},
      {"B1.16", "select body into dumpfile '/tmp/x' from msg", "refuse sealed_to_clear"},
      {"B1.16", "select body from msg union all select body from note into outfile '/tmp/x'", "refuse sealed_to_clear"},
      {"alias of a table is no row", "select (select email from other email limit 1) from msg", "same => email"},
      {"alias in HAVING", "select tenant, count(*) n from msg group by tenant having n > 3", "pass"},
      {"alias in ORDER BY", "select tenant, length(title) as n, body from msg order by n + 1", "same => -,-,body"},
      {"sealed alias in HAVING", "select body b from msg having b > 'x'", "refuse sealed_operand"},
      {"straight join", "select straight_join m.body from msg m use index (i) join other o on o.msg_id = m.id",
       "same => body"},
  });
}

TEST_CASE("MySQL: equality search") {
  check_all({
      {"literal", "select id from msg where Email = 'e' and tenant = 't'",
       "select id from msg where SUBSTR(Email, 21, 24) = <tag email @L1> and tenant = 't'"},
      {"null-safe", "select id from msg where msg.email <=> ?",
       "select id from msg where SUBSTR(msg.email, 21, 24) <=> ? | $1=tag email"},
      {"IN", "select id from msg where email in ('a', ?, null)",
       "select id from msg where SUBSTR(email, 21, 24) in (<tag email>, ?, null) | $1=tag email"},
      {"blob", "select id from msg where raw = x'41'", "select id from msg where SUBSTR(raw, 13, 18) = <tag raw>"},
      {"number", "select id from msg where email = 5", "refuse expression_not_sealable"},
      {"truth", "select id from msg where email = true", "refuse sealed_search"},
      {"column", "select id from msg where email = title", "refuse sealed_search"},
      {"collation", "select id from msg where email = 'x' collate utf8mb4_bin", "refuse sealed_search"},
      {"binary", "select id from msg where email = binary 'x'", "refuse sealed_search"},
      {"join", "select m.id from msg m join note n on m.email = n.email",
       "select m.id from msg m join note n on SUBSTR(m.email, 21, 24) = SUBSTR(n.email, 21, 24)"},
      {"join using", "select m.id from msg m join note n using (email)", "refuse sealed_search"},
      {"group", "select Email, count(*) from msg group by email",
       "select MIN(Email) AS Email, count(*) from msg group by SUBSTR(email, 21, 24) => email,-"},
      {"group", "select m.`Email` from msg m group by m.email",
       "select MIN(m.`Email`) AS `Email` from msg m group by SUBSTR(m.email, 21, 24) => email"},
      {"count", "select count(distinct email) from msg",
       "select count(distinct SUBSTR(email, 21, 24)) AS `count(distinct email)` from msg"},
      {"distinct", "select distinct email from msg", "refuse sealed_search"},
      {"derived", "select x.e from (select email e from msg) x where x.e = 'a'",
       "select x.e from (select email e from msg) x where SUBSTR(x.e, 21, 24) = <tag email> => email"},
      {"output", "select email = 'a', title from msg", "refuse expression_not_sealable"},
      {"output", "select email = 'a' as found from msg",
       "select SUBSTR(email, 21, 24) = <tag email> as found from msg"},
      {"output", "select exists(select 1 from msg where email = ?) from other",
       "select exists(select 1 from msg where SUBSTR(email, 21, 24) = ?) AS `exists(select 1 from msg where email = "
       "?)` "
       "from other | $1=tag email"},
      {"output", "select 1 from other where exists (select email = 'a' from msg)",
       "select 1 from other where exists (select SUBSTR(email, 21, 24) = <tag email> from msg)"},
  });
  check_all(
      {
          {"column", "select id from msg where email = 'e'", "select id from msg where email_tag = <tag email>"},
          {"column", "select id from msg m where m.`email` in (?, ?)",
           "select id from msg m where m.email_tag in (?, ?) | $1=tag email | $2=tag email"},
          {"derived", "select 1 from (select email e from msg) x where x.e = 'a'",
           "select 1 from (select email e from msg) x where SUBSTR(x.e, 21, 24) = <tag email>"},
          {"blob without a column", "select id from msg where raw = 'x'",
           "select id from msg where SUBSTR(raw, 13, 18) = <tag raw>"},
          {"index", "create unique index i on msg (tenant, email)", "create unique index i on msg (tenant, email_tag)"},
          {"index", "create unique index i on msg (raw)", "refuse ddl_refused"},
      },
      mariadb_world());
}

TEST_CASE("MySQL: code and texts of other times") {
  check_all({
      {"B1.11", "call add_msg('t','x')", "refuse hidden_write"},
      {"B1.11", "call app.trusted('t','x')", "same"},
      {"B1.11", "call plus(1)", "same"},
      {"B1.11", "call runs()", "refuse hidden_write"},
      {"B1.11", "call sys.execute_prepared_stmt('select 1')", "refuse hidden_write"},
      {"B1.11", "call nobody()", "refuse hidden_write"},
      {"tenant unseen", "select become('t')", "refuse tenant_conflict"},
      {"B1.12", "prepare p from 'insert into msg(tenant,body) values (?,?)'", "refuse hidden_write"},
      {"B1.12", "prepare p from 'select body from msg where id = ?'", "same"},
      {"B1.12", "prepare p from 'set sql_mode = ansi_quotes'", "refuse hidden_write"},
      {"B1.12", "prepare p from @text", "refuse hidden_write"},
      {"B1.12", "prepare p from 'insert into other(t) values (?)'", "same"},
      {"B1.12", "execute p using @a, @b", "same"},
      {"B1.14", "create procedure p() insert into msg(body) values ('x')", "refuse hidden_write"},
      {"B1.14", "create procedure p() begin execute immediate @x; end", "refuse hidden_write"},
      {"B1.14", "create function f() returns int return 1", "same"},
      {"B1.14", "create trigger g before insert on other for each row insert into msg(body) values ('x')",
       "refuse hidden_write"},
      {"B1.14", "create trigger g before insert on msg for each row set new.body = 'x'", "refuse hidden_write"},
      {"B1.14", "create trigger g before insert on msg for each row set new.title = 'x'", "same"},
      {"B1.14", "create event e on schedule every 1 day do insert into msg(body) values ('x')",
       "refuse statement_not_understood"},
      {"B1.16", "load data infile 'f' into table msg (tenant, body)", "refuse file_copy"},
      {"B1.16", "load data local infile 'f' into table other (t)", "pass"},
      {"B1.16", "load data local infile 'f' into table other (id) set t = (select body from msg limit 1)",
       "refuse sealed_operand"},
      {"B1.22", "handler msg open as h", "refuse statement_not_understood"},
      {"binlog", "binlog 'AAAA'", "refuse hidden_write"},
  });
  check_all({{"analyse", "select body from msg procedure analyse()", "refuse sealed_operand"},
             {"analyse", "select t from other procedure analyse()", "pass"},
             {"B1.14", "begin not atomic insert into msg(body) values ('x'); end", "refuse hidden_write"},
             {"B1.14", "execute immediate 'select 1'", "refuse hidden_write"},
             {"B1.14", "set statement sql_mode='ansi_quotes' for insert into \"msg\" values (1)",
              "refuse statement_not_understood"},
             {"B1.14", "set statement max_statement_time=1 for select 1", "pass"}},
            mariadb_world());
}

TEST_CASE("MySQL: sealed and foreign values share no place") {
  check_all({
      {"union", "select body from msg union all select title from msg", "refuse sealed_mixed"},
      {"union", "select body from msg union all select 'x'", "same => body*"},
      {"coalesce", "select coalesce(body, title) from msg", "refuse sealed_mixed"},
      {"coalesce", "select ifnull(body, 'x') b from msg", "same => body*"},
      {"if", "select if(id = 1, body, title) b from msg", "refuse sealed_mixed"},
      {"variable", "select body from msg union all select @v", "refuse sealed_mixed"},
      {"system variable", "select body from msg union all select @@session.external_user", "refuse sealed_mixed"},
      {"json", "select json_object('title', title, 'body', body) j from msg", "same => body*{title -,body S}"},
      {"json", "select json_object(title, body) j from msg", "same => body*"},
      {"json", "select json_object(title, title, 'body', body) j from msg", "refuse sealed_mixed"},
      {"prepared", "prepare p from 'select body from msg union all select ?'", "refuse sealed_mixed"},
      {"prepared", "prepare p from 'select ifnull(body, \"x\") b from msg'", "same"},
      {"prepared", "prepare p from 'select ifnull(body, \"sr1.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\") b from msg'",
       "refuse sealed_mixed"},
  });
}

TEST_CASE("MySQL: definitions") {
  check_all({
      {"like", "create table copy like msg", "same"},
      {"as", "create table copy as select id, body from msg", "refuse sealed_to_clear"},
      {"as", "create table copy as select id from msg", "same"},
      {"as", "create table if not exists missing select 'x' as body", "refuse ddl_refused"},
      {"merge", "create table m (id int) engine=merge union=(msg)", "refuse ddl_refused"},
      {"temporary", "create temporary table msg (id int)", "refuse ddl_refused"},
      {"rename", "rename table msg to old", "refuse ddl_refused"},
      {"rename", "rename table other to missing", "refuse ddl_refused"},
      {"rename", "rename table s2.msg to app.missing", "refuse ddl_refused"},
      {"rename", "rename table other to a, msg to b", "refuse statement_not_understood"},
      {"modify", "alter table msg modify email varchar(500)", "same"},
      {"modify", "alter table msg modify email varchar(50)", "refuse ddl_refused"},
      {"modify", "alter table msg modify email char(255)", "refuse ddl_refused"},
      {"modify", "alter table msg modify body tinytext", "refuse ddl_refused"},
      {"modify", "alter table msg modify body longtext", "same"},
      {"modify", "alter table msg modify body int", "refuse ddl_refused"},
      {"modify", "alter table msg modify email varchar(500) not null default 'x'", "refuse ddl_refused"},
      {"change", "alter table msg change email mail varchar(500)", "refuse ddl_refused"},
      {"change", "alter table msg change title headline text", "same"},
      {"exchange", "alter table msg exchange partition p with table other", "refuse ddl_refused"},
      {"exchange", "alter table other exchange partition p with table msg", "refuse ddl_refused"},
      {"unique", "alter table msg add unique (email)", "refuse ddl_refused"},
      {"tag", "alter table msg add unique ((substr(email, 21, 24)))", "same"},
      {"tag", "alter table msg add column t varchar(24) generated always as (substr(`email`,21,24)) virtual", "same"},
      {"generated", "alter table msg add column t varchar(24) generated always as (left(email, 3)) virtual",
       "refuse ddl_refused"},
      {"key", "create table missing (id int, body text, key (body(20)))", "same"},
      {"default", "create table missing (id int, body varchar(300) default 'x')", "refuse ddl_refused"},
      {"index", "create unique index i on msg (tenant, email)",
       "create unique index i on msg (tenant, (SUBSTR(email, 21, 24)))"},
      {"index", "create index i on msg ((SUBSTR(email, 21, 24)))", "pass"},
      {"index", "create unique index i on msg (body)", "refuse ddl_refused"},
      {"view", "create view v as select body from msg where email = 'x'", "refuse sealed_search"},
      {"view", "create or replace view v as select body from msg", "same"},
      {"truncate", "truncate table msg", "pass"},
      {"lock", "lock tables msg write, other read", "pass"},
      {"show", "show create table msg", "pass"},
      {"describe", "describe msg", "pass"},
      {"explain", "explain select * from msg where email = 'x'",
       "explain select * from msg where SUBSTR(email, 21, 24) = <tag email>"},
      {"analyze", "analyze table msg", "pass"},
      {"optimize", "optimize table msg", "pass"},
      {"import", "alter table msg import tablespace", "same"},
  });
}

namespace {
const Plan& plan_of(std::string_view text, PlanOutcome& outcome) {
  outcome = sealrow::plan::test::plan(text, mysql_world(), mysql_names(mysql_world()));
  return *outcome.plan;
}
std::string effects(std::string_view text) {
  PlanOutcome outcome;
  const Plan& plan = plan_of(text, outcome);
  if (plan.verdict == Verdict::refuse) return "refuse";
  std::string out;
  for (const StatementPlan& statement : plan.statements) {
    for (const Effect& effect : statement.effects) {
      if (const auto* set = std::get_if<SetSetting>(&effect)) {
        out += set->name + "=" + set->value.value_or(set->input ? "<input>" : "<none>") + " ";
      } else {
        out += std::holds_alternative<SearchPathUnknown>(effect) ? "ask " : "other ";
      }
    }
  }
  return out;
}
}  // namespace

TEST_CASE("MySQL: what a statement changes in the session") {
  CHECK(effects("use s2") == "database=s2 ");
  CHECK(effects("set names utf8mb4") ==
        "character_set_client=utf8mb4 character_set_results=utf8mb4 character_set_connection=utf8mb4 ");
  CHECK(effects("SET NAMES 'latin1' COLLATE latin1_bin") ==
        "character_set_client=latin1 character_set_results=latin1 character_set_connection=latin1 ");
  CHECK(effects("set names default") == "ask ask ask ");
  CHECK(effects("set character set utf8mb4") == "character_set_client=utf8mb4 character_set_results=utf8mb4 ask ");
  CHECK(effects("set names gbk") == "refuse");
  CHECK(effects("set character_set_client = 'sjis'") == "refuse");
  CHECK(effects("set character_set_results = concat('g', 'bk')") == "ask ");
  CHECK(effects("set character_set_client = @saved_cs_client") == "ask ");
  CHECK(effects("set character_set_client = @saved_cs_client; insert into msg(body) values ('x')") == "refuse");
  CHECK(effects("set character_set_results = NULL") == "ask ");
  CHECK(effects("set collation_connection = utf8mb4_bin") == "collation_connection=utf8mb4_bin ask ");
  CHECK(effects("set sql_mode = 'ANSI_QUOTES'") == "sql_mode=ANSI_QUOTES ");
  CHECK(effects("set session sql_mode = concat(@@sql_mode, ',ANSI_QUOTES')") == "ask ");
  CHECK(effects("set @@session.sql_mode = 'ORACLE'") == "refuse");
  CHECK(effects("set global sql_mode = 'ANSI_QUOTES'").empty());
  CHECK(effects("set @app_tenant = 't', @other = 5") == "@app_tenant=<input> ");
  CHECK(effects("SET @App_Tenant := NULL") == "@app_tenant=<none> ");
  CHECK(effects("set @app_tenant = concat('a', 'b')") == "ask ");
  CHECK(effects("select @app_tenant := 'x'") == "ask ");
  CHECK(effects("select id into @app_tenant from other limit 1") == "ask ");
  CHECK(effects("set @x = 5, autocommit = 0").empty());
  CHECK(effects("begin").empty());
  CHECK(effects("rollback to savepoint s").empty());
  CHECK(effects("call plus(1)") == "ask ");
  CHECK(effects("create table t (id int)") == "other ");
  CHECK(effects("set sql_mode = 'ANSI_QUOTES'; select 1") == "ask ");
}

TEST_CASE("MySQL: a name that holds a literal is of one text only") {
  const SessionNames names = mysql_names(mysql_world());
  CHECK(sealrow::plan::test::plan("select count(distinct email) + 5 from msg", mysql_world(), names).exact);
  CHECK_FALSE(sealrow::plan::test::plan("select count(distinct email) + id from msg", mysql_world(), names).exact);
  CHECK_FALSE(sealrow::plan::test::plan("insert into msg(body) values ('x')", mysql_world(), names).exact);
}

TEST_CASE("MySQL: prepared texts open what they read") {
  PlanOutcome outcome;
  const Plan& plan = plan_of("prepare p from 'select id, email, body from msg'", outcome);
  REQUIRE(plan.verdict == Verdict::apply);
  CHECK(outcome.exact);
  const auto& effect = std::get<PrepareEffect>(plan.statements.at(0).effects.at(0));
  CHECK(effect.name == "p");
  REQUIRE(effect.body->outputs.columns.size() == 3);
  CHECK(effect.body->outputs.columns[0].readable.empty());
  CHECK(plan.columns.at(effect.body->outputs.columns[1].readable.at(0)).column->name == "email");
  CHECK(plan.columns.at(effect.body->outputs.columns[2].readable.at(0)).column->name == "body");
}

TEST_CASE("MySQL: names") {
  const auto names = mysql_names(mysql_world());
  CHECK(shown_mysql("select body from MSG") == "pass");  // another table where names are kept as they are
  const World folding = make_mysql_world({.table_names = sql::mysql::TableNameCase::insensitive, .version = 80406});
  const auto binding = folding.bind();
  CHECK(shown("select `BODY` from APP.MSG", *binding, mysql_names(*binding)) == "same => body");
  SessionNames none = names;
  none.search_path = {};
  CHECK(shown("select body from msg", mysql_world(), none) == "pass");  // an error of the server's
  CHECK(shown("select body from app.msg", mysql_world(), none) == "same => body");
  SessionNames unknown = names;
  unknown.search_path_known = false;
  CHECK(shown("select body from msg", mysql_world(), unknown) == "refuse name_unresolved");
  CHECK(shown_mysql("use s2; select body from msg") == "refuse name_unresolved");
  SessionNames ansi = names;
  std::get<sql::mysql::LexerOptions>(ansi.lexer).ansi_quotes = true;
  CHECK(shown("insert into msg (\"tenant\", \"body\") values ('t', 'x')", mysql_world(), ansi) ==
        "insert into msg (\"tenant\", \"body\") values ('t', <seal body @L0>)");
  CHECK(shown("insert into msg (body) values (\"x\")", mysql_world(), ansi) == "refuse name_unresolved");
  SessionNames latin = names;
  latin.utf8 = false;
  CHECK(shown("select body from msg", mysql_world(), latin) == "refuse client_encoding");
  CHECK(shown("select id from msg", mysql_world(), latin) == "pass");
}
