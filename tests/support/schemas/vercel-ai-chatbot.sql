-- Vercel's ai-chatbot: the tables that the preset names.
create table "Chat"(id uuid primary key default gen_random_uuid(), "createdAt" timestamp not null, title text not null, "userId" uuid not null,
    visibility varchar not null default 'private');
create table "Message_v2"(id uuid primary key default gen_random_uuid(), "chatId" uuid not null references "Chat"(id), role varchar not null,
    parts json not null, attachments json not null, "createdAt" timestamp not null);
create table "Document"(id uuid default gen_random_uuid(), "createdAt" timestamp not null, title text not null, content text,
    text varchar not null default 'text', "userId" uuid not null, primary key (id, "createdAt"));
create table "Suggestion"(id uuid primary key default gen_random_uuid(), "documentId" uuid not null, "documentCreatedAt" timestamp not null,
    "originalText" text not null, "suggestedText" text not null, description text, "isResolved" boolean not null default false,
    "userId" uuid not null, "createdAt" timestamp not null);
