// Writes on MySQL and MariaDB. The numbers are those of the leak probe.
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

TEST_CASE("MySQL: INSERT in every form") {
  check_all({
      {"B1.01", "insert into msg (tenant, body) values ('t', 'x'), ('u', NULL), ('u', '')",
       "insert into msg (tenant, body) values ('t', <seal body @L0>), ('u', NULL), ('u', <seal body @L3>)"},
      {"B1.01 no list", "insert into msg values (1,'t','x','e','{}','r','title',now())",
       "insert into msg values (1,'t',<seal body @L1>,<seal email @L1>,<seal meta @L1>,<seal raw @L1>,'title',now())"},
      {"B1.01 invisible", "insert into note values (1,'t','x','e')",
       "insert into note values (1,'t',<seal note.body @L1>,<seal note.email @L1>)"},
      {"B1.01 names", "INSERT INTO `app`.`msg` (`app`.`msg`.`TENANT`, msg.Body) VALUES ('t', \"x\")",
       "INSERT INTO `app`.`msg` (`app`.`msg`.`TENANT`, msg.Body) VALUES ('t', <seal body @L0>)"},
      {"B1.01 other database", "insert into s2.msg values (1, 'x')", "pass"},
      {"B1.02 set", "insert into msg set tenant='t', body='x'", "insert into msg set tenant='t', body=<seal body @L0>"},
      {"B1.02 replace", "replace into msg (tenant, body) values ('t', ?)", "same | $1=seal body @L0"},
      {"B1.02 ignore", "insert ignore into msg (tenant, body) values ('t','x')",
       "insert ignore into msg (tenant, body) values ('t',<seal body @L0>)"},
      {"B1.02 duplicate",
       "insert into msg (id,tenant,body) values (1,'t','x') on duplicate key update body='y', title='z'",
       "insert into msg (id,tenant,body) values (1,'t',<seal body @L1>) on duplicate key update body=<seal body @L1>, "
       "title='z'"},
      {"B1.02 VALUES()",
       "insert into msg (id,tenant,body) values (1,'t','x') on duplicate key update body=VALUES(body)",
       "insert into msg (id,tenant,body) values (1,'t',<seal body @L1>) on duplicate key update body=VALUES(body)"},
      {"B1.02 alias",
       "insert into msg (id,tenant,body) values (1,'t','x') as new on duplicate key update body=new.body",
       "insert into msg (id,tenant,body) values (1,'t',<seal body @L1>) as new on duplicate key update body=new.body"},
      {"B1.02 alias with columns",
       "insert into msg (id,tenant,body) values (1,'t','x') as new(i,t,b) on duplicate key update body=b, title=t",
       "insert into msg (id,tenant,body) values (1,'t',<seal body @L1>) as new(i,t,b) on duplicate key update body=b, "
       "title=t"},
      {"sealed into clear", "insert into msg (id,body) values (1,'x') on duplicate key update title=values(body)",
       "refuse sealed_to_clear"},
      {"clear into sealed", "insert into msg (id,title) values (1,'x') on duplicate key update body=values(title)",
       "refuse clear_to_sealed"},
      {"B1.03", "insert into msg (id,tenant,body) values (?,?,?) on duplicate key update body=?",
       "same | $3=seal body @$2 | $4=seal body @$2"},
      {"B1.04", "INSERT LOW_PRIORITY INTO msg (tenant,body) VALUES ('t','x')",
       "INSERT LOW_PRIORITY INTO msg (tenant,body) VALUES ('t',<seal body @L0>)"},
      {"B1.04", "insert delayed msg (tenant,body) values ('t','x')",
       "insert delayed msg (tenant,body) values ('t',<seal body @L0>)"},
      {"B1.05", "insert into msg (tenant,body) value ('t','x')",
       "insert into msg (tenant,body) value ('t',<seal body @L0>)"},
      {"VALUES ROW", "insert into msg (tenant,body) values row('t','x'), row('u','y')",
       "insert into msg (tenant,body) values row('t',<seal body @L0>), row('u',<seal body @L2>)"},
      {"B1.08", "insert into msg (tenant,body) select 't','x'",
       "insert into msg (tenant,body) select 't',<seal body @L0>"},
      {"B1.08", "insert into msg (tenant,body) values ('t',(select 'x'))",
       "insert into msg (tenant,body) values ('t',(select <seal body @L0>))"},
      {"B1.09", "insert into msg (tenant,body) select 't', t from other", "refuse clear_to_sealed"},
      {"copy", "insert into msg (body) select body from msg", "pass"},
      {"copy out", "insert into other (t) select body from msg", "refuse sealed_to_clear"},
      {"the row's own columns", "insert into msg (tenant,title,body) values ('t','x',title)", "refuse name_unresolved"},
      {"B1.19", "insert into msg (tenant,body) values ('t',DEFAULT)", "pass"},
      {"B1.19", "insert into msg (tenant,body) values ('t',DEFAULT(body))", "refuse expression_not_sealable"},
      {"left out", "insert into note (tenant,email) values ('t','e')", "refuse clear_to_sealed"},
      {"B1.22 partition", "insert into msg partition (p0) (tenant,body) values ('t','x')",
       "insert into msg partition (p0) (tenant,body) values ('t',<seal body @L0>)"},
      {"B1.10", "insert into other(t) values ('a'); insert into msg (tenant,body) values ('t','x')",
       "insert into other(t) values ('a'); insert into msg (tenant,body) values ('t',<seal body @L1>)"},
      {"B1.17", "/*!50000 insert into msg (tenant,body) values ('t','x') */",
       "/*!50000 insert into msg (tenant,body) values ('t',<seal body @L0>) */"},
      {"comments", "# x\ninsert /* a */ into msg (tenant,body) values ('t', -- '\n'x')",
       " \ninsert   into msg (tenant,body) values ('t',  \n<seal body @L0>)"},
      {"session tenant", "insert into msg (tenant,body) values (@app_tenant,'x')",
       "insert into msg (tenant,body) values (@app_tenant,<seal body>)"},
      {"other variable", "insert into msg (tenant,body) values (@t,'x')", "refuse tenant_missing"},
  });
  check_all({{"returning", "insert into msg (tenant,body) values ('t','x') returning id, body",
              "insert into msg (tenant,body) values ('t',<seal body @L0>) returning id, body => -,body"},
             {"invisible tag", "insert into msg values (1,'t','x','e','{}','r','title',now())",
              "insert into msg values (1,'t',<seal body @L1>,<seal email @L1>,<seal meta @L1>,<seal raw "
              "@L1>,'title',now())"}},
            mariadb_world());
}

