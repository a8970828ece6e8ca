#include "sealrow/sql/mysql.hpp"
#include "sql/dump.hpp"
#include "unit/sql/shapes.hpp"

#include <catch2/catch_test_macros.hpp>

#include <random>

using namespace sealrow;
using namespace sealrow::sql;

namespace {

std::string repeated(std::string_view head, std::string_view unit, std::size_t count, std::string_view tail = {}) {
  std::string text(head);
  for (std::size_t i = 0; i < count; ++i) text += unit;
  return text.append(tail);
}

void look_at(std::string_view text, mysql::LexerOptions options) {
  const auto parsed = mysql::parse(text, options);
  Template apart;
  mysql::make_template(text, options, apart);
  (void)mysql::scan_words(text, options);
  if (parsed.has_error()) return;
  CHECK_FALSE(apart.exact);
  CHECK(parsed->literals.size() == apart.literals.size());
  CHECK(dump(*parsed, text).find("<bad span>") == std::string::npos);
}

}  // namespace

TEST_CASE("MySQL: hostile nesting is refused, not followed") {
  const std::string cases[] = {
      repeated("select ", "(", 100000),
      repeated("select ", "(", 100000, "1" + std::string(100000, ')')),
      repeated("select 1", "+1", 100000),
      repeated("select 1", " xor 1", 100000),
      repeated("select ", "not ", 100000, "true"),
      repeated("select ", "! ", 100000, "1"),
      repeated("select ", "binary ", 100000, "1"),
      repeated("select 'a'", " collate x", 100000),
      repeated("select a", " -> '$'", 100000),
      repeated("select a", " is null", 100000),
      repeated("select a", " = 1", 100000),
      repeated("select 1", " between 1 and 1", 100000),
      repeated("select 1 between 1", " and 1 between 1", 100000),
      repeated("select ", "@a := ", 100000, "1"),
      repeated("select 1", " union select 1", 100000),
      repeated("select 1", " intersect select 1", 100000),
      repeated("select * from a", " join b", 100000),
      repeated("select * from a", " left join b", 100000),
      repeated("select * from (a", ", b", 100000, ")"),
      repeated("select * from ", "{ oj ", 100000),
      repeated("select ", "{d ", 100000),
      repeated("select ", "case when ", 100000),
      repeated("select ", "interval ", 100000),
      repeated("select ", "cast(", 100000),
      repeated("select ", "f(a, ", 100000),
      repeated("", "select (", 100000),
      repeated("", "explain ", 100000, "select 1"),
      repeated("", "with a as (", 100000),
      repeated("select * from json_table(a, 'b' columns (", "nested path 'c' columns (", 100000),
      repeated("", "/*", 100000),
      repeated("select ", "/*!", 100000),
      repeated("create table t (", "(", 100000),
  };
  for (const auto& text : cases) {
    CAPTURE(text.substr(0, 40));
    const auto result = mysql::parse(text);
    REQUIRE(result.has_error());
    CHECK(result.error().code == ErrorCode::statement_syntax);
    Template apart;
    mysql::make_template(text, {}, apart);
    (void)mysql::scan_words(text);
  }
}

TEST_CASE("MySQL: long but flat statements are read") {
  const std::string cases[] = {
      repeated("select 1", " or 1", 50000),
      repeated("select 1", " and 1", 50000),
      repeated("select 1", ", 1", 50000),
      repeated("insert into t values ('x')", ", ('x')", 50000),
      repeated("select 'a'", " 'a'", 50000),
      repeated("flush tables tables", ", tables", 50000),
      repeated("", ";", 50000),
      repeated("select 1", " union all select 1", 2000),
  };
  for (const auto& text : cases) {
    CAPTURE(text.substr(0, 40));
    CHECK(mysql::parse(text).has_value());
  }
  const std::string parts = repeated("'a'", " 'a'", 50000);
  Template apart;
  mysql::make_template(parts, {}, apart);
  REQUIRE(apart.literals.size() == 1);
  CHECK(mysql::literal_value(parts, apart.literals[0], {}).value().size() == 50001);
}

TEST_CASE("MySQL: the number of expressions is bounded") {
  const auto result = mysql::parse(repeated("insert into t values (1", ",1", 1100000, ")"));
  REQUIRE(result.has_error());
  CHECK(result.error().detail == "too many expressions");
}

TEST_CASE("MySQL: statements cut short or changed in a byte do no harm") {
  std::mt19937 random(5);
  const std::filesystem::path folder = SEALROW_SOURCE_DIR "/tests/unit/sql/mysql_shapes";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    for (const auto& shape : test::shapes(entry.path())) {
      CAPTURE(shape.text);
      for (const auto flavour : {mysql::Flavour::mysql, mysql::Flavour::mariadb}) {
        const mysql::LexerOptions options{.ansi_quotes = random() % 2 == 0, .flavour = flavour};
        for (std::size_t size = 0; size <= shape.text.size(); ++size) look_at(shape.text.substr(0, size), options);
        for (int round = 0; round < 20; ++round) {
          std::string changed = shape.text;
          changed[random() % changed.size()] = static_cast<char>(random());
          look_at(changed, options);
        }
      }
    }
  }
}
