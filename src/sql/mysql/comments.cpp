// Comments, and those that are code.
#include "sql/mysql/lexer.hpp"

#include <algorithm>
#include <cstring>

namespace sealrow::sql::mysql {
namespace {

constexpr bool is_decimal(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// The oldest servers that are supported: every one runs the comments of these versions.
constexpr std::uint32_t oldest_mysql = 80400;
constexpr std::uint32_t oldest_mariadb = 101100;

enum class Live : std::uint8_t { no, yes, undecided };

Live live(std::uint32_t wanted, bool mariadb_only, const LexerOptions& options) {
  const bool mariadb = options.flavour == Flavour::mariadb;
  // MariaDB leaves MySQL's versions from 5.7 on out: it lacks what they brought.
  if (mariadb && !mariadb_only && wanted >= 50700 && wanted <= 99999) return Live::no;
  if (wanted <= (mariadb ? oldest_mariadb : oldest_mysql)) return Live::yes;
  if (options.version == 0) return Live::undecided;
  return wanted <= options.version ? Live::yes : Live::no;
}

}  // namespace

// `--` needs a blank or control character behind it; the end of the text counts as one.
bool Lexer::at_line_comment() const {
  if (peek(0) == '#') return true;
  return peek(0) == '-' && peek(1) == '-' && (end_ - p_ == 2 || is_space(p_[2]) || is_control(p_[2]));
}

Token Lexer::line_comment(const char* start) {
  const auto* newline = static_cast<const char*>(std::memchr(p_, '\n', end_ - p_));
  const char* stop = newline ? newline : end_;
  // The server ends the comment at a zero byte.
  if (std::memchr(p_, '\0', stop - p_)) return unknown(start);
  p_ = stop;
  return token(TokenKind::comment, start);
}

// From behind the opening to behind the closing mark; `nesting` inner comments deep at most.
bool Lexer::skip_block_comment(int nesting) {
  int depth = 0;
  while (end_ - p_ > 1) {
    if (p_[0] == '*' && p_[1] == '/') {
      p_ += 2;
      if (depth-- == 0) return true;
    } else if (p_[0] == '/' && p_[1] == '*' && depth < nesting) {
      p_ += 2;
      ++depth;
    } else {
      ++p_;
    }
  }
  return false;
}

// Reads the version behind /*! and leaves the position behind it if what follows is code.
bool Lexer::is_live_version(bool mariadb_only) {
  int digits = 0;
  std::uint32_t wanted = 0;
  while (digits < 6 && is_decimal(peek(digits)))
    wanted = wanted * 10 + static_cast<std::uint32_t>(peek(digits++) - '0');
  if (digits < 5) return true;  // no version: code for everybody
  const Live verdict = live(wanted, mariadb_only, options_);
  undecided_ = verdict == Live::undecided;
  if (verdict == Live::yes) p_ += digits;
  return verdict == Live::yes;
}

// A token of kind `end` says: code follows.
Token Lexer::block_comment(const char* start) {
  const bool mariadb_only = peek(2) == 'M' && peek(3) == '!' && options_.flavour == Flavour::mariadb;
  const bool versioned = peek(2) == '!' || mariadb_only;
  p_ += 2;
  if (versioned) {
    p_ += mariadb_only ? 2 : 1;
    if (is_live_version(mariadb_only)) {
      in_version_comment_ = true;
      return token(TokenKind::end, start);
    }
    if (undecided_) return unknown(start);
  }
  if (!skip_block_comment(versioned ? 1 : 0)) return unknown(start);
  // MySQL has a grammar inside of /*+ … */: a quoted name there could hide the end of the comment.
  const std::string_view body(start, p_ - start);
  if (body.starts_with("/*+")) {
    for (const char quote : {'`', '"', '\''}) {
      if (std::count(body.begin(), body.end(), quote) % 2 != 0) return unknown(start);
    }
  }
  return token(TokenKind::comment, start);
}

std::size_t Lexer::skip_blanks() {
  const char* start = p_;
  skip_blanks_and_plain_comments();
  return static_cast<std::size_t>(p_ - start);
}

// False at a version comment or its end: the token before it stands alone.
bool Lexer::skip_blanks_and_plain_comments() {
  for (;;) {
    while (p_ != end_ && is_space(*p_)) ++p_;
    if (at_line_comment()) {
      if (line_comment(p_).kind == TokenKind::unknown) return false;
    } else if (peek(0) == '/' && peek(1) == '*') {
      if (peek(2) == '!' || peek(2) == 'M' || peek(2) == '+') return false;
      p_ += 2;
      if (!skip_block_comment(0)) return false;
    } else {
      return true;
    }
  }
}

}  // namespace sealrow::sql::mysql
