#include "sealrow/catalog/name_pool.hpp"

#include <catch2/catch_test_macros.hpp>

using sealrow::catalog::NamePool;

TEST_CASE("a pool of names has those that were put into it and no others") {
  const NamePool pool = {"lower", "a", "count", "lower", "counts", ""};
  CHECK(pool.size() == 5);
  for (const char* name : {"lower", "a", "count", "counts", ""}) CHECK(pool.contains(name));
  for (const char* name : {"b", "coun", "countsl", "lowe", "zz"}) CHECK_FALSE(pool.contains(name));
  CHECK(pool == NamePool{"counts", "count", "a", "", "lower"});
  CHECK_FALSE(pool == NamePool{"counts", "count", "a", "", "lowe"});
  CHECK_FALSE(NamePool().contains(""));
}
