"""Drivers, an ORM and command-line clients, unchanged, with TLS on and off on each leg: each sees what it sees on a plain
server, on a policy that protects nothing and on sealed columns."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from support import mysql
from support.places import DEPS, SEALROW
from support.probe import EMPTY_POLICY
from support.subject import DIRECT

HERE = Path(__file__).parent / "drivers"
JDBC = "/usr/share/java/mariadb-java-client.jar"
SCHEMA = "create table chat(id bigint auto_increment primary key, who varchar(40), body mediumtext, doc json, raw longblob)"
POLICY = """
version: 1
tenant: {single: acme}
tables:
  - table: {database}.chat
    columns: {body: confidential, doc: confidential, raw: pii}
"""
RESET = "delete from chat; alter table chat auto_increment = 1"
# TLS of the client leg, TLS of the server leg
LEGS = {"tls": (True, "verify-full"), "client-tls": (True, "disable"), "server-tls": (False, "verify-full"), "no-tls": (False, "disable")}


def run(*command: str, env: dict[str, str] | None = None, **options) -> str:
    done = subprocess.run(command, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=60, **options)
    assert done.returncode == 0, f"{command[0]}: exit code {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done.stdout


def settings(subject: mysql.Subject, tls: bool) -> dict:
    return {"port": subject.port, "user": mysql.USER, "password": mysql.PASSWORD, "database": subject.database, "ca": str(subject.ca), "tls": tls}


def python(name: str, sqlalchemy2: bool = False):
    path = {"PYTHONPATH": str(DEPS / "sqlalchemy2/usr/lib/python3/dist-packages")} if sqlalchemy2 else {}
    return lambda subject, tls: json.loads(run("/usr/bin/python3", str(HERE / "python_scenarios.py"), name, json.dumps(settings(subject, tls)), env=path))


def node(name: str):
    path = {"NODE_PATH": str(DEPS / "node/node_modules")}
    return lambda subject, tls: json.loads(run("node", str(HERE / "node_scenarios.js"), name, json.dumps(settings(subject, tls)), env=path))


def jdbc(subject, tls):
    url = f"jdbc:mariadb://127.0.0.1:{subject.port}/{subject.database}?allowPublicKeyRetrieval=true&useServerPrepStmts=true&allowMultiQueries=true"
    url += f"&useSSL=true&serverSslCert={subject.ca}" if tls else "&useSSL=false"
    return run("java", "-cp", JDBC, str(HERE / "MysqlScenario.java"), url, mysql.USER, mysql.PASSWORD).splitlines()


def command_line(*program: str):
    def scenario(subject, tls):
        options = ["-h127.0.0.1", f"-P{subject.port}", f"-u{mysql.USER}", f"-p{mysql.PASSWORD}", "--default-character-set=utf8mb4", "-vvv", "--table"]
        if program[0] == "mariadb":
            options += [f"--ssl-ca={subject.ca}", "--ssl-verify-server-cert"] if tls else ["--skip-ssl"]
        else:
            options += [f"--ssl-ca={subject.ca}", "--ssl-mode=VERIFY_IDENTITY"] if tls else ["--ssl-mode=DISABLED", "--get-server-public-key"]
        out = run(*program, "--no-defaults", *options, subject.database, input=(HERE / "cli_scenario.sql").read_text())
        return [line for line in out.splitlines() if " sec)" not in line] + [line.split("(")[0] for line in out.splitlines() if " sec)" in line]
    return scenario


def connector_cpp(subject, tls):
    program = SEALROW.with_name("mysql_connector_scenario")
    return run(str(program), str(subject.port), mysql.USER, mysql.PASSWORD, subject.database, *([str(subject.ca)] if tls else [])).splitlines()


SCENARIOS = {
    "mariadb-cli": command_line("mariadb"),
    "mysql-cli": command_line(str(mysql.MYSQL_TREE / "run"), "usr/bin/mysql"),
    "pymysql": python("pymysql"),
    "mysqlclient": python("mysqlclient"),
    "sqlalchemy1-pymysql": python("sqlalchemy-pymysql"),
    "sqlalchemy2-pymysql": python("sqlalchemy-pymysql", sqlalchemy2=True),
    "sqlalchemy2-mysqlclient": python("sqlalchemy-mysqldb", sqlalchemy2=True),
    "mysql2-query": node("mysql2-query"),
    "mysql2-execute": node("mysql2-execute"),
    "mariadb-connector": node("mariadb"),
    "typeorm": node("typeorm"),
    "jdbc": jdbc,
    "connector-cpp": connector_cpp,
}
# One of each client library: what differs between the legs is the handshake.
MIXED = {"mariadb-cli", "mysql-cli", "pymysql", "mysql2-execute", "mariadb-connector", "jdbc", "connector-cpp"}


@pytest.fixture(scope="module", params=["empty policy", "sealed"])
def policy(request):
    return request.param


@pytest.fixture(scope="module", params=LEGS)
def legs(request):
    return request.param


@pytest.fixture(scope="module")
def pair(release, policy, legs, make_mysql_pair):
    client, server = LEGS[legs]
    return make_mysql_pair(release, POLICY if policy == "sealed" else EMPTY_POLICY, SCHEMA, backend_tls=server,
                           client_tls="allow" if client else "off")


@pytest.mark.parametrize("name", SCENARIOS)
def test_driver(pair, release, legs, policy, name):
    if name == "mysql-cli" and release.startswith("mariadb"):
        pytest.skip("MySQL 9's own client knows no mysql_native_password")
    if legs in ("client-tls", "server-tls") and name not in MIXED:
        pytest.skip("one scenario per client library is enough for mixed legs")
    for server, subject in ((pair.plain_server, pair.plain), (pair.sealed_server, pair.sealed)):
        server.run(RESET, subject.database)
    tls = LEGS[legs][0]
    expected, seen = SCENARIOS[name](pair.plain, tls), SCENARIOS[name](pair.sealed, tls)
    assert len(expected) > 5
    for position, (theirs, ours) in enumerate(zip(expected, seen)):
        assert ours == theirs, f"observation {position}"
    assert len(seen) == len(expected)
    if policy == "sealed" and not DIRECT:
        check_at_rest(pair)


def check_at_rest(pair) -> None:
    rows = pair.at_rest("select body, json_unquote(doc), hex(raw) from chat")
    assert rows
    for body, doc, raw in rows:
        assert body is None or body.startswith("sr1."), f"PLAINTEXT: {body[:60]}"
        assert doc is None or doc.startswith("sr1."), f"PLAINTEXT: {doc[:60]}"
        assert raw is None or raw.startswith("F51"), f"PLAINTEXT: {raw[:60]}"
