"""The compressed protocol and query attributes, as the servers' own command-line clients use them."""

import json
import subprocess

import pytest
from support import mysql
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
    if name == "mysql zstd" and release.startswith("mariadb"):
        pytest.skip("MariaDB has no zstd")
    sql = (f"insert into msg(id, tenant, body, note) values (800, 'acme', {json.dumps(LARGE, ensure_ascii=False)}, '{LARGE}'), (801, 'acme', '', null);\n"
           "select id, body, note from msg where id >= 800 order by id;\n"
           "select repeat('x', 20000000) = repeat('x', 20000000), length(repeat('y', 17000000));\n")
    assert ask(bench.pair.sealed, client, sql) == ask(bench.pair.plain, client, sql)
    bench.check_sealed()
    bench.check_read_back()


def test_query_attributes(bench, release):
    if not release.startswith("mysql"):
        pytest.skip("query attributes are MySQL's")
    for server in (bench.pair.sealed_server, bench.pair.plain_server):
        if not server.run("select * from mysql.component where component_urn like '%query_attributes'"):
            server.run("install component 'file://component_query_attributes'")
    sql = ("query_attributes trace t-1 envelope sr1.9RARAAAA\n"
           "select mysql_query_attribute_string('trace'), mysql_query_attribute_string('envelope'), body from msg where id = 1;\n"
           "query_attributes trace t-2\n"
           "insert into msg(id, tenant, body, note) values (810, 'acme', 'with attributes', mysql_query_attribute_string('trace'));\n"
           "select id, body, note from msg where id = 810;\n")
    seen = ask(bench.pair.sealed, MYSQL, sql)
    assert "t-1\tsr1.9RARAAAA\talpha" in seen and "t-2" in seen
    assert seen == ask(bench.pair.plain, MYSQL, sql)
    bench.check_sealed()
