#include "sealrow/sql/mysql.hpp"

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <random>

using namespace sealrow;
using namespace sealrow::sql;
using namespace std::string_literals;

namespace {

// The value of a text's only literal; no value if it cannot be read.
std::optional<std::string> value_of(const std::string& text, mysql::LexerOptions options = {}) {
  Template apart;
  mysql::make_template(text, options, apart);
  REQUIRE(apart.literals.size() == 1);
  auto value = mysql::literal_value(text, apart.literals[0], options);
  if (value.has_error()) return std::nullopt;
  return *value;
}

}  // namespace

TEST_CASE("MySQL literal values") {
  struct Case {
    std::string text, value;
  };
  const Case cases[] = {
      {"'x'", "x"},
      {"''", ""},
      {"\"x\"", "x"},
      {"'it''s'", "it's"},
      {"'a\"b'", "a\"b"},
      {"\"a\"\"b'c\"", "a\"b'c"},
      {R"('\0\b\n\r\t\Z\'\"\\\a')", "\0\b\n\r\t\x1a'\"\\a"s},
      {R"('\%\_')", R"(\%\_)"},
      {"'a' 'b'", "ab"},
      {"'a'\n\"b\" /* c */ 'd'-- e\n'f'", "abdf"},
      {"'a''' 'b'", "a'b"},
      {"N'x'", "x"},
      {"n'x' 'y'", "xy"},
      {"_utf8mb4'x'", "x"},
      {"_UTF8 /* c */ 'é'", "é"},
      {"_binary'\xff\xfe'", "\xff\xfe"},
      {"_latin1'abc'", "abc"},
      {"_binary x'41'", "A"},
      {"_utf8mb4 0x41", "A"},
      {"x'4d79'", "My"},
      {"X''", ""},
      {"0x4D", "M"},
      {"0x4", "\x04"},
      {"0x141", "\x01\x41"},
      {"b'1000001'", "A"},
      {"0b101000001", "\x01\x41"},
      {"42", "42"},
      {"7", "7"},
      {"1.5e-3", "1.5e-3"},
      {".5", ".5"},
      {"'\xff\x00\xfe'"s, "\xff\x00\xfe"s},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(value_of(c.text) == c.value);
  }
  const mysql::LexerOptions plain{.no_backslash_escapes = true};
  CHECK(value_of("'a\\'", plain) == "a\\");
  CHECK(value_of("'a\\n''b'", plain) == "a\\n'b");
}

TEST_CASE("MySQL literals whose character set is not UTF-8 are an error") {
  for (const std::string text : {"_latin1'\xe9'", "_ucs2'ab'", "_utf16 x'0041'", "_gbk'\xc4\xe3'", "_swe7'a'"}) {
    CAPTURE(text);
    CHECK_FALSE(value_of(text).has_value());
  }
}

TEST_CASE("MySQL literals with a wrong span are an error") {
  const std::string text = "'x'";
  for (const Span span : {Span{0, 4}, Span{3, 3}, Span{2, 1}, Span{0, 1}}) {
    CHECK(mysql::literal_value(text, {span, LiteralKind::string}, {}).has_error());
  }
  CHECK(mysql::literal_value(text, {{0, 3}, LiteralKind::dollar_string}, {}).has_error());
}

TEST_CASE("MySQL string literals read as what was written") {
  std::mt19937 random(3);
  constexpr std::string_view alphabet("'\"\\`a%_\0\n\xff\xe9nN0", 14);
  for (int round = 0; round < 2000; ++round) {
    std::string value;
    for (std::size_t n = random() % 8; n > 0; --n) value.push_back(alphabet[random() % alphabet.size()]);
    for (const bool plain : {false, true}) {
      const mysql::LexerOptions options{.ansi_quotes = random() % 2 == 0, .no_backslash_escapes = plain};
      std::string text;
      mysql::append_string_literal(text, value, options);
      CAPTURE(text);
      REQUIRE(value_of(text, options) == value);
    }
  }
}

TEST_CASE("MySQL identifiers are quoted where needed") {
  struct Case {
    std::string name, text;
  };
  const Case cases[] = {{"a", "a"},
                        {"a_1", "a_1"},
                        {"A", "`A`"},
                        {"select", "`select`"},
                        {"1a", "`1a`"},
                        {"a`b", "`a``b`"},
                        {"", "``"},
                        {"é", "`é`"},
                        {"_utf8", "`_utf8`"},
                        {"window", "`window`"},
                        {"returning", "`returning`"}};
  for (const auto& c : cases) {
    std::string text;
    mysql::append_identifier(text, c.name);
    CHECK(text == c.text);
  }
}

TEST_CASE("sql_mode decides how a text is read") {
  const auto applied = [](std::string_view modes) {
    mysql::LexerOptions options{.flavour = mysql::Flavour::mariadb, .version = 101119};
    CHECK(mysql::apply_sql_mode(modes, options));
    CHECK(options.flavour == mysql::Flavour::mariadb);
    CHECK(options.version == 101119);
    return options;
  };
  CHECK(applied("ANSI_QUOTES").ansi_quotes);
  CHECK(applied("STRICT_TRANS_TABLES, no_backslash_escapes").no_backslash_escapes);
  CHECK(applied("ANSI").ansi_quotes);
  CHECK(applied("ANSI").pipes_as_concat);
  CHECK(applied("HIGH_NOT_PRECEDENCE").high_not_precedence);
  CHECK_FALSE(applied("").ansi_quotes);
  // A new value replaces the old one.
  mysql::LexerOptions options{.ansi_quotes = true};
  CHECK(mysql::apply_sql_mode("STRICT_ALL_TABLES", options));
  CHECK_FALSE(options.ansi_quotes);
  for (const std::string_view mode : {"ORACLE", "STRICT_ALL_TABLES,mssql", "4"}) {
    CHECK_FALSE(mysql::apply_sql_mode(mode, options));
  }
}

TEST_CASE("MySQL words of a body, with those of dynamic SQL") {
  const auto scan = mysql::scan_words("begin set @q = 'insert into `Msgs` values (\\'x\\')'; PREPARE p from @q; end");
  for (const std::string word : {"insert", "Msgs", "prepare", "x"}) {
    CAPTURE(word);
    CHECK(std::find(scan.words.begin(), scan.words.end(), word) != scan.words.end());
  }
  CHECK(scan.has_execute);
  CHECK_FALSE(mysql::scan_words("begin select a from b; end").has_execute);
  const auto broken = mysql::scan_words("select 'open Msgs");
  CHECK(std::find(broken.words.begin(), broken.words.end(), "Msgs") != broken.words.end());
}
