\set id random(1, 10000)
select id, tenant, a, b from item where id = :id;
