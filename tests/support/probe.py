"""The probe schema: one protected table with a column of every kind, and neighbours that are not protected."""

TENANT = "acme"
# The place of the equality tag in the text spelling (docs/envelope.md): what a search index is made on.
TAG = "substr({column}, 21, 24)"

_COMMON = """
create table msg(id bigserial primary key, tenant text, body text, meta bytea, doc jsonb, key text, note text,
                 created timestamptz default now());
create table other(id bigserial primary key, msg_id bigint, tenant text, t text);
create table memo(id int primary key, body text, extra text);
create table with_default(id int primary key, body text default 'factory setting');
create table short(id int primary key, body varchar(160));
create table "Mixed"("Id" int primary key, "Body" text, body text);
create table parts(id int, body text) partition by list (id);
create table parts_one partition of parts for values in (1, 2, 3);
create table owned(id bigserial primary key, tenant text, body text);
create schema archive;
create table archive.msg(id bigserial primary key, tenant text, body text);
create view msg_v as select id, tenant, body from msg;
create view msg_vv as select id, body from msg_v;
create function add_msg(text, text) returns void language sql as
  $$ insert into public.msg(tenant, body) values ($1, $2) $$;
create procedure put_msg(text, text) language sql as
  $$ insert into public.msg(tenant, body) values ($1, $2) $$;
"""

TYPED = {"flag": "boolean", "small": "int2", "num": "int4", "large": "int8", "ratio": "float8", "amount": "numeric",
         "day": "date", "moment": "timestamp", "instant": "timestamptz", "uid": "uuid"}


def _typed(physical: bool) -> str:
    columns = ", ".join(f"{name} {'bytea' if physical else kind}" for name, kind in TYPED.items())
    return f"create table typed(id int primary key, {columns});\n"


PLAIN = _COMMON + _typed(physical=False) + "create unique index msg_key on msg (key);\n"
SEALED = _COMMON + _typed(physical=True) + f"create unique index msg_key on msg ({TAG.format(column='key')});\n"

POLICY = f"""
version: 1
tenant:
  session: app.tenant_id
tables:
  - table: public.msg
    columns:
      body: {{class: confidential}}
      meta: {{class: confidential}}
      doc: {{class: confidential}}
      key: {{class: secret, search: equality, acknowledge_leakage: frequency}}
  - table: public.memo
    columns: {{body: {{class: confidential}}}}
  - table: public.with_default
    columns: {{body: {{class: confidential}}}}
  - table: public.short
    columns: {{body: {{class: confidential, compress: off}}}}
  - table: public."Mixed"
    columns: {{Body: {{class: confidential}}}}
  - table: public.parts
    columns: {{body: {{class: confidential}}}}
  - table: public.owned
    tenant: {{column: tenant}}
    columns: {{body: {{class: confidential}}}}
  - table: public.typed
    columns:
{chr(10).join(f"      {name}: {{class: pii, type: {kind}}}" for name, kind in TYPED.items())}
"""

EMPTY_POLICY = "version: 1\ntables: []\n"

# Protected columns by table: what must be an envelope at rest, and in which spelling.
PROTECTED = {
    "msg": {"body": "text", "meta": "bytea", "doc": "jsonb", "key": "text"},
    "memo": {"body": "text"},
    "with_default": {"body": "text"},
    "short": {"body": "text"},
    '"Mixed"': {'"Body"': "text"},
    "parts": {"body": "text"},
    "owned": {"body": "text"},
    "typed": dict.fromkeys(TYPED, "bytea"),
}
CLEAR = ["other", "archive.msg"]

# `created` is set by hand: results of two servers are compared.
SEED = """
insert into msg(id, tenant, body, meta, doc, key, note, created) values
  (1, 'acme', 'alpha', '\\x00ff10', '{"k": "v", "list": [1, "two"]}', 'key-1', 'first', '2024-01-01 00:00:00+00'),
  (2, 'acme', null, null, null, null, null, '2024-01-02 00:00:00+00'),
  (3, 'acme', '', '\\x', '"text"', 'key-3', '', '2024-01-03 00:00:00+00')
"""
CLEAR_SEED = """
insert into other(id, msg_id, tenant, t) values (1, 1, 'acme', 'plain text'), (2, 2, 'acme', 'more');
insert into archive.msg(id, tenant, body) values (1, 'acme', 'never sealed');
"""
RESET = ("; ".join(f"delete from {table}" for table in [*PROTECTED, *CLEAR]) +
         "; alter sequence msg_id_seq restart 100; alter sequence other_id_seq restart 100"
         "; alter sequence owned_id_seq restart 100; alter sequence archive.msg_id_seq restart 100")


def is_envelope(spelling: str, stored: str) -> bool:
    """`stored` is the column's text form as psql shows it."""
    if spelling == "bytea":
        return stored.startswith("\\xf51")  # magic, version 1
    if spelling == "jsonb":
        return stored.startswith('"sr1.') and stored.endswith('"')
    return stored.startswith("sr1.")
