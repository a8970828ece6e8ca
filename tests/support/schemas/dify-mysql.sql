-- Dify on MySQL: the tables that the preset names.
create table conversations(id char(36) primary key, app_id char(36) not null, mode varchar(255) not null, name varchar(255) not null, summary longtext,
    inputs json not null, introduction longtext, system_instruction longtext, system_instruction_tokens int not null default 0,
    status varchar(255) not null, from_source varchar(255) not null, created_at datetime not null default current_timestamp,
    updated_at datetime not null default current_timestamp, is_deleted boolean not null default false);
create table messages(id char(36) primary key, app_id char(36) not null, conversation_id char(36) not null, inputs json not null,
    query longtext not null, message json not null, message_tokens int not null default 0, answer longtext not null, answer_tokens int not null default 0,
    currency varchar(255) not null, from_source varchar(255) not null, status varchar(255) not null default 'normal', error longtext,
    message_metadata longtext, created_at datetime not null default current_timestamp, updated_at datetime not null default current_timestamp);
create table message_agent_thoughts(id char(36) primary key, message_id char(36) not null, position int not null, thought longtext, tool longtext,
    tool_input longtext, observation longtext, message longtext, answer longtext, created_by_role varchar(255) not null, created_by char(36) not null,
    created_at datetime not null default current_timestamp);
create table workflow_runs(id char(36) primary key, tenant_id char(36) not null, app_id char(36) not null, status varchar(255) not null, inputs longtext,
    outputs longtext, error longtext, created_at datetime not null default current_timestamp);
create table workflow_node_executions(id char(36) primary key, tenant_id char(36) not null, app_id char(36) not null, workflow_run_id char(36),
    node_id varchar(255) not null, status varchar(255) not null, inputs longtext, process_data longtext, outputs longtext, error longtext,
    created_at datetime not null default current_timestamp, finished_at datetime);
