// Values of literal tokens, and literals for values.
#include "sealrow/sql/mysql.hpp"
#include "sql/mysql/lexer.hpp"

#include <algorithm>
#include <array>

namespace sealrow::sql::mysql {
namespace {

Error bad_literal(const char* reason, const Literal& literal) {
  return {.code = ErrorCode::value_syntax,
          .message = "literal cannot be read",
          .detail = reason,
          .offset = literal.span.begin};
}

// sql_lex.cc, get_text(): \% and \_ keep their backslash for LIKE, any other unknown escape loses it.
void append_escape(std::string& out, char c) {
  static constexpr std::string_view letters = "ntrb0Z";
  static constexpr std::string_view values("\n\t\r\b\0\x1a", 6);
  if (const auto known = letters.find(c); known != std::string_view::npos) {
    out.push_back(values[known]);
    return;
  }
  if (c == '%' || c == '_') out.push_back('\\');
  out.push_back(c);
}

// `parts` begins with a quote and ends with one; between two parts there are blanks and comments.
std::string string_bytes(std::string_view parts, const LexerOptions& options) {
  std::string out;
  out.reserve(parts.size());
  std::size_t at = 0;
  while (at < parts.size()) {
    const char quote = parts[at++];
    while (at < parts.size()) {
      const char c = parts[at++];
      if (c == '\\' && !options.no_backslash_escapes && at < parts.size()) {
        append_escape(out, parts[at++]);
        continue;
      }
      if (c == quote) {
        if (at == parts.size() || parts[at] != quote) break;
        ++at;
      }
      out.push_back(c);
    }
    at += Lexer(parts.substr(at), options).skip_blanks();  // to the next part
  }
  return out;
}

int digit_value(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

// Digits are right-aligned: an odd one, or bits short of a byte, count as leading zeros.
std::string packed(std::string_view digits, unsigned bits_per_digit) {
  std::string out;
  const unsigned per_byte = 8 / bits_per_digit;
  unsigned byte = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    byte = (byte << bits_per_digit) | static_cast<unsigned>(digit_value(digits[i]));
    if ((digits.size() - i - 1) % per_byte == 0) {
      out.push_back(static_cast<char>(byte));
      byte = 0;
    }
  }
  return out;
}

std::string_view inside_quotes_or_behind_mark(std::string_view token) {
  return token[1] == '\'' ? token.substr(2, token.size() - 3) : token.substr(2);
}

bool is_ascii(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// An introducer reinterprets the bytes. What cannot be told to be UTF-8 is refused rather than guessed.
bool reads_as_utf8(std::string_view charset, std::string_view value) {
  static constexpr std::array<std::string_view, 4> as_is = {"utf8", "utf8mb3", "utf8mb4", "binary"};
  static constexpr std::array<std::string_view, 5> never = {"ucs2", "utf16", "utf16le", "utf32", "swe7"};
  if (std::find(as_is.begin(), as_is.end(), charset) != as_is.end()) return true;
  return std::find(never.begin(), never.end(), charset) == never.end() && is_ascii(value);
}

}  // namespace

Result<std::string> literal_value(std::string_view text, const Literal& literal, LexerOptions options) {
  if (literal.span.end > text.size() || literal.span.begin >= literal.span.end) {
    return bad_literal("span is outside of the text", literal);
  }
  std::string_view token = text.substr(literal.span.begin, literal.span.end - literal.span.begin);
  std::string charset;
  if (token.front() == '_') {
    std::size_t end = 1;
    while (end < token.size() && is_identifier_part(token[end])) ++end;
    charset = fold_case(token.substr(1, end - 1));
    token.remove_prefix(end);
    token.remove_prefix(Lexer(token, options).skip_blanks());
  } else if (token.front() == 'n' || token.front() == 'N') {
    token.remove_prefix(1);
  }
  if (token.size() < 2 && literal.kind != LiteralKind::integer) return bad_literal("token is too short", literal);
  std::string value;
  switch (literal.kind) {
    case LiteralKind::string:
      value = string_bytes(token, options);
      break;
    case LiteralKind::hex_string:
      value = packed(inside_quotes_or_behind_mark(token), 4);
      break;
    case LiteralKind::bit_string:
      value = packed(inside_quotes_or_behind_mark(token), 1);
      break;
    case LiteralKind::integer:
    case LiteralKind::number:
      return std::string(token);
    case LiteralKind::escape_string:
    case LiteralKind::unicode_string:
    case LiteralKind::dollar_string:
      return bad_literal("not a literal of this dialect", literal);
  }
  if (!charset.empty() && !reads_as_utf8(charset, value)) {
    return bad_literal("its character set cannot be read as UTF-8", literal);
  }
  return value;
}

void append_string_literal(std::string& out, std::string_view value, LexerOptions options) {
  out.push_back('\'');
  for (const char c : value) {
    if (c == '\'' || (c == '\\' && !options.no_backslash_escapes)) out.push_back(c);
    out.push_back(c);
  }
  out.push_back('\'');
}

void append_identifier(std::string& out, std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  const bool bare = !name.empty() && std::all_of(name.begin(), name.end(), plain) && name[0] >= 'a' &&
                    !is_reserved(name, Flavour::mysql) && !is_reserved(name, Flavour::mariadb);
  if (bare) {
    out.append(name);
    return;
  }
  out.push_back('`');
  for (const char c : name) {
    if (c == '`') out.push_back(c);
    out.push_back(c);
  }
  out.push_back('`');
}

bool apply_sql_mode(std::string_view modes, LexerOptions& options) {
  const LexerOptions before = options;
  options = {.flavour = before.flavour, .table_names = before.table_names, .version = before.version};
  bool understood = true;
  while (!modes.empty()) {
    const std::size_t comma = std::min(modes.find(','), modes.size());
    std::string mode = fold_case(modes.substr(0, comma));
    modes.remove_prefix(std::min(comma + 1, modes.size()));
    std::erase_if(mode, is_space);
    const bool ansi = mode == "ansi" || mode == "db2" || mode == "maxdb" || mode == "mssql" || mode == "oracle" ||
                      mode == "postgresql";
    if (ansi || mode == "ansi_quotes") options.ansi_quotes = true;
    if (ansi || mode == "pipes_as_concat") options.pipes_as_concat = true;
    if (mode == "no_backslash_escapes") options.no_backslash_escapes = true;
    if (mode == "high_not_precedence" || mode == "mysql323" || mode == "mysql40") options.high_not_precedence = true;
    // A number is a bit mask; MSSQL quotes names in square brackets.
    if (mode == "oracle" || mode == "mssql" || (!mode.empty() && mode[0] <= '9')) understood = false;
  }
  return understood;
}

}  // namespace sealrow::sql::mysql
