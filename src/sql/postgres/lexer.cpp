#include "sql/postgres/lexer.hpp"

#include "sql/postgres/special.hpp"

#include <algorithm>
#include <cstring>

namespace sealrow::sql::postgres {
namespace {

constexpr bool is_newline(char c) { return c == '\n' || c == '\r'; }
constexpr bool is_decimal(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_octal(char c) { return c >= '0' && c <= '7'; }
constexpr bool is_binary(char c) { return c == '0' || c == '1'; }
constexpr bool is_hex(char c) { return is_decimal(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
// The tag of a dollar quote is an identifier without dollars.
constexpr bool is_tag_part(char c) { return class_of(c) == CharClass::letter || class_of(c) == CharClass::digit; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool is_identifier_start(char c) noexcept { return class_of(c) == CharClass::letter; }
bool is_identifier_part(char c) noexcept { return is_tag_part(c) || c == '$'; }
bool is_space(char c) noexcept { return class_of(c) == CharClass::space; }

std::string fold_case(std::string_view word) {
  std::string folded(word);
  std::transform(folded.begin(), folded.end(), folded.begin(), lower);
  return folded;
}

bool equals_word(std::string_view text, std::string_view lower_case_word) noexcept {
  return std::equal(text.begin(), text.end(), lower_case_word.begin(), lower_case_word.end(),
                    [](char a, char b) { return lower(a) == b; });
}

Token Lexer::token(TokenKind kind, const char* start) const {
  return {{static_cast<std::uint32_t>(start - begin_), static_cast<std::uint32_t>(p_ - begin_)}, kind};
}

Token Lexer::literal(LiteralKind kind, const char* start) const {
  Token result = token(TokenKind::literal, start);
  result.literal = kind;
  return result;
}

Token Lexer::unknown(const char* start) {
  p_ = start;  // so that it comes again
  return token(TokenKind::unknown, start);
}

Token Lexer::next() {
  for (;;) {
    const Token found = next_with_comments();
    if (found.kind != TokenKind::comment) return found;
  }
}

Token Lexer::next_with_comments() {
  while (p_ != end_ && class_of(*p_) == CharClass::space) ++p_;
  const char* start = p_;
  if (p_ == end_) return token(TokenKind::end, start);
  switch (class_of(*p_)) {
    case CharClass::letter:
      return word(start);
    case CharClass::digit:
      return number(start);
    case CharClass::quote:
      return string(start, LiteralKind::string);
    case CharClass::double_quote:
      return quoted_word(start);
    case CharClass::dollar:
      return dollar(start);
    case CharClass::op:
      return operator_or_comment(start);
    case CharClass::punctuation:
      return punctuation(start);
    case CharClass::space:
    case CharClass::other:
      break;
  }
  return unknown(start);
}

// A quote belongs to the letters in front of it where they are E, B, X or U& and a word of their own.
void Lexer::skip_to_special() {
  const char* start = p_;
  p_ = has_avx2() ? find_special_avx2(p_, end_) : find_special_scalar(p_, end_);
  if (p_ == end_ || (*p_ != '\'' && *p_ != '"')) return;
  const auto begins_word = [&](const char* letter) { return letter == start || !is_identifier_part(letter[-1]); };
  if (p_ - start >= 2 && p_[-1] == '&' && lower(p_[-2]) == 'u' && begins_word(p_ - 2)) {
    p_ -= 2;
  } else if (p_ != start && *p_ == '\'' && std::string_view("ebx").find(lower(p_[-1])) != std::string_view::npos &&
             begins_word(p_ - 1)) {
    p_ -= 1;
  }
}

Token Lexer::word(const char* start) {
  do ++p_;
  while (p_ != end_ && is_identifier_part(*p_));
  if (p_ - start != 1 || p_ == end_ || (*p_ != '\'' && *p_ != '&')) return token(TokenKind::word, start);
  const char prefix = lower(*start);
  if (prefix == 'u' && *p_ == '&' && end_ - p_ > 1 && (p_[1] == '\'' || p_[1] == '"')) return unicode(start);
  if (*p_ == '\'') {
    if (prefix == 'e') return string(start, LiteralKind::escape_string);
    if (prefix == 'b') return string(start, LiteralKind::bit_string);
    if (prefix == 'x') return string(start, LiteralKind::hex_string);
  }
  return token(TokenKind::word, start);
}

// Digits with single underscores between them; an underscore may also come before the first digit of 0x_1.
bool Lexer::skip_digits(bool (*is_digit)(char)) {
  const char* first = p_;
  for (;;) {
    const char* digit = p_ != end_ && *p_ == '_' ? p_ + 1 : p_;
    if (digit == end_ || !is_digit(*digit)) break;
    p_ = digit + 1;
  }
  return p_ != first;
}

Token Lexer::number(const char* start) {
  LiteralKind kind = LiteralKind::integer;
  const char radix = *p_ == '0' && end_ - p_ > 1 ? lower(p_[1]) : '\0';
  if (radix == 'x' || radix == 'o' || radix == 'b') {
    p_ += 2;
    if (!skip_digits(radix == 'x' ? is_hex : radix == 'o' ? is_octal : is_binary)) return unknown(start);
  } else {
    skip_digits(is_decimal);
    // "1..10" is the number 1 and the operator "..".
    if (p_ != end_ && *p_ == '.' && !(end_ - p_ > 1 && p_[1] == '.')) {
      kind = LiteralKind::number;
      ++p_;
      if (p_ != end_ && is_decimal(*p_)) skip_digits(is_decimal);
    }
    if (p_ != end_ && lower(*p_) == 'e') {
      kind = LiteralKind::number;
      ++p_;
      if (p_ != end_ && (*p_ == '+' || *p_ == '-')) ++p_;
      if (p_ == end_ || !is_decimal(*p_)) return unknown(start);
      skip_digits(is_decimal);
    }
  }
  if (p_ != end_ && is_identifier_start(*p_)) return unknown(start);  // "trailing junk after numeric literal"
  return literal(kind, start);
}

Token Lexer::dollar(const char* start) {
  ++p_;
  if (p_ != end_ && is_decimal(*p_)) {
    while (p_ != end_ && is_decimal(*p_)) ++p_;
    if (p_ != end_ && is_identifier_start(*p_)) return unknown(start);
    return token(TokenKind::parameter, start);
  }
  if (p_ != end_ && is_identifier_start(*p_)) {
    while (p_ != end_ && is_tag_part(*p_)) ++p_;
  }
  if (p_ == end_ || *p_ != '$') return unknown(start);
  ++p_;
  const std::string_view delimiter(start, p_ - start);
  const auto close = std::string_view(p_, end_ - p_).find(delimiter);
  if (close == std::string_view::npos) return unknown(start);
  p_ += close + delimiter.size();
  return literal(LiteralKind::dollar_string, start);
}

// scan.l, quotecontinue: white space with at least one newline, `--` comments included, then a quote.
const char* Lexer::continuation() const {
  bool newline = false;
  for (const char* p = p_; p != end_; ++p) {
    if (is_newline(*p)) {
      newline = true;
    } else if (*p == '-' && end_ - p > 1 && p[1] == '-') {
      while (p != end_ && !is_newline(*p)) ++p;
      if (p == end_) return nullptr;
      newline = true;
    } else if (*p == '\'') {
      return newline ? p + 1 : nullptr;
    } else if (class_of(*p) != CharClass::space) {
      return nullptr;
    }
  }
  return nullptr;
}

// Moves to the next quote; a backslash takes the character behind it along. False at the end of the text.
bool Lexer::find_quote(bool backslash) {
  if (!backslash) {
    const void* found = std::memchr(p_, '\'', end_ - p_);
    p_ = found ? static_cast<const char*>(found) : end_;
    return found;
  }
  for (; p_ != end_ && *p_ != '\''; ++p_) {
    if (*p_ == '\\' && ++p_ == end_) return false;
  }
  return p_ != end_;
}

// From behind the opening quote to behind the closing one (of the last part).
bool Lexer::skip_string_body(bool backslash, bool doubling) {
  while (find_quote(backslash)) {
    ++p_;
    if (doubling && p_ != end_ && *p_ == '\'') {
      ++p_;
      continue;
    }
    const char* next_part = continuation();
    if (!next_part) return true;
    p_ = next_part;
  }
  return false;
}

Token Lexer::string(const char* start, LiteralKind kind) {
  if (*p_ != '\'') ++p_;  // a word's prefix is already behind us; U& is not
  ++p_;
  const bool backslash =
      kind == LiteralKind::escape_string || (kind == LiteralKind::string && !options_.standard_conforming_strings);
  const bool doubling = kind != LiteralKind::bit_string && kind != LiteralKind::hex_string;
  if (!skip_string_body(backslash, doubling)) return unknown(start);
  return literal(kind, start);
}

bool Lexer::skip_double_quoted() {
  const char* first = p_;
  for (;;) {
    const void* found = std::memchr(p_, '"', end_ - p_);
    if (!found) return false;
    p_ = static_cast<const char*>(found) + 1;
    if (p_ == end_ || *p_ != '"') break;
    ++p_;
  }
  return p_ - first > 1;  // "zero-length delimited identifier" is an error
}

Token Lexer::quoted_word(const char* start) {
  ++p_;
  if (!skip_double_quoted()) return unknown(start);
  return token(TokenKind::quoted_word, start);
}

Token Lexer::unicode(const char* start) {
  if (p_[1] == '"') {
    p_ += 2;
    if (!skip_double_quoted()) return unknown(start);
    skip_uescape();
    return token(TokenKind::quoted_word, start);
  }
  // "unsafe use of string constant with Unicode escapes"
  if (!options_.standard_conforming_strings) return unknown(start);
  if (const Token found = string(start, LiteralKind::unicode_string); found.kind == TokenKind::unknown) return found;
  skip_uescape();
  return literal(LiteralKind::unicode_string, start);
}

bool Lexer::skip_blanks() {
  for (;;) {
    while (p_ != end_ && class_of(*p_) == CharClass::space) ++p_;
    if (end_ - p_ < 2 || !((p_[0] == '-' && p_[1] == '-') || (p_[0] == '/' && p_[1] == '*'))) return true;
    if (operator_or_comment(p_).kind == TokenKind::unknown) return false;
  }
}

// UESCAPE '!' decides what the token before it means, so it is part of that token, as in the server's base_yylex.
void Lexer::skip_uescape() {
  constexpr std::string_view key_word = "uescape";
  const char* here = p_;
  if (skip_blanks() && equals_word({p_, std::min<std::size_t>(key_word.size(), end_ - p_)}, key_word)) {
    p_ += key_word.size();
    // Another U& token is not a plain string for the server, and would recurse.
    if (skip_blanks() && p_ != end_ && lower(*p_) != 'u' && next_with_comments().kind == TokenKind::literal) return;
  }
  p_ = here;
}

Token Lexer::line_comment(const char* start) {
  while (p_ != end_ && !is_newline(*p_)) ++p_;
  return token(TokenKind::comment, start);
}

Token Lexer::block_comment(const char* start) {
  std::size_t depth = 0;
  while (end_ - p_ > 1) {
    if (p_[0] == '/' && p_[1] == '*') {
      ++depth;
      p_ += 2;
    } else if (p_[0] == '*' && p_[1] == '/') {
      p_ += 2;
      if (--depth == 0) return token(TokenKind::comment, start);
    } else {
      ++p_;
    }
  }
  return unknown(start);
}

Token Lexer::operator_or_comment(const char* start) {
  for (; p_ != end_ && class_of(*p_) == CharClass::op; ++p_) {
    if (end_ - p_ < 2) continue;
    const bool line = p_[0] == '-' && p_[1] == '-';
    const bool block = p_[0] == '/' && p_[1] == '*';
    if (!line && !block) continue;
    if (p_ != start) break;
    return line ? line_comment(start) : block_comment(start);
  }
  // scan.l: a multi-character operator ends in + or - only if it also has one of these characters.
  const auto special = [](char c) { return std::string_view("~!@#^&|`?%").find(c) != std::string_view::npos; };
  if (p_ - start > 1 && (p_[-1] == '+' || p_[-1] == '-') && std::none_of(start, p_, special)) {
    while (p_ - start > 1 && (p_[-1] == '+' || p_[-1] == '-')) --p_;
  }
  return token(TokenKind::op, start);
}

Token Lexer::punctuation(const char* start) {
  const char next_char = end_ - p_ > 1 ? p_[1] : '\0';
  if (*p_ == '.' && is_decimal(next_char)) return number(start);
  const bool pair = (*p_ == ':' && (next_char == ':' || next_char == '=')) || (*p_ == '.' && next_char == '.');
  p_ += pair ? 2 : 1;
  return token(TokenKind::punctuation, start);
}

}  // namespace sealrow::sql::postgres
