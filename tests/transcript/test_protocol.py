"""The measured cases of the protocol: each is a script of bytes whose answer must be the plain server's, whether the
policy is empty or protects other tables. Several expectations are also written down, so that they are tested too."""

import pytest
from support import delivery, rawpg
from support.rawpg import BINARY, TEXT
from support.waiting import wait_until

P, B, D, E, C, S, H, Q = (rawpg.parse, rawpg.bind, rawpg.describe, rawpg.execute, rawpg.close, rawpg.sync, rawpg.flush, rawpg.query)

GOOD = P("select id, c from t order by id") + B() + D("P") + E()
FAIL = P("select 1/$1::int") + B([b"0"]) + E()
INSERT = P("insert into t values ($1, $2)") + B([b"50", b"fifty"]) + E()
UNDO = Q("rollback")

# (name, bytes, number of ReadyForQuery, kinds of the answer or None)
SCRIPTS = [
    ("empty_query", Q(""), 1, "IZ"),
    ("empty_query_extended", P("") + B() + D("P") + E() + S(), 1, "12nIZ"),
    ("comment_only", Q("-- nothing"), 1, "IZ"),
    ("simple", Q("select id, c, b from t order by id"), 1, "TDDCZ"),
    ("simple_multi", Q("select 1; select 'two'; begin; commit; select 3"), 1, "TDCTDCCCTDCZ"),
    ("simple_multi_stops_at_error", Q("select 1; select 1/0; select 3"), 1, "TDCEZ"),
    ("simple_syntax_error", Q("selec 1"), 1, "EZ"),
    ("T6b_two_queries_first_fails", Q("select 1/0") + Q("select 2"), 2, "EZTDCZ"),
    ("T6_discard_until_sync", FAIL + Q("select 'lost'") + GOOD + S() + Q("select 'back'"), 2, "1EZTDCZ"),
    ("T6_flush_after_error", FAIL + H() + GOOD + S(), 1, "1EZ"),
    ("T6_sync_twice", GOOD + S() + S(), 2, "12TDDCZZ"),
    ("T4_metadata", Q("select id, c cc, upper(c), c::text, (select c from t limit 1), t from t order by id"), 1, None),
    ("T4_view_union_cte", Q("select * from v; select c from t union all select c from t; with x as (select c from t) select * from x"), 1, None),
    ("T5_describe_statement_then_portal", P("select id, c from t", "s") + D("S", "s") + B(statement="s", results=[BINARY]) + D("P") + E() + S(), 1, "1tT2TDDCZ"),
    ("T5_describe_parameters", P("insert into t values ($1, $2, $3)", "s") + D("S", "s") + S(), 1, "1tnZ"),
    ("T8_unnamed_lost_after_query", P("select 1") + S() + Q("select 2") + B() + E() + S(), 3, "1ZTDCZEZ"),
    ("T11_same_name_twice", P("select 1", "s") + P("select 2", "s") + S(), 1, "1EZ"),
    ("T11_unnamed_twice", P("select 1") + P("select 2") + B() + E() + S(), 1, "112DCZ"),
    ("T12_close_unknown", C("S", "nothing") + C("P", "nothing") + S(), 1, "33Z"),
    ("T12_close_then_parse_again", P("select 1", "s") + C("S", "s") + P("select 'other'", "s") + B(statement="s") + E() + S(), 1, "1312DCZ"),
    ("T12_close_statement_closes_portals", Q("begin") + P("select 1", "s") + B(statement="s", portal="p") + C("S", "s") + E("p") + S() + UNDO, 3, None),
    ("T13_portal_ends_at_sync", P("select id from t", "s") + B(statement="s", portal="p") + E("p", 1) + S() + E("p") + S(), 2, "12DsZEZ"),
    ("T13_portal_lives_in_a_transaction", Q("begin") + P("select id from t order by id") + B(portal="p") + E("p", 1) + S() + E("p", 1) + E("p") + S() + UNDO, 4, None),
    ("T13_interleaved_portals", Q("begin") + P("select id from t order by id", "a") + P("select c, n from t order by id", "b") + B(statement="a", portal="pa")
     + B(statement="b", portal="pb", results=[BINARY]) + E("pa", 1) + E("pb", 1) + E("pa", 1) + E("pb", 1) + S() + UNDO, 3, None),
    ("T14_two_commands_in_parse", P("select 1; select 2") + S(), 1, "EZ"),
    ("T15_wrong_count_of_parameter_formats", P("select $1::text, $2::text, $3::text") + B([b"a", b"b", b"c"], formats=[0, 0]) + S(), 1, "1EZ"),
    ("T15b_wrong_count_of_result_formats", P("select 1, 2, 3") + B(results=[0, 0]) + S(), 1, "1EZ"),
    ("T15_wrong_count_of_parameters", P("select $1::text") + B([b"a", b"b"]) + S(), 1, "1EZ"),
    ("T16_error_in_an_explicit_transaction", P("begin") + B() + E() + FAIL + S() + P("select 1") + S() + UNDO, 3, None),
    ("T17_result_type_changes", P("select * from t where id = 1", "s") + B(statement="s") + E() + S() + Q("begin; alter table t add column extra int") + B(statement="s") + E() + S() + UNDO, 4, None),
    ("transaction_states", Q("begin") + Q("select 1") + Q("select 1/0") + Q("select 2") + Q("commit") + Q("select 3"), 6, None),
    ("savepoints", Q("begin") + Q("savepoint a") + Q("select 1/0") + Q("rollback to a") + Q("select 'alive'") + Q("commit"), 6, None),
    ("pipeline_commits_together", INSERT + GOOD + S() + Q("delete from t where id = 50"), 2, None),
    ("pipeline_rolls_back_together", INSERT + FAIL + S() + Q("select count(*) from t"), 2, None),
    ("pipeline_of_many", GOOD * 50 + S(), 1, None),
    ("mixed_formats", P("select $1::int, $2::text, $3::bytea", oids=[23]) + B([b"\0\0\0\7", b"t", b"\0\1"], formats=[1, 0, 1], results=[0, 1, 1]) + D("P") + E() + S(), 1, "12TDCZ"),
    ("null_and_empty", P("select $1::text, $2::text") + B([None, b""]) + E() + S(), 1, "12DCZ"),
    ("sql_prepare", Q("prepare p(int) as select c from t where id = $1") + Q("execute p(1)") + Q("deallocate p") + Q("execute p(1)"), 4, "CZTDCZCZEZ"),
    ("deallocate_all", P("select 1", "s") + S() + Q("deallocate all") + B(statement="s") + E() + S(), 3, "1ZCZEZ"),
    ("discard_all", P("select 1", "s") + S() + Q("discard all") + P("select 2", "s") + B(statement="s") + E() + S(), 3, "1ZCZ12DCZ"),
    ("sql_cursor", Q("begin") + Q("declare c cursor for select id, c from t order by id") + Q("fetch 1 from c") + Q("fetch all from c") + Q("close c") + Q("commit"), 6, None),
    ("binary_cursor", Q("begin; declare c binary cursor for select id, c from t order by id; fetch all from c; commit"), 1, None),
    ("cursor_by_extended", P("begin") + B() + E() + P("declare c cursor for select c from t order by id") + B() + E() + P("fetch 1 from c") + B() + D("P") + E()
     + P("commit") + B() + E() + S(), 1, None),
    ("returning", Q("insert into t values (60, 'r') returning *; delete from t where id = 60 returning c"), 1, None),
    ("copy_out_text", Q("copy t to stdout"), 1, "HddcCZ"),
    ("copy_out_binary", Q("copy t to stdout (format binary)"), 1, None),
    ("copy_out_extended", P("copy t to stdout") + B() + E() + S(), 1, None),
    ("set_and_show", Q("set application_name = 'x'") + Q("show application_name") + Q("reset application_name"), 3, None),
    ("explain", Q("explain (costs off) select c from t where id = 1"), 1, None),
    ("function_call", rawpg.function_call(871, [b"text"]), 1, None),     # upper: fails inside, without a collation
    ("function_call_that_works", rawpg.function_call(1317, [b"four"]), 1, None),  # length(text)
    # lo_create, lo_open, lowrite, lo_lseek, loread, lo_unlink, and lo_open of what is gone
    ("large_object", Q("begin") + b"".join(rawpg.function_call(oid, values) for oid, values in [
        (715, [b"4242"]), (952, [b"4242", b"393216"]), (955, [b"0", b"some bytes"]), (956, [b"0", b"5", b"0"]), (954, [b"0", b"99"]),
        (964, [b"4242"]), (952, [b"4242", b"262144"])]) + Q("rollback"), 9, "CZVZVZVZVZVZVZEZCZ"),
    ("do_block", Q("do $$ begin perform 1; end $$"), 1, "CZ"),
]
IDS = [s[0] for s in SCRIPTS]
FORBIDDEN_WITH_POLICY = {"function_call", "function_call_that_works"}     # FunctionCall is refused once something is protected


