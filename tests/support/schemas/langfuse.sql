-- Langfuse: the tables that the preset names.
create table automation_executions(id text primary key, created_at timestamp(3) not null default current_timestamp,
    updated_at timestamp(3) not null default current_timestamp, source_id text not null, automation_id text not null, project_id text not null,
    status text not null, input jsonb not null, output jsonb, started_at timestamp(3), finished_at timestamp(3), error text);
create table job_executions(id text primary key, created_at timestamp(3) not null default current_timestamp,
    updated_at timestamp(3) not null default current_timestamp, project_id text not null, job_configuration_id text not null, status text not null,
    start_time timestamp(3), end_time timestamp(3), error text, job_input_trace_id text);
