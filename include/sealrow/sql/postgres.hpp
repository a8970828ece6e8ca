// The PostgreSQL front end: libpg_query (grammar of PostgreSQL 17) → AST, and the lexer behind templates.
// Thread-safe: no shared state (libpg_query keeps its own per thread).
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/sql/ast.hpp"
#include "sealrow/sql/template.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::sql::postgres {

using sql::Template;
using sql::WordScan;

// What the server's lexer depends on.
struct LexerOptions {
  bool standard_conforming_strings = true;
  friend bool operator==(const LexerOptions&, const LexerOptions&) = default;
};

// Parses a whole Query or Parse text. An error carries the server's message and the offset (statement_syntax).
[[nodiscard]] Result<Parsed> parse(std::string_view text, LexerOptions options = {});

// One pass, no parse; reuses `out`'s memory. Never fails: what it does not recognise makes the template exact.
void make_template(std::string_view text, LexerOptions options, Template& out);

// Value of a literal token as the server would read it: bytes of the string (unescaped), digits of a number.
// `text.substr(span)` is the token. Bit and hex strings are an error (they are not text).
[[nodiscard]] Result<std::string> literal_value(std::string_view text, const Literal& literal, LexerOptions options);

// A quoted string literal that means `value` under the options (uses E'' only when needed).
void append_string_literal(std::string& out, std::string_view value, LexerOptions options);
// "quoted ident" when needed, doubled quotes.
void append_identifier(std::string& out, std::string_view name);

// Words of a function body or DO block, also of strings within.
[[nodiscard]] WordScan scan_words(std::string_view text);

// What PL/pgSQL code of a trigger may set of the row that it was called for: certainly all that it does set.
struct RowWrites {
  bool whole = false;                // any column
  std::vector<std::string> columns;  // as the code names them, folded
};
[[nodiscard]] RowWrites row_writes(std::string_view body);

}  // namespace sealrow::sql::postgres
