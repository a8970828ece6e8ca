-- Dify on PostgreSQL: the tables that the preset names.
create table conversations(id uuid primary key default gen_random_uuid(), app_id uuid not null, mode varchar(255) not null, name varchar(255) not null,
    summary text, inputs json not null, introduction text, system_instruction text, system_instruction_tokens integer not null default 0,
    status varchar(255) not null, from_source varchar(255) not null, created_at timestamp not null default current_timestamp,
    updated_at timestamp not null default current_timestamp, is_deleted boolean not null default false);
create table messages(id uuid primary key default gen_random_uuid(), app_id uuid not null, conversation_id uuid not null references conversations(id),
    inputs json not null, query text not null, message json not null, message_tokens integer not null default 0, answer text not null,
    answer_tokens integer not null default 0, currency varchar(255) not null, from_source varchar(255) not null,
    status varchar(255) not null default 'normal', error text, message_metadata text, created_at timestamp not null default current_timestamp,
    updated_at timestamp not null default current_timestamp);
create index message_app_id_idx on messages(app_id, created_at);
create table message_agent_thoughts(id uuid primary key default gen_random_uuid(), message_id uuid not null, position integer not null, thought text,
    tool text, tool_input text, observation text, message text, answer text, created_by_role varchar(255) not null, created_by uuid not null,
    created_at timestamp not null default current_timestamp);
create table workflow_runs(id uuid primary key default gen_random_uuid(), tenant_id uuid not null, app_id uuid not null, status varchar(255) not null,
    inputs text, outputs text, error text, created_at timestamp not null default current_timestamp);
create table workflow_node_executions(id uuid primary key default gen_random_uuid(), tenant_id uuid not null, app_id uuid not null,
    workflow_run_id uuid, node_id varchar(255) not null, status varchar(255) not null, inputs text, process_data text, outputs text, error text,
    created_at timestamp not null default current_timestamp, finished_at timestamp);
