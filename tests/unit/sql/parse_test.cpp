// Statement shapes and their trees: tests/unit/sql/shapes/*.txt hold a statement, then "=> " lines with its dump.
#include "sealrow/sql/postgres.hpp"
#include "sql/dump.hpp"
#include "unit/sql/shapes.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <filesystem>

using namespace sealrow::sql;
using sealrow::sql::test::shapes;

namespace {

std::string parsed(std::string_view text) {
  const auto result = postgres::parse(text);
  return result.has_error() ? "error: " + result.error().message + "\n" : dump(*result, text);
}

}  // namespace

TEST_CASE("shapes") {
  const std::filesystem::path folder = SEALROW_SOURCE_DIR "/tests/unit/sql/shapes";
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    for (const auto& shape : shapes(entry.path())) {
      CAPTURE(entry.path().filename(), shape.text);
      // SEALROW_PRINT_SHAPES=1 prints what is, for writing new cases.
      if (std::getenv("SEALROW_PRINT_SHAPES")) WARN(shape.text << "\n" << parsed(shape.text));
      CHECK(parsed(shape.text) == shape.expected);
      ++count;
    }
  }
  CHECK(count > 120);
}

TEST_CASE("statement spans leave out blanks, comments and semicolons") {
  const std::string text = " /* a */ begin ; insert into t values (';') -- x\n;\n\nselect 1";
  const auto result = postgres::parse(text);
  REQUIRE(result.has_value());
  const std::string expected[] = {"begin", "insert into t values (';')", "select 1"};
  REQUIRE(result->statements.size() == std::size(expected));
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    const Span span = result->statements[i].span;
    CHECK(text.substr(span.begin, span.end - span.begin) == expected[i]);
  }
}

TEST_CASE("every relation is mentioned, whatever part names it") {
  struct Case {
    std::string text;
    std::vector<std::string> names;
  };
  const Case cases[] = {
      {"select (select 1 from a), f(array(select x from b)) from c where exists (select from d)", {"c", "a", "b", "d"}},
      {"create policy p on a using (exists (select 1 from b))", {"a", "b"}},
      {"create table a (x int references b, like c)", {"a", "b", "c"}},
      {"alter table a attach partition b default", {"a", "b"}},
      {"drop table a, s.b", {"a", "b"}},
      {"drop trigger x on s.a", {"a"}},
      {"comment on column s.a.b is 'x'", {"a"}},
      {"create publication p for table a, b", {"a", "b"}},
      {"grant select on a, b to bob", {"a", "b"}},
      {"explain with x as (delete from a returning *) select * from x", {"x", "a"}},
      {"create function f() begin atomic insert into a select * from b; end", {"a", "b"}},
      {"create rule r as on insert to a do also insert into b values (1)", {"a", "b"}},
      {"vacuum a, b", {"a", "b"}},
      {"refresh materialized view a", {"a"}},
      {"create sequence q owned by a.b", {"q"}},
      {"select json_array(select x from a)", {"a"}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto result = postgres::parse(c.text);
    REQUIRE(result.has_value());
    auto names = c.names;
    for (const auto& relation : result->statements.at(0).mentioned) std::erase(names, relation.name);
    CHECK(names == std::vector<std::string>{});
  }
}

TEST_CASE("output items cover parentheses and alias") {
  const std::string text = "select ((a)) as \"X\", b::text y, f(c, (d)) , (select 1) z, e from t";
  const auto result = postgres::parse(text);
  REQUIRE(result.has_value());
  const auto& select = std::get<Select>(result->statements.at(0).node);
  const std::string expected[] = {"((a)) as \"X\"", "b::text y", "f(c, (d))", "(select 1) z", "e"};
  REQUIRE(select.output.size() == std::size(expected));
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    const Span span = select.output[i].span;
    CHECK(text.substr(span.begin, span.end - span.begin) == expected[i]);
  }
  const Span inner = select.output[3].expr->query->span;
  CHECK(text.substr(inner.begin, inner.end - inner.begin) == "select 1");
}

TEST_CASE("parameters are counted") {
  CHECK(postgres::parse("select $2, $10")->parameter_count == 10);
  CHECK(postgres::parse("select '$2'")->parameter_count == 0);
}

TEST_CASE("standard_conforming_strings reaches the grammar") {
  const std::string text = "select 'a\\'b', c";
  CHECK(postgres::parse(text).has_error());
  const auto result = postgres::parse(text, {.standard_conforming_strings = false});
  REQUIRE(result.has_value());
  CHECK(dump(*result, text) == "(select (out (lit 'a\\'b') (col c)))\n");
}
