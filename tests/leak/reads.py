"""The read shapes of the leak probe (A8, C1, C2): opened in the logical type, or refused; never an envelope as data."""

from dataclasses import dataclass

OPENED, REFUSED, EITHER, SAME = "opened", "refused", "either", "same"


@dataclass(frozen=True)
class Read:
    id: str
    required: str
    sql: str
    simple_only: bool = False


def reads(prefix: str, required: str, *statements: str, **more) -> list[Read]:
    suffixes = [""] if len(statements) == 1 else [chr(ord("a") + i) for i in range(len(statements))]
    return [Read(prefix + suffix, required, sql, **more) for suffix, sql in zip(suffixes, statements)]


READS = [
    *reads("A8_01", OPENED,
           "select body from msg order by id", "select body as b, meta m from msg order by id",
           "select m.body, m.meta from msg m order by m.id", "select m.* from msg m order by id",
           "select msg.* from msg order by id", "table msg order by id",
           "select id, body from msg for update", "select body, body, id from msg order by id",
           'select "msg"."body" from "public"."msg" order by id', "select public.msg.body from public.msg order by id",
           "select body, row_number() over (order by id) from msg order by id",
           "select id, tenant, doc from msg order by id limit 2 offset 0"),
    *reads("A8_01by", EITHER, "select distinct key from msg order by 1 nulls first",
           "select key, count(*) from msg group by key order by 2, 1"),
    *reads("A8_02", OPENED, "select (select body from msg where id = 1) as b",
           "select o.t, l.body from other o, lateral (select body from msg where msg.id = o.msg_id) l order by o.id"),
    *reads("A8_03", OPENED,
           "select x.b from (select body b, id from msg) x order by x.id",
           "with x as (select id, body from msg) select body from x order by id",
           "select body from msg where id = 1 union all select body from msg where id = 3",
           "select body from msg_v order by id", "select * from msg_v order by id", "select body from msg_vv order by id"),
    *reads("A8_03x", EITHER,
           "select coalesce(body, 'none') from msg order by id",
           "select case when id = 1 then body else null end from msg order by id",
           "select nullif(body, 'alpha') from msg order by id"),
    *reads("A8_04", OPENED, "select * from msg, other where other.msg_id = msg.id order by msg.id"),
    *reads("A8_05", OPENED, "select * from other o join msg m on m.id = o.msg_id order by o.id",
           "select o.*, m.body, a.body from other o join msg m on m.id = o.msg_id left join archive.msg a on a.id = m.id order by o.id"),
    *reads("A8_06", OPENED, "select body::text from msg order by id", "select doc::text from msg order by id"),
    *reads("A8_06x", EITHER, "select cast(body as varchar) from msg order by id", "select meta::text from msg order by id"),
    *reads("A8_07", REFUSED, "select length(body) from msg", "select octet_length(meta) from msg", "select jsonb_typeof(doc) from msg"),
    *reads("A8_08", REFUSED, "select convert_from(meta, 'UTF8') from msg where id = 99", "select left(body, 2) from msg",
           "select body || 'x' from msg", "select 'x' || body from msg", "select max(body) from msg", "select min(body) from msg",
           "select upper(body) from msg", "select md5(body) from msg", "select body like 'a%' from msg",
           "select ascii(body) from msg", "select substring(body from 1 for 3) from msg", "select doc -> 'k' from msg"),
    *reads("A8_09", OPENED, "select array_agg(body order by id) from msg"),
    *reads("A8_10", OPENED,
           "select json_build_object('b', body) from msg order by id", "select jsonb_build_object('b', body, 'id', id) from msg order by id",
           "select row_to_json(msg) from msg order by id", "select json_agg(body order by id) from msg",
           "select json_agg(json_build_array(id, body) order by id) from msg", "select msg from msg order by id",
           "select m from msg m order by id", "select to_jsonb(m) from msg m order by id"),
    *reads("A8_10x", EITHER, "select row(id, body) from msg order by id", "select array[body] from msg order by id",
           "select string_agg(body, ',') from msg", "select xmlelement(name b, body) from msg"),
    *reads("A8_11", EITHER, "select (msg).body from msg order by id", "select (m).* from msg m order by id"),
    *reads("A8_12", REFUSED,
           "select id from msg where body = 'alpha'", "select id from msg where body in ('alpha', 'beta')",
           "select id from msg where body like 'al%'", "select id from msg where 'alpha' = body",
           "select id from msg where meta = '\\x00ff10'", "select id from msg where doc = '{}'",
           "select id from msg where doc @> '{\"k\": \"v\"}'", "select count(*) filter (where body = 'alpha') from msg"),
    *reads("A8_13", REFUSED,
           "select id from msg where body <> 'alpha'", "select id from msg where body not in ('alpha')",
           "select id from msg where body between 'a' and 'b'", "select id from msg where body is distinct from 'alpha'",
           "select distinct on (body) id from msg", "select body, id from msg order by 1",
           "select id, count(*) over (partition by body) from msg", "select body from msg union select body from msg",
           "select body from msg intersect select body from msg", "select body from msg except select 'alpha'",
           "select distinct body from msg", "select count(distinct body) from msg", "select body from msg group by body"),
    *reads("A8_14", REFUSED,
           "select id from msg order by body", "select id from msg where body < 'b'", "select id from msg where key > 'k'",
           "select max(key) from msg", "select id from msg order by key", "select key from msg order by key limit 1",
           "select greatest(body, 'a') from msg", "select first_value(id) over (order by body) from msg"),
    *reads("A8_15", REFUSED, "select a.id from msg a join msg b on a.body = b.body",
           "select a.id from msg a join other o on a.body = o.t", "select id from msg natural join archive.msg b",
           "select a.id from msg a join archive.msg b using (body)"),
    *reads("A8_16", REFUSED, "select doc ->> 'k' from msg", "select doc #>> '{list,1}' from msg", "select id from msg where doc ? 'k'",
           "select jsonb_path_query(doc, '$.k') from msg", "select doc -> 'list' -> 0 from msg", "select doc['k'] from msg",
           "select id from msg where doc ->> 'k' = 'v'", "select doc -> null from msg"),
    *reads("A8_17", REFUSED, "select id from msg where body ilike 'AL%'", "select id from msg where body like 'a!%' escape '!'",
           "select id from msg where body ~ '^al'", "select id from msg where body similar to 'al%'",
           "select id from msg where key like 'key%'", "select id from msg where body like concat('al', '%')"),
    *reads("A8_18", OPENED, "select 1; select body from msg order by id", simple_only=True),
    *reads("A8_19", OPENED, "select body from msg order by id; select 2", simple_only=True),
    *reads("A8_20", OPENED, "select body, id from msg order by id; select meta, tenant, body from msg order by id", simple_only=True),
    *reads("A8_29", OPENED,
           "begin; declare c cursor for select id, body from msg order by id; fetch 1 from c; move 1 in c; fetch all from c; close c; commit",
           "begin; declare c cursor with hold for select body from msg order by id; commit; fetch all from c; close c", simple_only=True),
    *reads("A8_31", OPENED, "prepare r(bigint) as select body, meta from msg where id = $1; execute r(1); deallocate r", simple_only=True),
    *reads("A8_31s", SAME, "select from msg", "select null::int", "select id, tenant, note from msg order by id", "select count(*) from msg",
           "select exists(select 1 from msg where id = 1)", "select id from msg where body is null order by id",
           "select id from msg where body is not null order by id", "select count(body) from msg"),
    *reads("A8_32", SAME, "select * from other order by id", "select count(*) from (select * from other) as sub",
           "select * from (select *, row_number() over () n from other) q where n <= 1", "select * from archive.msg",
           "select body from archive.msg where body like 'never%' order by body", "select upper(t) from other order by 1"),
    *reads("A6_01", SAME, "select a.body, length(a.body) from archive.msg a where a.body = 'never sealed'"),
    *reads("A6_03", SAME, 'select body from "Mixed"'),
    # C1: ways around a policy
    *reads("C1_01", REFUSED, "select reverse(body) from msg", "select pg_catalog.text(body) from msg where pg_catalog.length(body) > 0",
           "select encode(meta, 'base64') from msg", "select format('%s', body) from msg", "select concat(body, '') from msg"),
    *reads("C1_03", EITHER, "select t from other union all select body from msg", "select note from msg union all select body from msg"),
    *reads("C1_04", REFUSED, "select id from other where t in (select body from msg)",
           "select id from other where exists (select 1 from msg where msg.body = other.t)",
           "select (select length(body) from msg where id = 1)"),
    *reads("C1_05", REFUSED, "select body frm msg where", "select * from msg where body = = 'x'"),
    *reads("C1_08", REFUSED, "create temp table cheat as select body from msg",
           "with m as (select body from msg) select upper(body) from m",
           "select upper(b) from (select body as b from msg) x", "select upper(body) from msg_v",
           "select upper(u.body) from (select body from msg union all select 'x') u"),
    # C2: search on the column that has it
    *reads("C2_02", OPENED, "select id from msg where key = 'key-1'", "select id, key from msg where key in ('key-1', 'nothing') order by id",
           "select id from msg where key = any (array['key-1', 'key-3']) order by id", "select id from msg where key <> 'key-1' order by id",
           "select id from msg where key is distinct from 'key-1' order by id", "select id from msg where key is null",
           "select id from msg where key is not distinct from 'key-1'", "select id from msg where 'key-3' = key",
           "select id from msg where key not in ('key-1') order by id", "select a.id from msg a join msg b on a.key = b.key order by a.id",
           "select count(distinct key) from msg", "select key from msg where id = 1 and key = 'key-1' limit 1",
           "select m.id from msg as m where (m.key = 'key-1' or m.key = 'x') and m.note = 'first'"),
]