@pytest.mark.parametrize("name, script, count, kinds", SCRIPTS, ids=IDS)
def test_script(ground, request, name, script, count, kinds):
    if name in FORBIDDEN_WITH_POLICY and "policy on" in request.node.name:
        pytest.skip("refused by design: test_refusals.py")
    answer = ground.same(script, count=count)
    if kinds:
        assert "".join(m.kind for m in rawpg.without_asynchronous(answer)) == kinds


@pytest.mark.parametrize("name, script, count, kinds", SCRIPTS, ids=IDS)
def test_script_split_at_every_byte(ground, request, name, script, count, kinds):
    if name in FORBIDDEN_WITH_POLICY and "policy on" in request.node.name:
        pytest.skip("refused by design: test_refusals.py")
    if len(script) > 3000:
        pytest.skip("long script: its parts are split in others")
    ground.same(script, count=count, deliver=rawpg.Connection.send_split)


def test_flush_is_answered(ground):
    """postgres.js and asyncpg send Describe and Flush, and wait."""
    for connection in ground.connections():
        connection.send(P("select c from t where id = $1", "s") + D("S", "s") + H())
        assert [m.kind for m in connection.read_until("T")] == ["1", "t", "T"]
        connection.send(B([b"1"], "s") + E() + H())
        assert [m.kind for m in connection.read_until("C")] == ["2", "D", "C"]
        assert [m.kind for m in connection.exchange(S())] == ["Z"]
        connection.close()


