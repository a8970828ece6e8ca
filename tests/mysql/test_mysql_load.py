"""LOAD DATA LOCAL into sealed columns: what the application sees is what a plain server shows, at rest are envelopes, and a
file that is refused leaves no row."""

import pymysql
import pytest
from support.subject import DIRECT

FORMATS = {
    "tabs": ("", "{id}\tacme\t{a}\t{b}\n"),
    "csv": ("fields terminated by ',' optionally enclosed by '\"' lines terminated by '\\r\\n' ignore 1 lines", '{id},acme,"{a}","{b}"\r\n'),
    "csv doubled": ("fields terminated by ',' enclosed by '\"' escaped by '\"'", '"{id}","acme","{a}","{b}"\n'),
    "prefix": ("fields terminated by '||' escaped by '' lines starting by '>>' terminated by ';\\n'", "x>>{id}||acme||{a}||{b};\n"),
}


def load(wire, path, text: str, how: str) -> None:
    path.write_text(text, newline="")
    wire.connection.query(f"load data local infile '{path}' {how}")


@pytest.mark.parametrize("form", FORMATS)
def test_formats(bench, tmp_path, form):
    options, line = FORMATS[form]
    lines = ["skipped\r\n"] if "ignore" in options else []
    for i in range(200, 240):
        lines.append(line.format(id=i, a=bench.canaries.new("load") + "é" * i, b=f"note {i}"))
    if form == "tabs":
        lines.append("300\tacme\t\\N\tbare \\\\ \\t\\n \\' back\n")
        lines.append("301\tacme\t" + bench.canaries.new("long") * 20_000 + "\t\n")
    for sealed in (True, False):
        wire = bench.connect(sealed, local_infile=True)
        load(wire, tmp_path / "file", "".join(lines), f"into table msg character set utf8mb4 {options} (id, tenant, body, note)"
             if form != "tabs" else f"into table msg {options} (id, tenant, body, note)")
    bench.check_sealed()
    bench.check_read_back()


def test_bytes_and_documents(bench, tmp_path, release):
    rows = b"400\t\\0\xff\\t\\n\\\\\xf0\n401\t\n402\t\\N\n"
    for sealed in (True, False):
        wire = bench.connect(sealed, local_infile=True)
        (tmp_path / "bytes").write_bytes(rows)
        wire.connection.query(f"load data local infile '{tmp_path / 'bytes'}' into table msg character set binary (id, meta) set tenant = 'acme'")
        load(wire, tmp_path / "file", '403\t{"k": "v", "list": [1, 2]}\tkey-1\n', "into table msg character set utf8mb4 (id, doc, token) set tenant = 'acme'")
    bench.check_sealed()
    bench.check_read_back()
    wire = bench.connect(True)
    assert wire.query("select count(*) from msg where token = 'key-1'") == bench.connect(False).query("select count(*) from msg where token = 'key-1'")


def test_variables_and_expressions(bench, tmp_path):
    for sealed in (True, False):
        wire = bench.connect(sealed, local_infile=True)
        load(wire, tmp_path / "file", "500\tacme\tbody\tskip\n",
             "replace into table owned character set utf8 (id, @who, body, @skipped) set tenant = @who")
        load(wire, tmp_path / "file", "1\tx\tbody\n", "ignore into table memo character set utf8mb4 (id, @e, body) set extra = upper(@e)")
    bench.check_sealed()
    bench.check_read_back()


@pytest.mark.parametrize("transaction", [False, True])
@pytest.mark.parametrize("bad", ["601\tacme\n", "601\t\\N\tof nobody\n", "601\tacme\t\xff\n"])
def test_a_refused_file_leaves_no_row(bench, tmp_path, transaction, bad):
    if DIRECT:
        pytest.skip("there is no refusal")
    before = bench.stored()
    wire = bench.connect(True, local_infile=True)
    if transaction:
        wire.query("begin")
        wire.query("insert into memo(id, body) values (77, 'goes with the connection')")
    good = "".join(f"{i}\tacme\tgood row\n" for i in range(1000, 9000))
    path = tmp_path / "file"
    path.write_bytes((good + bad + "602\tacme\tafter\n").encode("latin1"))
    with pytest.raises(pymysql.Error, match="SR-E"):
        wire.connection.query(f"load data local infile '{path}' into table owned character set utf8mb4 (id, tenant, body)")
    assert bench.stored() == before


@pytest.mark.parametrize("how, code", [
    ("into table msg character set latin1 (id, body)", "SR-E"),
    ("into table msg fields terminated by '' enclosed by '' (id, body)", "SR-E"),
    ("into table msg (id, @b) set body = @b", "SR-E"),
])
def test_what_is_not_understood_is_refused(bench, tmp_path, how, code):
    if DIRECT:
        pytest.skip("there is no refusal")
    before = bench.stored()
    wire = bench.connect(True, local_infile=True)
    with pytest.raises(pymysql.Error, match=code):
        load(wire, tmp_path / "file", "700\tnever\n", how)
    assert bench.stored() == before
    assert wire.query("select body from msg where id = 1")[0].rows == [b"\x05alpha"]


def test_zz_no_canary_anywhere(module_bench):
    found = module_bench.findings()
    assert bool(found) == DIRECT, "canaries at rest:\n" + "\n".join(map(str, found))
