#include "sealrow/sql/postgres.hpp"
#include "sql/dump.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sealrow::sql;

namespace {

std::string parsed(std::string_view text) {
  const auto result = postgres::parse(text);
  if (result.has_error()) return "error: " + result.error().message;
  std::string out = dump(*result, text);
  if (!out.empty()) out.pop_back();
  return out;
}

}  // namespace

TEST_CASE("writes") {
  CHECK(parsed("insert into s.\"Msg\" as m (a, \"B\") values ('t', E'x\\'y'), (default, null) returning *") ==
        "(insert s.Msg{s.\"Msg\"} as m (columns a B{\"B\"}) (select (values (lit 't') (lit E'x\\'y')) (values (default) "
        "(const null))) (returning (star *)))");
  CHECK(parsed("update only t set (a, b) = ('x', $2), c = -1 where id = $1") ==
        "(update only t (set (= a (lit 'x')) (= b (param $2)) (= c (op - (lit 1)))) (where (op = (col id) (param $1))))");
}
