// Templates, see the header: one pass, no parse.
#include "sealrow/sql/postgres.hpp"
#include "sql/postgres/lexer.hpp"

#include <array>
#include <random>

#include <xxhash.h>

namespace sealrow::sql::postgres {
namespace {

// No SQL text has this byte outside of quotes, so a placeholder cannot be forged (`?S` could: operator ?, identifier
// S).
constexpr char placeholder_mark = '\x01';
constexpr std::string_view exact_prefix = "\x01=";

constexpr char placeholder_letter(LiteralKind kind) {
  switch (kind) {
    case LiteralKind::string:
      return 'S';
    case LiteralKind::escape_string:
      return 'E';
    case LiteralKind::unicode_string:
      return 'U';
    case LiteralKind::dollar_string:
      return 'D';
    case LiteralKind::bit_string:
      return 'B';
    case LiteralKind::hex_string:
      return 'X';
    case LiteralKind::integer:
      return 'I';
    case LiteralKind::number:
      return 'F';
  }
  return '?';
}

// A client chooses the texts: without a secret it could choose colliding ones.
std::uint64_t keyed_hash(std::string_view text) {
  static const std::array<std::uint32_t, XXH3_SECRET_SIZE_MIN / sizeof(std::uint32_t)> secret = [] {
    std::array<std::uint32_t, XXH3_SECRET_SIZE_MIN / sizeof(std::uint32_t)> words{};
    std::random_device source;
    for (auto& word : words) word = source();
    return words;
  }();
  return XXH3_64bits_withSecret(text.data(), text.size(), secret.data(), sizeof secret);
}

void make_exact(std::string_view text, Template& out) {
  out.exact = true;
  out.literals.clear();
  out.text.assign(exact_prefix);
  out.text.append(text);
}

void take_apart(std::string_view text, LexerOptions options, Template& out) {
  Lexer lexer(text, options);
  std::size_t copied = 0;
  for (;;) {
    lexer.skip_to_special();
    const Token token = lexer.next_with_comments();
    switch (token.kind) {
      case TokenKind::literal:
        out.text.append(text, copied, token.span.begin - copied);
        out.text.push_back(placeholder_mark);
        out.text.push_back(placeholder_letter(token.literal));
        out.literals.push_back({token.span, token.literal});
        copied = token.span.end;
        break;
      case TokenKind::comment:
        out.text.append(text, copied, token.span.begin - copied);
        out.text.push_back(' ');
        copied = token.span.end;
        break;
      case TokenKind::end:
        out.text.append(text, copied);
        return;
      case TokenKind::unknown:
        make_exact(text, out);
        return;
      case TokenKind::word:
      case TokenKind::quoted_word:
      case TokenKind::parameter:
      case TokenKind::op:
      case TokenKind::punctuation:
        break;
    }
  }
}

}  // namespace

void make_template(std::string_view text, LexerOptions options, Template& out) {
  out.text.clear();
  out.literals.clear();
  out.exact = false;
  if (text.size() > max_text_size) {
    make_exact(text, out);
  } else {
    take_apart(text, options, out);
  }
  out.hash = keyed_hash(out.text);
}

}  // namespace sealrow::sql::postgres
