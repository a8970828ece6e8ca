\set id random(1, 1000000000)
insert into item(tenant, note, a, b) values ('bench', :id, :a, :b);
