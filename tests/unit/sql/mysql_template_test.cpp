#include "sealrow/sql/mysql.hpp"
#include "sql/mysql/lexer.hpp"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <random>

using namespace sealrow::sql;
using namespace sealrow::sql::mysql;
using namespace std::string_literals;

namespace {

Template made(std::string_view text, LexerOptions options = {}) {
  Template result;
  make_template(text, options, result);
  return result;
}

std::string shown(std::string_view text, LexerOptions options = {}) {
  std::string result = made(text, options).text;
  for (char& c : result) c = c == '\x01' ? '?' : c;
  return result;
}

// What a template must keep: kinds in order and the text of everything that is not a literal.
std::string structure(std::string_view text, LexerOptions options) {
  std::string result;
  Lexer lexer(text, options);
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

TEST_CASE("MySQL literals leave the text, structure stays") {
  struct Case {
    std::string text, expected;
  };
  const Case cases[] = {
      {"select * from t where a = 'x' and b = 12", "select * from t where a = ?S and b = ?I"},
      {"insert into t values ('a\\'b', -1, 1.5, null, true)", "insert into t values (?S, -?I, ?F, null, true)"},
      {"select \"a\", 'b' 'c', N'd', _utf8mb4'e', x'41', 0x41, b'1', 0b1", "select ?S, ?S, ?S, ?S, ?X, ?X, ?B, ?B"},
      {"select a--x\nb", "select a--x\nb"},
      {"select a-- x\nb", "select a \nb"},
      {"select a#x\nb/* 'c' */d", "select a \nb d"},
      {"select /*!50000 'x', */ 1", "select /*!50000 ?S, */ ?I"},
      {"select /*!50000 'x' */", "select /*!50000 ?S */"},
      {"select `'a'`, @'b', @@c, t.1, t.1a, 1a", "select `'a'`, @'b', @@c, t.1, t.1a, 1a"},
      {"select ?, ? + 1", "select ?, ? + ?I"},
      {"select '\xff'", "select ?S"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK_FALSE(made(c.text).exact);
    CHECK(shown(c.text) == c.expected);
  }
  CHECK(shown("select \"a\"", {.ansi_quotes = true}) == "select \"a\"");
  CHECK(shown("select 'a\\', 'b'", {.no_backslash_escapes = true}) == "select ?S, ?S");
  CHECK(shown("select /*!50700 'x' */ 1", {.flavour = Flavour::mariadb}) == "select   ?I");
}

TEST_CASE("MySQL texts that cannot be taken apart are exact") {
  const std::string cases[] = {
      "select 'open", "select \"open",   "select `open",     "select /* open", "select /*! open",
      "select 'x\\'", "select x'4'",     "select x'4g'",     "select 1.5e",    "select \x01S",
      "select \\",    "select a\0b"s,    "select -- a\0 b"s, "select @@ a",    "select /*!99999 'x' */",
      "select $$a$$", "select /*! ; */",
  };
  for (const auto& text : cases) {
    CAPTURE(text);
    const Template result = made(text);
    CHECK(result.exact);
    CHECK(result.literals.empty());
    CHECK(result.text == "\x01=" + text);
  }
}

TEST_CASE("equal MySQL templates have equal structure") {
  constexpr std::string_view alphabet = "'\"`@-/*!M5\x01?SIxbn_e1.+ \n\\#;";
  std::mt19937 random(11);
  std::size_t shared = 0;
  for (const bool ansi : {false, true}) {
    const LexerOptions options{.ansi_quotes = ansi, .flavour = ansi ? Flavour::mariadb : Flavour::mysql};
    std::map<std::string, std::string> seen;
    for (int round = 0; round < 200000; ++round) {
      std::string text;
      for (std::size_t n = 1 + random() % 7; n > 0; --n) text.push_back(alphabet[random() % alphabet.size()]);
      const Template result = made(text, options);
      const std::string expected = result.exact ? "exact " + text : structure(text, options);
      const auto [found, fresh] = seen.emplace(result.text, expected);
      shared += !fresh;
      CAPTURE(text);
      REQUIRE(found->second == expected);
    }
  }
  CHECK(shared > 1000);
}
