"""Results, statements and values that are larger than what a simple reader of the protocol expects (B3.07, B3.08, MY-7, MY-12b,
MY-30)."""

import pymysql
import pytest
from support import rawmysql
from support.subject import DIRECT

COLUMNS = 300
SEALED = {1, 5, 255, 290}     # of c1 … c300
MIB = 1 << 20
FULL_PACKET = 0xFFFFFF
LIMIT = 64 * MIB              # max_allowed_packet of the servers

KINDS = {i: "text" if i in SEALED else "varchar(9) charset ascii" for i in range(1, COLUMNS + 1)}
SCHEMA = (f"create table wide(id int primary key, {', '.join(f'c{i} {kind}' for i, kind in KINDS.items())}); "
          "create table big(id int primary key, body longtext, raw longblob, clear longtext);")
POLICY = f"""
version: 1
tenant: {{single: acme}}
tables:
  - table: {{database}}.wide
    columns: {{{', '.join(f'c{i}: confidential' for i in sorted(SEALED))}}}
  - table: {{database}}.big
    columns: {{body: {{class: confidential, compress: off}}, raw: {{class: confidential, compress: off}}}}
"""


@pytest.fixture(scope="module")
def pair(release, make_mysql_pair):
    return make_mysql_pair(release, POLICY, SCHEMA)


@pytest.fixture(autouse=True)
def empty(pair):
    for server, subject in ((pair.sealed_server, pair.sealed), (pair.plain_server, pair.plain)):
        server.run("delete from wide; delete from big", subject.database)


def sealed_at_rest(pair, sql: str) -> None:
    if not DIRECT:
        for row in pair.at_rest(sql):
            for cell in row:
                assert cell is None or cell.startswith("sr1." if isinstance(cell, str) else b"\xf5"), f"PLAINTEXT: {cell[:40]!r}"


def test_b3_07_hundreds_of_columns_and_parameters(pair, wires):
    values = [1, *(f"value {i}" if i % 7 else None for i in range(1, COLUMNS + 1))]
    seen = []
    for wire in wires(pair):
        statement = wire.prepare(f"insert into wide values ({', '.join('?' * (COLUMNS + 1))})")
        assert statement.parameters == COLUMNS + 1
        assert wire.execute(statement, values)[0].affected == 1
        literals = ", ".join("null" if v is None else f"'{v}'" for v in values[1:])
        assert wire.query(f"insert into wide values (2, {literals})")[0].affected == 1
        reading = wire.prepare("select * from wide order by id")
        assert len(reading.columns) == COLUMNS + 1
        text, binary = wire.query("select * from wide order by id")[0], wire.execute(reading, [])[0]
        seen.append((reading.columns, text.columns, text.rows, binary.columns, binary.rows))
    assert seen[0] == seen[1]
    assert len(seen[0][2]) == 2
    sealed_at_rest(pair, f"select {', '.join(f'c{i}' for i in sorted(SEALED))} from wide")


# The text and its command byte fill whole packets, or are one byte beside.
@pytest.mark.parametrize("column, size", [("body", FULL_PACKET), ("body", FULL_PACKET + 1), ("clear", 2 * FULL_PACKET)])
def test_b3_08_statements_of_whole_packets(pair, wires, column, size):
    head, tail = f"insert into big(id, {column}) values (1, '", "')"
    value = "v" * (size - 1 - len(head) - len(tail))
    seen = []
    for wire in wires(pair):
        assert wire.query(head + value + tail)[0].affected == 1
        wire.ping()
        rows = wire.query(f"select id, {column}, clear is null from big")[0].rows
        seen.append(rows)
        assert len(rows[0]) > len(value)
    assert seen[0] == seen[1]
    sealed_at_rest(pair, "select left(body, 40) from big")


# The row's only cell, such that its packet is an exact multiple of what one packet holds, or begins with 0xFE.
EXACT, BEGINS_WITH_FE, TWO_EXACT = FULL_PACKET - 4, 16 * MIB, 2 * FULL_PACKET - 9


