"""No decryption oracle (A8.28): an envelope that somebody has put into a clear place is never opened, however a
statement brings it together with a sealed column."""

import pytest
from support import rawpg
from support.subject import DIRECT

pytestmark = pytest.mark.skipif(DIRECT, reason="direct run: there is nothing to seal or to open")

SECRET = "the stolen secret"

# Here `o.t` of table other is clear and holds an envelope of msg.body of the same tenant, as does msg.note.
ONE_PLACE = {
    "union": "select body from msg where id = 1 union all select t from other",
    "union the other way": "select t from other union all select body from msg where id = 1",
    "union below": "select x.b from (select body b from msg where id = 1 union all (select t from other limit 5)) x",
    "union of a sort": "(select t from other order by 1 limit 9) union all (select body from msg where id = 1)",
    "intersect": "select t from other intersect select body from msg",
    "except": "select t from other except select body from msg where id = 1",
    "coalesce": "select coalesce(o.t, m.body) from other o, msg m where m.id = 1",
    "coalesce of two rows": "select coalesce(note, body) from msg",
    "case": "select case when m.id = 0 then m.body else o.t end from other o, msg m where m.id = 1",
    "greatest": "select greatest(o.t, m.body) from other o, msg m where m.id = 1",
    "values": "select v.c from msg m, other o, lateral (values (m.body), (o.t)) v(c) where m.id = 1",
    "lateral": "select l.c from msg m, other o, lateral (select m.body as c union all select o.t) l where m.id = 1",
    "lag": "select lag(m.body, 1, o.t) over (order by o.id) from msg m, other o where m.id = 1",
    "max": "select max(x.b) from (select body b from msg where id = 1 union all select t from other) x",
    "any value": "select (array_agg(x.b))[1] from (select t b from other union all select body from msg where id = 1) x",
    "filter": "select (array_agg(x.b) filter (where x.n = 2))[1] "
              "from (select body b, 1 n from msg where id = 1 union all select t, 2 from other) x",
    "recursive": "with recursive r(n, b) as (select 1, body from msg where id = 1 union all "
                 "select n + 1, o.t from r, other o where n < 2) select b from r",
    "recursive by a detour": "with recursive r(n, a, b) as (select 1, 'x'::text, body from msg where id = 1 union all "
                             "select n + 1, o.t, coalesce(r.a, r.b) from r, other o where n < 4) select b from r",
    "subquery": "select coalesce((select t from other limit 1), body) from msg where id = 1",
    "array of rows": "select array(select t from other union all select body from msg where id = 1)",
    "json element": "select json_build_array(o.t, m.body) -> least(o.id, 0)::int from other o, msg m where m.id = 1",
    "json member by name": "select json_build_object(o.tenant, o.t, 'b', m.body) from other o, msg m where m.id = 1",
    "array subscript": "select (array[o.t, m.body])[o.id - o.id + 1] from other o, msg m where m.id = 1",
    "assembled": "select coalesce(left(t, 4) || substr(t, 5), body) from other o, msg m where m.id = 1",
    "set and read": "select coalesce(current_setting('app.copy', true), body) from msg where id = 1",
    "function": "select coalesce(btrim(o.t), m.body) from other o, msg m where m.id = 1",
    "view": "select coalesce(v.body, o.t) from msg_v v, other o where v.id = 1",
    "prepared": "prepare oracle(text) as select coalesce($1, body) from msg where id = 1",
}

# The sealed value is opened, the stored envelope stays what it is.
SEVERAL_PLACES = {
    "two columns": "select o.t, m.body from other o, msg m where m.id = 1",
    "star": "select * from other o, msg m where m.id = 1",
    "star behind a function": "select o.*, m.body, s.* from other o, msg m, regexp_split_to_table(o.t, ' ') s where m.id = 1",
    "function ahead of a star": "select s.*, o.*, m.body from regexp_split_to_table('a', ' ') s, other o, msg m where m.id = 1",
    "function with columns": "select m.body, f.* from msg m, json_to_recordset((select json_agg(x) from other x)) "
                             "as f(id int, t text) where m.id = 1",
    "row": "select row(o.t, m.body) from other o, msg m where m.id = 1",
    "whole row": "select m from msg m where m.id = 1",
    "whole row as json": "select row_to_json(m) from msg m where m.id = 1",
    "rows as json": "select json_agg(m) from msg m where m.id = 1",
    "rows as text": "select m::text from msg m where m.id = 1",
    "object": "select json_build_object('t', o.t, 'b', m.body) from other o, msg m where m.id = 1",
    "jsonb object": "select jsonb_build_object('t', o.t, 'b', m.body, 'note', m.note) from other o, msg m where m.id = 1",
    "nested": "select json_agg(json_build_object('o', row_to_json(o), 'm', json_build_array(m.note, m.body))) "
              "from other o, msg m where m.id = 1",
    "array": "select array[o.t, m.body] from other o, msg m where m.id = 1",
    "arrays": "select array_agg(array[m.note, m.body, m.tenant]) from msg m where m.id = 1",
    "array of objects": "select array_agg(json_build_object('note', m.note, 'body', m.body)) from msg m where m.id = 1",
    "member": "select json_build_object('t', o.t, 'b', m.body) ->> 'b', json_build_object('t', o.t, 'b', m.body) ->> 't' "
              "from other o, msg m where m.id = 1",
}


