// MySQL's and MariaDB's lexical structure (sql/sql_lex.cc, lex_one_token) with exact token spans. One scanner for
// templates, the parser and word scans. What the server's own lexer would refuse is `unknown`.
#pragma once

#include "sealrow/sql/ast.hpp"
#include "sealrow/sql/mysql.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sealrow::sql::mysql {

enum class TokenKind : std::uint8_t {
  end,
  word,             // key word or identifier, not quoted
  name,             // identifier only: `…`, "…" with ANSI_QUOTES, a word directly behind or in front of a dot, 1a
  literal,          // a whole literal with its introducer and adjacent parts, see Token::literal
  parameter,        // ?
  variable,         // @name, @'name', @`name`; also the host in user@host
  system_variable,  // @@name, without what follows a dot
  symbol,           // operators and punctuation; also \N
  comment,          // only from next_with_comments()
  unknown,          // the scan cannot go on
};

struct Token {
  Span span;
  TokenKind kind = TokenKind::end;
  LiteralKind literal = LiteralKind::string;
  std::uint32_t index = 0;  // of the literal in Parsed::literals, or the parameter's number; set by the parser
};

// Spans are 32 bit; the protocol's own limit for a packet is the same gigabyte.
constexpr std::size_t max_text_size = std::size_t{1} << 30;

class Lexer {
 public:
  Lexer(std::string_view text, LexerOptions options)
      : begin_(text.data()), p_(text.data()), end_(text.data() + text.size()), options_(options) {}

  // After `end` or `unknown` the same token comes again.
  Token next_with_comments();
  Token next();
  // Bytes up to the next token; the scan stays in front of it.
  std::size_t skip_blanks();

 private:
  Token token(TokenKind kind, const char* start) const;
  Token literal(LiteralKind kind, const char* start) const;
  Token unknown(const char* start);
  Token word(const char* start);
  Token raw_name(const char* start);
  Token number(const char* start);
  Token fraction(const char* start);
  Token string(const char* start);
  Token based_string(const char* start, LiteralKind kind);
  Token introduced(const char* start);
  Token quoted_name(const char* start);
  Token variable(const char* start);
  Token dot(const char* start);
  Token symbol(const char* start);
  Token line_comment(const char* start);
  Token block_comment(const char* start);
  bool skip_block_comment(int nesting);
  bool is_live_version(bool mariadb_only);
  bool skip_quoted(bool backslash);
  bool skip_blanks_and_plain_comments();
  void skip_adjacent_strings();
  [[nodiscard]] bool at_line_comment() const;
  [[nodiscard]] bool at_string() const;
  [[nodiscard]] bool at_based_string(char mark) const;
  [[nodiscard]] char peek(std::size_t ahead) const;
  [[nodiscard]] bool directly_named_part() const;

  const char* begin_;
  const char* p_;
  const char* end_;
  LexerOptions options_;
  const char* name_end_ = nullptr;   // where the last unquoted name ended: a dot there never starts a number
  bool raw_name_next_ = false;       // directly behind a dot a word is no key word
  bool in_version_comment_ = false;  // between the code of /*! … */
  bool undecided_ = false;           // a version comment whose meaning depends on the unknown server version
};

[[nodiscard]] bool is_identifier_part(char c) noexcept;
[[nodiscard]] bool is_space(char c) noexcept;
// Cannot be used as a name without quotes.
[[nodiscard]] bool is_reserved(std::string_view word, Flavour flavour) noexcept;
// A character set that an introducer may name, without the underscore.
[[nodiscard]] bool is_character_set(std::string_view name) noexcept;
// ASCII only.
[[nodiscard]] std::string fold_case(std::string_view word);
[[nodiscard]] bool equals_word(std::string_view text, std::string_view lower_case_word) noexcept;
// "`a``b`" → "a`b"; a word as it is.
[[nodiscard]] std::string name_value(std::string_view token);

}  // namespace sealrow::sql::mysql
