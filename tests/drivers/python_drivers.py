"""What each Python driver does with a table whose text, jsonb and bytea columns are sealed. Every scenario returns what
the application saw; two runs are compared."""

import asyncio
import json
import warnings

import asyncpg
import psycopg
import psycopg2
import psycopg2.extras
from psycopg.types.json import Json, Jsonb

LARGE = "large text \u00e9 " * 50_000
DOC = {"role": "user", "parts": [1, "two", None, {"deep": "\u00e9"}]}
ROWS = [("a", "hello", DOC, b"\x00\xff"), ("b", None, None, None), ("c", "", [], b""), ("d", LARGE, "text", bytes(range(256)) * 300)]
READ = "select id, who, body, doc, raw from chat order by id"


def plain(value):
    """Comparable and printable: drivers return buffers of several kinds."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return ["bytes", bytes(value).hex()]
    if isinstance(value, (list, tuple)) or type(value).__name__ == "Record":
        return [plain(v) for v in value]
    return value


def psycopg2_scenario(subject):
    seen = []
    connection = psycopg2.connect(subject.dsn())
    with connection, connection.cursor() as cursor:
        for who, body, doc, raw in ROWS:
            cursor.execute("insert into chat(who, body, doc, raw) values (%s, %s, %s, %s) returning id, body, doc, raw",
                           (who, body, None if doc is None else psycopg2.extras.Json(doc), raw))
            seen.append(plain(cursor.fetchone()))
        cursor.executemany("insert into chat(who, body) values (%s, %s)", [("m", f"many {i}") for i in range(5)])
        psycopg2.extras.execute_values(cursor, "insert into chat(who, body, raw) values %s", [("v", f"it's {i}", b"\\") for i in range(3)])
        cursor.execute("update chat set body = %s, raw = null where who = %s", ("changed \\ %", "a"))
        seen.append(cursor.rowcount)
        cursor.execute(READ)
        seen += [[d.name, d.type_code] for d in cursor.description] + plain(cursor.fetchall())
    with connection, connection.cursor("server_side") as cursor:
        cursor.itersize = 3
        cursor.execute(READ)
        seen += [plain(row) for row in cursor]
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("insert into chat(who, body) values ('x', 'rolled back')")
            cursor.execute("select 1/0")
    except psycopg2.Error as error:
        seen.append(error.pgcode)
    with connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from chat where who = 'x'")
        seen.append(cursor.fetchone()[0])
    connection.close()
    return seen


def psycopg3_scenario(subject):
    seen = []
    with psycopg.connect(subject.dsn(), autocommit=True) as connection:
        for binary in (False, True):
            mark = "%b" if binary else "%s"
            with connection.cursor(binary=binary) as cursor:
                for who, body, doc, raw in ROWS:
                    cursor.execute(f"insert into chat(who, body, doc, raw) values (%s, {mark}, {mark}, {mark}) returning id, body, doc, raw",
                                   (who, body, None if doc is None else Jsonb(doc), raw))
                    seen.append(plain(cursor.fetchone()))
                cursor.execute(READ)
                seen += [[d.name, d.type_code, d.internal_size] for d in cursor.description] + plain(cursor.fetchall())
        for _ in range(7):      # across the threshold at which the driver prepares by itself
            connection.execute("insert into chat(who, body) values (%s, %s)", ("p", "again"))
        connection.execute("insert into chat(who, doc) values (%s, %s)", ("json", Json(DOC)))
        for value in ("prepared", None, "more"):
            seen.append(plain(connection.execute("select %s::text, body from chat where who = 'a' order by id", (value,), prepare=True).fetchall()))
        with connection.cursor() as cursor:
            cursor.executemany("insert into chat(who, body) values (%s, %s) returning body", [("m", f"many {i}") for i in range(5)], returning=True)
            seen.append(plain(cursor.fetchone()))
        with connection.pipeline():
            cursors = [connection.execute("insert into chat(who, body, raw) values (%s, %s, %s) returning body, raw", ("pipe", f"pipe {i}", bytes([i])))
                       for i in range(5)]
            cursors.append(connection.execute("select body from chat where who = 'pipe' order by id"))
            seen += [plain(c.fetchall()) for c in cursors]
        with connection.transaction(), connection.cursor("named") as cursor:
            cursor.itersize = 4
            cursor.execute(READ)
            seen += [plain(row) for row in cursor]
        with connection.cursor() as cursor:
            with cursor.copy("copy chat(who, body, doc, raw) from stdin") as copy:
                for who, body, doc, raw in ROWS:
                    copy.write_row(("t" + who, body, None if doc is None else Jsonb(doc), raw))
            with cursor.copy("copy chat(who, body, doc, raw) from stdin (format binary)") as copy:
                copy.set_types(["text", "text", "jsonb", "bytea"])
                for who, body, doc, raw in ROWS:
                    copy.write_row(("u" + who, body, None if doc is None else Jsonb(doc), raw))
            for options in ("", "(format binary)", "(format csv, header)"):
                with cursor.copy(f"copy (select who, body, doc, raw from chat order by id) to stdout {options}") as copy:
                    seen.append(b"".join(bytes(data) for data in copy).hex())
        try:
            with connection.transaction():
                connection.execute("insert into chat(who, body) values ('x', 'rolled back')")
                with connection.transaction():
                    connection.execute("select 1/0")
        except psycopg.Error as error:
            seen.append(error.sqlstate)
        seen.append(connection.execute("select count(*) from chat where who = 'x'").fetchone()[0])
    return seen


async def _asyncpg(subject):
    seen = []
    connection = await asyncpg.connect(host="127.0.0.1", port=subject.port, user="postgres", password="postgres", database=subject.database)
    insert = "insert into chat(who, body, doc, raw) values ($1, $2, $3, $4)"
    rows = [(who, body, None if doc is None else json.dumps(doc), raw) for who, body, doc, raw in ROWS]
    for row in rows:
        seen.append(plain(await connection.fetchrow(insert + " returning id, body, doc, raw", *row)))
    seen.append(await connection.execute(insert, *rows[0]))
    await connection.executemany(insert, rows)
    seen += plain(await connection.fetch(READ))
    statement = await connection.prepare("select body, doc, raw from chat where who = $1 order by id")
    seen += [[a.name, a.type.name] for a in statement.get_attributes()] + [[p.name] for p in statement.get_parameters()]
    for who in "abca":
        seen.append(plain(await statement.fetch(who)))
    writer = await connection.prepare(insert)
    seen.append([p.name for p in writer.get_parameters()])
    seen.append([p.name for p in (await connection.prepare("update chat set body = $1, raw = $2 where who = $3")).get_parameters()])
    async with connection.transaction():
        async for row in connection.cursor(READ, prefetch=2):
            seen.append(plain(row))
        cursor = await connection.cursor(READ)
        seen.append(plain(await cursor.fetch(3)))
    await connection.copy_records_to_table("chat", records=[("rec" + r[0], *r[1:]) for r in rows], columns=["who", "body", "doc", "raw"])
    chunks = []

    async def keep(data):
        chunks.append(data)
    await connection.copy_from_query("select who, body, doc, raw from chat order by id", output=keep, format="csv")
    seen.append(b"".join(chunks).hex())

    async def source():
        yield b"csv,from a source,,\n"
    await connection.copy_to_table("chat", source=source(), columns=["who", "body", "doc", "raw"], format="csv")
    try:
        async with connection.transaction():
            await connection.execute(insert, "x", "rolled back", None, None)
            await connection.execute("select 1/0")
    except asyncpg.PostgresError as error:
        seen.append(error.sqlstate)
    seen.append(await connection.fetchval("select count(*) from chat where who = 'x'"))
    seen += plain(await connection.fetch("select body, raw from chat where who like 'rec%' or who = 'csv' order by id"))
    await connection.close()
    return seen


def asyncpg_scenario(subject):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return asyncio.run(_asyncpg(subject))
