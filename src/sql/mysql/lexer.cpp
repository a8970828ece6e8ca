#include "sql/mysql/lexer.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace sealrow::sql::mysql {
namespace {

enum class CharClass : std::uint8_t { other, space, letter, digit, quote, double_quote, backtick, at, dot, symbol };

constexpr std::array<CharClass, 256> make_classes() {
  std::array<CharClass, 256> table{};
  for (const char c : std::string_view(" \t\n\r\f\v")) table[static_cast<unsigned char>(c)] = CharClass::space;
  for (const char c : std::string_view("~!^&|?+-*/%<>=()[],;:{}#\\")) {
    table[static_cast<unsigned char>(c)] = CharClass::symbol;
  }
  for (int c = '0'; c <= '9'; ++c) table[c] = CharClass::digit;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = CharClass::letter;
  for (int c = 0x80; c <= 0xff; ++c) table[c] = CharClass::letter;
  table['_'] = table['$'] = CharClass::letter;
  table['\''] = CharClass::quote;
  table['"'] = CharClass::double_quote;
  table['`'] = CharClass::backtick;
  table['@'] = CharClass::at;
  table['.'] = CharClass::dot;
  return table;
}

constexpr std::array<CharClass, 256> classes = make_classes();

constexpr CharClass class_of(char c) { return classes[static_cast<unsigned char>(c)]; }
constexpr bool is_decimal(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_binary(char c) { return c == '0' || c == '1'; }
constexpr bool is_hex(char c) { return is_decimal(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Longest first.
constexpr std::array<std::string_view, 13> long_symbols = {"<=>", "->>", "&&", "||", "<=", ">=", "<>",
                                                           "!=",  "<<",  ">>", ":=", "->", "\\N"};

}  // namespace

bool is_identifier_part(char c) noexcept { return class_of(c) == CharClass::letter || class_of(c) == CharClass::digit; }
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

std::string name_value(std::string_view token) {
  if (token.size() < 2 || (token.front() != '`' && token.front() != '"')) return std::string(token);
  std::string name;
  for (std::size_t i = 1; i + 1 < token.size(); ++i) {
    name.push_back(token[i]);
    if (token[i] == token.front()) ++i;
  }
  return name;
}

char Lexer::peek(std::size_t ahead) const { return static_cast<std::size_t>(end_ - p_) > ahead ? p_[ahead] : '\0'; }

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
  for (;;) {
    while (p_ != end_ && class_of(*p_) == CharClass::space) ++p_;
    const char* start = p_;
    if (undecided_) return unknown(start);
    if (p_ == end_) return in_version_comment_ ? unknown(start) : token(TokenKind::end, start);
    const bool raw = std::exchange(raw_name_next_, false);
    if (raw && is_identifier_part(*p_)) return raw_name(start);
    switch (class_of(*p_)) {
      case CharClass::letter:
        return word(start);
      case CharClass::digit:
        return number(start);
      case CharClass::quote:
        return string(start);
      case CharClass::double_quote:
        return options_.ansi_quotes ? quoted_name(start) : string(start);
      case CharClass::backtick:
        return quoted_name(start);
      case CharClass::at:
        return variable(start);
      case CharClass::dot:
        return dot(start);
      case CharClass::symbol:
        break;
      case CharClass::space:
      case CharClass::other:
        return unknown(start);
    }
    if (at_line_comment()) return line_comment(start);
    if (*p_ == '/' && peek(1) == '*') {
      const Token found = block_comment(start);
      if (found.kind != TokenKind::end) return found;
      continue;  // the code of a version comment begins
    }
    if (in_version_comment_ && *p_ == '*' && peek(1) == '/') {
      p_ += 2;
      in_version_comment_ = false;
      continue;
    }
    return symbol(start);
  }
}

// A word that is followed directly by a dot and more is a qualifier, whatever it spells.
bool Lexer::directly_named_part() const { return peek(0) == '.' && is_identifier_part(peek(1)); }

Token Lexer::raw_name(const char* start) {
  while (p_ != end_ && is_identifier_part(*p_)) ++p_;
  name_end_ = p_;
  return token(TokenKind::name, start);
}

Token Lexer::word(const char* start) {
  const char first = lower(*start);
  if ((first == 'x' || first == 'b') && at_based_string(first)) {
    return based_string(start, first == 'x' ? LiteralKind::hex_string : LiteralKind::bit_string);
  }
  if (first == 'n' && peek(1) == '\'') {
    ++p_;
    return string(start);
  }
  while (p_ != end_ && is_identifier_part(*p_)) ++p_;
  const std::string_view written(start, p_ - start);
  // MySQL 9 reads $$ … $$ and $tag$ … $tag$ as text; older servers and MariaDB read a name.
  if (first == '$' && options_.flavour == Flavour::mysql && written.find('$', 1) != std::string_view::npos) {
    return unknown(start);
  }
  if (first == '_' && is_character_set(written.substr(1))) {
    const char* here = p_;
    if (skip_blanks_and_plain_comments() && (at_string() || at_based_string('x') || at_based_string('b'))) {
      return introduced(start);
    }
    p_ = here;
  }
  name_end_ = p_;
  return token(directly_named_part() ? TokenKind::name : TokenKind::word, start);
}

// x'…' and, for introducers, 0x… too.
bool Lexer::at_based_string(char mark) const {
  if (lower(peek(0)) == mark && peek(1) == '\'') return true;
  if (peek(0) != '0' || peek(1) != mark) return false;
  const auto is_digit = mark == 'x' ? is_hex : is_binary;
  const char* p = p_ + 2;
  while (p != end_ && is_digit(*p)) ++p;
  return p - p_ > 2 && (p == end_ || !is_identifier_part(*p));
}

Token Lexer::based_string(const char* start, LiteralKind kind) {
  const bool hex = kind == LiteralKind::hex_string;
  const bool quoted = peek(1) == '\'';
  const char* digits = p_ += 2;
  while (p_ != end_ && (hex ? is_hex(*p_) : is_binary(*p_))) ++p_;
  if (quoted) {
    if (p_ == end_ || *p_ != '\'' || (hex && (p_ - digits) % 2 != 0)) return unknown(start);
    ++p_;
  }
  return literal(kind, start);
}

Token Lexer::introduced(const char* start) {
  if (at_string()) return string(start);
  return based_string(start, at_based_string('x') ? LiteralKind::hex_string : LiteralKind::bit_string);
}

Token Lexer::number(const char* start) {
  if (at_based_string('x')) return based_string(start, LiteralKind::hex_string);
  if (at_based_string('b')) return based_string(start, LiteralKind::bit_string);
  while (p_ != end_ && is_decimal(*p_)) ++p_;
  if (p_ != end_ && *p_ == '.') return fraction(start);
  if (p_ == end_ || !is_identifier_part(*p_)) return literal(LiteralKind::integer, start);
  const bool sign = lower(*p_) == 'e' && (peek(1) == '+' || peek(1) == '-');
  if (lower(*p_) == 'e' && is_decimal(peek(sign ? 2 : 1))) {
    p_ += sign ? 2 : 1;
    while (p_ != end_ && is_decimal(*p_)) ++p_;
    return literal(LiteralKind::number, start);
  }
  return raw_name(start);  // 1a is a name
}

// From the dot of a number on.
Token Lexer::fraction(const char* start) {
  ++p_;
  while (p_ != end_ && is_decimal(*p_)) ++p_;
  if (lower(peek(0)) == 'e') {
    p_ += peek(1) == '+' || peek(1) == '-' ? 2 : 1;
    if (p_ == end_ || !is_decimal(*p_)) return unknown(start);
    while (p_ != end_ && is_decimal(*p_)) ++p_;
  }
  return literal(LiteralKind::number, start);
}

Token Lexer::dot(const char* start) {
  if (is_decimal(peek(1)) && name_end_ != start) return fraction(start);
  ++p_;
  raw_name_next_ = p_ != end_ && is_identifier_part(*p_);
  return token(TokenKind::symbol, start);
}

bool Lexer::at_string() const { return peek(0) == '\'' || (peek(0) == '"' && !options_.ansi_quotes); }

// From the opening quote to behind the closing one; doubled quotes stand for one.
bool Lexer::skip_quoted(bool backslash) {
  const char quote = *p_++;
  for (;;) {
    if (!backslash) {
      const void* found = std::memchr(p_, quote, end_ - p_);
      p_ = found ? static_cast<const char*>(found) : end_;
    } else {
      while (p_ != end_ && *p_ != quote) {
        if (*p_ == '\\' && ++p_ == end_) return false;
        ++p_;
      }
    }
    if (p_ == end_) return false;
    ++p_;
    if (p_ == end_ || *p_ != quote) return true;
    ++p_;
  }
}

// 'a' 'b' is one string for the grammar.
void Lexer::skip_adjacent_strings() {
  for (;;) {
    const char* here = p_;
    if (!skip_blanks_and_plain_comments() || !at_string() || !skip_quoted(!options_.no_backslash_escapes)) {
      p_ = here;
      return;
    }
  }
}

Token Lexer::string(const char* start) {
  if (!skip_quoted(!options_.no_backslash_escapes)) return unknown(start);
  skip_adjacent_strings();
  return literal(LiteralKind::string, start);
}

Token Lexer::quoted_name(const char* start) {
  if (!skip_quoted(false)) return unknown(start);
  return token(TokenKind::name, start);
}

Token Lexer::variable(const char* start) {
  ++p_;
  const bool system = peek(0) == '@';
  if (system) ++p_;
  if (peek(0) == '`' || (!system && (peek(0) == '\'' || peek(0) == '"')) || (peek(0) == '"' && options_.ansi_quotes)) {
    if (!skip_quoted(at_string() && !options_.no_backslash_escapes)) return unknown(start);
  } else if (system) {
    while (p_ != end_ && is_identifier_part(*p_)) ++p_;
    if (p_ - start == 2) return unknown(start);
    name_end_ = p_;
  } else {
    while (p_ != end_ && (is_identifier_part(*p_) || *p_ == '.')) ++p_;
  }
  return token(system ? TokenKind::system_variable : TokenKind::variable, start);
}

Token Lexer::symbol(const char* start) {
  const std::string_view rest(p_, std::min<std::size_t>(3, end_ - p_));
  const auto found = std::find_if(long_symbols.begin(), long_symbols.end(),
                                  [&](std::string_view symbol) { return rest.starts_with(symbol); });
  if (found == long_symbols.end() && *p_ == '\\') return unknown(start);
  // A comment ends with the statement it began in.
  if (*p_ == ';' && in_version_comment_) return unknown(start);
  if (*p_ == '?' && is_identifier_part(peek(1))) return unknown(start);  // no parameter, and nothing else
  p_ += found == long_symbols.end() ? 1 : found->size();
  return token(*start == '?' ? TokenKind::parameter : TokenKind::symbol, start);
}

}  // namespace sealrow::sql::mysql
