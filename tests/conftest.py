"""Fixtures of every suite. Servers live as long as a test process; each module gets databases of its own."""

import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from support import probe, sealrow                                    # noqa: E402
from support.postgres import RELEASES, Postgres                       # noqa: E402
from support.subject import DIRECT, Subject, direct                   # noqa: E402

_numbers = itertools.count(1)


class Servers:
    """One server per release and purpose, started when first asked for. The sealed and the plain databases are in
    different servers: canaries may be on the disk of the plain one."""

    def __init__(self) -> None:
        self._running: dict[tuple[str, str], Postgres] = {}

    def get(self, release: str, purpose: str) -> Postgres:
        key = (release, purpose)
        if key not in self._running:
            self._running[key] = Postgres(RELEASES[release])
        return self._running[key]

    def database(self, release: str, purpose: str, schema: str) -> tuple[Postgres, str]:
        server = self.get(release, purpose)
        name = f"db{next(_numbers)}"
        server.run(f"create database {name}")
        server.run(schema, name)
        return server, name

    def stop(self) -> None:
        for server in self._running.values():
            server.stop()


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    running = Servers()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def start_sealrow(servers):
    """start(server, database, policy) → Sealrow; stopped, and its log examined, at the end."""
    daemons: list[sealrow.Sealrow] = []

    def start(server: Postgres, database: str, policy: str, **options) -> sealrow.Sealrow:
        if not sealrow.available():
            pytest.fail(sealrow.missing_reason())
        daemons.append(sealrow.Sealrow(server, database, policy, **options))
        return daemons[-1]
    yield start
    codes = [daemon.stop() for daemon in daemons]
    assert all(code == 0 for code in codes), f"Sealrow ended with {codes}"


class Pair:
    """The same schema twice: `sealed` behind Sealrow, `plain` direct. What the application sees must agree."""

    def __init__(self, sealed: Subject, sealed_server: Postgres, plain: Subject, plain_server: Postgres,
                 daemon: "sealrow.Sealrow | None"):
        self.sealed, self.sealed_server, self.plain, self.plain_server = sealed, sealed_server, plain, plain_server
        self.daemon = daemon

    def at_rest(self, sql: str) -> list[tuple]:
        """Rows as they are stored, read directly."""
        return self.sealed_server.run(sql, self.sealed.database)


@pytest.fixture(scope="session")
def make_pair(servers, start_sealrow):
    def make(release: str = os.environ.get("SEALROW_PG", "pg15"), policy: str = probe.POLICY, sealed: str = probe.SEALED,
             plain: str = probe.PLAIN) -> Pair:
        plain_server, plain_name = servers.database(release, "plain", plain)
        reference = direct(plain_server, plain_name)
        if DIRECT:
            server, name = servers.database(release, "plain", plain)
            return Pair(direct(server, name), server, reference, plain_server, None)
        server, name = servers.database(release, "sealed", sealed)
        daemon = start_sealrow(server, name, policy)
        return Pair(daemon.subject, server, reference, plain_server, daemon)
    return make
