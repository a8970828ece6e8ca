"""The probe schema on MySQL and MariaDB: a protected table with a column of every kind, and neighbours that are not."""

TENANT = "acme"

SCHEMA = """
create table msg(id bigint auto_increment primary key, tenant varchar(40), body mediumtext, meta longblob, doc json, token varchar(400),
                 note text, created datetime default '2024-01-01 00:00:00');
create table other(id bigint auto_increment primary key, msg_id bigint, tenant varchar(40), t text);
create table memo(id int primary key, body text, extra text);
create table short(id int primary key, body varchar(160));
create table owned(id bigint auto_increment primary key, tenant varchar(40), body text);
create table Mixed(Id int primary key, Body text);
create table parts(id int primary key, body text) partition by hash(id) partitions 3;
create table clear_msg(id bigint auto_increment primary key, tenant varchar(40), body text);
create view msg_v as select id, tenant, body from msg;
create procedure put_msg(t varchar(40), b text) insert into msg(tenant, body) values (t, b);
create procedure tell(n int) select n as told, n + 1 as next;
"""

POLICY = """
version: 1
tenant: {session: "@app_tenant"}
tables:
  - table: {database}.msg
    columns:
      body: confidential
      meta: confidential
      doc: confidential
      token: {class: secret, search: equality, acknowledge_leakage: frequency}
  - table: {database}.memo
    columns: {body: confidential}
  - table: {database}.short
    columns: {body: {class: confidential, compress: off}}
  - table: {database}.owned
    tenant: {column: tenant}
    columns: {body: confidential}
  - table: {database}."Mixed"
    columns: {Body: confidential}
  - table: {database}.parts
    columns: {body: confidential}
"""

# Protected columns: what must be an envelope at rest.
PROTECTED = {"msg": ["body", "meta", "doc", "token"], "memo": ["body"], "short": ["body"], "owned": ["body"], "Mixed": ["Body"],
             "parts": ["body"]}
CLEAR = ["other", "clear_msg"]

SEED = """
insert into msg(id, tenant, body, meta, doc, token, note) values
  (1, 'acme', 'alpha', x'00ff10', '{"k": "v", "list": [1, "two"]}', 'key-1', 'first'),
  (2, 'acme', null, null, null, null, null), (3, 'acme', '', x'', '"text"', 'key-3', '')
"""
CLEAR_SEED = """
insert into other(id, msg_id, tenant, t) values (1, 1, 'acme', 'plain text'), (2, 2, 'acme', 'more');
insert into clear_msg(id, tenant, body) values (1, 'acme', 'never sealed')
"""
RESET = "; ".join([f"delete from {table}" for table in [*PROTECTED, *CLEAR]] +
                  [f"alter table {table} auto_increment = 100" for table in ("msg", "other", "owned", "clear_msg")] +
                  ["drop table if exists cheat", "drop procedure if exists made", "drop function if exists made", "drop trigger if exists made",
                   "drop event if exists made", "drop view if exists made"])


def is_envelope(stored: bytes) -> bool:
    return stored.startswith((b"sr1.", b'"sr1.', b"\xf5\x10", b"\xf5\x11", b"\xf5\x12", b"\xf5\x13")) or stored[:1] == b"\xf5"
