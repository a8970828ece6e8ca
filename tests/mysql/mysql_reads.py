"""The read shapes of the leak probe on MySQL and MariaDB (B3, C1, C2): opened in the logical type, or refused; never an envelope
as data."""

from dataclasses import dataclass

OPENED, REFUSED, EITHER, SAME = "opened", "refused", "either", "same"


@dataclass(frozen=True)
class Read:
    id: str
    required: str
    sql: str
    only: str = ""
    text_only: bool = False


def reads(prefix: str, required: str, *statements: str, **more) -> list[Read]:
    suffixes = [""] if len(statements) == 1 else [chr(ord("a") + i) for i in range(len(statements))]
    return [Read(prefix + suffix, required, sql, **more) for suffix, sql in zip(suffixes, statements)]


READS = [
    *reads("B3_01", OPENED, "select * from msg order by id", "select body, meta, doc, token from msg order by id", "select m.* from msg m order by id",
           "select BODY as b from `msg` order by id", "select body, row_number() over (order by id) from msg order by id",
           "select id, body from msg where id = 1 for update", "select body from msg order by id limit 1 offset 1",
           "select sql_no_cache body from msg order by id", "select * from msg_v order by id", "select body, body from msg order by id"),
    *reads("B3_01d", EITHER, "select distinct token from msg order by id", "select distinct body from msg"),
    *reads("B3_02", OPENED, "select m.body, o.t from msg m join other o on o.msg_id = m.id order by m.id", "select x.b from (select id, body as b from msg) x order by id",
           "with w as (select id, body from msg) select body from w order by id", "select body from msg where id = 1 union all select body from msg where id = 3",
           "select (select body from msg where id = 1) as b", "select o.id, m.body from other o left join msg m on m.id = o.msg_id order by o.id"),
    *reads("B3_02x", EITHER, "select coalesce(body, 'none') from msg order by id", "select if(id = 1, body, null) from msg order by id",
           "select ifnull(body, '') from msg order by id", "select case id when 1 then body end from msg order by id", "select group_concat(body) from msg"),
    *reads("B3_02r", REFUSED, "select concat(body, '') from msg", "select max(body) from msg", "select upper(body) from msg", "select min(meta) from msg"),
    *reads("B3_03", EITHER, "select cast(body as char) from msg order by id", "select convert(body using utf8mb4) from msg order by id"),
    *reads("B3_04", EITHER, "select json_object('b', body) from msg order by id", "select json_arrayagg(body) from msg", "select json_array(id, body) from msg order by id"),
    *reads("B3_05", OPENED, "select 1; select body from msg order by id", "select body from msg order by id; select 2", text_only=True),
    *reads("B3_06", REFUSED, "select length(body) from msg", "select id from msg where body = 'alpha'", "select id from msg where body like 'a%'",
           "select id from msg order by body", "select id from msg where body in ('alpha')", "select id from msg where body > 'a'", "select left(body, 2) from msg",
           "select md5(body) from msg", "select doc->'$.k' from msg", "select json_extract(doc, '$.k') from msg", "select id from msg where body regexp '^a'",
           "select hex(meta) from msg", "select id from msg group by body", "select count(distinct body) from msg", "select a.id from msg a join msg b on a.body = b.body",
           "select id from msg where match(body) against ('x')", "select id from msg where token like 'key%'", "select id from msg order by token"),
    *reads("B3_07", SAME, "call tell(5)", text_only=True),
    *reads("B3_31", SAME, "select id, tenant, note from msg order by id", "select count(*) from msg", "select id from msg where body is null", "select count(body) from msg",
           "select exists(select 1 from msg where id = 1)", "select * from other order by id", "select upper(t) from other", "select * from clear_msg where body like 'never%'",
           "select 1", "select @@version_comment limit 1", "select table_name from information_schema.tables where table_schema = database() order by 1", "select count(*) from information_schema.tables where table_name = 'msg'"),
    *reads("C1_01", REFUSED, "select reverse(body) from msg", "select body into @x from msg where id = 1", "select substr(body, 1, 3) from msg"),
    *reads("C1_02", REFUSED, "select @x := body from msg where id = 1"),
    *reads("C1_03", EITHER, "select t from other union all select body from msg"),
    *reads("C1_04", REFUSED, "select id from other where t in (select body from msg)", "select (select length(body) from msg where id = 1)"),
    *reads("C1_05", REFUSED, "select body frm msg where", "select * from msg where body = = 'x'"),
    *reads("C1_08", REFUSED, "with m as (select body from msg) select upper(body) from m", "select upper(b) from (select body as b from msg) x", "select upper(body) from msg_v",
           "create temporary table cheat2 as select body from msg", "create view made as select upper(body) from msg"),
    *reads("C2_02", OPENED, "select id from msg where token = 'key-1'", "select id, token from msg where token in ('key-1', 'nothing') order by id",
           "select id from msg where token <> 'key-1' order by id", "select id from msg where 'key-3' = token", "select id from msg where token not in ('key-1') order by id",
           "select a.id from msg a join msg b on a.token = b.token order by a.id", "select id from msg where token <=> 'key-1'", "select id from msg where token is null",
           "select count(distinct token) from msg", "select m.id from msg m where (m.token = 'key-1' or m.token = 'x') and m.note = 'first'"),
]
