#include "sql/template_builder.hpp"

#include <array>
#include <random>

#include <xxhash.h>

namespace sealrow::sql {
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

}  // namespace

TemplateBuilder::TemplateBuilder(std::string_view text, Template& out) : text_(text), out_(out) {
  out_.text.clear();
  out_.literals.clear();
  out_.comments.clear();
  out_.exact = false;
}

void TemplateBuilder::literal(Span span, LiteralKind kind) {
  out_.text.append(text_, copied_, span.begin - copied_);
  out_.text.push_back(placeholder_mark);
  out_.text.push_back(placeholder_letter(kind));
  out_.literals.push_back({span, kind});
  copied_ = span.end;
}

void TemplateBuilder::blank(Span span) {
  out_.text.append(text_, copied_, span.begin - copied_);
  out_.text.push_back(' ');
  out_.comments.push_back(span);
  copied_ = span.end;
}

void TemplateBuilder::exact() {
  out_.exact = true;
  out_.literals.clear();
  out_.comments.clear();
  out_.text.assign(exact_prefix);
  out_.text.append(text_);
}

void TemplateBuilder::finish() {
  if (!out_.exact) out_.text.append(text_, copied_);
  out_.hash = keyed_hash(out_.text);
}

}  // namespace sealrow::sql
