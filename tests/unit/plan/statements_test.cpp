// Definitions, hidden writes, COPY, and what a session has to remember.
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
template <class T>
const T& effect(const PlanOutcome& outcome, std::size_t statement = 0, std::size_t index = 0) {
  REQUIRE(outcome.plan->verdict == Verdict::apply);
  return std::get<T>(outcome.plan->statements.at(statement).effects.at(index));
}
}  // namespace

TEST_CASE("a trigger must not set sealed columns of its row") {
  World made = make_world();
  const auto add = [&](Oid oid, const char* name, const char* language, const char* body) {
    made.catalog->functions.emplace(oid, catalog::Function{oid, "public", name, language, body});
  };
  add(530, "shorten", "plpgsql", "begin new.body := left(new.body, 5); return new; end");
  add(531, "stamp", "plpgsql", "begin new.created := now(); return new; end");
  add(532, "audit", "plpgsql", "begin insert into other(body) values (new.body); return new; end");
  add(533, "replace", "plpgsql", "begin return json_populate_record(new, '{}'); end");
  add(505, "trusted", "plpgsql", "begin new.body := 'x'; return new; end");
  made.catalog->functions.at(505).body = "begin new.body := 'x'; return new; end";
  made.catalog->build_index();
  const auto plain = made.bind();
  const std::string create = "create trigger t before insert on ";
  const auto with = [&](std::string table, std::string function) {
    return shown(create + table + " for each row execute function " + function + "()", *plain);
  };
  CHECK(with("msg", "shorten") == "refuse hidden_write");
  CHECK(with("public.msg_p1", "public.shorten") == "refuse hidden_write");
  CHECK(with("msg", "replace") == "refuse hidden_write");
  CHECK(with("other", "shorten") == "same");
  CHECK(with("msg", "stamp") == "same");
  CHECK(with("msg", "audit") == "same");
  CHECK(with("msg", "trusted") == "same");
  CHECK(plan::test::plan(create + "msg for each row execute function s9.fresh()", *plain).plan->unknown_relations ==
        std::vector<std::string>{"s9.fresh()"});
  const std::string body = "() returns trigger language plpgsql as $$ begin new.body := 'x'; return new; end $$";
  CHECK(shown("create function fresh" + body + "; " + create + "msg for each row execute function fresh()", *plain) ==
        "refuse statement_not_understood");
  CHECK(shown("create function fresh" + body + "; " + create + "other for each row execute function fresh()", *plain) ==
        "same");

  made.catalog->relations.at(110).triggers = {{"shortening", 530}};  // a partition of msg
  made.catalog->relations.at(103).triggers = {{"stamping", 531}, {"trusted", 505}};
  made.catalog->relations.at(101).triggers = {{"shortening", 530}};
  const auto binding = made.bind();
  for (const char* text :
       {"insert into msg(tenant, body) values ('t', 'x')", "update msg set id = 1", "copy msg from stdin",
        "update msg_v set id = 1", "with w as (delete from msg returning id) select * from w"}) {
    INFO(text);
    CHECK(shown(text, *binding) == "refuse hidden_write");
  }
  CHECK(shown("update note set id = 1", *binding) == "pass");
  CHECK(shown("update other set t = 'x'", *binding) == "pass");
  CHECK(shown("create or replace function stamp" + body, *binding) == "refuse hidden_write");
  CHECK(shown("create or replace function public.audit" + body, *binding) == "same");
  CHECK(shown("create or replace function trusted" + body, *binding) == "same");
  std::vector<std::string> found;
  for (const Finding& finding : check(*binding)) {
    if (finding.error.code != ErrorCode::hidden_write) continue;
    found.push_back(finding.error.object + (finding.severity == Finding::Severity::error ? " error" : " note"));
  }
  CHECK(found == std::vector<std::string>{"public.msg_p1.shortening error", "public.note.stamping note",
                                          "public.note.trusted note"});
}

TEST_CASE("EXECUTE of a command that stands there whole counts as the command") {
  CHECK(shown("do $$ begin execute 'update other set t = ''x'''; end $$") == "same");
  CHECK(shown("do $$ begin execute 'create index on other (t)'; end $$") == "same");
  for (const char* text : {"do $$ begin execute 'update msg set body = ''x'''; end $$",
                           "do $$ begin execute 'select add_msg(''a'', ''b'')'; end $$",
                           "do $$ begin execute 'update ' || 'other set t = 1'; end $$",
                           "do $$ begin execute format('update other set t = %L', 'x'); end $$",
                           "create function f() returns void language plpgsql as $$ begin execute "
                           "'do $x$ begin update msg set body = null; end $x$'; end $$"}) {
    INFO(text);
    CHECK(shown(text) == "refuse hidden_write");
  }
}

