"""The write shapes of the leak probe, PostgreSQL. Numbers are the probe's: A1 literals, A2 parameters, A5 indirect
ways, A6 names, A7 literals and encodings.

SEALED: must succeed and be sealed.  REFUSED: must fail with a Sealrow error, without effect.  EITHER: one of the two."""

from dataclasses import dataclass

SEALED, REFUSED, EITHER = "sealed", "refused", "either"

SIMPLE = ("simple",)
EXTENDED = ("text", "binary", "prepared", "pipeline")
ALL = SIMPLE + EXTENDED


@dataclass(frozen=True)
class Write:
    id: str
    required: str
    steps: tuple[str, ...]
    modes: tuple[str, ...] = ALL
    valid: bool = True            # the plain server accepts it
    compare: bool = True          # the statement's own answer is the same on two servers
    tenant: str = "acme"


def write(id: str, required: str, *steps: str, **more) -> Write:
    return Write(id, required, steps, **more)


def same(prefix: str, required: str, *statements: str, **more) -> list[Write]:
    """Several spellings of one item: A1_07a, A1_07b, …"""
    return [write(prefix + chr(ord("a") + i), required, sql, **more) for i, sql in enumerate(statements)]


A1 = [
    write("A1_01", SEALED, "insert into msg(tenant, body, meta, doc, key) values ('acme', {body}, {meta}, {doc}, {key})"),
    write("A1_02", SEALED, "insert into msg(tenant, body) values ('acme', {body}), ('acme', null), ('acme', {body2})"),
    write("A1_03", SEALED, "insert into typed(id, num) values (7, {num})"),
    write("A1_04", SEALED, "insert into msg values (50, 'acme', {body}, {meta}, {doc}, {key}, 'note', '2024-02-02Z')"),
    write("A1_05", EITHER, "insert into msg values (50, 'acme', {body})"),
    write("A1_06", SEALED, "insert into memo values (50, {body}, 'not in the policy')"),
    *same("A1_07", SEALED,
          "insert into public.msg(tenant, body) values ('acme', {body})",
          'insert into "msg"("tenant", "body") values (\'acme\', {body})',
          "INSERT INTO MSG(TENANT, BODY) VALUES ('acme', {body})",
          "insert into msg as m(tenant, body) values ('acme', {body})",
          "/* a comment /* nested */ */ -- and another\ninsert into msg(tenant, body) values ('acme', {body}) -- end"),
    write("A1_08", SEALED, "insert into msg(tenant, body) values (('acme'), ({body}))"),
    *same("A1_09", SEALED,
          "insert into msg(tenant, body) values ('acme', {body}::text)",
          "insert into msg(tenant, body) values ('acme', cast({body} as text))",
          "insert into msg(tenant, body) values ('acme', {body}::varchar)",
          "insert into msg(tenant, meta) values ('acme', {meta}::bytea)",
          "insert into msg(tenant, doc) values ('acme', {doc}::jsonb)"),
    *same("A1_10", EITHER,
          "insert into msg(tenant, meta) values ('acme', cast(cast({body} as text) as bytea))",
          "insert into msg(tenant, body) values ('acme', {body}::varchar::text)"),
    *same("A1_11", REFUSED,
          "insert into msg(tenant, meta) values ('acme', convert_to({body}, 'UTF8'))",
          "insert into msg(tenant, body) values ('acme', lower({body}))",
          "insert into msg(tenant, meta) values ('acme', decode({hex}, 'hex'))"),
    write("A1_12", REFUSED, "insert into msg(tenant, body) values ('acme', 'pre' || {body})"),
    write("A1_13", EITHER, "insert into msg(tenant, body) values ('acme', coalesce({body}, ''))"),
    write("A1_14", EITHER, "insert into msg(tenant, body) values ('acme', case when 1 > 0 then {body} end)"),
    write("A1_15", EITHER, "insert into msg(tenant, body) values ('acme', (select {body}))"),
    write("A1_16", SEALED, "insert into msg(tenant, body) select 'acme', {body}"),
    write("A1_17", EITHER, "insert into msg(tenant, body) select * from (values ('acme', {body})) as v(t, b)"),
    write("A1_18", REFUSED, "insert into msg(tenant, body) select tenant, t from other"),
    write("A1_19", EITHER, "insert into msg(tenant, body) select tenant, body from msg where id = 1"),
    *same("A1_20", REFUSED,
          "insert into other(tenant, t) select tenant, body from msg",
          "insert into msg(tenant, note) select tenant, body from msg",
          "update msg set note = body",
          "update other set t = m.body from msg m where m.id = other.msg_id"),
    write("A1_21", SEALED, "insert into msg(id, tenant, body) values (1, 'acme', {body}) "
                           "on conflict (id) do update set body = excluded.body"),
    write("A1_22", SEALED, "insert into msg(id, tenant, body) values (1, 'acme', {body}) "
                           "on conflict (id) do update set body = {body2}"),
    write("A1_23", REFUSED, "insert into msg(id, tenant, body) values (1, 'acme', {body}) "
                            "on conflict (id) do update set body = excluded.body || 'x'"),
    write("A1_24", SEALED, "insert into msg(tenant, key, body) values ('acme', 'key-1', {body}) "
                           "on conflict (key) do update set body = excluded.body returning id"),
    *same("A1_25", SEALED,
          "update msg set body = {body} where id = 1",
          "update only msg set body = {body} where id = 1",
          "update msg as m set body = {body} where m.id = 1",
          "update msg set body = {body} from other o where o.msg_id = msg.id and o.id = 1",
          "update msg set body = {body}, meta = {meta} where id = 1 returning *"),
    write("A1_26", EITHER, "update msg set tenant = o.tenant, body = {body} from other o where o.msg_id = msg.id and o.id = 1"),
    write("A1_27", SEALED, "update msg set (note, body) = ('n', {body}) where id = 1"),
    write("A1_28", REFUSED, "update msg set body = (select t from other limit 1) where id = 1"),
    *same("A1_29", REFUSED,
          "update msg set body = 'pre' || {body} where id = 1",
          "update msg set body = body || {body} where id = 1",
          "update msg set body = upper({body}) where id = 1",
          "update msg set doc = jsonb_set(doc, array['k'], to_jsonb({body}::text)) where id = 1"),
    *same("A1_30", REFUSED,
          "insert into with_default(id, body) values (1, default)",
          "insert into with_default(id) values (1)",
          "update with_default set body = default"),
    write("A1_31", SEALED, "with x as (insert into msg(tenant, body) values ('acme', {body}) returning id) select count(*) from x"),
    write("A1_32", EITHER, "with v as (select {body}::text b) insert into msg(tenant, body) select 'acme', b from v"),
    write("A1_33", SEALED, "with v as (select 1) insert into msg(tenant, body) values ('acme', {body})"),
    write("A1_34a", SEALED, "merge into msg m using (select 77 as id) s on m.id = s.id "
                            "when not matched then insert (tenant, body) values ('acme', {body})"),
    write("A1_34b", SEALED, "merge into msg m using (select 1 as id) s on m.id = s.id "
                            "when matched then update set body = {body}"),
    write("A1_35", SEALED, "select 1; insert into msg(tenant, body) values ('acme', {body})", modes=SIMPLE),
    write("A1_36", SEALED, "begin; insert into msg(tenant, body) values ('acme', {body}); commit", modes=SIMPLE),
    write("A1_37", SEALED, "begin; set local application_name = 'kept'; insert into msg(tenant, body) values ('acme', {body});"
                           " select current_setting('application_name'); commit; select 2", modes=SIMPLE),
    write("A1_38", SEALED, "insert into msg(tenant, body) values ('acme', {body}); select count(*) from other", modes=SIMPLE),
    write("A1_39", SEALED, "explain (analyze, costs off, timing off, summary off) "
                           "insert into msg(tenant, body) values ('acme', {body})", compare=False),
    write("A1_40a", SEALED, "prepare p(text) as insert into msg(tenant, body) values ('acme', $1)", "execute p({body})",
          "deallocate p", modes=SIMPLE),
    write("A1_40b", SEALED, "prepare p(text) as insert into other(tenant, t) values ('acme', $1)", "deallocate p",
          "prepare p(text) as insert into msg(tenant, body) values ('acme', $1)", "execute p({body})",
          "deallocate all", modes=SIMPLE),
    write("A1_41", REFUSED, "insert into msg(tenant, body) valuess ('acme', {body})", valid=False),
    write("A1_42", REFUSED, "insert into msg(tenant, body) values ('acme', (select string_agg(c, '') "
                            "from regexp_split_to_table({body}, '') as c))"),
]