@pytest.mark.parametrize("end, kinds", [
    (rawpg.copy_done(), "CZ"), (rawpg.copy_fail(), "EZ"), (S() + H() + rawpg.copy_done(), "CZ"), (S() + rawpg.copy_fail(), "EZ")],
    ids=["done", "fail", "T9 Sync and Flush inside", "T9b Sync inside, fail"])
def test_copy_in(ground, end, kinds):
    """T9: one row in two messages, two rows in one; Sync and Flush during copy-in are ignored."""
    answers = []
    for connection in ground.connections():
        connection.send(Q("begin; copy t(id, c) from stdin"))
        started = connection.read_until("GE")
        data = rawpg.copy_data(b"70\tse") + rawpg.copy_data(b"venty\n71\tx\n72\ty\n")
        rest = connection.exchange(data + end)
        rest += connection.simple("select id, c from t order by id") + connection.simple("rollback")
        answers.append(delivery.answer(started + rest))
        connection.close()
    assert answers[0] == answers[1]
    assert "".join(a[0] for a in answers[0]).startswith("CG" + kinds)


def test_copy_in_extended_fails(ground):
    """After a failed COPY in extended mode everything up to Sync is discarded."""
    answers = []
    for connection in ground.connections():
        connection.send(P("copy t(id, c) from stdin") + B() + E() + H())
        started = connection.read_until("GE")
        rest = connection.exchange(rawpg.copy_data(b"not a number\tx\n") + rawpg.copy_done() + S())
        answers.append(delivery.answer(started + rest + connection.simple("select count(*) from t")))
        connection.close()
    assert answers[0] == answers[1]


