// Values of literal tokens, and literals for values (backend/parser/scan.l and parser.c, str_udeescape).
#include "sealrow/sql/postgres.hpp"
#include "sql/postgres/lexer.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace sealrow::sql::postgres {
namespace {

Error bad_literal(const char* reason, const Literal& literal) {
  return {.code = ErrorCode::value_syntax, .message = "literal cannot be read", .detail = reason,
          .offset = literal.span.begin};
}

std::optional<std::uint32_t> hex_value(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits) {
    const char low = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    if (low >= '0' && low <= '9') value = value * 16 + static_cast<std::uint32_t>(low - '0');
    else if (low >= 'a' && low <= 'f') value = value * 16 + static_cast<std::uint32_t>(low - 'a' + 10);
    else return std::nullopt;
  }
  return value;
}

constexpr bool is_high_surrogate(std::uint32_t code) { return code >= 0xD800 && code <= 0xDBFF; }
constexpr bool is_low_surrogate(std::uint32_t code) { return code >= 0xDC00 && code <= 0xDFFF; }

void append_utf8(std::string& out, std::uint32_t code) {
  const auto tail = [&](int shift) { out.push_back(static_cast<char>(0x80 | ((code >> shift) & 0x3F))); };
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (code >> 6)));
    tail(0);
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (code >> 12)));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xF0 | (code >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

// Code points of \u and U& escapes: surrogates only in pairs, directly one behind the other.
class UnicodeSink {
 public:
  explicit UnicodeSink(std::string& out) : out_(out) {}

  // False: not a code point that a string may hold.
  bool add(std::uint32_t code) {
    if (high_ != 0) {
      if (!is_low_surrogate(code)) return false;
      code = 0x10000 + ((high_ - 0xD800) << 10) + (code - 0xDC00);
      high_ = 0;
    } else if (is_high_surrogate(code)) {
      high_ = code;
      return true;
    }
    if (code == 0 || code > 0x10FFFF || is_low_surrogate(code)) return false;
    append_utf8(out_, code);
    return true;
  }
  [[nodiscard]] bool complete() const { return high_ == 0; }

 private:
  std::string& out_;
  std::uint32_t high_ = 0;
};

// Over the blanks and `--` comments between two parts of a string; to the end if there is no further part.
std::size_t skip_to_quote(std::string_view parts, std::size_t at) {
  while (at < parts.size() && parts[at] != '\'') {
    if (parts.substr(at).starts_with("--")) {
      at = std::min(parts.find_first_of("\n\r", at), parts.size());
    } else if (is_space(parts[at])) {
      ++at;
    } else {
      return parts.size();
    }
  }
  return at;
}

// Walks the parts of a string that is continued over newlines. `parts` begins with the first quote; returns where the
// last part ends.
template <class OnPart>
std::size_t for_each_part(std::string_view parts, bool backslash, OnPart on_part) {
  std::size_t at = 0;
  std::size_t last_end = 0;
  while (at < parts.size() && parts[at] == '\'') {
    const std::size_t begin = ++at;
    for (; at < parts.size(); ++at) {
      if (backslash && parts[at] == '\\') {
        ++at;
      } else if (parts[at] == '\'') {
        if (at + 1 == parts.size() || parts[at + 1] != '\'') break;
        ++at;
      }
    }
    const std::size_t end = std::min(at, parts.size());
    on_part(parts.substr(begin, end - begin));
    last_end = std::min(end + 1, parts.size());
    at = skip_to_quote(parts, last_end);
  }
  return last_end;
}

std::string undoubled(std::string_view parts) {
  std::string out;
  out.reserve(parts.size());
  for_each_part(parts, false, [&](std::string_view part) {
    for (std::size_t i = 0; i < part.size(); ++i) {
      out.push_back(part[i]);
      if (part[i] == '\'') ++i;
    }
  });
  return out;
}

// Backslash escapes of E'…' (and of '…' without standard_conforming_strings).
class EscapeReader {
 public:
  explicit EscapeReader(std::string& out) : out_(out), unicode_(out) {}

  const char* read(std::string_view part) {
    for (at_ = 0; at_ < part.size();) {
      const char c = part[at_++];
      const bool escape = c == '\\' && at_ < part.size();
      const bool unicode = escape && (part[at_] == 'u' || part[at_] == 'U');
      if (!unicode && !unicode_.complete()) return "invalid Unicode surrogate pair";
      if (escape) {
        if (const char* error = read_escape(part)) return error;
      } else {
        if (c == '\'') ++at_;
        out_.push_back(c);
      }
    }
    return nullptr;
  }
  [[nodiscard]] const char* finish() const { return unicode_.complete() ? nullptr : "invalid Unicode surrogate pair"; }

 private:
  const char* read_escape(std::string_view part) {
    static constexpr std::string_view letters = "bfnrtv";
    static constexpr std::string_view values = "\b\f\n\r\t\v";
    const char c = part[at_++];
    if (c == 'u' || c == 'U') return read_unicode(part, c == 'u' ? 4 : 8);
    if (c >= '0' && c <= '7') return read_octal(part);
    if (c == 'x' && at_ < part.size() && hex_value(part.substr(at_, 1))) return read_hex(part);
    const auto known = letters.find(c);
    out_.push_back(known == std::string_view::npos ? c : values[known]);
    return nullptr;
  }
  const char* push_byte(std::uint32_t value) {
    if ((value & 0xFF) == 0) return "zero byte in a string";
    out_.push_back(static_cast<char>(value & 0xFF));
    return nullptr;
  }
  const char* read_octal(std::string_view part) {
    std::uint32_t value = 0;
    --at_;
    for (int n = 0; n < 3 && at_ < part.size() && part[at_] >= '0' && part[at_] <= '7'; ++n) {
      value = value * 8 + static_cast<std::uint32_t>(part[at_++] - '0');
    }
    return push_byte(value);
  }
  const char* read_hex(std::string_view part) {
    std::size_t digits = 1;
    if (at_ + 1 < part.size() && hex_value(part.substr(at_ + 1, 1))) digits = 2;
    const auto value = hex_value(part.substr(at_, digits));
    at_ += digits;
    return push_byte(*value);
  }
  const char* read_unicode(std::string_view part, std::size_t digits) {
    const auto code = part.size() - at_ >= digits ? hex_value(part.substr(at_, digits)) : std::nullopt;
    if (!code || !unicode_.add(*code)) return "invalid Unicode escape";
    at_ += digits;
    return nullptr;
  }

  std::string& out_;
  UnicodeSink unicode_;
  std::size_t at_ = 0;
};

Result<std::string> escape_value(std::string_view parts, const Literal& literal) {
  std::string out;
  EscapeReader reader(out);
  const char* error = nullptr;
  for_each_part(parts, true, [&](std::string_view part) {
    if (!error) error = reader.read(part);
  });
  if (!error) error = reader.finish();
  if (error) return bad_literal(error, literal);
  return out;
}

// scan.l and parser.c: any character but a hex digit, plus, quote, double quote or white space.
bool is_escape_character(std::string_view value) {
  return value.size() == 1 && !hex_value(value) && value != "+" && value != "'" && value != "\"" && !is_space(value[0]);
}

// `token` is U&'…' with its UESCAPE clause, or the same in double quotes, unescaped only.
Result<std::string> unicode_value(std::string_view value, char escape, const Literal& literal) {
  std::string out;
  UnicodeSink unicode(out);
  for (std::size_t at = 0; at < value.size();) {
    if (value[at] != escape || (at + 1 < value.size() && value[at + 1] == escape)) {
      if (!unicode.complete()) return bad_literal("invalid Unicode surrogate pair", literal);
      at += value[at] == escape ? 2 : 1;
      out.push_back(value[at - 1]);
      continue;
    }
    const bool is_long = at + 1 < value.size() && value[at + 1] == '+';
    const std::size_t begin = at + (is_long ? 2 : 1);
    const std::size_t digits = is_long ? 6 : 4;
    const auto code = value.size() >= begin + digits ? hex_value(value.substr(begin, digits)) : std::nullopt;
    if (!code || !unicode.add(*code)) return bad_literal("invalid Unicode escape", literal);
    at = begin + digits;
  }
  if (!unicode.complete()) return bad_literal("invalid Unicode surrogate pair", literal);
  return out;
}

Result<std::string> unicode_literal(std::string_view token, const Literal& literal, LexerOptions options) {
  const std::string_view quoted = token.substr(std::min<std::size_t>(2, token.size()));
  const std::string_view rest = quoted.substr(for_each_part(quoted, false, [](std::string_view) {}));
  char escape = '\\';
  Lexer lexer(rest, options);
  if (lexer.next().kind == TokenKind::word) {  // UESCAPE
    const Token character = lexer.next();
    if (character.kind != TokenKind::literal || character.literal == LiteralKind::unicode_string) {
      return bad_literal("UESCAPE is not followed by a string", literal);
    }
    SEALROW_TRY(const std::string value, literal_value(rest, {character.span, character.literal}, options));
    if (!is_escape_character(value)) return bad_literal("invalid Unicode escape character", literal);
    escape = value[0];
  }
  return unicode_value(undoubled(quoted), escape, literal);
}

std::string without_underscores(std::string_view token) {
  std::string digits(token);
  std::erase(digits, '_');
  return digits;
}

// Decimal, as the server shows it: 0x1F is 31. It reads larger ones as numeric; nobody sends those.
Result<std::string> integer_digits(std::string_view token, const Literal& literal) {
  const std::string digits = without_underscores(token);
  const char mark = digits.size() > 1 && digits[0] == '0' ? static_cast<char>(digits[1] | 0x20) : '0';
  const int base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 10;
  if (base == 10) return digits;
  std::uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data() + 2, end, value, base);
  if (error != std::errc{} || stop != end) return bad_literal("number is too large", literal);
  return std::to_string(value);
}