A2 = [
    *same("A2_02", SEALED,
          "insert into msg(tenant, body) values ('acme', {body})",
          "insert into msg(body, tenant, created) values ({body}, 'acme', now())", modes=EXTENDED),
    *same("A2_03", SEALED,
          "insert into msg(id, tenant, body, note, created) values (nextval('msg_id_seq'), 'acme', {body}, upper('n'), now())",
          "insert into msg(tenant, note, body, created) values ('acme', default, {body}, '2020-01-01Z'::timestamptz)",
          "update msg set note = 'x', created = now(), body = {body}, tenant = default where id = {id}",
          "update msg set note = upper(note), meta = {meta}, created = now(), body = {body} where id = {id}", modes=EXTENDED),
    *same("A2_04", SEALED,
          "insert into msg(tenant, body, meta) values ('acme', {body:lit}, {meta})",
          "insert into msg(tenant, body, meta) values ('acme', {body}, {meta:lit})", modes=EXTENDED),
    *same("A2_05", SEALED,
          "insert into msg(tenant, body) values ({own}, null)",
          "insert into msg(tenant, body) values ({own}, '')",
          "insert into msg(tenant, body) values ({own}, default)",
          "insert into msg(tenant, body) values ({own}, {body:lit})",
          "insert into msg(tenant, body) values ({own}, null), ({own2}, {body})",
          "update msg set body = null where id = {id}",
          "update msg set body = {body:lit} where id = {id}", modes=EXTENDED),
    *same("A2_06", SEALED,
          "insert into msg(tenant, body) values ({own}, {body}::text)",
          "insert into msg(tenant, body) values ({own}, {body}::varchar)",
          "insert into msg(tenant, meta) values ({own}, {meta}::bytea)", modes=EXTENDED),
    write("A2_06d", SEALED, "insert into msg(tenant, doc) values ({own}::varchar, {doc}::json)",
          modes=("text", "prepared", "pipeline")),
    write("A2_06e", EITHER, "insert into msg(tenant, meta) values ({own}, {body}::varchar::bytea)", modes=EXTENDED),
    write("A2_07a", EITHER, "update msg set body = coalesce({body}, '') where id = {id}", modes=EXTENDED),
    write("A2_07b", SEALED, "update msg set body = coalesce({body}, body) where id = {id}", modes=EXTENDED),
    write("A2_07c", SEALED, "update msg set body = case when {yes}::bool then {body} else body end where id = {id}", modes=EXTENDED),
    *same("A2_08", REFUSED,
          "update msg set body = {body} || 'x' where id = 1",
          "update msg set body = body || {body} where id = 1",
          "update msg set body = upper({body}) where id = 1",
          "insert into msg(tenant, body) values ({own}, lower({body}))", modes=EXTENDED),
    write("A2_09", SEALED, "insert into msg(note, tenant, body) values (lower({word}), upper('a'), {body})", modes=EXTENDED),
    write("A2_10", SEALED, "insert into msg(tenant, body) select {own}, {body}", modes=EXTENDED),
    write("A2_11", EITHER, "insert into msg(tenant, body) select 'acme', u from unnest({bodies}::text[]) as u", modes=EXTENDED),
    write("A2_12", SEALED, "insert into msg(id, tenant, body) values ({id}, {own}, {body}) "
                           "on conflict (id) do update set body = {body2}", modes=EXTENDED),
    write("A2_13", SEALED, "insert into msg(id, tenant, body) values ({id}::bigint, {own}::varchar, {body}::text) "
                           "on conflict (id) do update set body = excluded.body, note = excluded.tenant::text", modes=EXTENDED),
    write("A2_14", SEALED, "update msg set (note, body) = ({word}, {body}) where id = {id}", modes=EXTENDED),
    *same("A2_15", SEALED,
          "with x as (insert into msg(tenant, body) values ({own}, {body}) returning id) select count(*) from x",
          "merge into msg m using (select {id}::bigint as id) s on m.id = s.id "
          "when matched then update set body = {body} "
          "when not matched then insert (tenant, body) values ('acme', {body2})", modes=EXTENDED),
    write("A2_16", SEALED, "insert into msg(tenant, body, key) values ('acme', {body}, {body})", modes=EXTENDED),
    *same("A2_17", SEALED,
          "insert into msg(tenant, body, note) values ('acme', {word}, {word})",
          "update msg set key = {known}, body = {known} where key = {known}", modes=EXTENDED),
]