TEST_CASE("code that could hide a write") {
  check_all({
      {"A5.01", "do $$ begin insert into msg(body) values ('x'); end $$", "refuse hidden_write"},
      {"A5.01b", "do $$ begin execute 'x' || 'y'; end $$", "refuse hidden_write"},
      {"A5.01c", "do $$ begin create table zzz(a int); end $$", "same"},
      {"guard",
       "do $$ BEGIN ALTER TABLE \"msg\" ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES other(id); EXCEPTION "
       "WHEN duplicate_object OR others THEN null; END $$",
       "same"},
      {"guard b", "do $$begin create index on msg (id); end;$$", "same"},
      {"guard c", "do $$ begin alter table msg add check (length(body) > 3); exception when others then null; end $$",
       "refuse hidden_write"},
      {"guard d", "do $$ begin alter table msg alter column body set default 'x'; end $$", "refuse hidden_write"},
      {"guard e", "do $$ begin alter table msg add a int; insert into msg(body) values ('x'); end $$",
       "refuse hidden_write"},
      {"guard f", "do $$ begin create index on msg (email); end $$", "refuse hidden_write"},
      {"guard g", "do $$ declare x int; begin create index on msg (id); end $$", "refuse hidden_write"},
      {"guard h",
       "do $$ begin alter table msg add a int; exception when others then insert into msg values (1); end $$",
       "refuse hidden_write"},
      {"guard i", "do language sql $$ begin create index on msg (id); end $$", "refuse hidden_write"},
      {"A5.02", "select add_msg('t','x')", "refuse hidden_write"},
      {"A5.02b", "select public.indirect('t')", "refuse hidden_write"},
      {"A5.02c", "select runs('drop table x')", "refuse hidden_write"},
      {"A5.02d", "call add_msg('t','x')", "refuse hidden_write"},
      {"A5.02e", "select trusted('t','x')", "pass"},
      {"A5.02f", "select plus(1)", "pass"},
      {"A5.02g", "select * from other where t = add_msg('a','b')", "refuse hidden_write"},
      {"A5.02h", "insert into other(t) values (add_msg('a','b'))", "refuse hidden_write"},
      {"xml", "select query_to_xml('select body from msg', true, false, '')", "refuse hidden_write"},
      {"trigger", "insert into hooked(t) values ('x')", "refuse hidden_write"},
      {"default", "insert into sneaky(id) values (1)", "refuse hidden_write"},
      {"view", "select * from calling_v", "refuse hidden_write"},
      {"operator", "create operator ## (function = add_msg, leftarg = text, rightarg = text)", "refuse hidden_write"},
      {"trigger read", "select * from hooked", "pass"},
      {"A5.05", "create function f() returns void language sql as $$ insert into msg(body) values ('x') $$",
       "refuse hidden_write"},
      {"A5.05b", "create function f() returns trigger language plpgsql as $$ begin new.at = now(); return new; end $$",
       "same"},
      {"A5.05c", "create trigger t before insert on other for each row execute function hook_function()",
       "refuse hidden_write"},
      {"rule", "create rule r as on insert to other do also insert into msg(body) values (new.t)",
       "refuse hidden_write"},
  });
}