std::string_view dollar_body(std::string_view token) {
  const auto delimiter = token.find('$', 1);
  if (delimiter == std::string_view::npos || token.size() < 2 * (delimiter + 1)) return {};
  return token.substr(delimiter + 1, token.size() - 2 * (delimiter + 1));
}

std::size_t prefix_size(LiteralKind kind) {
  switch (kind) {
    case LiteralKind::string: return 0;
    case LiteralKind::unicode_string: return 2;
    default: return 1;
  }
}

}  // namespace

void blank_comments_between_parts(std::string& text, const Literal& literal, LexerOptions options) {
  if (literal.kind == LiteralKind::dollar_string || literal.kind == LiteralKind::integer ||
      literal.kind == LiteralKind::number) {
    return;
  }
  const bool backslash = literal.kind == LiteralKind::escape_string ||
                         (literal.kind == LiteralKind::string && !options.standard_conforming_strings);
  const std::size_t begin = literal.span.begin + prefix_size(literal.kind);
  const std::string parts = text.substr(begin, literal.span.end - begin);
  std::size_t gap = 0;
  for_each_part(parts, backslash, [&](std::string_view part) {
    const auto part_begin = static_cast<std::size_t>(part.data() - parts.data());
    for (; gap > 0 && gap + 1 < part_begin; ++gap) {
      char& c = text[begin + gap];
      if (!is_space(c)) c = ' ';
    }
    gap = part_begin + part.size() + 1;
  });
}

