"""A refusal is an error of the database: it aborts what came before it, skips to Sync, and the session stays in step.

The table of poisons of the protocol notes: Parse, simple Query, Bind, CopyData, FunctionCall."""

import pytest
from support import probe, rawpg
from support.subject import DIRECT

pytestmark = pytest.mark.skipif(DIRECT, reason="direct run: nothing is refused")

P, B, D, E, S, H, Q = rawpg.parse, rawpg.bind, rawpg.describe, rawpg.execute, rawpg.sync, rawpg.flush, rawpg.query
LEGAL = P("insert into other(tenant, t) values ('acme', 'before')") + B() + E()
READ = P("select t from other order by id") + B() + D("P") + E()
BAD = "select upper(body) from msg"
ENVELOPE = b"sr1.9REDAAABAgMEBQYHAAAAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture(scope="module")
def pair(make_pair):
    return make_pair()


@pytest.fixture
def connection(pair):
    pair.at_rest(probe.RESET)
    connection = pair.sealed.raw(options="-c app.tenant_id=acme")
    yield connection
    connection.close()


def kinds(messages) -> str:
    return "".join(m.kind for m in rawpg.without_asynchronous(messages))


def others(pair) -> int:
    return pair.at_rest("select count(*) from other")[0][0]


def check(messages, *codes: str) -> None:
    error = rawpg.error_of(messages)
    assert error and any(c in " ".join(error.values()) for c in codes or ("SR-E",)), error
    assert {"S", "V", "C", "M"} <= error.keys()
    assert error["S"] == error["V"] == "ERROR"


def test_at_parse_in_a_pipeline(pair, connection):
    messages = connection.exchange(LEGAL + P(BAD) + B() + D("P") + E() + READ + S())
    assert kinds(messages) == "12CEZ"
    check(messages, "SR-E403")
    assert others(pair) == 0, "the step before the refusal was committed"


def test_at_simple_query(pair, connection):
    messages = connection.simple(BAD)
    assert kinds(messages) == "EZ"
    check(messages, "SR-E403")


def test_in_a_multi_statement_query_nothing_runs(pair, connection):
    messages = connection.simple(f"insert into other(t) values ('a'); commit; {BAD}; insert into other(t) values ('b')")
    assert kinds(messages) == "EZ"
    assert others(pair) == 0


def test_in_an_explicit_transaction(pair, connection):
    connection.simple("begin")
    connection.simple("insert into other(t) values ('a')")
    messages = connection.simple(BAD)
    check(messages)
    assert messages[-1].status == "E"
    assert rawpg.error_of(connection.simple("select 1"))["C"] == "25P02"
    assert [m.tag for m in connection.simple("commit") if m.kind == "C"] == ["ROLLBACK"]
    assert others(pair) == 0


def test_at_bind(pair, connection):
    """The value is refused (it looks like an envelope), or its tenant is."""
    bad = P("insert into msg(tenant, body) values ('acme', $1)") + B([ENVELOPE]) + D("P") + E()
    messages = connection.exchange(LEGAL + bad + READ + S())
    assert kinds(messages) == "12C1EZ"
    check(messages, "SR-E204")
    assert others(pair) == 0


def test_at_bind_of_a_prepared_statement_it_stays_usable(pair, connection):
    connection.exchange(P("insert into msg(tenant, body) values ('acme', $1)", "s") + S())
    check(connection.exchange(B([ENVELOPE], "s") + E() + S()), "SR-E204")
    assert kinds(connection.exchange(B([b"good"], "s") + E() + S())) == "2CZ"


def test_at_copy_data(pair, connection):
    connection.simple("begin")
    connection.simple("insert into other(t) values ('a')")
    connection.send(Q("copy msg(tenant, body) from stdin"))
    connection.read_until("G")
    messages = connection.exchange(rawpg.copy_data(b"acme\tfine\nacme\t" + ENVELOPE + b"\n"), rawpg.copy_done())
    check(messages, "SR-E204")
    assert messages[-1].status == "E"
    assert [m.tag for m in connection.simple("commit") if m.kind == "C"] == ["ROLLBACK"]


def test_at_function_call(pair, connection):
    messages = connection.exchange(rawpg.function_call(1317, [b"four"]))
    assert kinds(messages) == "EZ"
    check(messages, "SR-E412")


def test_function_call_in_the_skip_window(pair, connection):
    messages = connection.exchange(P("selec") + rawpg.function_call(1317, [b"x"]) + S() + Q("select 1"), count=2)
    assert kinds(messages) == "EZTDCZ"


def test_refusal_in_the_skip_window_is_silent(pair, connection):
    messages = connection.exchange(P("select 1/0") + B() + E() + P(BAD) + Q(BAD) + S() + Q("select 1"), count=2)
    assert kinds(messages) == "1EZTDCZ"
    assert rawpg.error_of(messages)["C"] == "22012"


@pytest.mark.parametrize("after", [READ + S(), Q("select t from other"), P("select 1") + B() + E() + H() + S()], ids=["extended", "simple", "flush"])
def test_the_connection_goes_on(pair, connection, after):
    connection.simple("insert into msg(id, tenant, body) values (1, 'acme', 'alpha')")
    check(connection.exchange(P(BAD) + S()))
    assert rawpg.error_of(connection.exchange(after)) is None
    assert connection.rows("select body from msg") == [[b"alpha"]]


def test_describe_and_flush_of_a_refused_statement(pair, connection):
    connection.send(P(BAD, "s") + D("S", "s") + H())
    assert connection.read_until("E")[-1].kind == "E"
    assert kinds(connection.exchange(S())) == "Z"


def test_the_refused_name_is_free(pair, connection):
    check(connection.exchange(P(BAD, "s") + S()))
    assert kinds(connection.exchange(P("select 1", "s") + B(statement="s") + E() + S())) == "12DCZ"


def test_text_of_a_refusal_shows_no_value(pair, connection):
    error = rawpg.error_of(connection.simple("insert into msg(tenant, body) values ('acme', upper('very secret value'))"))
    assert "secret" not in " ".join(error.values())
    assert "body" in " ".join(error.values()), "a refusal names the column"
    assert error.get("H"), "a refusal names the way out"
    assert "very secret value" not in pair.sealed_server.log_file.read_text(errors="replace")
    assert "very secret value" not in pair.sealed.process_log.read_text(errors="replace")


def test_thousand_refusals_leave_nothing_behind(pair, connection):
    messages = connection.exchange(*[P(BAD) + B() + E() + S() for _ in range(1000)], count=1000)
    assert kinds(messages) == "EZ" * 1000
    assert connection.rows("select 1") == [[b"1"]]


def test_reserved_statement_names(pair, connection):
    """A client must not be able to create the statement that the Bind poison names."""
    bad = P("insert into msg(tenant, body) values ('acme', $1)") + B([ENVELOPE]) + E() + S()
    check(connection.exchange(bad), "SR-E204")
    asked = [line for line in pair.sealed_server.log_file.read_text(errors="replace").splitlines() if "does not exist" in line and "prepared statement" in line]
    assert asked, "the server saw the Bind poison"
    name = asked[-1].split('"')[1]
    check(connection.exchange(P("select 1", name) + S()), "SR-E604")
