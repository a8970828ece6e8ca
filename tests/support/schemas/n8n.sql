-- n8n: the tables that the preset names, and the parent of execution_data.
create table execution_entity(id serial primary key, finished boolean not null, mode varchar not null, "startedAt" timestamptz, "stoppedAt" timestamptz,
    "workflowId" varchar(36) not null, status varchar not null, "createdAt" timestamptz not null default now());
create table execution_data("executionId" integer primary key references execution_entity(id) on delete cascade, "workflowData" json not null,
    data text not null, "workflowVersionId" varchar(36));
create table chat_hub_messages(id uuid primary key, "sessionId" uuid not null, "previousMessageId" uuid, type varchar(16) not null,
    name varchar(128) not null, content text not null, model varchar(256), status varchar(16) not null default 'success', attachments json,
    "createdAt" timestamptz not null default now(), "updatedAt" timestamptz not null default now());
create table variables(id varchar(36) primary key, key varchar(50) not null, type varchar(50) not null default 'string', value text,
    "projectId" varchar(36));
create unique index variables_global_key_unique on variables(key) where "projectId" is null;
create table binary_data_file("fileId" uuid primary key, "sourceType" varchar(50) not null, "sourceId" varchar(255) not null, data bytea not null,
    "mimeType" varchar(255), "fileName" varchar(255), "fileSize" integer not null);
