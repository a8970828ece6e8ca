-- Phoenix: the tables that the preset names.
create table spans(id bigserial primary key, trace_rowid bigint not null, span_id varchar not null unique, parent_id varchar, name varchar not null,
    span_kind varchar not null, start_time timestamptz not null, end_time timestamptz not null, attributes jsonb not null, events jsonb not null,
    status_code varchar not null default 'UNSET', status_message varchar not null, cumulative_error_count integer not null default 0);
create table span_annotations(id bigserial primary key, span_rowid bigint not null, name varchar not null, label varchar, score double precision,
    explanation varchar, metadata jsonb not null, annotator_kind varchar not null, created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(), identifier varchar not null default '', unique (name, span_rowid, identifier));
create table trace_annotations(id bigserial primary key, trace_rowid bigint not null, name varchar not null, label varchar, score double precision,
    explanation varchar, metadata jsonb not null, annotator_kind varchar not null, created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(), identifier varchar not null default '', unique (name, trace_rowid, identifier));