_INDIRECT = dict(modes=SIMPLE)
A5 = [
    *same("A5_01", REFUSED,
          "do $$ begin insert into msg(tenant, body) values ('acme', {body:lit}); end $$",
          "do $x$ begin execute 'insert into ms' || 'g(tenant, body) values (''acme'', ''' || 'hidden' || ''')'; end $x$",
          **_INDIRECT),
    *same("A5_02", REFUSED,
          "select add_msg('acme', {body})",
          "select public.add_msg('acme', {body}) from other",
          "call put_msg('acme', {body})",
          "insert into other(tenant, t) select 'x', add_msg('acme', {body})::text"),
    write("A5_04a", SEALED, "insert into msg_v(tenant, body) values ('acme', {body})"),
    write("A5_04b", SEALED, "update msg_v set body = {body} where id = 1"),
    write("A5_04c", SEALED, "update msg_vv set body = {body} where id = 1"),
    *same("A5_05", REFUSED,
          "create function hide() returns void language sql as $$ insert into msg(tenant, body) values ('acme', {body:lit}) $$",
          "create procedure hide() language plpgsql as $$ begin update msg set body = {body:lit}; end $$", **_INDIRECT),
    *same("A5_06", REFUSED,
          "create table cheat as select body from msg",
          "select body into cheat from msg",
          "create materialized view cheat as select body from msg",
          "create temp table cheat as select m.* from msg m", **_INDIRECT),
    *same("A5_07", REFUSED,
          "alter table msg alter column body set default {body}",
          "alter table msg add constraint c check (body <> {body})",
          "alter table msg add column copy text generated always as (upper(body)) stored",
          "create rule r as on insert to other do also update msg set body = 'rule'", **_INDIRECT),
    *same("A5_09", REFUSED,
          "create index words on msg using gin (to_tsvector('simple', body))",
          "alter table msg add column words tsvector generated always as (to_tsvector('simple', body)) stored", **_INDIRECT),
    write("A5_10", EITHER, "insert into msg(tenant, body) values ('acme', {body}) /* {body2:lit} */", modes=SIMPLE),
    write("A5_13a", SEALED, "insert into short(id, body) values (1, 'fits')"),
    write("A5_13b", REFUSED, "insert into short(id, body) values (1, 'too long once sealed: " + "x" * 100 + "')"),
]

