\set id random(1, 9900)
select id, tenant, a, b from item where id between :id and :id + 99;
