"""The write shapes of the leak probe on MySQL and MariaDB (B1): sealed at rest, or refused without effect.

{body}, {meta}, {doc}, {own}: canaries as literals or parameters; {body:lit} is a literal in every delivery, {raw} the bare text.
" ;; " separates commands that are sent one after the other."""

from dataclasses import dataclass

SEALED, REFUSED, EITHER = "sealed", "refused", "either"
ALL, TEXT = ("text", "execute", "multi"), ("text",)


@dataclass(frozen=True)
class Write:
    id: str
    required: str
    sql: str
    modes: tuple[str, ...] = ALL
    only: str = ""          # flavour
    valid: bool = True      # the plain server accepts it


def writes(prefix: str, required: str, *statements: str, **more) -> list[Write]:
    suffixes = [""] if len(statements) == 1 else [chr(ord("a") + i) for i in range(len(statements))]
    return [Write(prefix + suffix, required, sql, **more) for suffix, sql in zip(suffixes, statements)]


MARIADB, MYSQL = {"only": "mariadb"}, {"only": "mysql"}
COL = "insert into msg(id, tenant, body) "

WRITES = [
    *writes("B1_01", SEALED, COL + "values (10, 'acme', {body})", COL + "values (10, 'acme', {body}), (11, 'acme', null), (12, 'acme', {body})",
            "insert into memo values (10, {body}, 'x')", "insert into `msg`(`id`, `tenant`, `BODY`, meta, doc) values (10, 'acme', {body}, {meta}, {doc})",
            "insert into `{database}`.`msg` (id, tenant, body) values (10, 'acme', {body})", "insert msg(id, tenant, body) values (10, 'acme', {body})",
            "insert into msg(id, tenant, body) value (10, 'acme', {body})", "insert into parts values (1, {body}), (2, {body})",
            "insert into Mixed values (1, {body})"),
    *writes("B1_01r", SEALED, COL + "values (10, 'acme', {body}) returning id, body", **MARIADB),
    *writes("B1_02", SEALED, "insert into msg set id = 10, tenant = 'acme', body = {body}", "replace into msg(id, tenant, body) values (1, 'acme', {body})",
            "replace msg set id = 1, tenant = 'acme', body = {body}", "insert ignore into msg(id, tenant, body) values (10, 'acme', {body}), (1, 'acme', {body})",
            COL + "values (1, 'acme', {body}) on duplicate key update body = {body}",
            COL + "values (1, 'acme', {body}) on duplicate key update body = values(body), note = 'again'",
            "update msg set body = {body} where id = 1", "update msg m set m.body = {body}, m.meta = {meta} where m.id in (1, 2)",
            "update msg, other set msg.body = {body}, other.t = 'x' where other.msg_id = msg.id",
            "update other o join msg m on m.id = o.msg_id set m.body = {body} where o.id = 1", "update msg set body = {body} order by id desc limit 1"),
    *writes("B1_02n", SEALED, COL + "values (1, 'acme', {body}) as new on duplicate key update body = new.body",
            COL + "values (1, 'acme', {body}) as new(a, b, c) on duplicate key update body = c", **MYSQL),
    *writes("B1_04", SEALED, "insert low_priority into msg(id, tenant, body) values (10, 'acme', {body})",
            "insert high_priority into msg(id, tenant, body) values (10, 'acme', {body})", "update low_priority msg set body = {body} where id = 1"),
    *writes("B1_04d", EITHER, "insert delayed into msg(id, tenant, body) values (10, 'acme', {body})", valid=False),  # InnoDB has no queue
    *writes("B1_06", REFUSED, COL + "values (10, 'acme', concat({body}, 'RET'))", COL + "values (10, 'acme', upper({body}))",
            COL + "values (10, 'acme', cast({body} as binary))", COL + "values (10, 'acme', reverse({body}))",
            COL + "values (10, 'acme', to_base64({body}))"),
    *writes("B1_06e", EITHER, COL + "values (10, 'acme', coalesce({body}, ''))", COL + "values (10, 'acme', case when 1 then {body} end)",
            COL + "values (10, 'acme', if(1, {body}, null))", COL + "values (10, 'acme', ({body}))"),
    *writes("B1_07", SEALED, COL + "values (10, 'acme', _utf8mb4'{raw}')", COL + "values (10, 'acme', N'{raw}')",
            COL + "values (10, 'acme', \"{raw}\")", COL + "values (10, 'acme', '{raw}\\n\\'\\\\ \\\"')", COL + "values (10, 'acme', '{raw}' 'and more')",
            "insert into msg(id, tenant, meta) values (10, 'acme', x'{hex}')", "insert into msg(id, tenant, meta) values (10, 'acme', 0x{hex})", modes=TEXT),
    *writes("B1_07e", EITHER, COL + "values (10, 'acme', _binary'{raw}')", COL + "values (10, 'acme', '{raw}' collate utf8mb4_bin)",
            COL + "values (10, 'acme', x'{hex}')", COL + "values (10, 'acme', _latin1'{raw}')", modes=TEXT),
    *writes("B1_08", SEALED, COL + "select 10, 'acme', {body}", COL + "select 10, 'acme', {body} from dual"),
    *writes("B1_08e", EITHER, COL + "values (10, 'acme', (select {body}))", COL + "select 10, 'acme', x.b from (select {body} as b) x"),
    *writes("B1_08c", EITHER, "with v as (select {body} as b) update msg set body = (select b from v) where id = 1", **MYSQL),
    *writes("B1_09", REFUSED, COL + "select 10, 'acme', t from other where id = 1", COL + "select 10, tenant, body from clear_msg",
            "update msg set body = (select t from other where id = 1) where id = 1", "update msg m, other o set m.body = o.t where o.msg_id = m.id",
            "insert into other(msg_id, t) select id, body from msg", "create table cheat as select body from msg",
            "insert into clear_msg(tenant, body) select tenant, body from msg", "update other o join msg m on m.id = o.msg_id set o.t = m.body",
            "insert into memo(id, body, extra) select id, null, body from msg", "replace into clear_msg(id, body) select id, body from msg", modes=TEXT),
    *writes("B1_10", SEALED, "insert into other(t) values ('x'); " + COL + "values (10, 'acme', {body})",
            COL + "values (10, 'acme', {body}); insert into other(t) values ('x')", "begin; " + COL + "values (10, 'acme', {body}); commit", modes=TEXT),
    *writes("B1_11", REFUSED, "call put_msg('acme', {body})", modes=("text", "execute")),
    *writes("B1_12", EITHER, "prepare p from 'insert into msg(id, tenant, body) values (10, ?, ?)'; set @t = 'acme', @b = {body}; execute p using @t, @b",
            "prepare p from \"insert into msg(id, tenant, body) values (10, 'acme', '{raw}')\"; execute p", modes=TEXT),
    *writes("B1_13", REFUSED, "set @v = 'acme'; insert into msg(id, tenant, body) values (10, 'acme', @v)", "select body into @v from msg where id = 1",
            "select @v := body from msg", "update msg set body = @v := {body} where id = 1", modes=TEXT),
    *writes("B1_14", REFUSED, "begin not atomic insert into msg(tenant, body) values ('acme', {body}); end",
            "execute immediate \"insert into msg(tenant, body) values ('acme', '{raw}')\"", modes=TEXT, **MARIADB),
    *writes("B1_14c", REFUSED, "create procedure made() insert into msg(tenant, body) values ('acme', {body})",
            "create trigger made before insert on other for each row insert into msg(tenant, body) values ('acme', {body})",
            "create event made on schedule every 1 hour do insert into msg(tenant, body) values ('acme', {body})", modes=TEXT),
    *writes("B1_16", REFUSED, "load data infile '/tmp/nothing' into table msg", "select body from msg into outfile '/tmp/sealrow-never'",
            "select body from msg where id = 1 into dumpfile '/tmp/sealrow-never'", "load xml infile '/tmp/nothing' into table msg", modes=TEXT, valid=False),
    *writes("B1_17", SEALED, "/*!50000 insert into msg(id, tenant, body) values (10, 'acme', {body}) */",
            "insert /*! into */ msg(id, tenant, body) /* ? */ values (10, 'acme', {body}) -- '", modes=TEXT),
    *writes("B1_17m", SEALED, "/*M!100000 insert into msg(id, tenant, body) values (10, 'acme', {body}) */", modes=TEXT, **MARIADB),
    *writes("B1_18", REFUSED, "update msg set body = concat(body, {body})", "update msg set body = concat({body}, body) where id = 1",
            "update msg set body = upper(body)", "update msg set doc = json_set(doc, '$.x', {body}) where id = 1",
            COL + "values (1, 'acme', 'x') on duplicate key update body = concat(body, {body})"),
    *writes("B1_19", SEALED, COL + "values (10, 'acme', '')", COL + "values (10, 'acme', null)", COL + "values (10, 'acme', default)",
            "insert into msg(id, tenant, body) values (10, 'acme', {body}), (11, 'acme', default)", "update msg set body = null where id = 1",
            "update msg set body = default where id = 1", "insert into msg() values ()", modes=("text", "execute")),
    *writes("B1_20", SEALED, "set sql_mode = 'ANSI_QUOTES' ;; insert into msg(id, tenant, \"body\") values (10, 'acme', {body})",
            "set sql_mode = 'NO_BACKSLASH_ESCAPES' ;; insert into msg(id, tenant, body) values (10, 'acme', '{raw}\\')", modes=TEXT),
    *writes("B1_20m", EITHER, "set sql_mode = 'ANSI_QUOTES'; insert into msg(id, tenant, \"body\") values (10, 'acme', {body})", modes=TEXT),
    *writes("B1_21", EITHER, "set names gbk; " + COL + "values (10, 'acme', {body})", "set names latin1; " + COL + "values (10, 'acme', {body})",
            "set character_set_client = sjis; " + COL + "values (10, 'acme', {body})", modes=TEXT),
    *writes("B1_22", SEALED, "insert into parts partition (p1) values (1, {body})", "update msg use index (primary) set body = {body} where id = 1"),
    *writes("B1_22v", EITHER, "insert into memo values row(10, {body}, 'x')", modes=TEXT, **MYSQL),
    *writes("B1_22t", REFUSED, "insert into memo(id, body, extra) table memo", "insert into clear_msg(body) select body from (table memo) x", modes=TEXT, valid=False),
    *writes("B1_22h", REFUSED, "handler msg open", modes=TEXT),
    *writes("B1_24", REFUSED, "insert into short values (10, repeat('x', 20))", modes=TEXT),
    *writes("B1_24l", REFUSED, "insert into short values (10, '{raw}0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890')",
            "set sql_mode = ''; insert into short values (10, '{raw}0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890')",
            modes=TEXT),
    *writes("V1", EITHER, "insert into msg_v(id, tenant, body) values (10, 'acme', {body})", "update msg_v set body = {body} where id = 1"),
    *writes("T1", SEALED, "insert into owned(tenant, body) values ({own}, {body})", "insert into owned(tenant, body) values ('t1', {body}), ('t2', {body})",
            "insert into owned set tenant = 't1', body = {body}"),
    *writes("E1", REFUSED, COL + "values (10, 'acme', 'sr1.9REDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')", modes=("text",)),
    *writes("X1", EITHER, "explain insert into msg(id, tenant, body) values (10, 'acme', {body})", modes=TEXT),
    *writes("X2", SEALED, "delete from msg where id = 1", "delete m from msg m join other o on o.msg_id = m.id", "truncate table memo", modes=TEXT),
]
