"""Triggers that set a sealed column of their own row: what they write is not a value that Sealrow has seen."""

import pytest
from support import rawpg
from support.subject import DIRECT

pytestmark = pytest.mark.skipif(DIRECT, reason="direct run: nothing is refused")

BODIES = {
    "assigned": "new.body := '{c}'; return new;",
    "of the row": "new := json_populate_record(new, '{{\"body\": \"{c}\"}}'); return new;",
    "selected": "select '{c}' into new.body; return new;",
    "another row": "return json_populate_record(new, '{{\"body\": \"{c}\"}}');",
    "by command": "execute 'select $1' into new.body using '{c}'::text; return new;",
}
WRITE = "insert into msg(id, tenant, body) values (60, 'acme', 'x')"


def refused(connection, sql: str, *codes: str) -> None:
    error = rawpg.error_of(connection.simple(sql))
    assert error, f"accepted: {sql}"
    assert any(code in " ".join(error.values()) for code in codes), f"{sql}: {error}"


def read_again(bench) -> None:
    """What is changed behind Sealrow's back is seen when it reads the catalog the next time."""
    connection = bench.connect(True)
    connection.rows("create type re_read as (a int); drop type re_read cascade")
    connection.rows("select 1")


@pytest.fixture
def elsewhere(bench):
    yield bench.pair.at_rest
    bench.pair.at_rest("drop trigger if exists setting on msg; drop function if exists setting() cascade")
    read_again(bench)


def function(body: str) -> str:
    return f"create or replace function setting() returns trigger language plpgsql as $$ begin {body} end $$"


TRIGGER = "create trigger setting before insert on msg for each row execute function setting()"


@pytest.mark.parametrize("name", BODIES)
def test_made_through_sealrow(bench, elsewhere, name):
    connection = bench.connect(True)
    definition = function(BODIES[name].format(c="x"))
    # one transaction, as migrations do: nobody else can see the function yet
    connection.rows("begin")
    connection.rows(definition)
    refused(connection, TRIGGER, "SR-E4")
    connection.rows("rollback")
    refused(connection, f"{definition}; {TRIGGER}", "SR-E4")
    connection.rows(definition)
    refused(connection, TRIGGER, "SR-E407")
    refused(bench.connect(True), TRIGGER, "SR-E407")
    assert connection.rows(WRITE) == []


@pytest.mark.parametrize("name", BODIES)
def test_there_before(bench, elsewhere, name):
    elsewhere(f"{function(BODIES[name].format(c=bench.canaries.new(name)))}; {TRIGGER}")
    read_again(bench)
    connection = bench.connect(True)
    before = bench.stored()
    refused(connection, WRITE, "SR-E407")
    refused(connection, "merge into msg m using (select 1) s on false when not matched then insert (tenant) values ('acme')", "SR-E407")
    refused(connection, "copy msg(id, tenant, body) from stdin", "SR-E407")
    assert bench.stored() == before
    assert connection.rows("select body from msg where id = 1") == [[b"alpha"]]


def test_harmless_ones(bench, elsewhere):
    connection = bench.connect(True)
    connection.rows("begin")
    connection.rows(function("new.note := 'seen'; if new.body is distinct from null then perform 1; end if; return new;"))
    connection.rows(TRIGGER)
    connection.rows(WRITE)
    connection.rows("commit")
    assert connection.rows("select body, note from msg where id = 60") == [[b"x", b"seen"]]
    refused(connection, function(BODIES["assigned"].format(c="x")), "SR-E407")
    connection.rows("delete from msg where id = 60")


def test_zz_no_canary_anywhere(module_bench):
    # The definitions hold canaries of their own; no row does.
    assert module_bench.canaries.marker not in str(module_bench.stored())