@pytest.mark.parametrize("column, size", [("body", EXACT), ("body", TWO_EXACT), ("raw", BEGINS_WITH_FE), ("clear", TWO_EXACT)])
@pytest.mark.parametrize("protocol", ["text", "binary"])
def test_b3_08_rows_of_whole_packets(pair, wires, column, size, protocol):
    value = b"r" * (size if protocol == "text" else size - 2)     # a binary row begins with a zero and the null bitmap
    seen = []
    for wire in wires(pair):
        statement = wire.prepare(f"insert into big(id, {column}) values (?, ?)")
        wire.execute(statement, [1, value], kind=rawmysql.BLOB if column == "raw" else rawmysql.VAR_STRING)
        wire.execute(statement, [2, b"short"])
        sql = f"select {column} from big order by id"
        result = wire.query(sql)[0] if protocol == "text" else wire.execute(wire.prepare(sql), [])[0]
        seen.append(result)
        wire.ping()
    assert seen[0].rows == seen[1].rows and len(seen[0].rows) == 2
    assert seen[0].columns == seen[1].columns
    sealed_at_rest(pair, "select left(body, 40), left(raw, 40) from big")


def test_long_data_beyond_one_packet(pair, wires):
    seen = []
    for wire in wires(pair):
        statement = wire.prepare("insert into big(id, body, raw) values (?, ?, ?)")
        for _ in range(5):
            wire.long_data(statement, 1, b"x" * (4 * MIB))
        wire.long_data(statement, 2, b"\x00\xff" * (9 * MIB))
        wire.execute(statement, [1, "", ""], long_data={1, 2}, kind=rawmysql.BLOB)
        seen.append(wire.query("select body, raw from big")[0].rows)
    assert seen[0] == seen[1]
    sealed_at_rest(pair, "select left(body, 40), left(raw, 40) from big")


@pytest.mark.skipif(DIRECT, reason="nothing grows without Sealrow")
@pytest.mark.parametrize("way", ["text", "binary", "long data"])
def test_my_30_a_value_that_outgrows_max_allowed_packet(pair, wires, way):
    """Plain, it would fit; sealed it does not. The server would end the connection, and the transaction with it."""
    value = "x" * (LIMIT * 7 // 8)
    wire, _ = wires(pair)
    wire.query("begin")
    wire.query("insert into big(id, body) values (1, 'kept')")
    with pytest.raises(pymysql.Error, match="SR-E602") as caught:
        if way == "text":
            wire.query(f"insert into big(id, body) values (2, '{value}')")
        else:
            statement = wire.prepare("insert into big(id, body) values (?, ?)")
            if way == "long data":
                wire.long_data(statement, 1, value.encode())
            wire.execute(statement, [2, value], long_data={1} if way == "long data" else frozenset())
    assert caught.value.args[0] == 1153
    wire.query("commit")
    assert wire.query("select id, body from big")[0].rows == [b"\x011\x04kept"]


def test_statement_beyond_the_servers_own_limit(pair, wires):
    """What the client sends too large on a clear column is the server's to refuse, in its own words."""
    errors = []
    for wire in wires(pair):
        with pytest.raises(pymysql.Error) as caught:
            wire.query("insert into big(id, clear) values (1, '" + "x" * (LIMIT + 10) + "')")
        errors.append(caught.value.args[0])
    assert set(errors) <= {1153, 2006, 2013}   # the packet's error, or the reset that overtakes it


def test_large_and_small_commands_in_turn(pair, wires):
    """Sequence ids start anew with each command, whatever the one before it took."""
    value, seen = "y" * (17 * MIB), []
    for wire in wires(pair):
        wire.query(f"insert into big(id, body) values (1, '{value}')")
        seen.append([wire.query(sql)[0].rows for sql in ("select body from big", "select 1", "select body, body from big", "select id from big")])
    assert seen[0] == seen[1]
