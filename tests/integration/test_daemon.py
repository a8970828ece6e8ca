"""The process: start, reload, drain, limits of what it may keep, and what it says when it cannot start."""

import signal
import threading

import pytest
from support import probe, rawpg, sealrow
from support.process import resident_kib
from support.subject import DIRECT
from support.waiting import wait_until

pytestmark = pytest.mark.skipif(DIRECT, reason="direct run: this is about the daemon")


@pytest.fixture(scope="module")
def pair(make_pair):
    return make_pair()


@pytest.fixture
def daemon(pair):
    daemon = sealrow.Sealrow(pair.sealed_server, pair.sealed.database, probe.POLICY)
    yield daemon
    daemon.stop()


def test_sigterm_ends_it_with_success(daemon):
    daemon.subject.raw(options="-c app.tenant_id=acme").rows("select 1")
    assert daemon.stop() == 0


def test_a_session_in_a_transaction_may_finish_while_draining(daemon):
    connection = daemon.subject.raw(options="-c app.tenant_id=acme")
    connection.rows("begin")
    daemon.process.send_signal(signal.SIGTERM)
    wait_until(lambda: not accepts_new(daemon), "the listener to close")
    assert connection.rows("select 1") == [[b"1"]]
    connection.simple("commit")
    assert daemon.process.stop() == 0


def accepts_new(daemon) -> bool:
    try:
        daemon.subject.raw(tls=False).close()
        return True
    except (OSError, rawpg.Disconnected, rawpg.ServerError):
        return False


def test_idle_sessions_are_told_at_the_end(daemon):
    connection = daemon.subject.raw()
    daemon.process.send_signal(signal.SIGTERM)
    message = connection.read()
    assert message.kind == "E" and message.fields["C"] == "57P01"


def test_policy_is_reloaded(daemon, pair):
    connection = daemon.subject.raw(options="-c app.tenant_id=acme")
    assert rawpg.error_of(connection.simple("select upper(body) from memo"))
    daemon.write_policy(probe.POLICY.replace("  - table: public.memo\n    columns: {body: {class: confidential}}\n", ""))
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: not rawpg.error_of(connection.simple("select upper(body) from memo")), "the new policy")


def refuses(daemon, sql: str) -> bool:
    """A session of its own; one that began before a reload may be ended by it."""
    try:
        return rawpg.error_of(daemon.subject.raw(options="-c app.tenant_id=acme").simple(sql)) is not None
    except (rawpg.Disconnected, ConnectionError):
        return False


def test_sessions_that_began_under_an_empty_policy_end_when_there_is_one(pair):
    """They forward without a look: under a policy that protects something they must not stay."""
    daemon = sealrow.Sealrow(pair.sealed_server, pair.sealed.database, "version: 1\ntables: []\n")
    try:
        idle, busy = daemon.subject.raw(), daemon.subject.raw()
        busy.rows("begin")
        daemon.write_policy(probe.POLICY)
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: refuses(daemon, "select upper(body) from memo"), "the policy in force")
        for connection in (idle, busy):
            with pytest.raises((rawpg.Disconnected, rawpg.ServerError, ConnectionError)):
                connection.rows("insert into memo(id, body) values (990017, 'written in clear')")
        assert pair.sealed_server.run("select count(*) from memo where id = 990017", pair.sealed.database) == [(0,)]
    finally:
        daemon.stop()


def test_a_broken_policy_is_not_taken(daemon):
    daemon.write_policy("version: 1\ntables: [oops")
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "SR-E1" in daemon.process.output(), "the error in the log")
    connection = daemon.subject.raw(options="-c app.tenant_id=acme")
    assert rawpg.error_of(connection.simple("select upper(body) from msg")), "the old policy must hold"


def misfit(table: str, column: str, allow: str = "") -> str:
    return f"version: 1\ntenant: {{single: acme}}\n{allow}tables: [{{table: {table}, columns: {{{column}: confidential}}}}]\n"


MISFITS = {"table": misfit("public.mgs", "body"), "schema": misfit("archiv.msg", "body"), "case": misfit('public."MSG"', "body"),
           "column": misfit("public.memo", "bdy"), "type": misfit("public.other", "id"),
           "column, tables may be missing": misfit("public.memo", "bdy", "allow: {missing_tables: true}\n")}


@pytest.mark.parametrize("policy", MISFITS.values(), ids=MISFITS)
def test_it_does_not_start_with_a_policy_that_does_not_fit_the_schema(pair, policy):
    with pytest.raises(RuntimeError) as refusal:
        sealrow.Sealrow(pair.sealed_server, pair.sealed.database, policy)
    assert "SR-E80" in str(refusal.value)


