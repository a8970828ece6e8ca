"""Random legal client pipelines: order, count and content of the answers equal those of a direct run.

Some steps are refused by Sealrow; the plain server gets a statement that fails at the same message instead, so that the
skip to Sync and the state of the transaction are compared too. A failing seed is in the test's name."""

import os
import random
from dataclasses import dataclass, field

import pytest
from support import delivery, probe, rawpg
from support.rawpg import BINARY, TEXT
from support.subject import DIRECT

SEEDS = range(int(os.environ.get("PIPELINE_SEEDS", "60")))
MARKER = "the end of this script"

READS = ["select id, body, meta from msg order by id", "select t from other order by id", "select json_build_object('b', body) from msg order by id",
         "select body from msg where key = 'key-1'", "select 1, 'two'", "select count(*) from msg"]
WRITES = ["insert into msg(tenant, body, meta) values ('acme', $1, $2) returning body, meta", "update msg set body = $1, meta = $2 where id = 1",
          "insert into other(tenant, t) values ($1, encode($2, 'hex'))", "insert into msg(tenant, note, body) select 'acme', encode($2, 'hex'), $1"]
REFUSED = ["select upper(body) from msg", "update msg set body = body || 'x'", "create table cheat as select body from msg"]
FAILING = ["select 1/0", "select * from missing", "insert into other(id) values (1)"]
CONTROL = ["begin", "commit", "rollback", "savepoint s", "rollback to s", "deallocate all", "", "set application_name = 'x'"]
VALUES = [b"", b"value", b"\xc3\xa9 \\ ' \"", b"x" * 3000]
SYNTAX_ERROR = "syntax error here"


@dataclass
class Script:
    plain: bytearray = field(default_factory=bytearray)
    sealed: bytearray = field(default_factory=bytearray)

    def both(self, data: bytes) -> None:
        self.plain += data
        self.sealed += data

    def differ(self, plain: bytes, sealed: bytes) -> None:
        self.plain += plain
        self.sealed += plain if DIRECT else sealed


class Author:
    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.script = Script()

    def write(self) -> Script:
        for _ in range(self.random.randrange(3, 25)):
            self.random.choices([self.simple, self.unnamed, self.named, self.use_named, self.portal, self.sync, self.refused, self.close],
                                [3, 5, 2, 4, 2, 5, 2, 1])[0]()
        self.script.both(rawpg.sync() + rawpg.query("rollback") + rawpg.query(f"select '{MARKER}'"))
        return self.script

    def name(self) -> str:
        return self.random.choice(("a", "b", "c"))

    def values(self) -> list[bytes | None]:
        return [self.random.choice([*VALUES, None]), self.random.choice([b"\\x00ff", b"\\x", None])]

    def simple(self) -> None:
        pool = self.random.choice((READS, CONTROL, FAILING, ["select body from msg order by id; select 2", "select 1; select 1/0; select 3"]))
        self.script.both(rawpg.query(self.random.choice(pool)))

    def statement(self) -> tuple[str, list]:
        if self.random.random() < 0.5:
            return self.random.choice(WRITES), self.values()
        return self.random.choice(READS + FAILING + CONTROL), []

    def unnamed(self) -> None:
        sql, values = self.statement()
        results = self.random.choice(([], [TEXT], [BINARY]))
        data = rawpg.parse(sql)
        if self.random.random() < 0.3:
            data += rawpg.describe("S")
        data += rawpg.bind(values, results=results)
        if self.random.random() < 0.6:
            data += rawpg.describe("P")
        self.script.both(data + rawpg.execute(limit=self.random.choice((0, 0, 0, 1))))

    def named(self) -> None:
        sql, _ = self.statement()
        name = self.name()
        self.script.both(rawpg.close("S", name) + rawpg.parse(sql, name) + rawpg.describe("S", name))

    def use_named(self) -> None:
        values = self.random.choice(([], self.values()))
        self.script.both(rawpg.bind(values, self.name(), results=self.random.choice(([], [BINARY]))) + rawpg.execute())

    def portal(self) -> None:
        name = self.name()
        data = rawpg.close("P", name) + rawpg.parse(self.random.choice(READS)) + rawpg.bind(portal=name) + rawpg.execute(name, 1)
        if self.random.random() < 0.5:
            data += rawpg.query("select 'between'") if self.random.random() < 0.3 else b""
            data += rawpg.execute(name, 1) + rawpg.execute(name)
        self.script.both(data)

    def sync(self) -> None:
        self.script.both(self.random.choice((rawpg.sync(), rawpg.sync(), rawpg.flush())))

    def close(self) -> None:
        self.script.both(rawpg.close(self.random.choice("SP"), self.name()))

    def refused(self) -> None:
        sql = self.random.choice(REFUSED)
        if self.random.random() < 0.4:
            self.script.differ(rawpg.query(SYNTAX_ERROR), rawpg.query(sql))
        else:
            use = rawpg.bind() + rawpg.describe("P") + rawpg.execute()
            self.script.differ(rawpg.parse(SYNTAX_ERROR) + use, rawpg.parse(sql) + use)


def play(connection: rawpg.Connection, script: bytes) -> list[tuple]:
    connection.send(script)
    messages: list[rawpg.Message] = []
    while not any(m.kind == "D" and m.row == [MARKER.encode()] for m in messages[-3:]):
        messages += connection.ready()
    told = delivery.answer(messages)
    # codes differ where a refusal stands for a syntax error
    return [("E", "refused") if t[0] == "E" and (t[1] == "42601" or t[1] in ("0A000", "42501")) else t for t in told]


@pytest.fixture(scope="module")
def pair(make_pair):
    return make_pair()


@pytest.mark.parametrize("seed", SEEDS)
def test_pipeline(pair, seed):
    script = Author(seed).write()
    answers = []
    for server, subject, data in ((pair.plain_server, pair.plain, script.plain), (pair.sealed_server, pair.sealed, script.sealed)):
        server.run(probe.RESET + ";" + probe.CLEAR_SEED, subject.database)
        connection = subject.raw(options="-c app.tenant_id=acme")
        try:
            connection.rows(probe.SEED)
            answers.append(play(connection, bytes(data)))
        finally:
            connection.close()
    assert answers[1] == answers[0]
