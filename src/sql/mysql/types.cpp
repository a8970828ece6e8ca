// Type names.
#include "sql/mysql/parser.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sealrow::sql::mysql {
namespace {

struct Synonym {
  std::string_view word, name;
};
constexpr auto synonyms = std::to_array<Synonym>({
    {"integer", "int"},          {"int4", "int"},         {"int1", "tinyint"},
    {"int2", "smallint"},        {"int3", "mediumint"},   {"middleint", "mediumint"},
    {"int8", "bigint"},          {"bool", "tinyint"},     {"boolean", "tinyint"},
    {"dec", "decimal"},          {"numeric", "decimal"},  {"fixed", "decimal"},
    {"float4", "float"},         {"float8", "double"},    {"real", "double"},
    {"character", "char"},       {"nchar", "char"},       {"nvarchar", "varchar"},
    {"varcharacter", "varchar"}, {"varchar2", "varchar"}, {"clob", "longtext"},
    {"raw", "varbinary"},        {"number", "decimal"},   {"geomcollection", "geometrycollection"},
    {"varying", "varchar"},
});

}  // namespace

TypeName Parser::plain_type(std::string name) {
  TypeName result;
  result.name = std::move(name);
  return result;
}

// The name canonical, lengths in `modifiers`; character set and signedness within the span only.
TypeName Parser::type() {
  TypeName result;
  const std::size_t first = pos_;
  result.name = any_word();
  if (accept(".")) {
    result.schema = std::move(result.name);
    result.name = any_word();
  }
  type_words(result);
  for (const auto& synonym : synonyms) {
    if (result.name == synonym.word) result.name = synonym.name;
  }
  if (is("(")) type_brackets(result);
  for (bool found = true; found && !error_;) {
    found = accept_any({"unsigned", "signed", "zerofill", "ascii", "unicode", "byte", "binary", "compressed"});
    if (accept_sequence({"character", "set"}) || accept_sequence({"char", "set"}) || accept("charset")) {
      if (is_string())
        static_cast<void>(string_value());
      else
        static_cast<void>(any_word());
      found = true;
    }
    if (accept("collate")) {
      if (is_string())
        static_cast<void>(string_value());
      else
        static_cast<void>(any_word());
      found = true;
    }
  }
  result.span = span_from(first);
  return result;
}

// DOUBLE PRECISION, CHARACTER VARYING, NATIONAL CHAR VARYING, LONG VARCHAR, SIGNED INTEGER …
void Parser::type_words(TypeName& out) {
  if (out.name == "national") out.name = any_word();
  if (out.name == "double") accept("precision");
  if ((out.name == "char" || out.name == "character" || out.name == "nchar") && accept("varying")) out.name = "varchar";
  if (out.name == "nchar" && accept_any({"varchar", "varcharacter"})) out.name = "varchar";
  if (out.name == "signed" || out.name == "unsigned") accept_any({"int", "integer"});
  if (out.name != "long") return;
  out.name = "mediumtext";
  if (accept("varbinary")) out.name = "mediumblob";
  if (accept_any({"char", "character"})) expect("varying");
  accept_any({"varchar", "varcharacter"});
}

// Lengths; the values of ENUM and SET and MariaDB's type options are skipped.
void Parser::type_brackets(TypeName& out) {
  const std::size_t open = pos_;
  skip_brackets();
  for (std::size_t i = open + 1; i + 1 < pos_; ++i) {
    const Token& token = tokens_[i];
    if (token.kind != TokenKind::literal || token.literal != LiteralKind::integer) continue;
    std::int32_t value = 0;
    const char* begin = text_.data() + token.span.begin;
    if (std::from_chars(begin, text_.data() + token.span.end, value).ec == std::errc{}) out.modifiers.push_back(value);
  }
}

}  // namespace sealrow::sql::mysql
