"""Functions that come to be while Sealrow runs, and functions that have the names of the server's own."""

import pytest
from support import rawpg
from support.subject import DIRECT

pytestmark = pytest.mark.skipif(DIRECT, reason="direct run: nothing is refused")

WRITER = "insert into public.msg(tenant, body) values ('acme', $1)"


def refused(connection, sql: str, *codes: str) -> None:
    error = rawpg.error_of(connection.simple(sql))
    text = " ".join((error or {}).values())
    assert error, f"accepted: {sql}"
    assert any(code in text for code in codes), f"{sql}: {error}"


@pytest.fixture
def elsewhere(bench):
    """Runs definitions behind Sealrow's back; what they made is dropped."""
    yield bench.pair.at_rest
    bench.pair.at_rest("drop function if exists public.fresh(text), public.loud(text); drop function if exists public.any_value(text); "
                       "drop aggregate if exists public.any_value(text); drop function if exists public.count(text); "
                       "drop function if exists public.array_agg(varchar)")


def test_function_made_by_another_session(bench, elsewhere):
    """It is not in the catalog that Sealrow has read: the call would have passed with its plaintext."""
    connection = bench.connect(True)
    connection.rows("select 1")
    elsewhere(f"create function public.fresh(text) returns void language sql as $$ {WRITER} $$")
    before = bench.stored()
    for sql in ("select fresh('{c}')", "select public.fresh('{c}')", "select * from fresh('{c}')", "select 1; select fresh('{c}')",
                "prepare p as select fresh($1); execute p('{c}')", "insert into other(t) select fresh('{c}')::text"):
        refused(connection, sql.format(c=bench.canaries.new("fresh")), "SR-E407")
    error = rawpg.error_of(connection.exchange(rawpg.parse("select fresh($1)"), rawpg.bind([b"x"]), rawpg.execute(), rawpg.sync()))
    assert "SR-E407" in " ".join(error.values())
    assert bench.stored() == before


def test_harmless_function_made_by_another_session(bench, elsewhere):
    connection = bench.connect(True)
    connection.rows("select 1")
    elsewhere("create function public.loud(text) returns text language sql as $$ select upper($1) $$")
    assert connection.rows("select loud('x')") == [[b"X"]]


def test_function_of_the_transaction(bench, elsewhere):
    connection = bench.connect(True)
    connection.rows("begin; create function loud(text) returns text language sql as $$ select upper($1) $$")
    assert connection.rows("select loud('x')") == [[b"X"]]
    connection.rows("rollback")


def test_function_that_does_not_exist(bench):
    connection = bench.connect(True)
    for _ in range(3):
        assert rawpg.error_of(connection.simple("select no_such_function(1)"))["C"] == "42883"


def test_users_function_of_a_later_servers_name(bench, elsewhere):
    """PostgreSQL 15 has no any_value: a user's one may do anything with what it gets."""
    connection = bench.connect(True)
    version = int(connection.rows("show server_version_num")[0][0])
    if version >= 160000:
        pytest.skip("any_value is the server's own here")
    refused(connection, "select any_value(body) from msg", "SR-E403")
    elsewhere("create function public.any_value(text) returns text language sql as $$ select $1 $$")
    refused(connection, "select any_value(body) from msg", "SR-E403")
    assert connection.rows("select any_value(t) from other where id = 1") == [[b"plain text"]]


def test_overload_of_a_builtin_made_by_another_session(bench, elsewhere):
    """The better match of the two would be the user's: the call is sent with the server's own spelt out."""
    connection = bench.connect(True)
    assert connection.rows("select count(body), array_agg(id) from msg where id = 1") == [[b"1", b"{1}"]]
    elsewhere("create function public.count(text) returns text language sql as $$ select $1 $$")
    assert connection.rows("select count(body) as n from msg where id = 1 having count(*) = 1") == [[b"1"]]
    assert connection.rows("select array_agg(body) from msg where id = 1") == [[b"{alpha}"]]
    messages = connection.simple("select count(body) from msg where id = 1")
    assert b"sr1." not in b"".join(m.body for m in messages)


def test_zz_no_canary_anywhere(module_bench):
    found = module_bench.findings()
    assert not found, "canaries at rest:\n" + "\n".join(map(str, found))
