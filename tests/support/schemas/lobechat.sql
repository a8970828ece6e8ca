-- LobeChat: the tables that the preset names.
create table messages(id text primary key, role varchar(255) not null, content text, reasoning jsonb, search jsonb, metadata jsonb, model text,
    provider text, tools jsonb, error jsonb, user_id text not null, session_id text, topic_id text, parent_id text,
    created_at timestamptz not null default now(), updated_at timestamptz not null default now());
create table message_plugins(id text primary key references messages(id) on delete cascade, tool_call_id text, type text default 'default', api_name text,
    arguments text, identifier text, state jsonb, error jsonb, user_id text not null);
create table message_queries(id uuid primary key default gen_random_uuid(), message_id text not null, rewrite_query text, user_query text,
    user_id text not null);
create table message_translates(id text primary key, content text, "from" text, "to" text, user_id text not null);
