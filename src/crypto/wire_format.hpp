// Bits and offsets of the envelope header, and the length-prefixed encoding used in associated data and key labels.
#pragma once

#include "sealrow/base/bytes.hpp"
#include "sealrow/crypto/envelope.hpp"

#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>

namespace sealrow::crypto {

inline constexpr std::uint8_t format_version = 1;
inline constexpr std::uint8_t flag_tag = 0x01;
inline constexpr std::uint8_t flag_compressed = 0x02;
inline constexpr std::uint8_t flag_row_bound = 0x04;
inline constexpr std::uint8_t flag_all = flag_tag | flag_compressed | flag_row_bound;
inline constexpr std::size_t key_id_offset = 4;
inline constexpr std::size_t longest_part = 0xFFFF;

// memcpy in words: GCC 12 turns std::ranges::copy over spans into a byte loop.
inline std::uint8_t* put(std::uint8_t* to, ByteView bytes) noexcept {
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}

// LP(part): u16 length, then the bytes. The caller has checked the length against `longest_part`.
inline void append_part(std::string& out, std::string_view part) {
  append_u16(out, static_cast<std::uint16_t>(part.size()));
  out += part;
}

// Replaces `out` by the associated data of an envelope that starts with `front` (header and, if any, equality tag).
// False if a part is too long to be encoded.
[[nodiscard]] bool assemble_aad(std::string& out, ByteView front, const ContextView& context);

// "sealrow/v1" 0x00 purpose LP(part)…; purposes are literals of which none is the beginning of another.
[[nodiscard]] Result<std::string> key_label(std::string_view purpose, std::initializer_list<std::string_view> parts);

}  // namespace sealrow::crypto
