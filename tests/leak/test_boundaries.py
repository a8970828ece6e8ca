"""Tenants, foreign envelopes, names and schemas, changes of the catalog (A5.14, A6, A8.24–28, C1.08, C3)."""

import pytest
from support import probe, rawpg
from support.subject import DIRECT

pytestmark = pytest.mark.skipif(DIRECT, reason="direct run: there is nothing to seal or to deny")


def refused(connection, sql: str, *codes: str) -> dict[str, str]:
    error = rawpg.error_of(connection.simple(sql))
    text = " ".join((error or {}).values())
    assert error, f"accepted: {sql}"
    assert any(code in text for code in codes) if codes else "SR-E" in text, f"{sql}: {error}"
    return error


def insert(connection, table: str = "msg", body: str = "secret", tenant: str = "acme") -> int:
    return int(connection.rows(f"insert into {table}(tenant, body) values ('{tenant}', '{body}') returning id")[0][0])


# ---- tenants ---------------------------------------------------------------------------------------------------

def test_C3_01_rows_of_two_tenants(bench):
    system = bench.connect(True, tenant="")
    system.rows("insert into owned(id, tenant, body) values (1, 'acme', 'one'), (2, 'globex', 'two')")
    bench.kept(False).rows("insert into owned(id, tenant, body) values (1, 'acme', 'one'), (2, 'globex', 'two')")
    bench.check_sealed()
    assert bench.connect(True, tenant="").rows("select body from owned where tenant = 'acme'") == [[b"one"]]
    assert bench.connect(True, tenant="").rows("select body from owned where tenant = 'globex'") == [[b"two"]]


def test_C3_01_prepared_statement_for_two_tenants(bench):
    connection = bench.connect(True, tenant="")
    messages = [rawpg.parse("insert into owned(id, tenant, body) values ($1, $2, $3)", "i")]
    for number, tenant in ((b"1", b"acme"), (b"2", b"globex")):
        messages += [rawpg.bind([number, tenant, b"of " + tenant], "i"), rawpg.execute()]
    rawpg.raise_error(connection.exchange(*messages, rawpg.sync()))
    assert connection.rows("select body from owned where tenant = 'globex'") == [[b"of globex"]]


def test_C3_02_no_tenant_no_key(bench):
    nobody = bench.connect(True, tenant="")
    refused(nobody, "insert into msg(tenant, body) values ('acme', 'x')", "SR-E501")
    refused(nobody, "insert into owned(tenant, body) values (null, 'x')", "SR-E501", "SR-E504")
    refused(nobody, "insert into owned(body) values ('x')", "SR-E501")


@pytest.mark.parametrize("tenant", ["", " ", "a\nb", "x" * 5000], ids=["empty", "space", "newline", "long"])
def test_C3_02_malformed_tenants(bench, tenant):
    connection = bench.connect(True, tenant="")
    connection.simple(f"select set_config('app.tenant_id', '{tenant}', false)")
    refused(connection, "insert into msg(tenant, body) values ('acme', 'x')", "SR-E50")


def test_C3_03_tenant_follows_the_session(bench):
    connection = bench.connect(True, tenant="")
    connection.rows("begin")
    connection.rows("set local app.tenant_id = 'acme'")
    identity = insert(connection)
    connection.rows("commit")
    refused(connection, f"select body from msg where id = {identity}", "SR-E50")
    connection.rows("set app.tenant_id = 'acme'")
    assert connection.rows(f"select body from msg where id = {identity}") == [[b"secret"]]
    connection.rows("begin; savepoint s; set app.tenant_id = 'globex'; rollback to s")
    assert connection.rows(f"select body from msg where id = {identity}") == [[b"secret"]]
    connection.rows("rollback")
    connection.rows("select set_config('app.tenant_id', 'globex', false)")
    refused(connection, f"select body from msg where id = {identity}", "SR-E503")
    for statement in ("reset app.tenant_id", "set app.tenant_id = 'acme'; reset all", "set app.tenant_id = 'acme'; discard all"):
        for part in statement.split("; "):
            connection.rows(part)
        refused(connection, "insert into msg(tenant, body) values ('acme', 'x')", "SR-E501")


def test_C3_04_tenants_one_after_the_other(bench):
    connection = bench.connect(True, tenant="")
    identities = {}
    for tenant in ("acme", "globex", "initech"):
        connection.rows(f"set app.tenant_id = '{tenant}'")
        identities[tenant] = insert(connection, body=f"of {tenant}", tenant=tenant)
    for tenant, identity in identities.items():
        connection.rows(f"set app.tenant_id = '{tenant}'")
        assert connection.rows(f"select body from msg where id = {identity}") == [[f"of {tenant}".encode()]]


