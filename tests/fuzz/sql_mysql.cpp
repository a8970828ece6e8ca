// Any bytes as a statement of either server: parse, template, literal values, word scan and dump must not crash or
// hang, and where the parser accepts a text, the template names the same literals.
#include "sealrow/sql/mysql.hpp"
#include "sql/dump.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace sealrow::sql;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_literals(std::string_view text, const Template& apart, mysql::LexerOptions options) {
  for (const auto& literal : apart.literals) {
    const auto value = mysql::literal_value(text, literal, options);
    if (value.has_error() || literal.kind == LiteralKind::integer || literal.kind == LiteralKind::number) continue;
    std::string written;
    mysql::append_string_literal(written, *value, options);
    Template again;
    mysql::make_template(written, options, again);
    require(again.literals.size() == 1 && again.text.size() == 2);
    require(mysql::literal_value(written, again.literals[0], options).value() == *value);
  }
}

void check(std::string_view text, mysql::LexerOptions options) {
  static Template apart;
  mysql::make_template(text, options, apart);
  check_literals(text, apart, options);
  const auto parsed = mysql::parse(text, options);
  if (parsed.has_error()) return;
  require(!apart.exact);
  require(parsed->literals.size() == apart.literals.size());
  for (std::size_t i = 0; i < apart.literals.size(); ++i) {
    require(parsed->literals[i].span == apart.literals[i].span && parsed->literals[i].kind == apart.literals[i].kind);
  }
  require(dump(*parsed, text).find("<bad span>") == std::string::npos ||
          text.find("<bad span>") != std::string_view::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::uint8_t bits = data[0];
  mysql::LexerOptions options;
  options.ansi_quotes = bits & 1;
  options.no_backslash_escapes = bits & 2;
  options.pipes_as_concat = bits & 4;
  options.high_not_precedence = bits & 8;
  if (bits & 16) options.flavour = mysql::Flavour::mariadb;
  if (bits & 32) options.table_names = mysql::TableNameCase::insensitive;
  if (bits & 64) options.version = options.flavour == mysql::Flavour::mysql ? 90100 : 110402;
  check(text, options);
  (void)mysql::scan_words(text, options);
  return 0;
}
