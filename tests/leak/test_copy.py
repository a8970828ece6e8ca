"""A4: COPY in every format, in and out, however the data is cut into messages."""

import struct

import pytest
from support import delivery, rawpg

COLUMNS = "tenant, body, meta, doc"


def text_rows(values: list[str]) -> bytes:
    return "".join(f"acme\t{v}\t\\\\x00ff\t{{\"k\": 1}}\n" for v in values).encode()


def binary_rows(rows: list[list[bytes | None]]) -> bytes:
    cells = b"".join(struct.pack("!h", len(row)) + b"".join(
        struct.pack("!i", -1) if c is None else struct.pack("!i", len(c)) + c for c in row) for row in rows)
    return b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0) + cells + struct.pack("!h", -1)


def cut(data: bytes, size: int) -> list[bytes]:
    return [rawpg.copy_data(data[i:i + size]) for i in range(0, len(data), size)]


def copy_in(connection, sql: str, data: bytes, size: int) -> list[rawpg.Message]:
    connection.send(rawpg.query(sql))
    started = connection.read_until("GE")
    if started[-1].kind == "E":
        return started + connection.ready()
    return started + connection.exchange(*cut(data, size), rawpg.copy_done())


def both(bench, sql: str, data: bytes, size: int = 1 << 16) -> list[rawpg.Message]:
    plain = copy_in(bench.connect(False), sql, data, size)
    got = copy_in(bench.connect(True), sql, data, size)
    assert delivery.answer(got) == delivery.answer(plain)
    bench.analyze()
    bench.check_sealed()
    bench.check_read_back()
    return got


def canaries(bench, label: str, count: int = 3) -> list[str]:
    return [bench.canaries.new(label) for _ in range(count)]


@pytest.mark.parametrize("size", [1, 7, 1 << 16], ids=lambda s: f"cut{s}")
@pytest.mark.parametrize("sql", [
    f"copy msg({COLUMNS}) from stdin", f"COPY public.msg ({COLUMNS}) FROM STDIN WITH (FORMAT text)",
    f'copy "msg" ({COLUMNS}) from stdin with null as \'\\N\''], ids=["plain", "options", "old-options"])
def test_A4_01_text(bench, sql, size):
    values = [*canaries(bench, "A4_01"), "\\N", "", "tab\\there", "back\\\\slash", "new\\nline", "\\x41\\101", "\u00e9\U0001F600"]
    both(bench, sql, text_rows(values), size)


def test_A4_01_end_marker(bench):
    both(bench, f"copy msg({COLUMNS}) from stdin", text_rows(canaries(bench, "A4_01")) + b"\\.\n")


def test_A4_01_last_row_without_newline(bench):
    both(bench, f"copy msg({COLUMNS}) from stdin", text_rows(canaries(bench, "A4_01"))[:-1])


@pytest.mark.parametrize("delimiter", ["|", ",", ";"])
def test_A4_01_other_delimiter_and_null(bench, delimiter):
    rows = "".join(f"acme{delimiter}{v}\n" for v in [*canaries(bench, "A4_01"), "nil", "\\" + delimiter])
    both(bench, f"copy msg(tenant, body) from stdin with (delimiter '{delimiter}', null 'nil')", rows.encode())


@pytest.mark.parametrize("size", [1, 5, 1 << 16], ids=lambda s: f"cut{s}")
@pytest.mark.parametrize("options, head", [
    ("format csv", ""), ("format csv, header", "tenant,body,meta,doc\n"), ("format csv, null 'NULL'", ""),
    ("format csv, force_null (body)", ""), ("format csv, force_not_null (body)", ""), ("format csv, encoding 'UTF8'", "")])
def test_A4_02_csv(bench, options, head, size):
    plain, quoted = canaries(bench, "A4_02", 2)
    rows = [f'acme,{plain},\\x00ff,"{{""k"": 1}}"', f'acme,"{quoted} ""in"", quotes\nand lines",,', 'acme,"",,', "acme,,,",
            "acme,NULL,,", 'acme,"NULL",,', 'acme, spaced ,\\x,"null"', '"acme","\u00e9,\U0001F600","\\x41",1']
    both(bench, f"copy msg({COLUMNS}) from stdin with ({options})", (head + "\n".join(rows) + "\n").encode(), size)


def test_A4_02_csv_other_quote_and_escape(bench):
    value = canaries(bench, "A4_02", 1)[0]
    rows = f"acme|'{value} !'quoted!' | piped'\nacme|plain\r\n"
    both(bench, "copy msg(tenant, body) from stdin with (format csv, delimiter '|', quote '''', escape '!')",
         rows.replace("\r\n", "\n").encode())


@pytest.mark.parametrize("size", [1, 11, 1 << 16], ids=lambda s: f"cut{s}")
def test_A4_03_binary(bench, size):
    rows = [[b"acme", v.encode(), b"\x00\xff", b'\x01{"k": 1}'] for v in canaries(bench, "A4_03")]
    rows += [[b"acme", None, None, None], [b"acme", b"", b"", b"\x01null"]]
    both(bench, f"copy msg({COLUMNS}) from stdin with (format binary)", binary_rows(rows), size)


def test_A4_04_other_order_of_columns(bench):
    value = canaries(bench, "A4_04", 1)[0]
    both(bench, "copy msg(doc, body, tenant) from stdin", f'{{"k": "{value}"}}\t{value}\tacme\n'.encode())


