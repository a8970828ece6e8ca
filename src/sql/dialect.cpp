#include "sealrow/sql/dialect.hpp"

namespace sealrow::sql {

namespace {

void append_options(std::string& out, const postgres::LexerOptions& options) {
  out += 'p';
  out += static_cast<char>(options.standard_conforming_strings);
}

void append_options(std::string& out, const mysql::LexerOptions& options) {
  out += 'm';
  for (const bool mode :
       {options.ansi_quotes, options.no_backslash_escapes, options.pipes_as_concat, options.high_not_precedence}) {
    out += static_cast<char>(mode);
  }
  out += static_cast<char>(options.flavour);
  out += static_cast<char>(options.table_names);
  for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>(options.version >> shift);
}

void to_lower(std::string& name) {
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
}

}  // namespace

// The options' own namespace decides which function is called.
Result<Parsed> parse(std::string_view text, const Dialect& dialect) {
  return std::visit([&](const auto& options) { return parse(text, options); }, dialect);
}

void make_template(std::string_view text, const Dialect& dialect, Template& out) {
  std::visit([&](const auto& options) { make_template(text, options, out); }, dialect);
}

Result<std::string> literal_value(std::string_view text, const Literal& literal, const Dialect& dialect) {
  return std::visit([&](const auto& options) { return literal_value(text, literal, options); }, dialect);
}

void append_string_literal(std::string& out, std::string_view value, const Dialect& dialect) {
  std::visit([&](const auto& options) { append_string_literal(out, value, options); }, dialect);
}

void append_identifier(std::string& out, std::string_view name, const Dialect& dialect) {
  is_mysql(dialect) ? mysql::append_identifier(out, name) : postgres::append_identifier(out, name);
}

WordScan scan_words(std::string_view text, const Dialect& dialect) {
  const auto* options = std::get_if<mysql::LexerOptions>(&dialect);
  return options ? mysql::scan_words(text, *options) : postgres::scan_words(text);
}

void fold_column_name(std::string& name, const Dialect& dialect) {
  if (is_mysql(dialect)) to_lower(name);
}

void fold_relation_name(std::string& name, const Dialect& dialect) {
  const auto* options = std::get_if<mysql::LexerOptions>(&dialect);
  if (options && options->table_names == mysql::TableNameCase::insensitive) to_lower(name);
}

void append_key(std::string& out, const Dialect& dialect) {
  std::visit([&](const auto& options) { append_options(out, options); }, dialect);
}

}  // namespace sealrow::sql