@pytest.fixture
def stolen(bench):
    """An envelope of msg.body in clear columns of rows that the same tenant reads."""
    connection = bench.connect(True)
    identity = int(connection.rows(f"insert into msg(tenant, body) values ('acme', '{SECRET}') returning id")[0][0])
    bench.pair.at_rest(f"update other set t = (select body from msg where id = {identity}); "
                       f"update msg set note = (select body from msg where id = {identity}); "
                       f"update msg set body = null where id = {identity}")
    envelope = bench.pair.at_rest("select t from other limit 1")[0][0]
    assert envelope.startswith("sr1.")
    return connection, envelope


def exchange(connection, sql: str, mode: str) -> list[rawpg.Message]:
    if mode == "simple":
        return connection.simple(sql)
    results = [0] if mode == "text" else [1]
    return connection.exchange(rawpg.parse(sql), rawpg.bind([], results=results), rawpg.execute(), rawpg.sync())


MODES = ("simple", "text", "binary")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shape", ONE_PLACE)
def test_one_place_for_both_is_refused(stolen, shape, mode):
    connection, envelope = stolen
    messages = exchange(connection, ONE_PLACE[shape], mode)
    error = rawpg.error_of(messages)
    assert SECRET.encode() not in b"".join(m.body for m in messages), "opened from a clear place"
    assert error and "SR-E4" in " ".join(error.values()), f"accepted: {messages}"
    assert error.get("H"), "no way out is named"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shape", SEVERAL_PLACES)
def test_only_the_sealed_place_is_opened(stolen, shape, mode):
    connection, envelope = stolen
    messages = exchange(connection, SEVERAL_PLACES[shape], mode)
    rawpg.raise_error(messages)
    rows = b"".join(m.body for m in messages if m.kind == "D")
    assert SECRET.encode() not in rows, "opened from a clear place"
    assert b"alpha" in rows, "the sealed column itself was not opened"


SPELLINGS = {
    "text": "{e}", "in a text": "see {e}", "cut off": "{e}A", "json": '["{e}"]', "json escape": '"\\u0073r1.{r}"',
    "json in json": '["{{\\"a\\": \\"\\\\u0073r1.{r}\\"}}"]', "array": "{{a,{e}}}", "array escape": "{{a,s\\r1.{r}}}",
    "row": '(a,"s""r1.{r}")', "row quotes": '(a,s"r1.{r}")',
}


@pytest.mark.parametrize("spelling", [s for s in SPELLINGS if s != "row"])
def test_a_value_of_the_client_must_not_be_one(stolen, spelling):
    connection, envelope = stolen
    value = SPELLINGS[spelling].format(e=envelope, r=envelope[4:])
    for sql in (f"select coalesce('{value}', body) from msg where id = 1",
                f"select coalesce('{value}'::varchar({len(envelope)}), body) from msg where id = 1",
                f"select body from msg where id = 1 union all select '{value}'"):
        error = rawpg.error_of(connection.simple(sql))
        assert error and "SR-E204" in " ".join(error.values()), sql
    for binary in (0, 1):
        messages = connection.exchange(rawpg.parse("select coalesce($1, body) from msg where id = 1"),
                                       rawpg.bind([value.encode()], formats=[binary]), rawpg.execute(), rawpg.sync())
        assert "SR-E204" in " ".join((rawpg.error_of(messages) or {}).values())


def test_a_binary_value_of_the_client_must_not_be_one(stolen, bench):
    connection, _ = stolen
    connection.rows("update msg set meta = '\\x0102' where id = 1")
    stored = bench.pair.at_rest("select encode(meta, 'hex') from msg where id = 1")[0][0]
    octal = "".join(f"\\{byte:03o}" for byte in bytes.fromhex(stored))
    for value in (f"\\x{stored}", f"\\x{stored.upper()}", f"\\x{stored[:2]} {stored[2:]}", octal):
        error = rawpg.error_of(connection.simple(f"select coalesce('{value}'::bytea, meta) from msg where id = 2"))
        assert error and "SR-E204" in " ".join(error.values()), value


def test_harmless_values_may_stand_in(stolen):
    connection, _ = stolen
    for sql, want in (("select coalesce(body, '') from msg where id = 1", b"alpha"),
                      ("select case when id = 1 then body else null end from msg where id = 1", b"alpha"),
                      ("select coalesce(null, body, 'none', id::text) from msg where id = 1", b"alpha"),
                      ("select body from msg where id = 1 union all select body from memo", b"alpha"),
                      ("select coalesce(json_agg(body), '[]') from msg where id = 1", b'["alpha"]'),
                      ("select lag(body, 1, body) over (order by id) from msg where id = 1", b"alpha"),
                      ("with recursive r as (select id, body from msg where id = 1 union all "
                       "select m.id, m.body from msg m join r on m.id = r.id + 100) select body from r", b"alpha")):
        assert connection.rows(sql)[0][0] == want, sql


def test_an_envelope_does_not_get_from_a_clear_to_a_sealed_column(stolen, bench):
    connection, envelope = stolen
    for sql in ("update msg set body = note where id = 1", "update msg set body = coalesce(note, body) where id = 1",
                "update msg set body = o.t from other o where msg.id = 1",
                "insert into msg(tenant, body) select tenant, t from other",
                "insert into msg(id, tenant, body) values (1, 'acme', 'x') on conflict (id) do update set body = msg.note",
                "merge into msg m using other o on m.id = 1 when matched then update set body = o.t",
                f"update msg set body = '{envelope}' where id = 1"):
        error = rawpg.error_of(connection.simple(sql))
        assert error and any(code in " ".join(error.values()) for code in ("SR-E406", "SR-E402", "SR-E204")), f"{sql}: {error}"
    assert connection.rows("select body from msg where id = 1") == [[b"alpha"]]