@pytest.mark.parametrize("policy", MISFITS.values(), ids=MISFITS)
def test_a_policy_that_does_not_fit_the_schema_is_not_taken(daemon, policy):
    daemon.write_policy(policy)
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "reload refused" in daemon.process.output(), "the refusal in the log")
    assert "SR-E80" in daemon.process.output()
    connection = daemon.subject.raw(options="-c app.tenant_id=acme")
    assert rawpg.error_of(connection.simple("select upper(body) from memo")), "the old policy must hold"


def test_a_view_made_meanwhile_is_written_through_sealed(daemon, pair):
    connection = daemon.subject.raw(options="-c app.tenant_id=acme")
    connection.rows("insert into msg(id, tenant, body) values (901, 'acme', 'before')")
    pair.at_rest("create view fresh as select id, tenant, body from msg")
    try:
        connection.rows("insert into fresh(id, tenant, body) values (902, 'acme', 'through the view')")
        assert connection.rows("select body from fresh where id = 902") == [[b"through the view"]]
        assert pair.at_rest("select count(*) from msg where id in (901, 902) and body like 'sr1.%'") == [(2,)]
    finally:
        pair.at_rest("drop view fresh; delete from msg where id in (901, 902)")


def test_a_view_of_the_same_transaction_is_not_written_through(daemon, pair):
    connection = daemon.subject.raw(options="-c app.tenant_id=acme")
    connection.rows("begin")
    connection.rows("create view own as select id, tenant, body from msg")
    assert rawpg.error_of(connection.simple("insert into own(id, tenant, body) values (903, 'acme', 'in clear?')"))
    connection.rows("rollback")
    assert pair.at_rest("select count(*) from msg where id = 903") == [(0,)]


def test_a_policy_may_wait_for_its_tables(pair, servers):
    server, database = servers.database("pg15", "empty", "select 1")
    daemon = sealrow.Sealrow(server, database, misfit("public.chat", "body"))
    try:
        connection = daemon.subject.raw()
        connection.rows("create table migrations(id int); insert into migrations values (1); create table chat(body text)")
        connection.rows("insert into chat values ('sealed at once')")
        assert server.run("select body like 'sr1.%' from chat", database) == [(True,)]
        assert "SR-E802" in daemon.process.output(), "the missing table is in the log"
    finally:
        daemon.stop()


@pytest.mark.parametrize("policy, part", [("version: 1\ntables: [", "policy.yaml"), ("version: 99\ntables: []", "version"),
                                          ("version: 1\ntabels: []", "tabels")], ids=["syntax", "version", "typo"])
def test_it_does_not_start_with_a_broken_policy(pair, policy, part):
    with pytest.raises(RuntimeError) as refusal:
        sealrow.Sealrow(pair.sealed_server, pair.sealed.database, policy)
    assert part in str(refusal.value)


def test_backend_gone_is_an_error_not_a_hang(servers, start_sealrow, pair):
    daemon = start_sealrow(pair.sealed_server, pair.sealed.database, probe.POLICY)
    connection = daemon.subject.raw(options="-c app.tenant_id=acme")
    pair.at_rest("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
                 "and pid <> pg_backend_pid() and backend_type = 'client backend'")
    with pytest.raises((rawpg.Disconnected, ConnectionError)):
        for _ in range(10):
            connection.simple("select 1")
    assert daemon.subject.raw().rows("select 1") == [[b"1"]]


def test_many_connections_at_once(daemon):
    failures: list[Exception] = []

    def work() -> None:
        try:
            for _ in range(5):
                connection = daemon.subject.raw(options="-c app.tenant_id=acme", tls=False)
                connection.rows("insert into msg(tenant, body) values ('acme', 'x') returning body")
                connection.close()
        except Exception as failure:          # noqa: BLE001 - shown below
            failures.append(failure)
    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_slow_reader_does_not_fill_the_memory(daemon):
    connection = daemon.subject.raw(tls=False)
    before = resident_kib(daemon.process.pid)
    connection.send(rawpg.query("select repeat('x', 100000) from generate_series(1, 3000)"))     # 300 MB nobody reads
    assert not connection.silent(10)
    peak = max(resident_kib(daemon.process.pid) for _ in range(200))
    assert peak - before < 48 * 1024
    connection.socket.close()


def test_no_key_in_the_log_or_the_command_line(daemon):
    output = daemon.process.output()
    assert "correct horse" not in output and "postgres:postgres" not in output
    command_line = open(f"/proc/{daemon.process.pid}/cmdline", "rb").read()
    assert b"correct horse" not in command_line