def test_A4_04_without_a_column_list(bench):
    value = canaries(bench, "A4_04", 1)[0]
    both(bench, "copy msg from stdin", f"60\tacme\t{value}\t\\N\t\\N\t{value}\tnote\t2024-01-01 00:00:00+00\n".encode())


def test_A4_04_typed_columns(bench):
    both(bench, "copy typed(id, flag, num, day) from stdin", b"1\tt\t42\t2024-02-29\n2\t\\N\t-1\tinfinity\n")


def test_A4_04_typed_columns_in_binary(bench):
    row = [struct.pack("!i", 1), b"\x01", struct.pack("!i", -7)]
    both(bench, "copy typed(id, flag, num) from stdin (format binary)", binary_rows([row]))


@pytest.mark.parametrize("sql", [
    "copy msg(tenant, body) from program 'echo acme'", "copy msg(tenant, body) from '/etc/hostname'",
    "copy msg to '/tmp/sealrow-copy-test'", "copy msg to program 'cat'", "copy (select body from msg) to program 'cat'",
    "copy (select upper(body) from msg) to stdout", "copy (select body from msg order by body) to stdout"])
def test_A4_05_A4_07_refused(bench, sql):
    if not bench.pair.sealed.sealing:
        pytest.skip("direct run: nothing is refused")
    before = bench.stored()
    connection = bench.connect(True)
    error = rawpg.error_of(connection.simple(sql))
    assert error and "SR-E" in " ".join(error.values())
    assert bench.stored() == before
    assert connection.rows("select body from msg where id = 1") == [[b"alpha"]]


@pytest.mark.parametrize("format", ["text", "csv", "binary", "csv, header", "csv, force_quote (body)", "text, delimiter '|', null 'nil'"])
@pytest.mark.parametrize("source", [f"msg({COLUMNS})", "(select id, body, meta, doc from msg order by id)", "(table other)",
                                    "(select json_build_object('b', body) from msg order by id)"])
def test_A4_06_out(bench, source, format):
    if "force_quote" in format and "body" not in source.split(" from")[0].replace("'b', body", ""):
        pytest.skip("no such column in this COPY")
    sql = f"copy {source} to stdout with (format {format})"
    got, plain = (bench.connect(sealed).simple(sql) for sealed in (True, False))
    assert delivery.answer(plain)[-1] == ("Z", b"I") and rawpg.error_of(plain) is None
    assert [(m.kind, m.body) for m in rawpg.without_asynchronous(got)] == [(m.kind, m.body) for m in rawpg.without_asynchronous(plain)]


def start_copy(connection) -> None:
    connection.send(rawpg.query("copy msg(tenant, body) from stdin"))
    assert connection.read_until("GE")[-1].kind == "G"


@pytest.mark.parametrize("end", [rawpg.copy_fail(), rawpg.sync() + rawpg.flush() + rawpg.copy_done(),
                                 rawpg.copy_data(b"acme\tone\ttoo many\n") + rawpg.copy_done()],
                         ids=["CopyFail", "Sync inside", "server fails"])
def test_A4_08_ends(bench, end):
    answers = []
    for sealed in (False, True):
        connection = bench.connect(sealed)
        start_copy(connection)
        answers.append(delivery.answer(connection.exchange(rawpg.copy_data(b"acme\tvalue\n"), end)
                                       + connection.simple("select count(*) from msg")))
    assert answers[0] == answers[1]
    bench.check_sealed()


def test_A4_08_bad_data_is_refused_and_nothing_stays(bench):
    """Invalid UTF-8 and a value that looks like an envelope."""
    for data in (b"acme\t\xff\xfe\n", b"acme\tsr1.9REDAAABAgMEBQYHAAAAAAAAAAAAAAAAAAAAAAAA\n"):
        if not bench.pair.sealed.sealing and b"sr1." in data:
            continue
        connection = bench.connect(True)
        start_copy(connection)
        assert rawpg.error_of(connection.exchange(rawpg.copy_data(b"acme\tgood\n" + data), rawpg.copy_done()))
        assert connection.rows("select count(*) from msg") == [[b"3"]]


def test_A4_08_in_a_transaction(bench):
    answers = []
    for sealed in (False, True):
        connection = bench.connect(sealed)
        messages = connection.simple("begin")
        start_copy(connection)
        messages += connection.exchange(rawpg.copy_data(b"acme\tvalue\n"), rawpg.copy_fail())
        answers.append(delivery.answer(messages + connection.simple("commit")))
    assert answers[0] == answers[1]


def test_A4_09_large(bench):
    value = bench.canaries.new("A4_09") * 40_000
    both(bench, "copy msg(tenant, body) from stdin", f"acme\t{value}\nacme\tsmall\n".encode())


def test_A4_extended_protocol(bench):
    answers = []
    for sealed in (False, True):
        connection = bench.connect(sealed)
        connection.send(rawpg.parse("copy msg(tenant, body) from stdin"), rawpg.bind(), rawpg.execute(), rawpg.flush())
        messages = connection.read_until("GE")
        messages += connection.exchange(rawpg.copy_data(b"acme\tvalue\n"), rawpg.copy_done(), rawpg.sync())
        answers.append(delivery.answer(messages))
    assert answers[0] == answers[1]
    bench.check_sealed()
    bench.check_read_back()


def test_zz_no_canary_anywhere(module_bench):
    if module_bench.pair.sealed.sealing:
        found = module_bench.findings()
        assert not found, "canaries at rest:\n" + "\n".join(map(str, found))
