"""Fixtures of the suites on MySQL and MariaDB."""

import itertools
import os
from collections.abc import Iterator

import bench as bench_of_a_module
import pymysql
import pytest
from support import mysql
from support.rawmysql import Wire
from support.subject import DIRECT

# SEALROW_MYSQL=mysql97 narrows every suite to one server
NAMES = os.environ.get("SEALROW_MYSQL", ",".join(mysql.RELEASES)).split(",")

_numbers = itertools.count(1)


class MysqlServers:
    """One server per release and purpose, started when first asked for: canaries may be on the disk of the plain one."""

    def __init__(self) -> None:
        self._running: dict[tuple[str, str], mysql.Server] = {}

    def get(self, name: str, purpose: str, **options) -> mysql.Server:
        release = mysql.RELEASES[name]
        if not release.available():
            pytest.skip(f"{name} is not on this machine: scripts/install-deps")
        if (name, purpose) not in self._running:
            server = self._running[(name, purpose)] = mysql.Server(release, **options)
            version = server.run("select version()")[0][0]
            assert version.startswith(f"{release.major}."), f"{name} is version {version} by now"
        return self._running[(name, purpose)]

    def database(self, name: str, purpose: str, schema: str, **options) -> tuple[mysql.Server, str]:
        server = self.get(name, purpose, **options)
        database = f"db{next(_numbers)}"
        server.make_database(database, schema)
        return server, database

    def stop(self) -> None:
        for server in self._running.values():
            server.stop()


@pytest.fixture(scope="session")
def mysql_servers() -> Iterator[MysqlServers]:
    running = MysqlServers()
    yield running
    running.stop()


@pytest.fixture(scope="module", params=NAMES)
def release(request) -> str:
    return request.param


class Pair:
    """The same schema twice: `sealed` behind Sealrow, `plain` direct. What the application sees must agree."""

    def __init__(self, sealed: mysql.Subject, sealed_server: mysql.Server, plain: mysql.Subject, plain_server: mysql.Server, daemon):
        self.sealed, self.sealed_server, self.plain, self.plain_server = sealed, sealed_server, plain, plain_server
        self.daemon = daemon

    def at_rest(self, sql: str) -> list[tuple]:
        """Rows as they are stored, read directly."""
        return self.sealed_server.run(sql, self.sealed.database)


@pytest.fixture(scope="session")
def make_mysql_pair(mysql_servers, start_sealrow):
    """make(release, policy with {database} in table names, schema of the sealed and of the plain database); `server`: the
    purpose and the options of one that both databases are in"""
    def make(name: str, policy: str, sealed: str, plain: str | None = None, server: tuple[str, dict] | None = None, **options) -> Pair:
        def database(purpose: str, schema: str):
            return mysql_servers.database(name, server[0], schema, **server[1]) if server else mysql_servers.database(name, purpose, schema)
        plain_server, plain_name = database("plain", sealed if plain is None else plain)
        reference = plain_server.direct(plain_name)
        if DIRECT:
            sealed_server, sealed_name = database("plain", sealed if plain is None else plain)
            return Pair(sealed_server.direct(sealed_name), sealed_server, reference, plain_server, None)
        sealed_server, sealed_name = database("sealed", sealed)
        daemon = start_sealrow(sealed_server, sealed_name, policy.replace("{database}", sealed_name).replace("{DATABASE}", sealed_name.upper()), **options)
        return Pair(daemon.subject, sealed_server, reference, plain_server, daemon)
    return make


@pytest.fixture
def wires():
    """wires(pair) → (through Sealrow, direct); closed at the end."""
    opened = []

    def connect(pair: Pair, **options) -> tuple[Wire, Wire]:
        found = tuple(Wire(subject.connect(**options)) for subject in (pair.sealed, pair.plain))
        opened.extend(found)
        return found
    yield connect
    for wire in opened:
        try:
            wire.connection.close()
        except pymysql.Error:
            pass  # the test has broken it


@pytest.fixture(scope="module")
def module_bench(release, make_mysql_pair):
    made = bench_of_a_module.make(make_mysql_pair, release)
    yield made
    made.close()


@pytest.fixture
def bench(module_bench):
    module_bench.reset()
    yield module_bench
    module_bench.close()
