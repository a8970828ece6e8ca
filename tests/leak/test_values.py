"""Values, formats and protocol ways of A2 that are not a statement shape: what was written is what is read."""

import struct

import pytest
from support import delivery, rawpg
from support.rawpg import BINARY, TEXT
from support.values import of_text

TEXTS = ["", " ", "NULL", "\\N", "\\x4142", "C:\\temp\\new", '{"a": "\\n"}', "^\\d+$", "it's", '"', "sr1", "sr1.", "a\tb\r\nc",
         "\u00e9 \u0301e \U0001F600", "\u200f", "x" * 10_000, "0", "\x01\x7f"]
BYTES = [b"", b"\0", b"\xf5", b"\xf5\x11", b"\\x41", bytes(range(256)), b"a" * 10_000]
INSERT = "insert into msg(tenant, body, meta) values ('acme', $1, $2) returning id, body, meta"


def both(bench, *messages: bytes, count: int = 1):
    """The same bytes to both; the answers must agree. Returns Sealrow's."""
    plain = bench.connect(False).exchange(*messages, count=count)
    got = bench.connect(True).exchange(*messages, count=count)
    assert delivery.answer(got) == delivery.answer(plain)
    bench.check_sealed()
    bench.check_read_back()
    return got


@pytest.mark.parametrize("results", [TEXT, BINARY], ids=["text", "binary"])
@pytest.mark.parametrize("format", [TEXT, BINARY], ids=["as-text", "as-binary"])
def test_A2_19_texts_round_trip(bench, format, results):
    messages = [rawpg.parse(INSERT, "i")]
    for text in TEXTS:
        messages += [rawpg.bind([text.encode(), None], "i", formats=[format], results=[results]),
                     rawpg.describe("P"), rawpg.execute()]
    got = both(bench, *messages, rawpg.sync())
    assert [m.row[1].decode() for m in got if m.kind == "D"] == TEXTS


@pytest.mark.parametrize("results", [TEXT, BINARY], ids=["text", "binary"])
def test_A2_20_bytes_round_trip(bench, results):
    messages = [rawpg.parse(INSERT, "i")]
    for data in BYTES:
        messages += [rawpg.bind([None, data], "i", formats=[TEXT, BINARY], results=[results]), rawpg.execute()]
        messages += [rawpg.bind([None, b"\\x" + data.hex().encode()], "i", results=[results]), rawpg.execute()]
    both(bench, *messages, rawpg.sync())


def test_A2_20_bytes_in_escape_output(bench):
    setting = rawpg.query("set bytea_output = escape")
    insert = [rawpg.parse(INSERT, "i"), rawpg.bind([None, bytes(range(256))], "i", formats=[BINARY]), rawpg.execute()]
    both(bench, setting, *insert, rawpg.sync(), count=2)


def test_literal_texts_round_trip(bench):
    sql = "; ".join(f"insert into msg(tenant, body) values ('acme', {of_text(t).literal}) returning body" for t in TEXTS)
    both(bench, rawpg.query(sql))


@pytest.mark.parametrize("oids", [(0, 0), (25, 17), (1043, 17), (25,), (), (705, 705)], ids=str)
def test_A2_18_declared_types(bench, oids):
    value = bench.canaries.new("A2_18").encode()
    both(bench, rawpg.parse(INSERT, "i", oids), rawpg.describe("S", "i"), rawpg.bind([value, b"\\x00ff"], "i"),
         rawpg.execute(), rawpg.sync())


@pytest.mark.parametrize("column, oid, layout", [("num", 21, "!h"), ("num", 23, "!i"), ("small", 21, "!h"), ("large", 23, "!i"),
                                                 ("large", 20, "!q")], ids=str)
def test_A2_21_integers_of_other_widths(bench, column, oid, layout):
    both(bench, rawpg.parse(f"insert into typed(id, {column}) values (1, $1) returning {column}", "i", [oid]),
         rawpg.bind([struct.pack(layout, -12345)], "i", formats=[BINARY], results=[BINARY]), rawpg.describe("P"),
         rawpg.execute(), rawpg.sync())


@pytest.mark.parametrize("results", [TEXT, BINARY], ids=["text", "binary"])
def test_A8_23_logical_types(bench, results):
    sql = ("insert into typed values (1, true, -32768, 2147483647, -9223372036854775808, 1.5e-300, 12345.6789000, '2024-02-29', "
           "'1999-12-31 23:59:59.999999', '2024-02-29 12:00:00+00', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'), "
           "(2, false, 0, 0, 0, 'NaN', 'NaN', 'infinity', '-infinity', 'infinity', '00000000-0000-0000-0000-000000000000'), "
           "(3, null, null, null, null, null, null, null, null, null, null)")
    both(bench, rawpg.query(sql), rawpg.parse("select * from typed order by id", "r"), rawpg.describe("S", "r"),
         rawpg.bind([], "r", results=[results]), rawpg.describe("P"), rawpg.execute(), rawpg.sync(), count=2)


