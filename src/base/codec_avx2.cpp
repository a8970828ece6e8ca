#include "base/codec.hpp"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#define SEALROW_AVX2 __attribute__((target("avx2")))
#endif

namespace sealrow::codec {

#if defined(__x86_64__)

bool have_avx2() noexcept {
  static const bool have = __builtin_cpu_supports("avx2") != 0;
  return have;
}

namespace {

// 0xFF where low <= c <= high. Signed compares: bytes from 0x80 are negative and never match ASCII bounds.
SEALROW_AVX2 inline __m256i in_range(__m256i c, char low, char high) noexcept {
  return _mm256_and_si256(_mm256_cmpgt_epi8(c, _mm256_set1_epi8(static_cast<char>(low - 1))),
                          _mm256_cmpgt_epi8(_mm256_set1_epi8(static_cast<char>(high + 1)), c));
}

// Accumulates "add `delta` to the characters in `mask`".
struct Translation {
  __m256i delta;
  __m256i known;
};
SEALROW_AVX2 inline void translate(Translation& t, __m256i mask, int delta) noexcept {
  t.delta = _mm256_or_si256(t.delta, _mm256_and_si256(mask, _mm256_set1_epi8(static_cast<char>(delta))));
  t.known = _mm256_or_si256(t.known, mask);
}
SEALROW_AVX2 inline bool all_known(const Translation& t) noexcept { return _mm256_movemask_epi8(t.known) == -1; }

SEALROW_AVX2 inline Translation hex_translation(__m256i c) noexcept {
  Translation t{_mm256_setzero_si256(), _mm256_setzero_si256()};
  translate(t, in_range(c, '0', '9'), -'0');
  translate(t, in_range(c, 'a', 'f'), 10 - 'a');
  translate(t, in_range(c, 'A', 'F'), 10 - 'A');
  return t;
}

// Both halves of a register alike.
SEALROW_AVX2 inline __m256i twice(__m128i table) noexcept { return _mm256_broadcastsi128_si256(table); }

// 32 characters to 2 × 12 bytes. False: a foreign character. Validity and distance are looked up by nibbles (W. Muła,
// D. Lemire, "Faster Base64 Encoding and Decoding Using AVX2 Instructions"), with tables for the URL alphabet: a bit
// for each class of high nibbles, set in the low nibble's entry where the class does not have that character.
SEALROW_AVX2 inline bool decode_block(__m256i c, std::uint8_t* out) noexcept {
  const __m256i low_table = twice(_mm_setr_epi8(0x25, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21,  //
                                                0x21, 0x21, 0x23, 0x3B, 0x3B, 0x3A, 0x3B, 0x33));
  const __m256i high_table = twice(_mm_setr_epi8(0x20, 0x20, 0x01, 0x02, 0x04, 0x08, 0x04, 0x10,  //
                                                 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20));
  // By high nibble; '_' has an entry of its own, number 8.
  const __m256i distances =
      twice(_mm_setr_epi8(0, 0, 62 - '-', 52 - '0', -'A', -'A', 26 - 'a', 26 - 'a', 63 - '_', 0, 0, 0, 0, 0, 0, 0));
  const __m256i order = twice(_mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));

  const __m256i nibble = _mm256_set1_epi8(0x0F);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi32(c, 4), nibble);
  const __m256i low = _mm256_and_si256(c, nibble);
  if (_mm256_testz_si256(_mm256_shuffle_epi8(low_table, low), _mm256_shuffle_epi8(high_table, high)) == 0) return false;
  const __m256i underscore = _mm256_and_si256(_mm256_cmpeq_epi8(c, _mm256_set1_epi8('_')), _mm256_set1_epi8(3));
  const __m256i sextets = _mm256_add_epi8(c, _mm256_shuffle_epi8(distances, _mm256_add_epi8(high, underscore)));
  const __m256i pairs = _mm256_maddubs_epi16(sextets, _mm256_set1_epi32(0x01400140));
  const __m256i triples = _mm256_shuffle_epi8(_mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000)), order);
  const __m256i dense = _mm256_permutevar8x32_epi32(triples, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), dense);
  return true;
}