TEST_CASE("definitions") {
  check_all({
      {"A5.06", "create table copy as select body from msg", "refuse sealed_to_clear"},
      {"A5.06b", "select body into copy from msg", "refuse sealed_to_clear"},
      {"A5.06c", "create materialized view mv as select * from msg", "refuse sealed_to_clear"},
      {"A5.06d", "create table copy as select id, tenant from msg", "same"},
      {"A5.06e", "create temp table t as execute p('x')", "refuse sealed_to_clear"},
      {"A5.07", "alter table msg alter column body set default 'x'", "refuse ddl_refused"},
      {"A5.07b", "create table missing(body text default 'x')", "refuse ddl_refused"},
      {"A5.07c", "create table missing(id int, body text check (length(body) > 3))", "refuse ddl_refused"},
      {"A5.07d", "create table missing(id int, body text, l int generated always as (length(body)) stored)",
       "refuse ddl_refused"},
      {"A5.07e", "create table missing(id int primary key, body text not null)", "same"},
      {"A5.07f", "create table if not exists missing(body text unique)", "refuse ddl_refused"},
      {"A5.07g", "alter table msg add constraint u unique (body)", "refuse ddl_refused"},
      {"A6.04", "create temp table msg(body text)", "refuse ddl_refused"},
      {"A6.04b", "create temp view msg as select 1", "refuse ddl_refused"},
      {"A6.06", "alter table msg add column x text, drop column created", "same"},
      {"A6.06b", "alter table msg rename column body to text", "refuse ddl_refused"},
      {"A6.06c", "alter table msg rename to old_msg", "refuse ddl_refused"},
      {"A6.06d", "alter table msg alter column body type varchar", "same"},
      {"A6.06e", "alter table msg alter column body type bytea using convert_to(body, 'UTF8')", "refuse ddl_refused"},
      {"A6.08", "alter table other rename to missing", "refuse ddl_refused"},
      {"logical", "alter table msg add column num integer", "alter table msg add column num bytea"},
      {"view", "create view v as select body from msg", "same"},
      {"view search", "create view v as select id from msg where email = 'x'", "refuse sealed_search"},
      {"view function", "create view v as select length(body) from msg", "refuse sealed_operand"},
      {"truncate", "truncate msg", "pass"},
      {"lock", "lock table msg", "pass"},
      {"drop", "drop table msg", "same"},
      {"analyze", "vacuum analyze msg", "pass"},
      {"comment", "comment on column msg.body is 'x'", "pass"},
      {"index", "create index on msg (tenant)", "pass"},
      {"index of the row", "create index on msg ((msg.*::text))", "refuse sealed_operand"},
      {"index of the row b", "create index on msg (md5(msg::text))", "refuse sealed_operand"},
  });
}

// Migrations are files that are sent as one text, or run in one transaction: the catalog lacks what they made.
TEST_CASE("several definitions in one text or transaction") {
  check_all({
      {"indexes", "create index on msg (tenant); create index on msg (created) where created is not null", "pass"},
      {"new column", "alter table msg add column extra int; create index on msg (extra)", "same"},
      {"new table",
       "create table missing(id int primary key, body text); create index on missing (id); "
       "alter table missing add constraint f foreign key (id) references other(id)",
       "same"},
      {"other table", "create table apart(a int); create index on apart (a); insert into msg(tenant) values ('t')",
       "same"},
      {"tag", "alter table msg add column extra int; create index on msg (email)", "refuse statement_not_understood"},
      {"new index", "create table missing(body text); create unique index on missing (body)", "refuse name_unresolved"},
      {"new row", "create table missing(body text); create index on missing (md5(missing::text))",
       "refuse name_unresolved"},
      {"new default", "create table missing(body text); alter table missing alter column body set default 'x'",
       "refuse ddl_refused"},
      {"new check", "create table missing(body text); alter table missing add check (length(body) > 3)",
       "refuse ddl_refused"},
      {"new type", "create table missing(body text); alter table missing alter column body type int using 1",
       "refuse ddl_refused"},
      {"new name", "create table missing(body text); alter table missing rename to found", "refuse ddl_refused"},
      {"write", "create table missing(body text); insert into missing values ('x')", "refuse name_unresolved"},
      {"write b", "alter table msg add column extra int; insert into msg(body) values ('x')",
       "refuse statement_not_understood"},
      {"same transaction", "create index on missing (id)", "pass"},
      {"same transaction b", "alter table public.missing add column a int, add foreign key (a) references other(id)",
       "same"},
      {"same transaction c", "alter table missing add column body text default 'x'", "refuse ddl_refused"},
      {"path", "create table missing(body text); set search_path from current; alter table missing add column a int",
       "refuse name_unresolved"},
  });
}

