\set ON_ERROR_STOP 0
\d chat
insert into chat(who, body, doc, raw) values ('a', 'hello', '{"k": [1, 2]}', '\x00ff') returning *;
insert into chat(who, body) values ('b', null), ('c', ''), ('d', E'tab\t and \\ and ''quote''');
\copy chat(who, body) from pstdin csv
copied,"by, psql"
\.
select * from chat order by id;
\x on
select * from chat where id = 1;
\x off
begin;
update chat set body = 'changed' where who = 'a' returning body;
savepoint s;
select 1/0;
rollback to s;
commit;
\copy (select who, body, doc, raw from chat order by id) to stdout
prepare r(bigint) as select body, doc, raw from chat where id = $1;
execute r(1);
\set FETCH_COUNT 2
select id, body from chat order by id;
\unset FETCH_COUNT
select body from chat where id = 1 \gset
\echo :body
select count(*) from chat \; select body from chat where id = 1;
\dt
\encoding