// Spreads 2 × 12 bytes into 32 six-bit values (W. Muła, "Base64 encoding with SIMD instructions").
SEALROW_AVX2 inline __m256i spread_sextets(__m256i bytes) noexcept {
  const __m256i order = _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10,  //
                                         1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
  const __m256i v = _mm256_shuffle_epi8(bytes, order);
  const __m256i ac =
      _mm256_mulhi_epu16(_mm256_and_si256(v, _mm256_set1_epi32(0x0FC0FC00)), _mm256_set1_epi32(0x04000040));
  const __m256i bd =
      _mm256_mullo_epi16(_mm256_and_si256(v, _mm256_set1_epi32(0x003F03F0)), _mm256_set1_epi32(0x01000010));
  return _mm256_or_si256(ac, bd);
}

// Six-bit values to characters: the range's number picks the distance to its ASCII block.
SEALROW_AVX2 inline __m256i base64url_characters(__m256i v) noexcept {
  const __m256i distance = _mm256_setr_epi8(71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -17, 32, 65, 0, 0,  //
                                            71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -17, 32, 65, 0, 0);
  const __m256i upper = _mm256_and_si256(_mm256_cmpgt_epi8(_mm256_set1_epi8(26), v), _mm256_set1_epi8(13));
  const __m256i range = _mm256_or_si256(_mm256_subs_epu8(v, _mm256_set1_epi8(51)), upper);
  return _mm256_add_epi8(v, _mm256_shuffle_epi8(distance, range));
}

}  // namespace

SEALROW_AVX2 Bulk encode_hex_avx2(const std::uint8_t* in, std::size_t size, char* out) noexcept {
  const __m256i digits =
      _mm256_setr_epi8('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f', '0', '1', '2',
                       '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f');
  Bulk done = 0;
  for (; done + 16 <= size; done += 16) {
    const __m256i v = _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(in + done)));
    const __m256i low = _mm256_slli_epi16(_mm256_and_si256(v, _mm256_set1_epi16(0x0F)), 8);
    const __m256i nibbles = _mm256_or_si256(_mm256_srli_epi16(v, 4), low);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 2 * done), _mm256_shuffle_epi8(digits, nibbles));
  }
  return done;
}

SEALROW_AVX2 Bulk decode_hex_avx2(const char* in, std::size_t size, std::uint8_t* out) noexcept {
  Bulk done = 0;
  for (; done + 32 <= size; done += 32) {
    const __m256i c = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + done));
    const Translation t = hex_translation(c);
    if (!all_known(t)) break;
    const __m256i nibbles = _mm256_add_epi8(c, t.delta);
    const __m256i words = _mm256_maddubs_epi16(nibbles, _mm256_set1_epi16(0x0110));
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi16(words, words), 0xD8);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + done / 2), _mm256_castsi256_si128(packed));
  }
  return done;
}

SEALROW_AVX2 Bulk encode_base64url_avx2(const std::uint8_t* in, std::size_t size, char* out) noexcept {
  Bulk done = 0;
  for (; done + 28 <= size; done += 24, out += 32) {  // the second load reads four bytes past its twelve
    const __m128i first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + done));
    const __m128i second = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + done + 12));
    const __m256i sextets = spread_sextets(_mm256_set_m128i(second, first));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), base64url_characters(sextets));
  }
  return done;
}

SEALROW_AVX2 Bulk decode_base64url_avx2(const char* in, std::size_t size, std::uint8_t* out) noexcept {
  Bulk done = 0;
  for (; done + 44 <= size; done += 32, out += 24)  // stores 32 bytes for 24: the last 12 characters leave room
    if (!decode_block(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + done)), out)) return done;
  // What is left of whole groups goes through a block of its own, filled up with the digit zero.
  while (const std::size_t left = std::min<std::size_t>(32, (size - done) & ~std::size_t{3})) {
    alignas(32) char block[32];
    alignas(32) std::uint8_t bytes[32];
    std::memset(block, 'A', sizeof block);
    std::memcpy(block, in + done, left);
    if (!decode_block(_mm256_load_si256(reinterpret_cast<const __m256i*>(block)), bytes)) return done;
    std::memcpy(out, bytes, left / 4 * 3);
    done += left;
    out += left / 4 * 3;
  }
  return done;
}

#else

bool have_avx2() noexcept { return false; }
Bulk encode_hex_avx2(const std::uint8_t*, std::size_t, char*) noexcept { return 0; }
Bulk decode_hex_avx2(const char*, std::size_t, std::uint8_t*) noexcept { return 0; }
Bulk encode_base64url_avx2(const std::uint8_t*, std::size_t, char*) noexcept { return 0; }
Bulk decode_base64url_avx2(const char*, std::size_t, std::uint8_t*) noexcept { return 0; }

#endif

}  // namespace sealrow::codec