TEST_CASE("COPY") {
  const auto in = plan::test::plan(
      "copy msg(body, tenant, num) from stdin with (format csv, header, delimiter ';', force_null (body))", world());
  REQUIRE(in.plan->verdict == Verdict::apply);
  CHECK(in.exact);
  const CopyPlan& copy = *in.plan->statements[0].copy;
  CHECK(copy.format == CopyPlan::Format::csv);
  CHECK(copy.delimiter == ';');
  CHECK(copy.header);
  REQUIRE(copy.fields.size() == 3);
  CHECK(copy.fields[0]->purpose == Purpose::seal);
  CHECK_FALSE(copy.fields[1]);
  CHECK(in.plan->columns[copy.fields[2]->column].display == "public.msg.num");
  CHECK(copy.tenant_fields == std::vector<std::optional<std::uint32_t>>{1});
  CHECK(copy.force_null == std::vector<bool>{true, false, false});

  const auto out = plan::test::plan("copy (select id, body from msg) to stdout", world());
  REQUIRE(out.plan->verdict == Verdict::apply);
  CHECK(out.plan->statements[0].copy->outputs.size() == 2);
  CHECK(out.plan->statements[0].copy->outputs[1].direct);

  check_all({
      {"A4.05", "copy msg from '/tmp/x'", "refuse file_copy"},
      {"A4.05b", "copy msg from program 'cat x'", "refuse file_copy"},
      {"A4.07", "copy msg to '/tmp/x'", "refuse file_copy"},
      {"A4.07b", "copy (select body from msg) to program 'cat'", "refuse file_copy"},
      {"clear", "copy msg(id, tenant) to stdout", "pass"},
      {"other", "copy other from stdin", "pass"},
      {"where", "copy msg from stdin where body = 'x'", "refuse sealed_search"},
      {"encoding", "copy msg from stdin with (encoding 'latin1')", "refuse statement_not_understood"},
      {"trigger", "copy hooked from stdin", "refuse hidden_write"},
  });
  CHECK(shown("copy msg(body) from stdin", column_world()) == "refuse tenant_missing");
}

TEST_CASE("what the session has to remember") {
  CHECK(effect<SetSetting>(plan::test::plan("set app.tenant_id = 't1'", world())).value == "t1");
  CHECK(plan::test::plan("set app.tenant_id = 't1'", world()).exact);
  CHECK(effect<SetSetting>(plan::test::plan("set local search_path to a, \"B\"", world())).value == "a, \"B\"");
  CHECK_FALSE(effect<SetSetting>(plan::test::plan("reset app.tenant_id", world())).value);
  CHECK(shown("set statement_timeout = 5") == "pass");
  (void)effect<ResetAllSettings>(plan::test::plan("reset all", world()));
  const auto config = plan::test::plan("select set_config('app.tenant_id', $1, true)", world(), {}, Protocol::extended);
  CHECK(effect<SetSetting>(config).local);
  CHECK(std::get<ParameterRef>(*effect<SetSetting>(config).input).number == 1);
  CHECK(shown("select set_config('app.tenant_id', t, true) from other") == "refuse tenant_conflict");
  CHECK(shown("select set_config(t, 'x', true) from other") == "refuse tenant_conflict");
  CHECK(shown("select become('t2')") == "refuse tenant_conflict");
  CHECK(effect<TransactionControl>(plan::test::plan("rollback to savepoint a", world())).kind ==
        TransactionControl::Kind::rollback_to);
  const auto prepared =
      plan::test::plan("prepare p(text, text) as insert into msg(tenant, body) values ($1, $2)", world());
  const auto& body = *effect<PrepareEffect>(prepared).body;
  REQUIRE(body.parameters.size() == 2);
  CHECK(body.parameters[1].sent[0].destination->purpose == Purpose::seal);
  CHECK(shown("prepare p(int4) as insert into msg(num) values ($1)") ==
        "prepare p(bytea) as insert into msg(num) values ($1)");
  CHECK(shown("prepare p as insert into msg(tenant, body) values ($1, $1)") == "refuse expression_not_sealable");
  const auto execute = plan::test::plan("execute p('a', 'x'::text, now())", world());
  const auto& arguments = effect<ExecuteEffect>(execute).arguments;
  REQUIRE(arguments.size() == 3);
  CHECK(std::get<LiteralRef>(*arguments[1]).index == 1);
  CHECK_FALSE(arguments[2]);
  CHECK(effect<DeclareEffect>(plan::test::plan("declare c binary cursor with hold for select body from msg", world()))
            .hold);
  (void)effect<FetchEffect>(plan::test::plan("fetch all from c", world()));
  (void)effect<DeallocateEffect>(plan::test::plan("deallocate all", world()));
  (void)effect<DiscardEffect>(plan::test::plan("discard all", world()));
  CHECK(effect<CatalogEffect>(plan::test::plan("create table t(a int)", world())).created.at(0).name == "t");
}