@pytest.mark.parametrize("body, meta", [(None, None), (b"", b""), (b"", None), (None, b"")], ids=str)
@pytest.mark.parametrize("format", [TEXT, BINARY], ids=["text", "binary"])
def test_A2_22_null_and_empty(bench, body, meta, format):
    both(bench, rawpg.parse(INSERT, "i"), rawpg.bind([body, meta], "i", formats=[format]), rawpg.execute(), rawpg.sync())


@pytest.mark.parametrize("formats", [[], [TEXT], [BINARY], [TEXT, TEXT], [TEXT, BINARY], [BINARY, BINARY]], ids=str)
@pytest.mark.parametrize("results", [[], [TEXT], [BINARY], [TEXT, TEXT, BINARY], [BINARY, TEXT, TEXT]], ids=str)
def test_A2_23_format_codes(bench, formats, results):
    binary = (formats * 2)[:2] == [BINARY, BINARY] or formats[1:] == [BINARY]
    both(bench, rawpg.parse(INSERT, "i"),
         rawpg.bind([b"value", b"\x00\xff" if binary else b"\\x00ff"], "i", formats=formats, results=results),
         rawpg.describe("P"), rawpg.execute(), rawpg.sync())


def test_A2_24_pipeline_of_writes_and_reads(bench):
    messages = []
    for i in range(5):
        value = bench.canaries.new("A2_24").encode()
        messages += [rawpg.parse(INSERT), rawpg.bind([value, b"\\x00"]), rawpg.describe("P"), rawpg.execute()]
        messages += [rawpg.parse(f"select {'body, id' if i % 2 else 'tenant, meta, body'} from msg where id < 50 order by id"),
                     rawpg.bind(results=[i % 2]), rawpg.describe("P"), rawpg.execute()]
    both(bench, *messages, rawpg.sync())


def test_A2_25_error_in_a_pipeline_then_more_work(bench):
    failing = [rawpg.parse("select 1/$1::int"), rawpg.bind([b"0"]), rawpg.execute()]
    write = [rawpg.parse(INSERT), rawpg.bind([b"lost", None]), rawpg.execute()]
    read = [rawpg.parse("select body, meta from msg order by id"), rawpg.bind(), rawpg.describe("P"), rawpg.execute()]
    both(bench, *write, *failing, *read, rawpg.sync(), *read, rawpg.sync(), rawpg.query("select body from msg where id = 1"), count=3)


def test_A2_26_unnamed_statement_and_simple_query(bench):
    use = [rawpg.bind([b"value", None]), rawpg.execute()]
    both(bench, rawpg.parse(INSERT), *use, rawpg.sync(), *use, rawpg.sync(), rawpg.query("begin"), *use, rawpg.sync(),
         rawpg.query("rollback"), count=5)


def test_A2_27_many_executions(bench):
    messages = [rawpg.parse(INSERT, "i")]
    for i in range(30):
        messages += [rawpg.bind([bench.canaries.new("A2_27").encode(), None], "i"), rawpg.execute(), rawpg.sync()]
    both(bench, *messages, count=30)


@pytest.mark.parametrize("mebibytes", [1, 20])
def test_A2_28_large_values(bench, mebibytes):
    value = (bench.canaries.new("A2_28") + "-").encode()
    value *= mebibytes * 2**20 // len(value) + 1
    both(bench, rawpg.parse(INSERT), rawpg.bind([value, value], formats=[BINARY], results=[BINARY]), rawpg.execute(), rawpg.sync())


def test_A2_29_savepoints(bench):
    insert = "insert into msg(tenant, body) values ('acme', '{}')"
    statements = ["begin", insert.format("kept"), "savepoint a", insert.format("undone"), "rollback to a", insert.format("kept too"),
                  "release a", "commit", "select body from msg where body is not null order by id"]
    both(bench, *[rawpg.query(s) for s in statements], count=len(statements))


def test_A8_22_suspended_portal(bench):
    both(bench, rawpg.parse("select id, body, meta from msg order by id"), rawpg.bind(results=[BINARY]), rawpg.execute(limit=1),
         rawpg.execute(limit=1), rawpg.execute(), rawpg.sync())


def test_A8_21_returning(bench):
    both(bench, rawpg.query("update msg set note = 'n' where id = 1 returning *, body as b"),
         rawpg.query("delete from msg where id = 3 returning body, meta, doc"), count=2)


def test_zz_no_canary_anywhere(module_bench):
    if module_bench.pair.sealed.sealing:
        found = module_bench.findings()
        assert not found, "canaries at rest:\n" + "\n".join(map(str, found))