Result<std::string> literal_value(std::string_view text, const Literal& literal, LexerOptions options) {
  if (literal.span.end > text.size() || literal.span.begin >= literal.span.end) {
    return bad_literal("span is outside of the text", literal);
  }
  const std::string_view token = text.substr(literal.span.begin, literal.span.end - literal.span.begin);
  switch (literal.kind) {
    case LiteralKind::string:
      return options.standard_conforming_strings ? Result<std::string>(undoubled(token)) : escape_value(token, literal);
    case LiteralKind::escape_string: return escape_value(token.substr(1), literal);
    case LiteralKind::unicode_string: return unicode_literal(token, literal, options);
    case LiteralKind::dollar_string: return std::string(dollar_body(token));
    case LiteralKind::integer: return integer_digits(token, literal);
    case LiteralKind::number: return without_underscores(token);
    case LiteralKind::bit_string:
    case LiteralKind::hex_string: break;
  }
  return bad_literal("bit strings are not text", literal);
}

void append_string_literal(std::string& out, std::string_view value, LexerOptions options) {
  const bool escape = !options.standard_conforming_strings && value.find('\\') != std::string_view::npos;
  if (escape) out.push_back('E');
  out.push_back('\'');
  for (const char c : value) {
    if (c == '\'' || (escape && c == '\\')) out.push_back(c);
    out.push_back(c);
  }
  out.push_back('\'');
}

void append_identifier(std::string& out, std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  const bool bare = !name.empty() && std::all_of(name.begin(), name.end(), plain) && !(name[0] >= '0' && name[0] <= '9');
  if (bare && !is_key_word(name)) {
    out.append(name);
    return;
  }
  out.push_back('"');
  for (const char c : name) {
    if (c == '"') out.push_back(c);
    out.push_back(c);
  }
  out.push_back('"');
}

}  // namespace sealrow::sql::postgres
