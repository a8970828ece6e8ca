"""The compressed protocol and query attributes, as the servers' own clients use them."""

import json
import struct
import subprocess

import pytest
from support import mysql, rawmysql
from support.mysql import MYSQL_TREE

LARGE = "compressible é " * 3_000


def ask(subject, client: list[str], sql: str) -> str:
    command = [*client, "-h127.0.0.1", f"-P{subject.port}", f"-u{mysql.USER}", f"-p{mysql.PASSWORD}", "--default-character-set=utf8mb4", "-N", "-B",
               "--max-allowed-packet=64M", subject.database]
    done = subprocess.run(command, input=f"set @app_tenant = 'acme';\n{sql}", capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


MARIADB = ["mariadb", "--no-defaults", "--skip-ssl", "--compress"]
MYSQL = [str(MYSQL_TREE / "run"), "usr/bin/mysql", "--no-defaults", "--named-commands", "--ssl-mode=DISABLED", "--get-server-public-key"]
CLIENTS = {"mariadb zlib": MARIADB, "mysql zlib": [*MYSQL, "--compression-algorithms=zlib"],
           "mysql zstd": [*MYSQL, "--compression-algorithms=zstd", "--zstd-compression-level=5"]}


@pytest.mark.parametrize("name", CLIENTS)
def test_compressed(bench, release, name):
    client = CLIENTS[name]
    if name.startswith("mysql") and not mysql.RELEASES["mysql97"].available():
        pytest.skip("no MySQL client")
    if name.startswith("mysql") and release.startswith("mariadb"):
        pytest.skip("MySQL's client has no mysql_native_password any more")
    sql = (f"insert into msg(id, tenant, body, note) values (800, 'acme', {json.dumps(LARGE, ensure_ascii=False)}, '{LARGE}'), (801, 'acme', '', null);\n"
           "select id, body, note from msg where id >= 800 order by id;\n"
           "select repeat('x', 20000000) = repeat('x', 20000000), length(repeat('y', 17000000));\n")
    assert ask(bench.pair.sealed, client, sql) == ask(bench.pair.plain, client, sql)
    bench.check_sealed()
    bench.check_read_back()


ATTRIBUTES = 1 << 27  # CLIENT_QUERY_ATTRIBUTES


def lenenc(text: str) -> bytes:
    return bytes([len(text.encode())]) + text.encode()


def values(named: list[tuple[str, str]]) -> bytes:
    """Bitmap, types, names and values of attributes, or of parameters, whose names are empty."""
    types = b"".join(struct.pack("<H", rawmysql.VAR_STRING) + lenenc(name) for name, _ in named)
    return bytes((len(named) + 7) // 8) + b"\x01" + types + b"".join(lenenc(value) for _, value in named)


def ask_with(wire, sql: str, named: list[tuple[str, str]]) -> list:
    wire.send(rawmysql.QUERY, bytes([len(named), 1]) + (values(named) if named else b"") + sql.encode())
    return [(r.affected, r.rows) for r in wire.results()]


def test_query_attributes(bench, release):
    if not release.startswith("mysql"):
        pytest.skip("query attributes are MySQL's")
    seen = []
    for sealed, server in ((True, bench.pair.sealed_server), (False, bench.pair.plain_server)):
        if not server.run("select count(*) from mysql.component where component_urn like '%query_attributes'")[0][0]:
            server.run("install component 'file://component_query_attributes'")
        wire = bench.connect(sealed, tenant=None, autocommit=None, client_flag=ATTRIBUTES)
        ask_with(wire, "set @app_tenant = 'acme'", [])
        ask_with(wire, "set autocommit = 1", [])
        answers = [
            ask_with(wire, "select mysql_query_attribute_string('trace'), mysql_query_attribute_string('odd'), body from msg where id = 1",
                     [("trace", "t-1"), ("odd", "sr1.9RARAAAA")]),
            ask_with(wire, "insert into msg(id, tenant, body, note) values (810, 'acme', 'sealed', mysql_query_attribute_string('trace'))",
                     [("trace", "t-2")])]
        statement = wire.prepare("insert into msg(id, tenant, body, note) values (?, 'acme', ?, mysql_query_attribute_string('trace'))")
        named = [("", "811"), ("", "sealed too"), ("trace", "t-3")]
        wire.send(rawmysql.EXECUTE, struct.pack("<IBI", statement.id, 8, 1) + bytes([len(named)]) + values(named))
        answers.append([r.affected for r in wire.results()])
        answers.append(ask_with(wire, "select id, body, note from msg where id >= 810 order by id", []))
        seen.append(answers)
    assert seen[0] == seen[1]
    assert b"t-3" in seen[0][-1][0][1][1]
    bench.check_sealed()