def test_A8_24_A8_25_another_tenants_row(bench):
    acme, globex = bench.connect(True), bench.connect(True, tenant="globex")
    identity = insert(acme)
    for sql in (f"select body from msg where id = {identity}", "select * from msg", f"select json_build_object('b', body) from msg where id = {identity}",
                "copy msg(body) to stdout"):
        refused(globex, sql, "SR-E503")
        assert globex.rows("select 1") == [[b"1"]]
    # not even its existence by an equality tag
    acme.rows("update msg set key = 'shared' where id = 1")
    assert globex.rows("select id from msg where key = 'shared'") == []


# ---- envelopes in the wrong place ------------------------------------------------------------------------------

def test_A8_26_C3_07_moved_envelopes(bench):
    acme = bench.connect(True)
    identity = insert(acme)
    for change in (f"update msg set key = (select body from msg where id = {identity}) where id = 1",
                   f"update memo set body = (select body from msg where id = {identity})"):
        bench.pair.at_rest("delete from memo; insert into memo(id) values (1)")
        bench.pair.at_rest(change)
    refused(acme, "select key from msg where id = 1", "SR-E2")
    refused(acme, "select body from memo where id = 1", "SR-E2")


@pytest.mark.parametrize("damage", ["substr(body, 1, length(body) - 1) || case when right(body, 1) = 'A' then 'B' else 'A' end",
                                    "substr(body, 1, 30)", "'sr1.'", "'sr1.9R' || substr(body, 7, 20)", "'sr1.!!!!'",
                                    "overlay(body placing 'AAAA' from 30 for 4)"])
def test_A8_26_damaged_envelope(bench, damage):
    acme = bench.connect(True)
    identity = insert(acme, body="a value that is long enough")
    bench.pair.at_rest(f"update msg set body = {damage} where id = {identity}")
    refused(acme, f"select body from msg where id = {identity}", "SR-E2", "SR-E3")


def test_A8_27_plaintext_in_a_sealed_column_is_an_error(bench):
    bench.pair.at_rest("update msg set body = 'slipped in' where id = 1")
    refused(bench.connect(True), "select body from msg where id = 1", "SR-E205")


def test_A8_28_no_decryption_oracle(bench):
    acme = bench.connect(True)
    identity = insert(acme)
    bench.pair.at_rest(f"update other set t = (select body from msg where id = {identity}); "
                       f"update archive.msg set body = (select body from msg where id = {identity})")
    for sql in ("select t from other limit 1", "select body from archive.msg", "select o.t, m.id from other o join msg m on m.id = o.msg_id"):
        messages = acme.simple(sql)
        assert b"secret" not in b"".join(m.body for m in messages), f"opened from a clear place: {sql}"
    envelope = bench.pair.at_rest(f"select body from msg where id = {identity}")[0][0]
    for sql in (f"select '{envelope}'", f"select '{envelope}' union all select body from msg where id = -1", f"select coalesce('{envelope}', body) from msg limit 1"):
        assert b"secret" not in b"".join(m.body for m in acme.simple(sql))
    refused(acme, f"update msg set body = '{envelope}' where id = 1", "SR-E204")


# ---- names, schemas, catalog -----------------------------------------------------------------------------------

def test_A6_01_same_name_in_another_schema(bench):
    connection = bench.connect(True)
    connection.rows("insert into archive.msg(tenant, body) values ('acme', 'stays clear')")
    assert ("stays clear",) in bench.pair.at_rest("select body from archive.msg")


@pytest.mark.parametrize("change", ["set search_path = archive", "select set_config('search_path', 'archive', false)",
                                    "set session search_path to archive, public"])
def test_A6_02_search_path(bench, change):
    connection = bench.connect(True)
    connection.rows(change)
    messages = connection.simple("insert into msg(tenant, body) values ('acme', 'which one')")
    if not rawpg.error_of(messages):
        assert ("which one",) in bench.pair.at_rest("select body from archive.msg")
    connection.rows("reset search_path")
    insert(connection)
    assert not bench.pair.at_rest("select 1 from public.msg where body not like 'sr1.%'")


def test_A6_02_search_path_of_the_start_up(bench):
    connection = bench.pair.sealed.raw(options="-c app.tenant_id=acme -c search_path=archive")
    messages = connection.simple("insert into msg(tenant, body) values ('acme', 'by option')")
    connection.close()
    assert rawpg.error_of(messages) or ("by option",) in bench.pair.at_rest("select body from archive.msg")


def test_A6_04_shadowing_temporary_table(bench):
    connection = bench.connect(True)
    if rawpg.error_of(connection.simple("create temp table msg(id int, tenant text, body text)")):
        return                           # a name that could hide a protected table may be refused
    connection.simple("insert into msg(id, tenant, body) values (1, 'acme', 'in the shadow')")
    assert not bench.pair.at_rest("select 1 from public.msg where body like '%shadow%'")
    messages = connection.simple("select body from msg")
    assert rawpg.error_of(messages) or [m.row for m in messages if m.kind == "D"] == [[b"in the shadow"]]


