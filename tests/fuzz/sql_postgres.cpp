// Any bytes as a statement: parse, template, literal values, word scan and dump must not crash or hang, and where the
// parser accepts a text, the template names the same literals.
#include "sealrow/sql/postgres.hpp"
#include "sql/dump.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace sealrow::sql;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(std::string_view text, postgres::LexerOptions options) {
  static postgres::Template apart;
  postgres::make_template(text, options, apart);
  for (const auto& literal : apart.literals) {
    const auto value = postgres::literal_value(text, literal, options);
    if (value.has_error() || literal.kind == LiteralKind::integer || literal.kind == LiteralKind::number) continue;
    std::string written;
    postgres::append_string_literal(written, *value, options);
    postgres::Template again;
    postgres::make_template(written, options, again);
    require(again.literals.size() == 1 && again.text.size() == 2);
    require(postgres::literal_value(written, again.literals[0], options).value() == *value);
  }
  const auto parsed = postgres::parse(text, options);
  if (parsed.has_error()) return;
  require(!apart.exact);
  require(parsed->literals.size() == apart.literals.size());
  for (std::size_t i = 0; i < apart.literals.size(); ++i) {
    require(parsed->literals[i].span == apart.literals[i].span && parsed->literals[i].kind == apart.literals[i].kind);
  }
  require(dump(*parsed, text).find("<bad span>") == std::string::npos || text.find("<bad span>") != std::string_view::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text, {});
  check(text, {.standard_conforming_strings = false});
  (void)postgres::scan_words(text);
  return 0;
}