TEST_CASE("MySQL: kinds of values") {
  check_all({
      {"B1.06", "insert into msg (body) values (concat('SEC','RET'))", "refuse expression_not_sealable"},
      {"B1.06", "insert into msg (body) values (upper('x'))", "refuse expression_not_sealable"},
      {"B1.06", "insert into msg (body) values (cast('x' as binary))", "refuse expression_not_sealable"},
      {"B1.06", "insert into msg (body) values (binary 'x')", "refuse expression_not_sealable"},
      {"cast", "insert into msg (body) values (cast('x' as char))",
       "insert into msg (body) values (cast(<seal body> as char))"},
      {"cast", "insert into msg (body) values (cast('x' as char(3)))", "refuse expression_not_sealable"},
      {"cast", "insert into msg (body) values (cast('x' as char character set latin1))",
       "refuse expression_not_sealable"},
      {"convert", "insert into msg (body) values (convert('x' using utf8mb4))",
       "insert into msg (body) values (convert(<seal body> using utf8mb4))"},
      {"convert", "insert into msg (body) values (convert('x' using latin1))", "refuse expression_not_sealable"},
      {"B1.07", "insert into msg (body) values (_utf8mb4'x')", "insert into msg (body) values (<seal body>)"},
      {"B1.07", "insert into msg (body,raw) values (N'x', _binary'y')",
       "insert into msg (body,raw) values (<seal body>, <seal raw>)"},
      {"B1.07", "insert into msg (body,raw) values (x'41', 0x4142)",
       "insert into msg (body,raw) values (<seal body>, <seal raw>)"},
      {"B1.07", "insert into msg (raw) values (b'1000001')", "insert into msg (raw) values (<seal raw>)"},
      {"B1.07", "insert into msg (meta) values (x'41')", "refuse expression_not_sealable"},
      {"B1.07", "insert into msg (body) values ('a' 'b' \"c\")", "insert into msg (body) values (<seal body>)"},
      {"B1.07", "insert into msg (body) values ('x' collate utf8mb4_bin)",
       "insert into msg (body) values (<seal body> collate utf8mb4_bin)"},
      {"number", "insert into msg (body) values (5)", "refuse expression_not_sealable"},
      {"number", "insert into msg (body) values (-5)", "refuse expression_not_sealable"},
      {"number", "insert into msg (body) values (true)", "refuse expression_not_sealable"},
      {"or", "insert into msg (body) values ('a' || 'b')", "refuse expression_not_sealable"},
      {"if", "insert into msg (body) values (if(1=1, 'x', ?))",
       "insert into msg (body) values (if(1=1, <seal body>, ?)) | $1=seal body"},
      {"ifnull", "insert into msg (body) values (ifnull(?, 'x'))",
       "insert into msg (body) values (ifnull(?, <seal body>)) | $1=seal body"},
      {"case", "insert into msg (body) values (case when 1 then 'x' else null end)",
       "insert into msg (body) values (case when 1 then <seal body> else null end)"},
      {"json", "insert into msg (meta) values (cast('{}' as json))",
       "insert into msg (meta) values (cast(<seal meta> as json))"},
      {"json", "insert into msg (meta) values (json_object('a', 1))", "refuse expression_not_sealable"},
      {"B1.13", "insert into msg (body) values (@v)", "refuse expression_not_sealable"},
      {"B1.13", "insert into msg (body) values (@v := 'x')", "refuse expression_not_sealable"},
      {"function", "insert into msg (body) values (plus('x'))", "refuse expression_not_sealable"},
      {"hidden", "insert into other (t) values (add_msg('t','x'))", "refuse hidden_write"},
      {"hidden", "insert into hooked (t) values ('x')", "refuse hidden_write"},
      {"hidden", "insert into forced (tenant,body) values ('t','x')", "refuse hidden_write"},
      {"allowed", "select trusted('t','x')", "pass"},
  });
}

