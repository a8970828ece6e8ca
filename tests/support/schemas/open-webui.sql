-- Open WebUI: the tables that the preset names, and the columns its statements use.
create table chat(id text primary key, user_id text not null, title text not null, chat json, created_at bigint not null, updated_at bigint not null,
                  share_id text unique, archived boolean default false, pinned boolean default false, meta json default '{}', folder_id text,
                  summary text);
create table chat_message(id text primary key, chat_id text not null references chat(id) on delete cascade, user_id text not null, role text not null,
                          parent_id text, content json, output json, model_id text, files json, sources json, embeds json, done boolean default true,
                          status_history json, error json, usage json, meta json, context_summary text, created_at bigint, updated_at bigint);
create index chat_message_chat_parent_idx on chat_message(chat_id, parent_id);
create table config(key text primary key, value json not null, updated_at bigint);
create table memory(id text primary key, user_id text, content text, updated_at bigint, created_at bigint);
create table feedback(id text primary key, user_id text, version bigint default 0, type text, data json, meta json, snapshot json,
                      created_at bigint, updated_at bigint);
create table file(id text primary key, user_id text, hash text, filename text, path text, data json, meta json, created_at bigint, updated_at bigint);
create table note(id text primary key, user_id text, title text, data json, meta json, created_at bigint, updated_at bigint);
