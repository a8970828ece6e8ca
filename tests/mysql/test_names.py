"""Servers that compare names of tables and databases without case (lower_case_table_names=1): a protected table is protected
in whatever case it is written (B1.23)."""

import pymysql
import pytest
from support import mysql
from support.subject import DIRECT

SCHEMA = """
create table Chat(id int primary key, Body text, clear text);
create table Other(id int primary key, t text);
create view Shown as select id, body from chat;
"""
# The case of the policy is neither that of the catalog nor always that of the application.
POLICY = """
version: 1
tenant: {single: acme}
tables:
  - table: '"{DATABASE}"."CHAT"'
    columns: {BODY: confidential}
"""

WRITES = ["insert into chat(id, body) values (1, 'v')", "insert into CHAT(ID, BODY) values (1, 'v')", "insert into `ChAt`(id, `bOdY`) values (1, 'v')",
          "insert into {upper}.chat(id, body) values (1, 'v')", "insert into `{database}`.`CHAT` values (1, 'v', null)",
          "insert into Chat set BODY = 'v', id = 1", "replace into cHAT values (1, 'v', 'x')",
          "insert into Other values (1, 'x'); insert into CHAT(id, body) values (1, 'v')",
          "insert into chat(id, body) values (1, 'old'); update CHAT C set c.Body = 'v' where C.id = 1",
          "insert into chat(id, body) values (1, 'old'); update chat set CHAT.body = 'v' where Chat.ID = 1",
          "insert into chat(id, body) values (1, 'v') on duplicate key update CHAT.BODY = values(Body)",
          "use {upper} ;; insert into chat(id, body) values (1, 'v')"]
READS = ["select Body from CHAT", "select c.body from chat C", "select C.BODY from {upper}.Chat as c", "select {upper}.CHAT.body from chat",
         "select Chat.* from CHAT", "select * from SHOWN", "select x.B from (select body as b from CHAT) X", "with W as (select body from CHAT) select * from w"]
REFUSED = ["insert into CHAT(id, body) select 5, t from OTHER", "insert into OTHER select id, body from CHAT", "select upper(BODY) from CHAT",
           "update CHAT set Body = concat(body, 'x')", "create table copied as select body from CHAT", "select id from {upper}.CHAT where BODY = 'v'",
           "alter table CHAT rename to gone", "rename table CHAT to gone",
           "create trigger made before insert on OTHER for each row insert into CHAT(id, body) values (7, 'x')"]


@pytest.fixture(scope="module")
def pair(release, make_mysql_pair):
    return make_mysql_pair(release, POLICY, SCHEMA, server=("caseless", {"initial": ("--lower-case-table-names=1",)}))


@pytest.fixture(autouse=True)
def empty(pair):
    for server, subject in ((pair.sealed_server, pair.sealed), (pair.plain_server, pair.plain)):
        server.run("delete from chat; delete from other; insert into other values (9, 'other')", subject.database)


def written(sql: str, subject: mysql.Subject) -> str:
    return sql.replace("{database}", subject.database).replace("{upper}", subject.database.upper())


@pytest.mark.parametrize("sql, way", [(sql, way) for sql in WRITES for way in ("text", "prepared") if way == "text" or ";" not in sql])
def test_b1_23_writes_in_any_case(pair, wires, sql, way):
    seen = []
    for wire, subject in zip(wires(pair), (pair.sealed, pair.plain)):
        text = written(sql, subject)
        if way == "text":
            for command in text.split(" ;; "):
                wire.query(command)
        else:
            statement = wire.prepare(text.replace("'v'", "?"))
            wire.execute(statement, ["v"])
        seen.append(wire.query("select id, body from chat")[0].rows)
    assert seen[0] == seen[1] == [b"\x011\x01v"]
    if not DIRECT:
        (stored,), = pair.at_rest("select body from chat")
        assert stored.startswith("sr1."), f"PLAINTEXT: {stored}"


@pytest.mark.parametrize("sql", READS)
def test_b1_23_reads_in_any_case(pair, wires, sql):
    seen = []
    for wire, subject in zip(wires(pair), (pair.sealed, pair.plain)):
        wire.query("insert into chat(id, body) values (1, 'v')")
        text = written(sql, subject)
        answers = wire.query(text), wire.execute(wire.prepare(text), [])
        seen.append([([c[0] for c in r.columns], r.rows) for answer in answers for r in answer])
    assert seen[0] == seen[1]


@pytest.mark.skipif(DIRECT, reason="refusals are Sealrow's")
@pytest.mark.parametrize("sql", REFUSED)
def test_b1_23_refusals_in_any_case(pair, wires, sql):
    wire, _ = wires(pair)
    with pytest.raises(pymysql.Error, match="SR-E"):
        wire.query(written(sql, pair.sealed))