TEST_CASE("errors name the column, the reason, the way out and the place") {
  const Error error = refusal("select id, length(body) from msg");
  CHECK(error.code == ErrorCode::sealed_operand);
  CHECK(error.object == "public.msg.body");
  CHECK(error.offset.value_or(0) == 18);
  CHECK_FALSE(error.hint.empty());
  CHECK(error.message.find("length") != std::string::npos);
}

TEST_CASE("an empty policy passes everything") {
  World nothing = make_world();
  nothing.policy = std::make_shared<policy::Policy>();
  const auto binding = nothing.bind();
  CHECK(shown("insert into msg(body) values ('x')", *binding) == "pass");
  CHECK(shown("this is not sql", *binding) == "pass");
}

TEST_CASE("plans are shared between statements that differ in values") {
  PlanCache cache(2);
  const SessionNames names;
  const std::string key = names_key(names);
  const auto get = [&](std::string_view text) {
    sql::Template shape;
    sql::make_template(text, names.lexer, shape);
    return cache.get(world(), names, key, {text, &shape, Protocol::simple, nullptr});
  };
  const auto first = get("insert into msg(body) values ('x')");
  CHECK(get("insert into msg(body) values ('other')") == first);
  CHECK(get("insert into msg(body) values ($1)") != first);
  CHECK(cache.stats().hits == 1);
  CHECK(cache.stats().misses == 2);
  (void)get("select 1");
  CHECK(cache.stats().evictions == 1);

  PlanCache exact(8);
  const auto by_text = [&](std::string_view text) {
    sql::Template shape;
    sql::make_template(text, names.lexer, shape);
    return exact.get(world(), names, key, {text, &shape, Protocol::simple, nullptr});
  };
  CHECK(by_text("select id, body from msg order by 1")->verdict == Verdict::apply);
  CHECK(by_text("select id, body from msg order by 2")->verdict == Verdict::refuse);
  CHECK(by_text("select id, body from msg order by 1")->verdict == Verdict::apply);
  CHECK(exact.stats().hits == 1);
  SessionNames elsewhere = names;
  elsewhere.search_path = {"s2"};
  CHECK(names_key(elsewhere) != key);
}

TEST_CASE("check reports what stands in the way of sealing") {
  World w = make_world();
  catalog::Relation& msg = w.catalog->relations.at(100);
  msg.columns[3].type_modifier = 64 + 4;
  msg.columns[2].default_expression = "'x'::text";
  msg.indexes.push_back({"msg_email", true, false, true, "btree", {2, 4}, {}, "", ""});
  msg.indexes.push_back(
      {"msg_fts", false, false, true, "gin", {0}, {"to_tsvector('english'::regconfig, body)"}, "", ""});
  const auto binding = w.bind();
  const auto found = [&](std::string_view object, ErrorCode code) -> std::string {
    for (const Finding& finding : check(*binding)) {
      if (finding.error.object == object && finding.error.code == code) return finding.error.hint;
    }
    return "not found";
  };
  CHECK(found("public.msg.email", ErrorCode::envelope_too_long)
            .starts_with("ALTER TABLE public.msg ALTER COLUMN email TYPE varchar("));
  CHECK(found("public.msg.body", ErrorCode::clear_to_sealed) ==
        "ALTER TABLE public.msg ALTER COLUMN body DROP DEFAULT;");
  CHECK(found("public.msg.msg_email", ErrorCode::sealed_search) ==
        "DROP INDEX public.msg_email; CREATE UNIQUE INDEX ON public.msg ((tenant), (substr(email, 21, 24)));");
  CHECK(found("public.msg.msg_fts", ErrorCode::sealed_operand) == "DROP INDEX public.msg_fts;");
  CHECK(found("public.msg.email", ErrorCode::sealed_search) == "CREATE INDEX ON public.msg ((substr(email, 21, 24)));");
  CHECK(found("public.missing", ErrorCode::policy_object_missing) != "not found");
  CHECK(shown("insert into msg(tenant, email) values ('t', 'e')", *binding) == "refuse clear_to_sealed");
  CHECK(shown("insert into msg(tenant, body) values ('t', default)", *binding) == "refuse clear_to_sealed");
}
