"""Paths of the protocol by which other proxies stored plaintext or lost the connection (B2, B4)."""

import struct

import pymysql
import pytest
from support import rawmysql
from support.subject import DIRECT

INSERT = "insert into msg(id, tenant, body, meta) values (?, 'acme', ?, ?)"


def both(bench):
    return bench.connect(True), bench.connect(False)


def finish(bench) -> None:
    bench.check_sealed()
    bench.check_read_back()


def test_b2_02_execution_without_types(bench):
    value = bench.canaries.new("types")
    for wire in both(bench):
        statement = wire.prepare(INSERT)
        wire.execute(statement, [20, value, value])
        for i in range(21, 25):
            assert wire.execute(statement, [i, value, None if i % 2 else value], types=False)[0].affected == 1
    finish(bench)


@pytest.mark.parametrize("chunks", [1, 3])
def test_b2_03_long_data(bench, chunks):
    parts = [(bench.canaries.new("long") + "x" * 30_000).encode() for _ in range(chunks)]
    for wire in both(bench):
        statement = wire.prepare(INSERT)
        for part in parts:
            wire.long_data(statement, 1, part)
        wire.execute(statement, [30, "", "meta"], long_data={1})
        wire.execute(statement, [31, "inline again", None], types=False)
        wire.long_data(statement, 1, b"forgotten")
        wire.send(rawmysql.RESET_STATEMENT, struct.pack("<I", statement.id))
        wire.packet()
        wire.execute(statement, [32, "after reset", None])
    finish(bench)


def test_b2_05_the_last_prepared_statement(bench, release):
    if not release.startswith("mariadb"):
        pytest.skip("id -1 is MariaDB's")
    for wire in both(bench):
        wire.prepare("select body from msg where id = ?")
        statement = wire.prepare(INSERT)
        wire.execute(statement, [40, "value", None], identity=0xFFFFFFFF)
    finish(bench)


def test_b2_06_cursors(bench):
    answers = []
    for wire in both(bench):
        statement = wire.prepare("select id, body, meta from msg where id > ? order by id")
        columns = wire.open_cursor(statement, [0])
        answers.append(([c[0] for c in columns], [wire.fetch(statement, 2).rows, wire.fetch(statement, 10).rows]))
        wire.close(statement)
    assert answers[0] == answers[1]


def test_b2_08_types_change_between_executions(bench):
    for wire in both(bench):
        statement = wire.prepare("insert into msg(id, tenant, note, body) values (?, 'acme', ?, ?)")
        wire.execute(statement, [50, "text", "one"])
        wire.execute(statement, [51, 7, "two"])
        wire.execute(statement, [52, None, "three"], kind=rawmysql.BLOB)
    finish(bench)


def test_b2_09_reset_connection_forgets_the_tenant(bench):
    sealed = bench.connect(True)
    sealed.prepare(INSERT)
    sealed.send(rawmysql.RESET_CONNECTION)
    sealed.packet()
    if not DIRECT:
        with pytest.raises(pymysql.Error, match="SR-E501"):
            sealed.query("insert into msg(id, tenant, body) values (60, 'acme', 'x')")
    sealed.query("set @app_tenant = 'acme'")
    assert sealed.query("select body from msg where id = 1")[0].rows == [b"\x05alpha"]


KNOWN = {0x01, 0x02, 0x03, 0x04, 0x09, 0x0e, 0x11, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1f, 0xfa}


def test_b4_01_unknown_commands(bench):
    if DIRECT:
        pytest.skip("what Sealrow forwards")
    before = bench.stored()
    wire = bench.connect(True)
    for command in set(range(256)) - KNOWN:
        wire.send(command, b"insert into msg(tenant, body) values ('acme', 'never')")
        with pytest.raises(pymysql.Error):
            wire.packet()
        wire.ping()
    assert bench.stored() == before


def test_b4_04_a_refusal_leaves_the_transaction(bench):
    if DIRECT:
        pytest.skip("there is no refusal")
    sealed = bench.connect(True)
    sealed.query("begin")
    sealed.query("insert into msg(id, tenant, body) values (70, 'acme', 'kept')")
    with pytest.raises(pymysql.Error, match="SR-E"):
        sealed.query("select upper(body) from msg")
    sealed.query("commit")
    assert sealed.query("select body from msg where id = 70")[0].rows == [b"\x04kept"]


def test_b3_08_long_rows_and_odd_first_columns(bench):
    answers = []
    for wire in both(bench):
        wire.query("insert into msg(id, tenant, body) values (80, 'acme', ''), (81, 'acme', null)")
        statement = wire.prepare("insert into msg(id, tenant, meta) values (?, 'acme', ?)")
        wire.execute(statement, [82, b"z" * (1 << 20)], kind=rawmysql.BLOB)
        answers.append(wire.query("select body, meta, id from msg where id >= 80 order by id")[0].rows)
    assert answers[0] == answers[1]
    finish(bench)


def test_c3_tenants_are_apart(bench):
    if DIRECT:
        pytest.skip("tenants are Sealrow's")
    other = bench.connect(True, tenant="globex")
    with pytest.raises(pymysql.Error, match="SR-E503"):
        other.query("select body from msg where id = 1")
    nobody = bench.connect(True, tenant=None)
    with pytest.raises(pymysql.Error, match="SR-E501"):
        nobody.query("insert into msg(id, tenant, body) values (90, 'acme', 'x')")
