"""What the tests of the presets share: the files, the applications' schemas, and how statements are delivered and compared."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

import yaml

from . import rawpg
from .places import ROOT

FOLDER = ROOT / "config/presets"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
ENVELOPE = re.compile(r'"?sr1\.|\\xf51', re.I)


def text(name: str, everything: bool = False) -> str:
    """A preset as it is, or with the lines that are commented out because the application searches in their columns."""
    found = (FOLDER / f"{name}.yaml").read_text()
    return found.replace("#+ ", "") if everything else found


def schema(name: str) -> str:
    return (ROOT / f"tests/support/schemas/{name}.sql").read_text()


def sealed_columns(policy: str) -> dict[str, list[str]]:
    """Table as SQL writes it → its sealed columns."""
    return {table["table"]: list(table["columns"]) for table in yaml.safe_load(policy)["tables"]}


@dataclass(frozen=True)
class Step:
    """One statement of the application, with $1, $2 … for its values, and the rows that it must see (None: it returns none)."""

    sql: str
    values: tuple
    rows: list[tuple] | None = None


def write(sql: str, *values) -> Step:
    return Step(sql, values)


def read(sql: str, *values, rows: list[tuple]) -> Step:
    return Step(sql, values, rows)


@dataclass(frozen=True)
class Application:
    steps: list[Step]
    searches: tuple[Step, ...] = ()     # work as the preset stands, are refused where everything is sealed


def encoded(value) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    return (json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)).encode()


def literal(value) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'::bytea"
    return str(value) if isinstance(value, int) else "'" + encoded(value).decode().replace("'", "''") + "'"


def with_parameters(connection: rawpg.Connection, step: Step) -> list[rawpg.Message]:
    """As node-pg sends it: no types, text, bytes in binary."""
    formats = [rawpg.BINARY if isinstance(value, bytes) else rawpg.TEXT for value in step.values]
    return connection.exchange(rawpg.parse(step.sql), rawpg.bind([encoded(v) for v in step.values], formats=formats),
                               rawpg.describe("P"), rawpg.execute(), rawpg.sync())


def with_literals(connection: rawpg.Connection, step: Step) -> list[rawpg.Message]:
    """As psycopg2 and pg-promise send it."""
    return connection.simple(re.sub(r"\$(\d+)", lambda m: literal(step.values[int(m[1]) - 1]), step.sql))


DELIVERIES = {"parameters": with_parameters, "literals": with_literals}


def same(cell, expected) -> bool:
    """A cell of a result, text as the drivers have it, against the value that the application wrote."""
    if cell is None or expected is None:
        return cell is expected
    if isinstance(expected, bytes):
        return cell == expected or cell == b"\\x" + expected.hex().encode()
    found = cell.decode() if isinstance(cell, bytes) else str(cell)
    return json.loads(found) == expected if isinstance(expected, (dict, list)) else found == str(expected)


def check_rows(step: Step, rows: Iterable) -> None:
    rows = list(rows)
    assert len(rows) == len(step.rows), f"{step.sql}\n{rows}"
    for row, expected in zip(rows, step.rows):
        assert len(row) == len(expected), step.sql
        for cell, value in zip(row, expected):
            assert same(cell, value), f"{step.sql}\nread {cell!r} instead of {value!r}"
