// Finds the next byte at which a template must look closely. Most of a statement is words, blanks and operators: this
// is what a template's cost is made of.
#include "sql/postgres/special.hpp"

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sealrow::sql::postgres {

const char* find_special_scalar(const char* p, const char* end) noexcept {
  bool in_word = false;
  for (; p != end; ++p) {
    const char next = end - p > 1 ? p[1] : '\0';
    switch (class_of(*p)) {
      case CharClass::letter:
        in_word = true;
        continue;
      case CharClass::digit:
      case CharClass::dollar:
        if (!in_word) return p;
        continue;
      case CharClass::quote:
      case CharClass::double_quote:
      case CharClass::other:
        return p;
      case CharClass::op:
        if ((*p == '-' && next == '-') || (*p == '/' && next == '*')) return p;
        break;
      case CharClass::punctuation:
        if (*p == '.' && (next == '.' || class_of(next) == CharClass::digit)) return p;
        break;
      case CharClass::space:
        break;
    }
    in_word = false;
  }
  return p;
}

#if defined(__x86_64__)
namespace {

// A byte's classes: the bits that its low and its high half have in common.
enum Bit : std::uint8_t {
  letters_low = 0x01,   // @-column letters: a…o, A…O
  letters_high = 0x02,  // p…z, P…Z
  underscore = 0x04,
  digits = 0x08,
  stops = 0x10,  // " '
  dollar = 0x20,
  foreign_high = 0x40,   // { } and DEL
  foreign_slash = 0x80,  // backslash
};

constexpr std::uint8_t low_bits(unsigned low) {
  std::uint8_t bits = 0;
  if (low >= 1) bits |= letters_low;
  if (low <= 10) bits |= letters_high;
  if (low == 15) bits |= underscore;
  if (low <= 9) bits |= digits;
  if (low == 2 || low == 7) bits |= stops;
  if (low == 4) bits |= dollar;
  if (low == 11 || low == 13 || low == 15) bits |= foreign_high;
  if (low == 12) bits |= foreign_slash;
  return bits;
}

constexpr std::uint8_t high_bits(unsigned high) {
  std::uint8_t bits = 0;
  if (high == 4 || high == 6) bits |= letters_low;
  if (high == 5 || high == 7) bits |= letters_high;
  if (high == 5) bits |= underscore | foreign_slash;
  if (high == 3) bits |= digits;
  if (high == 2) bits |= stops | dollar;
  if (high == 7) bits |= foreign_high;
  return bits;
}

struct Tables {
  alignas(32) std::uint8_t low[32];
  alignas(32) std::uint8_t high[32];
};
constexpr Tables make_tables() {
  Tables tables{};
  for (unsigned i = 0; i < 32; ++i) {
    tables.low[i] = low_bits(i % 16);
    tables.high[i] = high_bits(i % 16);
  }
  return tables;
}
constexpr Tables tables = make_tables();

__attribute__((target("avx2"))) inline std::uint32_t equal(__m256i block, char c) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(block, _mm256_set1_epi8(c))));
}

__attribute__((target("avx2"))) inline std::uint32_t has_any(__m256i classes, int bits) {
  const __m256i none =
      _mm256_cmpeq_epi8(_mm256_and_si256(classes, _mm256_set1_epi8(static_cast<char>(bits))), _mm256_setzero_si256());
  return ~static_cast<std::uint32_t>(_mm256_movemask_epi8(none));
}

// Bit per byte that needs a look. What only the next block can tell counts as such. `in_word` goes from block to block.
__attribute__((target("avx2"))) inline std::uint32_t special_bits(__m256i block, std::uint32_t& in_word) {
  const __m256i low = _mm256_load_si256(reinterpret_cast<const __m256i*>(tables.low));
  const __m256i high = _mm256_load_si256(reinterpret_cast<const __m256i*>(tables.high));
  const __m256i half = _mm256_and_si256(_mm256_srli_epi16(block, 4), _mm256_set1_epi8(0x0f));
  const __m256i classes = _mm256_and_si256(_mm256_shuffle_epi8(low, block), _mm256_shuffle_epi8(high, half));
  const std::uint32_t part = has_any(classes, letters_low | letters_high | underscore | digits | dollar) |
                             static_cast<std::uint32_t>(_mm256_movemask_epi8(block));
  const std::uint32_t behind_word = (part << 1) | in_word;
  in_word = part >> 31;
  // Control characters other than white space: 0…8 and 14…31 are below 32 and not 9…13.
  const __m256i shifted = _mm256_sub_epi8(block, _mm256_set1_epi8(9));
  const __m256i blank = _mm256_cmpeq_epi8(_mm256_min_epu8(shifted, _mm256_set1_epi8(4)), shifted);
  const __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(block, _mm256_set1_epi8(31)), block);
  const auto foreign = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_andnot_si256(blank, control)));
  constexpr std::uint32_t last = 0x80000000;
  const std::uint32_t dash = equal(block, '-');
  const std::uint32_t dot = equal(block, '.');
  const std::uint32_t digit = has_any(classes, digits);
  return has_any(classes, stops | foreign_high | foreign_slash) | foreign |
         (has_any(classes, digits | dollar) & ~behind_word) | (dash & ((dash >> 1) | last)) |
         (equal(block, '/') & ((equal(block, '*') >> 1) | last)) | (dot & (((dot | digit) >> 1) | last));
}

}  // namespace

__attribute__((target("avx2"))) const char* find_special_avx2(const char* p, const char* end) noexcept {
  std::uint32_t in_word = 0;
  for (; end - p >= 32; p += 32) {
    const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    if (const std::uint32_t bits = special_bits(block, in_word)) return p + __builtin_ctz(bits);
  }
  if (p == end) return end;
  alignas(32) char tail[32];
  std::memset(tail, ' ', sizeof tail);
  std::memcpy(tail, p, static_cast<std::size_t>(end - p));
  const std::uint32_t bits = special_bits(_mm256_load_si256(reinterpret_cast<const __m256i*>(tail)), in_word);
  return bits ? p + __builtin_ctz(bits) : end;
}

bool has_avx2() noexcept {
  static const bool supported = __builtin_cpu_supports("avx2") != 0;
  return supported;
}
#else
const char* find_special_avx2(const char* p, const char* end) noexcept { return find_special_scalar(p, end); }
bool has_avx2() noexcept { return false; }
#endif

}  // namespace sealrow::sql::postgres
