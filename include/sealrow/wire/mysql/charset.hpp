// Character sets and collations by their number in the protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sealrow::wire::mysql {

inline constexpr std::uint16_t binary_charset = 63;
inline constexpr std::uint16_t utf8mb4_general_ci = 45;
inline constexpr std::uint16_t utf8mb4_0900_ai_ci = 255;  // MySQL 8 and later only

enum class CharsetKind : std::uint8_t {
  utf8,         // utf8mb4, utf8mb3
  binary,       // bytes
  ascii,        // 7 bits: a subset of UTF-8
  single_byte,  // ASCII and 128 other characters: text must be converted
  multi_byte,   // bytes below 0x80 are always ASCII characters (ujis, gb2312, eucjpms)
  unsafe,       // bytes below 0x80 may mean or be part of another character (gbk, sjis, big5, euckr, swe7, ucs2, …)
};

struct Charset {
  std::string_view name;  // "utf8mb4"
  CharsetKind kind = CharsetKind::unsafe;
  std::uint8_t max_bytes = 1;  // per character
  std::uint16_t default_collation = 0;
};

// No value for a number that neither family uses.
[[nodiscard]] std::optional<Charset> charset_of(std::uint16_t collation) noexcept;
// By name, in any case; "utf8" is utf8mb3.
[[nodiscard]] std::optional<Charset> charset_named(std::string_view name) noexcept;

// Statement text and values can be read and sealed without conversion.
[[nodiscard]] constexpr bool is_readable(CharsetKind kind) noexcept {
  return kind == CharsetKind::utf8 || kind == CharsetKind::ascii || kind == CharsetKind::binary;
}

}  // namespace sealrow::wire::mysql
