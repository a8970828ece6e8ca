#include "sealrow/sql/postgres.hpp"
#include "sql/postgres/lexer.hpp"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <random>

using namespace sealrow::sql;
using namespace sealrow::sql::postgres;
using namespace std::string_literals;

namespace {

Template made(std::string_view text, LexerOptions options = {}) {
  Template result;
  make_template(text, options, result);
  return result;
}

// The template with its placeholders shown as ?S and the like.
std::string shown(std::string_view text, LexerOptions options = {}) {
  std::string result = made(text, options).text;
  for (char& c : result) c = c == '\x01' ? '?' : c;
  return result;
}

// What a template must keep: kinds in order and the text of everything that is not a literal.
std::string structure(std::string_view text) {
  std::string result;
  Lexer lexer(text, {});
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    result += std::to_string(static_cast<int>(token.kind)) + ":";
    if (token.kind == TokenKind::literal) {
      result += std::to_string(static_cast<int>(token.literal));
    } else {
      result += text.substr(token.span.begin, token.span.end - token.span.begin);
    }
    result += "\n";
    if (token.kind == TokenKind::unknown) break;
  }
  return result;
}

}  // namespace

TEST_CASE("literals leave the text, structure stays") {
  struct Case {
    std::string text, expected;
  };
  const Case cases[] = {
      {"select * from t where a = 'x' and b = 12", "select * from t where a = ?S and b = ?I"},
      {"insert into t values ('a''b', -1, 1.5, .5, 1., 1e-3, 0x1F, 1_000, null, true)",
       "insert into t values (?S, -?I, ?F, ?F, ?F, ?F, ?I, ?I, null, true)"},
      {"select E'a\\'b', U&'\\0041' UESCAPE '!', b'1', x'f', N'n', $$d'd$$, $t$ $$ $t$",
       "select ?E, ?U, ?B, ?X, N?S, ?D, ?D"},
      {"select $1, a$b$c, \"q'1\"\"2\", U&\"d!0061\" UESCAPE '!'",
       "select $1, a$b$c, \"q'1\"\"2\", U&\"d!0061\" UESCAPE '!'"},
      {"a--x\nb", "a \nb"},
      {"ab", "ab"},
      {"a/* 'x' /* n */ */b", "a b"},
      {"select 'a' -- 'c'\n  'b', 'c' 'd'", "select ?S, ?S ?S"},
      {"select 'a' /* c */ \n 'b'", "select ?S   \n ?S"},
      {"select 'a\\', 'b'", "select ?S, ?S"},
      {"x1 = t.y2", "x1 = t.y2"},
      {"select 1..2", "select ?I..?I"},
      {"select a-1, a -1, -1, 1-1, a=-1", "select a-?I, a -?I, -?I, ?I-?I, a=-?I"},
      {"select '\xff\xfe', \xc3\xa9'x'", "select ?S, \xc3\xa9?S"},
      {"", ""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK_FALSE(made(c.text).exact);
    CHECK(shown(c.text) == c.expected);
  }
}

TEST_CASE("what cannot be taken apart is exact") {
  const std::string cases[] = {
      "select 'open", "select \"open", "select $$open", "select /* open", "select E'x\\'", "select 1a",
      "select 0x",    "select 1__0",   "select 1e",     "select 1e+",     "select $1a",    "select $",
      "select \x01S", "select \\",     "select {",      "select a\0b"s,   "select \"\"",
  };
  for (const auto& text : cases) {
    CAPTURE(text);
    const Template result = made(text);
    CHECK(result.exact);
    CHECK(result.literals.empty());
    CHECK(result.text == "\x01=" + text);
  }
}

TEST_CASE("backslashes follow standard_conforming_strings") {
  const LexerOptions off{.standard_conforming_strings = false};
  CHECK(shown("select 'a\\', 'b'", off) == "\?=select 'a\\', 'b'");
  CHECK(shown("select 'a\\'', 'b'", off) == "select ?S, ?S");
  CHECK(made("select 'a\\'', 'b'").exact);
  CHECK(made("select U&'x'", off).exact);
  CHECK(shown("select U&\"x\"", off) == "select U&\"x\"");
}

TEST_CASE("a template's memory is reused and its hash follows its text") {
  Template reused;
  make_template("select 'open", {}, reused);
  make_template("select 1", {}, reused);
  CHECK_FALSE(reused.exact);
  CHECK(reused.literals.size() == 1);
  CHECK(reused.hash == made("select 2").hash);
  CHECK(reused.hash != made("select '2'").hash);
}

TEST_CASE("random statements come apart and go together again") {
  const std::pair<std::string, bool> pieces[] = {
      {"'it''s'", true}, {"E'\\''", true},  {"12", true},      {"1.5e3", true}, {"$$a'b$$", true},
      {"x'0f'", true},   {"U&'d'", true},   {"select", false}, {"t.a", false},  {"\"q'\"", false},
      {"$1", false},     {"::text", false}, {"- ", false},     {"(", false},    {"||", false},
  };
  std::mt19937 random(7);
  for (int round = 0; round < 5000; ++round) {
    std::string text, expected;
    std::vector<std::string> literals;
    for (int n = 0; n < 12; ++n) {
      const auto& [piece, is_literal] = pieces[random() % std::size(pieces)];
      text += piece;
      expected += is_literal ? "\x01" : piece;
      if (is_literal) literals.push_back(piece);
      const char* separators[] = {", ", ",/* 'c' /* */ -- */", ",--'x\n"};
      const char* kept[] = {", ", ", ", ", \n"};
      const auto which = random() % 3;
      text += separators[which];
      expected += kept[which];
    }
    const Template result = made(text);
    REQUIRE_FALSE(result.exact);
    std::string plain;
    for (std::size_t i = 0; i < result.text.size(); ++i) {
      plain.push_back(result.text[i]);
      if (result.text[i] == '\x01') ++i;
    }
    CAPTURE(text);
    REQUIRE(plain == expected);
    REQUIRE(result.literals.size() == literals.size());
    for (std::size_t i = 0; i < literals.size(); ++i) {
      const Span span = result.literals[i].span;
      REQUIRE(text.substr(span.begin, span.end - span.begin) == literals[i]);
    }
  }
}

TEST_CASE("equal templates have equal structure") {
  constexpr std::string_view alphabet = "'\"$-/*\x01?SIEae1.+ \n\\u&";
  std::mt19937 random(11);
  std::map<std::string, std::string> seen;
  std::size_t shared = 0;
  for (int round = 0; round < 300000; ++round) {
    std::string text;
    for (std::size_t n = 1 + random() % 7; n > 0; --n) text.push_back(alphabet[random() % alphabet.size()]);
    const Template result = made(text);
    const std::string expected = result.exact ? "exact " + text : structure(text);
    const auto [found, fresh] = seen.emplace(result.text, expected);
    shared += !fresh;
    CAPTURE(text);
    REQUIRE(found->second == expected);
  }
  CHECK(shared > 1000);
}
