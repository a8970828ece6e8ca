"""The ways in which a driver can deliver a statement, over the raw protocol."""

from . import rawpg
from .rawpg import BINARY, TEXT, Connection, Message
from .values import Statement


FIRST_OWN_TYPE = 16384  # OIDs from here on are given by each server as it likes


def _codes(mode_binary: bool) -> list[int]:
    return [BINARY if mode_binary else TEXT]


def _cells(statement: Statement, binary: bool) -> list[bytes | None]:
    return [value.binary if binary else value.text for value in statement.values]


def extended(statement: Statement, binary: bool = False) -> bytes:
    """Unnamed Parse, Bind, Describe portal, Execute; no Sync."""
    codes = _codes(binary)
    return (rawpg.parse(statement.sql) + rawpg.bind(_cells(statement, binary), formats=codes, results=codes)
            + rawpg.describe("P") + rawpg.execute())


def run_simple(connection: Connection, sql: str) -> list[Message]:
    return connection.simple(sql)


def run_extended(connection: Connection, statement: Statement, binary: bool = False) -> list[Message]:
    return connection.exchange(extended(statement, binary), rawpg.sync())


def run_prepared(connection: Connection, statements: list[Statement]) -> list[Message]:
    """One named statement, executed once per element; the elements share their text."""
    messages = connection.exchange(rawpg.parse(statements[0].sql, "s1"), rawpg.describe("S", "s1"), rawpg.sync())
    for statement in statements if not rawpg.error_of(messages) else []:
        messages += connection.exchange(
            rawpg.bind(_cells(statement, False), statement="s1", formats=[TEXT], results=[TEXT]),
            rawpg.execute(), rawpg.sync())
    return messages + connection.exchange(rawpg.close("S", "s1"), rawpg.sync())


def run_pipeline(connection: Connection, statements: list[Statement]) -> list[Message]:
    """All before one Sync."""
    return connection.exchange(*[extended(s) for s in statements], rawpg.sync())


def answer(messages: list[Message]) -> list[tuple]:
    """What the client is told, without what two servers cannot agree on (OIDs of tables, wording of notices)."""
    told: list[tuple] = []
    for m in rawpg.without_asynchronous(messages):
        if m.kind == "T":
            told.append(("T", [(c.name, min(c.type, FIRST_OWN_TYPE), c.size, c.modifier, c.format) for c in m.columns]))
        elif m.kind == "t":
            told.append(("t", m.parameter_types))
        elif m.kind == "D":
            told.append(("D", m.row))
        elif m.kind == "E":
            told.append(("E", m.fields.get("C")))
        elif m.kind in "CZ":
            told.append((m.kind, m.body))
        else:
            told.append((m.kind,))
    return told
