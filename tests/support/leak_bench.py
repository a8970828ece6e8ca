"""What a leak test writes through, and what it looks at afterwards."""

from . import probe
from .canary import Canaries, search
from .rawpg import Connection


class Bench:
    """A pair of databases, both reset to the same rows, and the canaries that were written through it."""

    def __init__(self, pair):
        self.pair = pair
        self.canaries = Canaries()
        self._open: list[Connection] = []
        self._kept: dict[bool, Connection] = {}

    def connect(self, sealed: bool, tenant: str = probe.TENANT, **parameters) -> Connection:
        subject = self.pair.sealed if sealed else self.pair.plain
        connection = subject.raw(options=f"-c app.tenant_id={tenant}" if tenant else "", **parameters)
        self._open.append(connection)
        return connection

    def kept(self, sealed: bool) -> Connection:
        """The connection for seeding and reading back; a test that breaks it leaves it to be made anew."""
        if sealed not in self._kept:
            self._kept[sealed] = self.connect(sealed)
            self._open.remove(self._kept[sealed])
        return self._kept[sealed]

    def drop_kept(self) -> None:
        for connection in self._kept.values():
            connection.close()
        self._kept.clear()

    def reset(self) -> None:
        for server, subject in ((self.pair.sealed_server, self.pair.sealed), (self.pair.plain_server, self.pair.plain)):
            server.run(probe.RESET + "; " + probe.CLEAR_SEED, subject.database)
        for sealed in (True, False):
            self.kept(sealed).rows(probe.SEED)

    def close(self) -> None:
        for connection in self._open:
            connection.close()
        self._open.clear()

    # ---- at rest ----
    def stored(self) -> list[tuple]:
        """Everything as it is stored: also tables that a statement may have made."""
        tables = self.pair.at_rest("select format('%I.%I', schemaname, tablename) from pg_tables "
                                   "where schemaname not in ('pg_catalog', 'information_schema') order by 1")
        rows = " union all ".join(f"select '{name}', t::text from {name} t" for (name,) in tables)
        return self.pair.at_rest(rows + " order by 1, 2")

    def analyze(self) -> None:
        self.pair.at_rest("analyze msg")

    def check_sealed(self) -> None:
        """Every value of every protected column is an envelope; NULL where, and only where, the plain one is NULL."""
        if not self.pair.sealed.sealing:
            return
        for table, columns in probe.PROTECTED.items():
            texts = ", ".join(f"{c}::text" for c in columns)
            key = '"Id"' if table == '"Mixed"' else "id"
            here = dict((r[0], r[1:]) for r in self.pair.at_rest(f"select {key}, {texts} from {table}"))
            there = dict((r[0], r[1:]) for r in self.pair.plain_server.run(
                f"select {key}, {texts} from {table}", self.pair.plain.database))
            assert here.keys() == there.keys(), f"{table} has other rows"
            for identity, cells in here.items():
                for (column, spelling), cell, original in zip(columns.items(), cells, there[identity]):
                    where = f"{table}.{column} of row {identity}"
                    if original is None:
                        assert cell is None, f"{where}: NULL must stay NULL"
                    else:
                        assert cell is not None, f"{where}: the value is lost"
                        assert probe.is_envelope(spelling, cell), f"PLAINTEXT in {where}: {cell[:80]!r}"

    def check_read_back(self) -> None:
        """Through Sealrow, every table reads as on the plain server."""
        sealed, plain = self.kept(True), self.kept(False)
        for table in [*probe.PROTECTED, *probe.CLEAR]:
            columns = "id, tenant, body, meta, doc, key, note" if table == "msg" else "*"
            key = '"Id"' if table == '"Mixed"' else "id"
            sql = f"select {columns} from {table} order by {key}"
            assert sealed.rows(sql) == plain.rows(sql), f"{table} reads otherwise"

    def findings(self):
        """Canaries of this module in the server's files (after a checkpoint) and in Sealrow's log."""
        self.pair.at_rest("analyze")
        self.pair.at_rest("checkpoint")
        places = [self.pair.sealed_server.folder]
        if self.pair.daemon:
            places.append(self.pair.daemon.folder)
        return search(places, self.canaries.spellings())