A6 = [
    write("A6_03a", SEALED, 'insert into "Mixed"("Id", "Body", body) values (1, {body}, \'clear\')'),
    write("A6_03b", SEALED, 'insert into "Mixed" values (1, {body}, \'clear\')'),
    write("A6_05a", SEALED, "insert into parts(id, body) values (1, {body})"),
    write("A6_05b", EITHER, "insert into parts_one(id, body) values (1, {body})"),
    write("A6_09", SEALED, "update msg set body = {body} from other o join archive.msg a on a.id = o.id "
                           "where o.msg_id = msg.id and a.body = 'never sealed'"),
]

A7 = [
    *same("A7_01", SEALED,
          "insert into msg(tenant, body) values ('acme', E'a\\nb\\\\c\\x41\\u0042')",
          "insert into msg(tenant, body) values ('acme', $$it's$$)",
          "insert into msg(tenant, body) values ('acme', $tag$a $$ b$tag$)",
          "insert into msg(tenant, body) values ('acme', U&'\\0441\\+01F600')",
          "insert into msg(tenant, body) values ('acme', U&'!0441!+01F600' uescape '!')",
          "insert into msg(tenant, body) values ('acme', N'national')",
          "insert into msg(tenant, body) values ('acme', 'one'\n'two')",
          "insert into msg(tenant, body) values ('acme', 'back\\slash')"),
    *same("A7_01bits", EITHER,
          "insert into msg(tenant, body) values ('acme', B'1010')",
          "insert into msg(tenant, body) values ('acme', X'1F')"),
    write("A7_02", EITHER, "set standard_conforming_strings = off",
          "insert into msg(tenant, body) values ('acme', 'a\\nb')", "reset standard_conforming_strings", modes=SIMPLE),
    *same("A7_03", SEALED,
          "insert into msg(tenant, body) values ('acme', '\U0001F600 e\u0301 \u202e')",
          "insert into msg(tenant, doc) values ('acme', '{\"\U0001F600\": [\"\\u00e9\", null, 1.50]}')"),
    write("A7_05", SEALED, "insert/**/into msg(tenant,/* c */body)values('acme',{body})--end"),
    *same("A7_06", REFUSED,
          "insert into msg(tenant, body) values ('acme', 'sr1.9REDAAABAgMEBQYHAAAAAAAAAAAAAAAAAAAAAAAA')",
          "insert into msg(tenant, meta) values ('acme', '\\xf5110300000102030405060700000000000000000000000000000000')",
          "insert into msg(tenant, doc) values ('acme', '\"sr1.9REDAAABAgMEBQYHAAAAAAAAAAAAAAAAAAAAAAAA\"')"),
]

WRITES = A1 + A2 + A5 + A6 + A7
