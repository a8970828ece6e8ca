-- Flowise on PostgreSQL: the tables that the preset names.
create table chat_flow(id uuid primary key default gen_random_uuid(), name varchar not null, "flowData" text not null, deployed boolean,
    "isPublic" boolean, apikeyid varchar, "chatbotConfig" text, type text, "workspaceId" text,
    "createdDate" timestamp not null default now(), "updatedDate" timestamp not null default now());
create table chat_message(id uuid primary key default gen_random_uuid(), role varchar not null, chatflowid varchar not null, content text not null,
    "sourceDocuments" text, "usedTools" text, "fileAnnotations" text, "agentReasoning" text, "reasonContent" text, "fileUploads" text,
    artifacts text, action text, "followUpPrompts" text, "chatType" varchar not null default 'INTERNAL', "chatId" varchar not null, "memoryType" varchar,
    "sessionId" varchar, "leadEmail" text, "executionId" uuid, "createdDate" timestamp not null default now());
create table execution(id uuid primary key default gen_random_uuid(), "executionData" text not null, action text, state varchar not null,
    "agentflowId" uuid not null, "sessionId" varchar not null, "isPublic" boolean, "workspaceId" text,
    "createdDate" timestamp not null default now(), "updatedDate" timestamp not null default now(), "stoppedDate" timestamp);
create table variable(id uuid primary key default gen_random_uuid(), name varchar not null, value text not null, type text, "workspaceId" text,
    "createdDate" timestamp not null default now(), "updatedDate" timestamp not null default now());
create table lead(id uuid primary key default gen_random_uuid(), name varchar, email varchar, phone varchar, chatflowid varchar not null,
    "chatId" varchar not null, "createdDate" timestamp not null default now());
create table document_store_file_chunk(id uuid primary key default gen_random_uuid(), "docId" uuid not null, "storeId" uuid not null,
    "chunkNo" integer not null, "pageContent" text, metadata text);
