#include "sealrow/sql/postgres.hpp"

#include <catch2/catch_test_macros.hpp>

using sealrow::sql::postgres::row_writes;

namespace {
std::string set_by(std::string_view body) {
  const auto writes = row_writes(body);
  std::string all = writes.whole ? "*" : "";
  for (const std::string& column : writes.columns) all += (all.empty() ? "" : ",") + column;
  return all;
}
}  // namespace

TEST_CASE("what a trigger's code may set of its row") {
  struct Case {
    const char* body;
    const char* set;
  };
  for (const Case& each : {
           Case{"begin new.body := 'x'; return new; end", "body"},
           {"begin NEW.Body = lower(NEW.Body); return NEW; end", "body"},
           {"begin new.\"Body\" := 'x'; return new; end", "Body"},
           {"begin \"new\".body := 'x'; return new; end", "body"},
           {"begin -- why\n new . body := 'x'; return new; end", "body"},
           {"begin new.doc['a'] := 'x'; return new; end", "doc"},
           {"begin if new.id > 0 then new.a := 1; else new.b := 2; end if; loop new.c := 3; end loop; end", "a,b,c"},
           {"<<l>> begin <<m>> new.a := 1; return new; end", "a"},
           {"begin new := null; return new; end", "*"},
           {"begin new := json_populate_record(new, '{}'); return new; end", "*"},
           {"begin select 'x' into new.body; return new; end", "body"},
           {"begin select into new.body 'x'; return new; end", "body"},
           {"begin select 'x', 'y' into strict a, new.body from t where id = new.id; return new; end", "body"},
           {"begin select 1, 2, 3 into a[1 + (2)], new.b, new.c from t; return new; end", "b,c"},
           {"begin select (1 into a, new.b); return new; end", "b"},
           {"begin select * into new from other; return new; end", "*"},
           {"begin insert into t values (1) returning a into new.body; return new; end", "body"},
           {"begin execute 'select 1' into new.body using new.id; return new; end", "body"},
           {"begin fetch c into new.body; return new; end", "body"},
           {"begin for new in select * from t loop null; end loop; return new; end", "*"},
           {"begin for new.a, new.b in select 1, 2 loop null; end loop; return new; end", "a,b"},
           {"begin foreach new.a in array new.list loop null; end loop; return new; end", "a"},
           {"begin get diagnostics x = row_count, new.n = row_count; return new; end", "n"},
           {"begin call p(new.body); return new; end", "body"},
           {"begin call p(1, (new)); return new; end", "*"},
           {"declare r alias for new; begin r.body := 'x'; return new; end", "*"},
           {"begin f.new.body := 'x'; return new; end", "body"},
           {"begin old.body := 'x'; return old; end", "body"},
           {"declare r msg; begin r := new; r.body := 'x'; return r; end", "*"},
           {"begin return json_populate_record(new, '{}'); end", "*"},
           {"begin return new #= hstore('body', 'x'); end", "*"},
           {"begin return (1, 'x')::msg; end", "*"},
           {"begin U&\"n\\0065w\".body := 'x'; return new; end", "*"},
           {"begin raise '\\'; new.body := 'x'; return new; end", "*"},
           {"begin raise 'it\\'s'; return new; end", "*"},
           {"begin new.body := 'x", "*,body"},
           // What only reads it
           {"begin new.updated_at := now(); return new; end", "updated_at"},
           {"begin insert into audit select 'D', now(), old.*; return null; end", ""},
           {"begin insert into audit(b, c) values (new.body, (new).id) on conflict (id) do nothing; return new; end",
            ""},
           {"begin insert into new_rows select new.a, new.b from t; return new; end", ""},
           {"begin if new.body is distinct from old.body and not new.id = 1 then raise notice '%', new.body; end if; "
            "return coalesce(new, old); end",
            ""},
           {"declare x text := new.body; y text default old.body; begin x := new.body || old.body; return new; end",
            ""},
           {"begin perform f(new.body), new.id; perform pg_notify('c', row_to_json(new)::text); return null; end", ""},
           {"begin update t set a = new.a, b = 1 where id = new.id and c in (new.c, old.c); return old; end", ""},
           {"begin select count(*) into n from t where t.id = new.id or t.b like new.b order by new.id; end", ""},
           {"begin for i in 1..new.n loop null; end loop; while new.n > 0 loop exit when new.n = 1; end loop; end", ""},
           {"begin case new.kind when 'a' then x := new.a; end case; return new; end", ""},
           {"begin execute 'select $1' into x using new.body, old.body; return new; end", ""},
           {"begin return; end", ""},
           {"", ""},
       }) {
    INFO(each.body);
    CHECK(set_by(each.body) == each.set);
  }
}
