-- The tables of the chat application. Nothing in here knows of Sealrow.
create table api_keys (
  id         bigint auto_increment primary key,
  tenant_id  varchar(40) not null,
  label      varchar(80) not null,
  token      varchar(500) not null
);
create table messages (
  id         bigint auto_increment primary key,
  tenant_id  varchar(40) not null,
  model      varchar(40) not null,
  prompt     mediumtext not null,
  output     json,
  created_at timestamp not null default current_timestamp,
  key (tenant_id, id)
);
