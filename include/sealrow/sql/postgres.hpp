// The PostgreSQL front end: libpg_query (grammar of PostgreSQL 17) → AST, and the lexer behind templates.
// Thread-safe: no shared state (libpg_query keeps its own per thread).
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/sql/ast.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::sql::postgres {

// What the server's lexer depends on.
struct LexerOptions {
  bool standard_conforming_strings = true;
  friend bool operator==(const LexerOptions&, const LexerOptions&) = default;
};

// Parses a whole Query or Parse text. An error carries the server's message and the offset (statement_syntax).
[[nodiscard]] Result<Parsed> parse(std::string_view text, LexerOptions options = {});

// A statement text with its literals taken out, so that statements that differ in values only share a plan: each is
// replaced by the byte 0x01, which no SQL text has outside of quotes, and a letter for its kind ('…' → S, 1 → I, …).
// Literals are the same tokens, in the same order, as Parsed::literals of the original text.
// NULL, TRUE, FALSE and parameters stay in the template: they are structure. A sign is not part of a number.
struct Template {
  std::string text;                     // comments replaced by one blank, otherwise as written
  std::vector<Literal> literals;        // spans in the ORIGINAL text
  std::uint64_t hash = 0;               // keyed per process; equality must compare `text`
  bool exact = false;                   // text could not be taken apart with certainty: no literals, `text` is the
                                        // original behind "\x01=", so that it equals no other template
};
// One pass, no parse; reuses `out`'s memory. Never fails: what it does not recognise makes the template exact.
void make_template(std::string_view text, LexerOptions options, Template& out);

// Value of a literal token as the server would read it: bytes of the string (unescaped), digits of a number.
// `text.substr(span)` is the token. Bit and hex strings are an error (they are not text).
[[nodiscard]] Result<std::string> literal_value(std::string_view text, const Literal& literal, LexerOptions options);

// A quoted string literal that means `value` under the options (uses E'' only when needed).
void append_string_literal(std::string& out, std::string_view value, LexerOptions options);
// "quoted ident" when needed, doubled quotes.
void append_identifier(std::string& out, std::string_view name);

// Lower-cased identifier words and string contents of a text (function bodies, DO blocks): a conservative look for
// names and dynamic SQL.
struct WordScan {
  std::vector<std::string> words;       // identifiers and key words, folded (quoted ones as written), incl. words inside strings
  bool has_execute = false;             // EXECUTE outside of "EXECUTE FUNCTION/PROCEDURE" and not "ON EXECUTE"
};
[[nodiscard]] WordScan scan_words(std::string_view text);

}  // namespace sealrow::sql::postgres
