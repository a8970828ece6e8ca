\set id random(1, 10000)
select id, note from item where id = :id;
