"""A pair of databases, both reset to the same rows, and the canaries that were written through it."""

import pymysql
from mysql_probe import CLEAR, CLEAR_SEED, POLICY, PROTECTED, RESET, SCHEMA, SEED, TENANT, is_envelope
from support.canary import Canaries, search
from support.rawmysql import Wire


class Bench:
    def __init__(self, pair):
        self.pair = pair
        self.canaries = Canaries()
        self._open: list[pymysql.Connection] = []

    def connect(self, sealed: bool, tenant: str | None = TENANT, **options) -> Wire:
        connection = (self.pair.sealed if sealed else self.pair.plain).connect(tenant=tenant, **options)
        self._open.append(connection)
        return Wire(connection)

    def reset(self) -> None:
        for server, subject in ((self.pair.sealed_server, self.pair.sealed), (self.pair.plain_server, self.pair.plain)):
            server.run(RESET + ";" + CLEAR_SEED, subject.database)
            with subject.connect(tenant=TENANT) as connection, connection.cursor() as cursor:
                cursor.execute(SEED)

    def close(self) -> None:
        for connection in self._open:
            try:
                connection.close()
            except pymysql.Error:
                pass  # the test has broken it
        self._open.clear()

    # ---- at rest ----
    def stored(self) -> dict[str, list[tuple]]:
        tables = [name for (name,) in self.pair.at_rest("select table_name from information_schema.tables "
                                                        "where table_schema = database() and table_type = 'BASE TABLE' order by 1")]
        code = self.pair.at_rest("select routine_name from information_schema.routines where routine_schema = database() "
                                 "union all select trigger_name from information_schema.triggers where trigger_schema = database() "
                                 "union all select event_name from information_schema.events where event_schema = database() order by 1")
        return {**{name: self.pair.at_rest(f"select * from {name} order by 1") for name in tables}, "code": code}

    def check_sealed(self) -> None:
        """Every value of every protected column is an envelope; NULL where, and only where, the plain one is NULL."""
        if not self.pair.sealed.sealing:
            return
        for table, columns in PROTECTED.items():
            texts = ", ".join(f"cast({c} as binary)" for c in columns)
            here = {r[0]: r[1:] for r in self.pair.at_rest(f"select id, {texts} from {table}")}
            there = {r[0]: r[1:] for r in self.pair.plain_server.run(f"select id, {texts} from {table}", self.pair.plain.database)}
            assert here.keys() == there.keys(), f"{table} has other rows"
            for identity, cells in here.items():
                for column, cell, original in zip(columns, cells, there[identity]):
                    where = f"{table}.{column} of row {identity}"
                    assert (cell is None) == (original is None), f"{where}: NULL must stay NULL, a value a value"
                    assert cell is None or is_envelope(cell), f"PLAINTEXT in {where}: {cell[:80]!r}"

    def check_read_back(self) -> None:
        """Through Sealrow, every table reads as on the plain server."""
        sealed, plain = self.connect(True), self.connect(False)
        for table in [*PROTECTED, *CLEAR]:
            sql = f"select * from {table} order by id"
            assert [r.rows for r in sealed.query(sql)] == [r.rows for r in plain.query(sql)], f"{table} reads otherwise"

    def findings(self):
        """Canaries of this module in the server's files (after everything was flushed) and in Sealrow's."""
        server = self.pair.sealed_server
        server.flush()
        places = [server.folder] + ([self.pair.daemon.folder] if self.pair.daemon else [])
        return search(places, self.canaries.spellings())


def make(make_mysql_pair, release: str) -> Bench:
    return Bench(make_mysql_pair(release, POLICY, SCHEMA))


def error_of(wire: Wire, run) -> tuple[str, list] | tuple[None, list]:
    """(text of the error or None, results) of one delivery."""
    try:
        return None, run(wire)
    except pymysql.Error as error:
        return f"{error.args[0]} {error.args[1]}", []


__all__ = ["Bench", "error_of", "make"]
