// PostgreSQL's lexical structure (src/backend/parser/scan.l of PostgreSQL 17) with exact token spans. One scanner for
// templates, for the spans of the AST (libpg_query reports only where a node starts) and for word scans.
#pragma once

#include "sealrow/sql/ast.hpp"
#include "sealrow/sql/postgres.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sealrow::sql::postgres {

enum class TokenKind : std::uint8_t {
  end,
  word,          // key word or identifier, not quoted; also the N of N'…'
  quoted_word,   // "…" and U&"…", with its UESCAPE clause
  literal,       // a whole literal, see Token::literal
  parameter,     // $n
  op,            // operator characters
  punctuation,   // ( ) [ ] , ; . : and the pairs :: := ..
  comment,       // only from next_with_comments()
  unknown,       // what the server's lexer would refuse; the scan cannot go on
};

struct Token {
  Span span;
  TokenKind kind = TokenKind::end;
  LiteralKind literal = LiteralKind::string;
};

// Spans are 32 bit; the protocol's own limit for a message is the same gigabyte.
constexpr std::size_t max_text_size = std::size_t{1} << 30;

class Lexer {
 public:
  Lexer(std::string_view text, LexerOptions options)
      : begin_(text.data()), p_(text.data()), end_(text.data() + text.size()), options_(options) {}

  // After `end` or `unknown` the same token comes again.
  Token next_with_comments();
  Token next();

 private:
  Token token(TokenKind kind, const char* start) const;
  Token literal(LiteralKind kind, const char* start) const;
  Token unknown(const char* start);
  Token word(const char* start);
  Token number(const char* start);
  Token dollar(const char* start);
  Token string(const char* start, LiteralKind kind);
  Token quoted_word(const char* start);
  Token unicode(const char* start);
  Token operator_or_comment(const char* start);
  Token line_comment(const char* start);
  Token block_comment(const char* start);
  Token punctuation(const char* start);
  bool skip_string_body(bool backslash, bool doubling);
  bool skip_double_quoted();
  bool find_quote(bool backslash);
  bool skip_blanks();
  void skip_uescape();
  const char* continuation() const;
  bool skip_digits(bool (*is_digit)(char));

  const char* begin_;
  const char* p_;
  const char* end_;
  LexerOptions options_;
};

// 'a' -- c⏎ 'b' is one literal for the server, but libpg_query's scanner does not skip the comment. Same length.
void blank_comments_between_parts(std::string& text, const Literal& literal, LexerOptions options);

[[nodiscard]] bool is_identifier_start(char c) noexcept;
[[nodiscard]] bool is_identifier_part(char c) noexcept;
[[nodiscard]] bool is_space(char c) noexcept;
// Any key word that is not accepted as a name everywhere.
[[nodiscard]] bool is_key_word(std::string_view lower_case_word) noexcept;
// ASCII only, as the server folds for UTF-8.
[[nodiscard]] std::string fold_case(std::string_view word);
[[nodiscard]] bool equals_word(std::string_view text, std::string_view lower_case_word) noexcept;

}  // namespace sealrow::sql::postgres
