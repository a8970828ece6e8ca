// Character classes of scan.l, and the scan for the bytes that matter to a template.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sealrow::sql::postgres {

enum class CharClass : std::uint8_t { other, space, letter, digit, quote, double_quote, dollar, op, punctuation };

constexpr std::array<CharClass, 256> make_classes() {
  std::array<CharClass, 256> table{};
  for (const char c : std::string_view(" \t\n\r\f\v")) table[static_cast<unsigned char>(c)] = CharClass::space;
  for (const char c : std::string_view("~!@#^&|`?+-*/%<>=")) table[static_cast<unsigned char>(c)] = CharClass::op;
  for (const char c : std::string_view("()[],;:.")) table[static_cast<unsigned char>(c)] = CharClass::punctuation;
  for (int c = '0'; c <= '9'; ++c) table[c] = CharClass::digit;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = CharClass::letter;
  for (int c = 0x80; c <= 0xff; ++c) table[c] = CharClass::letter;
  table['_'] = CharClass::letter;
  table['\''] = CharClass::quote;
  table['"'] = CharClass::double_quote;
  table['$'] = CharClass::dollar;
  return table;
}

inline constexpr std::array<CharClass, 256> char_classes = make_classes();

constexpr CharClass class_of(char c) { return char_classes[static_cast<unsigned char>(c)]; }

// The first byte from a token's start on that may begin a literal (behind its prefix letter), a comment, a quoted
// identifier or a parameter, or that is foreign to SQL; `end` if there is none. Two implementations, one contract: the
// second may also stop at - / . where the first does not.
[[nodiscard]] const char* find_special_scalar(const char* p, const char* end) noexcept;
[[nodiscard]] const char* find_special_avx2(const char* p, const char* end) noexcept;
[[nodiscard]] bool has_avx2() noexcept;

}  // namespace sealrow::sql::postgres
