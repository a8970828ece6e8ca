-- langchain-postgres: chat history and PGVector's tables. The embedding's type needs pgvector and has no part in this.
create table chat_history(id serial primary key, session_id uuid not null, message jsonb not null, created_at timestamptz not null default now());
create index idx_chat_history_session_id on chat_history(session_id);
create table langchain_pg_collection(uuid uuid primary key, name varchar not null unique, cmetadata json);
create table langchain_pg_embedding(id varchar primary key, collection_id uuid references langchain_pg_collection(uuid) on delete cascade,
    embedding real[], document varchar, cmetadata jsonb);
create index ix_cmetadata_gin on langchain_pg_embedding using gin (cmetadata jsonb_path_ops);
