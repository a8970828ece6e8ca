// Byte spans, big-endian access and the three text codecs (hex, base64url, UTF-8 check) of the data path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace sealrow {

using ByteView = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

[[nodiscard]] inline ByteView as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(ByteView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

[[nodiscard]] inline std::uint16_t load_u16(const void* p) noexcept {
  std::uint16_t v;
  std::memcpy(&v, p, sizeof v);
  return __builtin_bswap16(v);
}
[[nodiscard]] inline std::uint32_t load_u32(const void* p) noexcept {
  std::uint32_t v;
  std::memcpy(&v, p, sizeof v);
  return __builtin_bswap32(v);
}
[[nodiscard]] inline std::uint64_t load_u64(const void* p) noexcept {
  std::uint64_t v;
  std::memcpy(&v, p, sizeof v);
  return __builtin_bswap64(v);
}
inline void store_u16(void* p, std::uint16_t v) noexcept {
  v = __builtin_bswap16(v);
  std::memcpy(p, &v, sizeof v);
}
inline void store_u32(void* p, std::uint32_t v) noexcept {
  v = __builtin_bswap32(v);
  std::memcpy(p, &v, sizeof v);
}
inline void store_u64(void* p, std::uint64_t v) noexcept {
  v = __builtin_bswap64(v);
  std::memcpy(p, &v, sizeof v);
}
inline void append_u16(std::string& out, std::uint16_t v) {
  char b[2];
  store_u16(b, v);
  out.append(b, sizeof b);
}
inline void append_u32(std::string& out, std::uint32_t v) {
  char b[4];
  store_u32(b, v);
  out.append(b, sizeof b);
}
inline void append_u64(std::string& out, std::uint64_t v) {
  char b[8];
  store_u64(b, v);
  out.append(b, sizeof b);
}

// Lower-case hex, no prefix. Appends 2 * n characters.
void append_hex(std::string& out, ByteView bytes);
// Appends the decoded bytes; false (and `out` unchanged) on odd length or a foreign character.
[[nodiscard]] bool decode_hex(std::string_view text, std::string& out);

// RFC 4648 section 5 without padding. Appends ceil(4n/3) characters.
void append_base64url(std::string& out, ByteView bytes);
// Strict: foreign characters, impossible lengths and non-zero trailing bits are refused, `out` stays unchanged.
[[nodiscard]] bool decode_base64url(std::string_view text, std::string& out);

// RFC 3629 (no surrogates, no overlong forms, at most U+10FFFF).
[[nodiscard]] bool is_valid_utf8(std::string_view text) noexcept;

}  // namespace sealrow
