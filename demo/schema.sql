-- The tables of the chat application. Nothing in here knows of Sealrow.
create table api_keys (
  id         bigint generated always as identity primary key,
  tenant_id  text not null,
  label      text not null,
  token      text not null
);
create table messages (
  id         bigint generated always as identity primary key,
  tenant_id  text not null,
  model      text not null,
  prompt     text not null,
  output     jsonb,
  created_at timestamptz not null default now()
);
create index on messages (tenant_id, id);