def test_A6_06_column_added_and_dropped(bench):
    connection = bench.connect(True)
    try:
        for change in ("alter table memo add column more text", "alter table memo drop column extra"):
            rawpg.raise_error(connection.simple(change))
            messages = connection.simple("insert into memo values (1, 'after a change') returning *; delete from memo")
            assert rawpg.error_of(messages) or [m.row[1] for m in messages if m.kind == "D"] == [b"after a change"]
        connection.simple("insert into memo(id, body) values (1, 'kept')")
        assert not bench.pair.at_rest("select 1 from memo where body not like 'sr1.%'")
    finally:
        bench.pair.at_rest("delete from memo; alter table memo drop column if exists more; "
                           "alter table memo add column if not exists extra text")


def test_A6_08_renamed_table(bench):
    connection = bench.connect(True)
    bench.pair.at_rest("alter table memo rename to memo_old; create table memo(id int primary key, body text, extra text)")
    try:
        messages = connection.simple("insert into memo(id, body) values (1, 'new table')")
        assert rawpg.error_of(messages) or not bench.pair.at_rest("select 1 from memo where body not like 'sr1.%'")
    finally:
        bench.pair.at_rest("drop table memo; alter table memo_old rename to memo")


@pytest.mark.parametrize("encoding", ["latin1", "sjis", "gbk"])
def test_A7_04_other_client_encoding(bench, encoding):
    connection = bench.connect(True)
    connection.simple(f"set client_encoding = {encoding}")
    messages = connection.simple("insert into msg(tenant, body) values ('acme', 'ascii') returning id")
    if not rawpg.error_of(messages):
        assert bench.connect(True).rows("select body from msg where body is not null order by id desc limit 1") == [[b"ascii"]]
    assert not bench.pair.at_rest("select 1 from msg where body not like 'sr1.%'")


@pytest.mark.parametrize("data", [b"\xff", b"\xc3(", b"\xed\xa0\x80", b"a\0b"], ids=repr)
def test_A7_03_invalid_utf8(bench, data):
    connection = bench.connect(True)
    before = bench.stored()
    messages = connection.exchange(rawpg.parse("insert into msg(tenant, body) values ('acme', $1)"), rawpg.bind([data]),
                                   rawpg.execute(), rawpg.sync())
    error = rawpg.error_of(messages)
    assert error and error["C"] in ("22021", "22P05"), error
    assert bench.stored() == before


def test_A5_03_function_call_message(bench):
    connection = bench.connect(True)
    oid = int(bench.pair.at_rest("select 'add_msg(text,text)'::regprocedure::oid::bigint")[0][0])
    error = rawpg.error_of(connection.exchange(rawpg.function_call(oid, [b"acme", b"hidden"])))
    assert error and "SR-E412" in " ".join(error.values())
    assert connection.rows("select count(*) from msg") == [[b"3"]]


def test_A5_14_policy_names_what_does_not_exist(bench, start_sealrow):
    """A typing mistake in the policy must not look healthy."""
    pair = bench.pair
    for wrong in ("public.mgs", 'public."MSG"'):
        policy = f"version: 1\ntenant: {{single: acme}}\ntables:\n  - table: {wrong}\n    columns: {{body: confidential}}\n"
        try:
            daemon = start_sealrow(pair.sealed_server, pair.sealed.database, policy)
        except RuntimeError as refusal:
            assert "SR-E802" in str(refusal) or "exist" in str(refusal)
            continue
        messages = daemon.subject.raw().simple("insert into msg(tenant, body) values ('acme', 'unprotected?')")
        assert rawpg.error_of(messages), "a policy with an unknown table is ignored"


def test_C2_04_the_search_index_is_used(bench):
    connection = bench.connect(True)
    connection.rows("insert into msg(tenant, key) select 'acme', null from generate_series(1, 2000)")
    connection.rows("set enable_seqscan = off")
    plan = b"\n".join(m.row[0] for m in connection.simple("explain select id from msg where key = 'key-1'") if m.kind == "D")
    assert b"msg_key" in plan, plan.decode()


def test_C2_01_search_terms_do_not_reach_the_server(bench):
    connection = bench.connect(True)
    term = bench.canaries.new("C2_01")
    connection.rows(f"select id from msg where key = '{term}'")
    rawpg.raise_error(connection.exchange(rawpg.parse("select id from msg where key = $1 or key = any($2)"),
                                          rawpg.bind([term.encode(), f"{{{term}}}".encode()]), rawpg.execute(), rawpg.sync()))


def test_zz_no_canary_anywhere(module_bench):
    found = module_bench.findings()
    assert not found, "canaries at rest:\n" + "\n".join(map(str, found))
