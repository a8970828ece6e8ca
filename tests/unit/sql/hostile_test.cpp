#include "sealrow/sql/postgres.hpp"
#include "sql/dump.hpp"

#include <catch2/catch_test_macros.hpp>

#include <random>
#include <thread>

using namespace sealrow;
using namespace sealrow::sql;
using namespace std::string_literals;

namespace {

std::string repeated(std::string_view head, std::string_view unit, std::size_t count, std::string_view tail = {}) {
  std::string text(head);
  for (std::size_t i = 0; i < count; ++i) text += unit;
  return text.append(tail);
}

}  // namespace

TEST_CASE("hostile nesting is refused, not followed") {
  const std::string cases[] = {
      repeated("select ", "(", 100000),
      repeated("select ", "(", 100000, "1" + std::string(100000, ')')),
      repeated("select 1", "+1", 100000),
      repeated("select 1", " || 'a'", 100000),
      repeated("select ", "not ", 100000, "true"),
      repeated("select ", "- ", 100000, "1"),
      repeated("select 1", "::text", 100000),
      repeated("select 'a'", " collate \"C\"", 100000),
      repeated("select a", " at local", 100000),
      repeated("select 1", " union select 1, 2", 100000),
      repeated("select * from a", " join b on x and y", 100000),
      repeated("select 1", " operator(pg_catalog.+) 1", 100000),
      repeated("select case when a and b then 1 end", " + case when a and b then 1 end", 100000),
      repeated("select ", "case when a then ", 100000),
      repeated("select ", "array[", 100000),
      repeated("", "select (", 100000),
      repeated("", "explain ", 100000, "select 1"),
      repeated("", "with a as (", 100000),
      repeated("", "create function f() begin atomic ", 100000),
      repeated("select ", "f(a, ", 100000),
      repeated("select 1 = ", "any(array[1 = ", 100000),
      repeated("", "create schema s ", 100000),
      repeated("", "u&'a' uescape ", 100000),
      repeated("", "u&'a' ", 100000),
      repeated("", "/*", 100000),
  };
  for (const auto& text : cases) {
    CAPTURE(text.substr(0, 40));
    const auto result = postgres::parse(text);
    REQUIRE(result.has_error());
    CHECK(result.error().code == ErrorCode::statement_syntax);
    postgres::Template apart;
    postgres::make_template(text, {}, apart);
    (void)postgres::scan_words(text);
  }
}

// Depths up to the limit run through every recursion there is, also on the stack of an ordinary thread.
TEST_CASE("nesting below the limit is parsed or refused") {
  const auto run = [](std::size_t depth) {
    const std::string cases[] = {
        repeated("select ", "(", depth, "a" + std::string(depth, ')')),
        repeated("select ", "f(", depth, "a" + std::string(depth, ')')),
        repeated("select 1", "+1", depth),
        repeated("select 1", "::text", depth),
        repeated("select ", "not ", depth, "true"),
        repeated("select 1", " union select 1", depth),
        repeated("select * from a", " cross join b", depth),
        repeated("", "select (", depth, "select 1" + std::string(depth, ')')),
        repeated("select ", "case when ", depth, "true" + repeated("", " then 1 end", depth)),
        repeated("", "with a as (", depth, "select 1" + repeated("", ") select 1", depth)),
    };
    std::size_t accepted = 0;
    for (const auto& text : cases) {
      const auto result = postgres::parse(text);
      if (result.has_error()) {
        CHECK(result.error().code == ErrorCode::statement_syntax);
      } else {
        ++accepted;
        CHECK_FALSE(dump(*result, text).empty());
      }
    }
    return accepted;
  };
  CHECK(run(100) == 10);
  for (const std::size_t depth : {300u, 660u, 990u, 1500u, 1990u}) run(depth);
  std::thread([&] { run(990); }).join();
}

TEST_CASE("long flat statements are no nesting") {
  CHECK(postgres::parse(repeated("select 1", ", 1", 20000)).has_value());
  CHECK(postgres::parse(repeated("insert into t values (1,'x')", ", (1,'x')", 5000)).has_value());
  CHECK(postgres::parse(repeated("select * from t where a = 1", " or b = 'x'", 5000)).has_value());
  CHECK(postgres::parse(repeated("select case", " when a = 1 then 'x'", 5000, " end")).has_value());
  CHECK(postgres::parse(repeated("", "insert into t values (1);", 5000)).value().statements.size() == 5000);
}

TEST_CASE("bad bytes") {
  for (const auto& text :
       {"select 'a\0b'"s, "select \0"s, "\0"s, "select 1 \x01"s, "select 'open"s, "select $tag$ open"s, "/* open"s,
        "select $99999999999"s, "select 1a"s, "}"s, "\\"s, "select U&'\\zzzz'"s}) {
    CAPTURE(text);
    const auto result = postgres::parse(text);
    REQUIRE(result.has_error());
    CHECK(result.error().code == ErrorCode::statement_syntax);
  }
  // The encoding is the session's business; here it must only do no harm.
  for (const auto& text :
       {"select '\xff\xfe'"s, "select \"\xff\""s, "select \xc3"s, "select 'a\xe2\x82'"s, "select E'\\xff'"s}) {
    (void)postgres::parse(text);
  }
  CHECK(postgres::parse("").value().statements.empty());
  CHECK(postgres::parse(" ; -- nothing\n;").value().statements.empty());
}

TEST_CASE("an error carries the server's message and the byte position") {
  const auto result = postgres::parse("select '\xc3\xa9\xc3\xa9' fromm x y");
  REQUIRE(result.has_error());
  CHECK(result.error().message == "syntax error at or near \"x\"");
  CHECK(result.error().offset == 20u);
}

TEST_CASE("template and parse name the same literals") {
  const char* pieces[] = {"select ",     "1",          "'a'",    "E'\\''",  "$$x$$", "U&'a' ",
                          "uescape '!'", "x'1f'",      "b'1'",   "n'x'",    "-",     "+",
                          "/",           "*",          "::",     "int",     "(",     ")",
                          ",",           "\n",         "--c\n",  "/*'*/",   "a",     "\"q\"",
                          "$1",          ".",          "1.5",    " from t", "=",     "interval '1' day ",
                          "limit ",      "case when ", " then ", " end ",   ";",     "'b'",
                          "array[",      "]"};
  std::mt19937 random(3);
  std::size_t agreed = 0;
  for (int round = 0; round < 60000; ++round) {
    std::string text = "select ";
    for (std::size_t n = random() % 8; n > 0; --n)
      text.append(pieces[random() % std::size(pieces)]).append(random() % 2, ' ');
    const auto result = postgres::parse(text);
    if (result.has_error()) continue;
    postgres::Template apart;
    postgres::make_template(text, {}, apart);
    CAPTURE(text);
    REQUIRE_FALSE(apart.exact);
    REQUIRE(apart.literals.size() == result->literals.size());
    for (std::size_t i = 0; i < apart.literals.size(); ++i) {
      REQUIRE(apart.literals[i].span == result->literals[i].span);
      REQUIRE(apart.literals[i].kind == result->literals[i].kind);
    }
    REQUIRE_FALSE(dump(*result, text).find("<bad span>") != std::string::npos);
    ++agreed;
  }
  CHECK(agreed > 1000);
}
