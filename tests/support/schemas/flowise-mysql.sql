-- Flowise on MySQL: the tables that the preset names.
create table chat_flow(id varchar(36) primary key default (uuid()), name varchar(255) not null, flowData text not null, deployed tinyint, isPublic tinyint,
    apikeyid varchar(255), chatbotConfig text, type text, workspaceId varchar(36),
    createdDate datetime(6) not null default current_timestamp(6), updatedDate datetime(6) not null default current_timestamp(6));
create table chat_message(id varchar(36) primary key default (uuid()), role varchar(255) not null, chatflowid varchar(255) not null, content text not null,
    sourceDocuments text, usedTools text, fileAnnotations text, agentReasoning longtext, reasonContent longtext, fileUploads text, artifacts text,
    action text, followUpPrompts text, chatType varchar(255) not null default 'INTERNAL', chatId varchar(255) not null, memoryType varchar(255),
    sessionId varchar(255), leadEmail text, executionId varchar(36), createdDate datetime(6) not null default current_timestamp(6));
create table execution(id varchar(36) primary key default (uuid()), executionData text not null, action text, state varchar(255) not null,
    agentflowId varchar(255) not null, sessionId varchar(255) not null, isPublic tinyint, workspaceId varchar(36),
    createdDate datetime(6) not null default current_timestamp(6), updatedDate datetime(6) not null default current_timestamp(6),
    stoppedDate datetime(6));
create table variable(id varchar(36) primary key default (uuid()), name varchar(255) not null, value text not null, type varchar(255),
    workspaceId varchar(36), createdDate datetime(6) not null default current_timestamp(6),
    updatedDate datetime(6) not null default current_timestamp(6));
create table `lead`(id varchar(36) primary key default (uuid()), name varchar(255), email varchar(255), phone varchar(255),
    chatflowid varchar(255) not null, chatId varchar(255) not null, createdDate datetime(6) not null default current_timestamp(6));
create table document_store_file_chunk(id varchar(36) primary key default (uuid()), docId varchar(36) not null, storeId varchar(36) not null,
    chunkNo int not null, pageContent text, metadata text);
