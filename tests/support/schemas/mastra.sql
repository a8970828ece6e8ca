-- Mastra (@mastra/pg 1.27): the tables that the preset names.
create table mastra_threads(id text primary key, "resourceId" text not null, title text not null, metadata jsonb, "createdAt" timestamp not null,
    "updatedAt" timestamp not null, "createdAtZ" timestamptz default now(), "updatedAtZ" timestamptz default now());
create table mastra_messages(id text primary key, thread_id text not null, content text not null, role text not null, type text not null,
    "createdAt" timestamp not null, "resourceId" text, "createdAtZ" timestamptz default now());
create index mastra_messages_thread_id_createdat_idx on mastra_messages(thread_id, "createdAt" desc);
create table mastra_resources(id text primary key, "workingMemory" text, metadata jsonb, "createdAt" timestamp not null, "updatedAt" timestamp not null,
    "createdAtZ" timestamptz default now(), "updatedAtZ" timestamptz default now());
create table mastra_ai_spans("traceId" text not null, "spanId" text not null, "parentSpanId" text, name text not null, "spanType" text not null,
    "organizationId" text, "userId" text, attributes jsonb, metadata jsonb, tags jsonb, input jsonb, output jsonb, error jsonb,
    "startedAt" timestamp not null, "endedAt" timestamp, "createdAt" timestamp not null, "updatedAt" timestamp, primary key ("traceId", "spanId"));
create index mastra_ai_spans_metadata_gin_idx on mastra_ai_spans using gin (metadata);