def test_notice_and_notification(ground):
    """Asynchronous messages belong to no request; NOTIFY arrives before ReadyForQuery."""
    for connection in ground.connections():
        assert "".join(m.kind for m in connection.simple("do $$ begin raise notice 'hello'; end $$")) == "NCZ"
        connection.simple("listen channel")
        messages = connection.simple("notify channel, 'payload'")
        assert "".join(m.kind for m in messages) == "CAZ"
        assert messages[1].body[4:] == b"channel\0payload\0"
        connection.close()


def test_parameter_status(ground):
    for connection in ground.connections():
        names = set(connection.parameters)
        assert {"server_version", "client_encoding", "standard_conforming_strings", "DateStyle"} <= names
        messages = connection.simple("set client_encoding = latin1")
        assert [m.body for m in messages if m.kind == "S"] == [b"client_encoding\0LATIN1\0"]
        connection.close()


def test_greeting_is_the_same(ground):
    """All parameters of the greeting; the process id is the server's, the secret Sealrow's own."""
    plain, sealed = ground.connections()
    assert sealed.parameters == plain.parameters
    assert [m.kind for m in sealed.greeting if m.kind not in "R"] == [m.kind for m in plain.greeting if m.kind not in "R"]
    assert len(sealed.backend_key) == 8
    for connection in (plain, sealed):
        [[pid]] = connection.rows("select pg_backend_pid()")
        assert int.from_bytes(connection.backend_key[:4], "big") == int(pid)
    plain.close()
    sealed.close()


def test_cancel_with_the_key_of_the_greeting(ground):
    pair = ground.pair
    for server, subject in ((pair.plain_server, pair.plain), (pair.sealed_server, pair.sealed)):
        connection = subject.raw()
        connection.send(Q("select pg_sleep(600)"))
        # a server that has not begun yet would ignore the request
        running = "select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
        wait_until(lambda: server.run(running, subject.database), "the statement to run")
        other = rawpg.open_socket(subject.port, subject.tls)
        other.sendall(rawpg.request(rawpg.CANCEL_REQUEST, connection.backend_key))
        error = rawpg.error_of(connection.ready())
        assert error and error["C"] == "57014"
        assert connection.rows("select 1") == [[b"1"]]
        other.close()
        connection.close()


def test_cancel_with_a_wrong_key_does_nothing(ground):
    for subject in (ground.pair.plain, ground.pair.sealed):
        connection = subject.raw()
        connection.send(Q("select pg_sleep(0.5), 'finished'"))
        other = rawpg.open_socket(subject.port)
        other.sendall(rawpg.request(rawpg.CANCEL_REQUEST, connection.backend_key[:4] + b"\1\2\3\4"))
        assert rawpg.error_of(connection.ready()) is None
        other.close()
        connection.close()


def test_large_messages_both_ways(ground):
    text = b"x" * (3 << 20)
    answer = ground.same(P("select $1::text, repeat('y', 3000000)") + B([text]) + E() + S())
    assert [len(c) for m in answer if m.kind == "D" for c in m.row] == [3 << 20, 3_000_000]


def test_many_rows(ground):
    ground.same(Q("select i, md5(i::text) from generate_series(1, 20000) i"))


def test_errors_keep_all_their_fields(ground):
    ground.same(Q("select * from missing_table"))
    ground.same(Q("insert into t values (1, 'duplicate')"))
