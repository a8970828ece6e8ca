-- Letta: the tables that the preset names.
create table messages(id varchar primary key, agent_id varchar, role varchar not null, text varchar, content json, model varchar, name varchar,
    tool_calls json, tool_call_id varchar, tool_returns json, approvals json, denial_reason varchar, step_id varchar, organization_id varchar not null,
    sequence_id bigserial not null unique, created_at timestamptz default now(), updated_at timestamptz default now(), is_deleted boolean not null default false);
create table steps(id varchar primary key, organization_id varchar, provider_name varchar, model varchar, completion_tokens integer not null default 0,
    trace_id varchar, status varchar, error_type varchar, error_data json, created_at timestamptz default now());
create table provider_traces(id varchar primary key, request_json json not null, response_json json not null, step_id varchar,
    organization_id varchar not null, created_at timestamptz default now(), is_deleted boolean not null default false);
