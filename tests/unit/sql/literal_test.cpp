#include "sealrow/sql/postgres.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sealrow::sql;
using namespace sealrow::sql::postgres;

namespace {

constexpr LexerOptions off{.standard_conforming_strings = false};

// Value of the only literal of "select <token>".
std::string value(const std::string& token, LexerOptions options = {}) {
  const std::string text = "select " + token;
  Template apart;
  make_template(text, options, apart);
  if (apart.literals.size() != 1) return "<" + std::to_string(apart.literals.size()) + " literals>";
  const auto result = literal_value(text, apart.literals[0], options);
  return result.has_error() ? "error: " + result.error().detail : *result;
}

}  // namespace

TEST_CASE("literal values are what the server reads") {
  struct Case {
    std::string token, expected;
  };
  const Case cases[] = {
      {"'plain'", "plain"},
      {"''", ""},
      {"'it''s \\n'", "it's \\n"},
      {"'a' -- it's\n 'b''c'\n\n'd'", "ab'cd"},
      {"E'a\\n\\t\\b\\f\\r\\v\\\\\\'\\q''x'", "a\n\t\b\f\r\v\\'q'x"},
      {"e'\\101\\x41\\x4g\\u00e9\\U0001F600'", "AA\x04g\xc3\xa9\xf0\x9f\x98\x80"},
      {"E'\\uD83D\\uDE00'", "\xf0\x9f\x98\x80"},
      {"E'a\\'\n'b'", "error"},
      {"E'\\uD83Dx'", "error: invalid Unicode surrogate pair"},
      {"E'\\uDE00'", "error: invalid Unicode escape"},
      {"E'\\u12'", "error: invalid Unicode escape"},
      {"E'\\000'", "error: zero byte in a string"},
      {"U&'d\\0061t\\+000061 \\\\'", "data \\"},
      {"U&'d!0061!!''' UESCAPE '!'", "da!'"},
      {"U&'d!0061' /* c */ uescape -- c\n '!'", "da"},
      {"U&'\\D83D\\DE00'", "\xf0\x9f\x98\x80"},
      {"U&'\\D83D'", "error: invalid Unicode surrogate pair"},
      {"U&'x' UESCAPE 'a'", "error: invalid Unicode escape character"},
      {"$$a'b$c$$", "a'b$c"},
      {"$t$ $$ $t$", " $$ "},
      {"$$$$", ""},
      {"12", "12"},
      {"1_000", "1000"},
      {"0x1F", "31"},
      {"0o17", "15"},
      {"0b1_01", "5"},
      {"0xffffffffffffffffff", "error: number is too large"},
      {"1_0.5e3", "10.5e3"},
      {"b'101'", "error: bit strings are not text"},
      {"x'ff'", "error: bit strings are not text"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.token);
    if (c.expected == "error") {
      CHECK(value(c.token).starts_with("<"));
    } else {
      CHECK(value(c.token) == c.expected);
    }
  }
  CHECK(value("'a\\n\\''", off) == "a\n'");
}

TEST_CASE("a span outside of the text is an error") {
  CHECK(literal_value("'x'", {{0, 9}, LiteralKind::string}, {}).has_error());
  CHECK(literal_value("'x'", {{2, 2}, LiteralKind::string}, {}).has_error());
}

TEST_CASE("string literals mean their value under both settings") {
  const std::string values[] = {"", "plain", "it's", "back\\slash", "\\'; drop table t; --", "new\nline", "\xc3\xa9"};
  for (const auto& expected : values) {
    for (const auto options : {LexerOptions{}, off}) {
      std::string token;
      append_string_literal(token, expected, options);
      CAPTURE(token);
      CHECK(value(token, options) == expected);
      CHECK((token[0] == 'E') == (options == off && expected.find('\\') != std::string::npos));
    }
  }
}

TEST_CASE("identifiers are quoted when they must be") {
  struct Case {
    std::string name, expected;
  };
  const Case cases[] = {
      {"body", "body"},       {"a_1", "a_1"},
      {"Body", "\"Body\""},   {"1a", "\"1a\""},
      {"", "\"\""},           {"a b", "\"a b\""},
      {"a\"b", "\"a\"\"b\""}, {"select", "\"select\""},
      {"user", "\"user\""},   {"\xc3\xa9", "\"\xc3\xa9\""},
      {"name", "name"},
  };
  for (const auto& c : cases) {
    std::string out;
    append_identifier(out, c.name);
    CHECK(out == c.expected);
  }
}

TEST_CASE("words of code") {
  const auto has = [](const WordScan& scan, const char* word) {
    return std::find(scan.words.begin(), scan.words.end(), word) != scan.words.end();
  };
  const auto body =
      scan_words("begin -- comment\n INSERT into \"Msg\" values ('update X set', $q$ delete from Y $q$); end");
  for (const char* word : {"insert", "Msg", "update", "x", "delete", "y", "end"}) CHECK(has(body, word));
  CHECK_FALSE(has(body, "comment"));
  CHECK_FALSE(has(body, "msg"));
  CHECK_FALSE(body.has_execute);

  CHECK(scan_words("EXECUTE format('x')").has_execute);
  CHECK(scan_words("perform 'execute x'").has_execute);
  CHECK(scan_words("do $a$ begin execute 'x' || 'y'; end $a$").has_execute);
  // A command that stands there whole, words and all, is no more than a statement.
  for (const char* text : {"execute 'select 1';", "EXECUTE $q$select 1$q$", "execute 'select $1' into a using b;",
                           "for r in execute 'select 1' loop", "execute 'sel'\n'ect 1';",
                           "do $a$ begin execute 'update t set a = ''x'''; end $a$"}) {
    INFO(text);
    CHECK_FALSE(scan_words(text).has_execute);
  }
  for (const char* text : {"execute 'select ' || a;", "execute 'select 1' || ';'", "execute a", "execute ('select 1');",
                           "execute E'select 1';", "execute 'sel\\145ct 1';", "execute U&'select 1';",
                           "execute 'execute p';", "execute 'do $$ begin execute a; end $$';", "execute 'a' , b",
                           "execute 'it\\'s';", "execute X'00';", "execute 1;"}) {
    INFO(text);
    CHECK(scan_words(text).has_execute);
  }
  CHECK(has(scan_words("execute 'insert into \"Msg\" values (''x'')';"), "Msg"));
  CHECK_FALSE(scan_words("create trigger a before insert on t EXECUTE FUNCTION f()").has_execute);
  CHECK_FALSE(scan_words("grant execute on function f() to bob").has_execute);
  CHECK(has(scan_words("E'\\x69nsert'"), "insert"));
  CHECK(has(scan_words("U&\"\\0061b\""), "ab"));
  CHECK(has(scan_words("'open insert"), "insert"));
  CHECK(has(scan_words("'a\\' insert'"), "insert"));
}