TEST_CASE("MySQL: UPDATE and DELETE") {
  check_all({
      {"update", "update msg set body='x' where tenant='t' order by id limit 3",
       "update msg set body=<seal body @L1> where tenant='t' order by id limit 3"},
      {"order", "update msg set title='x' order by body limit 3", "refuse sealed_operand"},
      {"order", "delete from msg order by body limit 3", "refuse sealed_operand"},
      {"B1.18", "update msg set body=concat(body,'x')", "refuse expression_not_sealable"},
      {"in order", "update msg set title='x', body=title", "refuse clear_to_sealed"},
      {"in order", "update msg set body='x', title=body", "refuse sealed_to_clear"},
      {"coalesce", "update msg set body=coalesce(?, body) where tenant=?", "same | $1=seal body @$2"},
      {"B1.02 join", "update msg m join other o on o.msg_id=m.id set m.body='x', o.t='y' where m.tenant='t'",
       "update msg m join other o on o.msg_id=m.id set m.body=<seal body @L2>, o.t='y' where m.tenant='t'"},
      {"join", "update msg, note set note.email='e', msg.Email=note.email where msg.tenant='t' and note.tenant='u'",
       "refuse expression_not_sealable"},
      {"join", "update msg m, note n set n.body='x', title='y', m.body='z' where m.tenant='t' and n.tenant='u'",
       "update msg m, note n set n.body=<seal note.body @L4>, title='y', m.body=<seal body @L3> where m.tenant='t' and "
       "n.tenant='u'"},
      {"join", "update other o join msg m on o.msg_id=m.id set o.t=m.body", "refuse sealed_to_clear"},
      {"join", "update other o join msg m on o.msg_id=m.id set m.body=o.t", "refuse clear_to_sealed"},
      {"join to hidden", "update hooked h join other o on o.id=h.id set h.t='x'", "refuse hidden_write"},
      {"join unqualified", "update other o join msg m on o.msg_id=m.id set email='e' where m.tenant='t'",
       "update other o join msg m on o.msg_id=m.id set email=<seal email @L1> where m.tenant='t'"},
      {"database.table", "update app.msg set app.msg.body='x' where app.msg.tenant='t'",
       "update app.msg set app.msg.body=<seal body @L1> where app.msg.tenant='t'"},
      {"delete", "delete m from msg m join other o on o.msg_id=m.id where o.t='x'", "pass"},
      {"delete", "delete from m using msg m join note n on n.email=m.email",
       "delete from m using msg m join note n on SUBSTR(n.email, 21, 24)=SUBSTR(m.email, 21, 24)"},
      {"delete hidden", "delete h, o from hooked h join other o on o.id=h.id", "refuse hidden_write"},
      {"view", "update msg_v set content='x' where tenant='t'",
       "update msg_v set content=<seal body @L1> where tenant='t'"},
      {"tenant moves", "update msg set tenant='u' where id=1", "refuse tenant_conflict"},
  });
}
