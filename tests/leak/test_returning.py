"""RETURNING with the rows before and after the write (PostgreSQL 18): opened as on the plain server, or refused."""

import pytest
from support import rawpg
from support.leak_bench import Bench
from support.postgres import RELEASES
from support.subject import DIRECT

pytestmark = pytest.mark.skipif(not RELEASES["pg18"].bin.exists(), reason="no PostgreSQL 18 here")

OPENED = [
    "update msg set note = 'seen' where id = 1 returning old.body, new.body, old.note, new.note",
    "update msg set body = {body} where id = 1 returning old.body, new.body, body",
    "update msg m set body = {body} where id = 1 returning old.id, old.*",
    "update msg set body = {body} where id = 1 returning old, (new).id",
    "update msg set body = {body} from json_each('{{\"k\": 1}}') f where id = 1 returning old",
    "update msg set body = {body} where id = 1 returning row_to_json(old), json_build_object('b', new.body)",
    "update msg_v set body = {body} where id = 1 returning old.body, new.body",
    "insert into msg(id, tenant, body) values (1, 'acme', {body}) on conflict (id) do update set body = excluded.body "
    "returning old.body, new.body",
    "insert into msg(id, tenant, body) values (70, 'acme', {body}) returning old.body, new.body",
    "delete from msg where id = 1 returning old.body, new.body",
    "merge into msg m using (select 1 as id) s on m.id = s.id when matched then update set body = {body} "
    "returning old.body, new.body, merge_action()",
    "with w as (update msg set body = {body} where id = 1 returning old.body as before, new.body as after) "
    "select before, after from w",
]
REFUSED = [
    "update msg set body = {body} where id = 1 returning upper(old.body)",
    "update msg set body = {body} where id = 1 returning with (old as o, new as n) o.body, n.body",
    "with w as (update msg set note = 'x' where id = 1 returning old.body b) insert into other(id, t) select 60, b from w",
]


@pytest.fixture(scope="module")
def module_bench(make_pair):
    bench = Bench(make_pair("pg18"))
    yield bench
    bench.drop_kept()


def run(connection, sql: str, mode: str) -> list[rawpg.Message]:
    if mode == "simple":
        return connection.simple(sql)
    return connection.exchange(rawpg.parse(sql), rawpg.bind([], results=[0 if mode == "text" else 1]), rawpg.execute(),
                               rawpg.sync())


@pytest.mark.parametrize("mode", ["simple", "text", "binary"])
@pytest.mark.parametrize("sql", OPENED)
def test_opened(bench, sql, mode):
    sql = sql.format(body="'" + bench.canaries.new("returning") + "'")
    expected = run(bench.connect(False), sql, mode)
    assert rawpg.error_of(expected) is None
    got = run(bench.connect(True), sql, mode)
    assert rawpg.error_of(got) is None
    assert [m.row for m in got if m.kind == "D"] == [m.row for m in expected if m.kind == "D"]
    bench.check_sealed()
    bench.check_read_back()


@pytest.mark.skipif(DIRECT, reason="direct run: nothing is refused")
@pytest.mark.parametrize("sql", REFUSED)
def test_refused(bench, sql):
    before = bench.stored()
    messages = bench.connect(True).simple(sql.format(body="'" + bench.canaries.new("returning") + "'"))
    assert "SR-E" in " ".join((rawpg.error_of(messages) or {}).values())
    assert bench.stored() == before


def test_zz_no_canary_anywhere(module_bench):
    found = module_bench.findings()
    assert DIRECT or not found, "canaries at rest:\n" + "\n".join(map(str, found))
