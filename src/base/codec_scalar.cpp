#include "base/codec.hpp"

#include <array>

namespace sealrow::codec {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";
constexpr char base64url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t foreign = 0xFF;

using Reverse = std::array<std::uint8_t, 256>;

constexpr Reverse reverse_of(const char* digits, std::size_t count) {
  Reverse table{};
  table.fill(foreign);
  for (std::size_t i = 0; i < count; ++i) table[static_cast<std::uint8_t>(digits[i])] = static_cast<std::uint8_t>(i);
  return table;
}

constexpr Reverse hex_values = [] {
  Reverse table = reverse_of(hex_digits, 16);
  for (std::uint8_t i = 0; i < 6; ++i) table[std::size_t{'A'} + i] = static_cast<std::uint8_t>(10 + i);
  return table;
}();
constexpr Reverse base64url_values = reverse_of(base64url_digits, 64);

std::uint8_t value_of(const Reverse& table, char c) noexcept { return table[static_cast<std::uint8_t>(c)]; }

}  // namespace

void encode_hex_scalar(const std::uint8_t* in, std::size_t size, char* out) noexcept {
  for (std::size_t i = 0; i < size; ++i) {
    out[2 * i] = hex_digits[in[i] >> 4];
    out[2 * i + 1] = hex_digits[in[i] & 0x0F];
  }
}

bool decode_hex_scalar(const char* in, std::size_t size, std::uint8_t* out) noexcept {
  // Foreign characters set the top bits of `seen`: one branch at the end instead of one per digit.
  unsigned seen = 0;
  for (std::size_t i = 0; i + 1 < size; i += 2) {
    const unsigned high = value_of(hex_values, in[i]);
    const unsigned low = value_of(hex_values, in[i + 1]);
    seen |= high | low;
    out[i / 2] = static_cast<std::uint8_t>(high << 4 | (low & 0x0F));
  }
  return size % 2 == 0 && seen < 16;
}

void encode_base64url_scalar(const std::uint8_t* in, std::size_t size, char* out) noexcept {
  std::size_t i = 0;
  for (; i + 3 <= size; i += 3) {
    const unsigned v = static_cast<unsigned>(in[i]) << 16 | static_cast<unsigned>(in[i + 1]) << 8 | in[i + 2];
    *out++ = base64url_digits[v >> 18];
    *out++ = base64url_digits[v >> 12 & 63];
    *out++ = base64url_digits[v >> 6 & 63];
    *out++ = base64url_digits[v & 63];
  }
  if (i == size) return;
  const unsigned second = size - i == 2 ? in[i + 1] : 0U;
  const unsigned v = static_cast<unsigned>(in[i]) << 16 | second << 8;
  *out++ = base64url_digits[v >> 18];
  *out++ = base64url_digits[v >> 12 & 63];
  if (size - i == 2) *out++ = base64url_digits[v >> 6 & 63];
}

bool decode_base64url_scalar(const char* in, std::size_t size, std::uint8_t* out) noexcept {
  unsigned seen = 0;
  std::size_t i = 0;
  for (; i + 4 <= size; i += 4) {
    const unsigned a = value_of(base64url_values, in[i]);
    const unsigned b = value_of(base64url_values, in[i + 1]);
    const unsigned c = value_of(base64url_values, in[i + 2]);
    const unsigned d = value_of(base64url_values, in[i + 3]);
    seen |= a | b | c | d;
    const unsigned v = a << 18 | b << 12 | c << 6 | d;
    *out++ = static_cast<std::uint8_t>(v >> 16);
    *out++ = static_cast<std::uint8_t>(v >> 8);
    *out++ = static_cast<std::uint8_t>(v);
  }
  const std::size_t rest = size - i;
  if (rest == 0) return seen < 64;
  if (rest == 1) return false;
  const unsigned a = value_of(base64url_values, in[i]);
  const unsigned b = value_of(base64url_values, in[i + 1]);
  const unsigned c = rest == 3 ? value_of(base64url_values, in[i + 2]) : 0U;
  seen |= a | b | c;
  const unsigned v = a << 18 | b << 12 | c << 6;
  *out++ = static_cast<std::uint8_t>(v >> 16);
  if (rest == 3) *out++ = static_cast<std::uint8_t>(v >> 8);
  // Bits that no byte takes must be zero, else two spellings would name one value (RFC 4648 section 3.5).
  const unsigned loose = rest == 3 ? c & 0x03 : b & 0x0F;
  return seen < 64 && loose == 0;
}

}  // namespace sealrow::codec
