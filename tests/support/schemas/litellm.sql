-- LiteLLM: the tables that the preset names.
create table "LiteLLM_SpendLogs"(request_id text primary key, call_type text not null, api_key text not null default '',
    spend double precision not null default 0.0, total_tokens integer not null default 0, prompt_tokens integer not null default 0,
    completion_tokens integer not null default 0, "startTime" timestamp(3) not null, "endTime" timestamp(3) not null, model text not null default '',
    "user" text default '', metadata jsonb default '{}', request_tags jsonb default '[]', team_id text, organization_id text, end_user text,
    requester_ip_address text, messages jsonb default '{}', response jsonb default '{}', session_id text, status text,
    proxy_server_request jsonb default '{}');
create index "LiteLLM_SpendLogs_startTime_idx" on "LiteLLM_SpendLogs"("startTime");
create index "LiteLLM_SpendLogs_end_user_idx" on "LiteLLM_SpendLogs"(end_user);
create table "LiteLLM_ErrorLogs"(request_id text primary key, "startTime" timestamp(3) not null, "endTime" timestamp(3) not null,
    api_base text not null default '', model_group text not null default '', exception_type text not null default '',
    exception_string text not null default '', status_code text not null default '', request_kwargs jsonb default '{}');
create table "LiteLLM_AuditLog"(id text primary key, updated_at timestamp(3) not null default current_timestamp, changed_by text not null default '',
    action text not null, table_name text not null, object_id text not null, before_value jsonb, updated_values jsonb);
-- what the head of the preset asks for
alter table "LiteLLM_SpendLogs" alter column messages drop default, alter column response drop default,
    alter column proxy_server_request drop default;
alter table "LiteLLM_ErrorLogs" alter column request_kwargs drop default;
create index on "LiteLLM_SpendLogs"((substr(requester_ip_address, 21, 24)));
