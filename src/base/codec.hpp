// The two halves of every text codec. The bulk half (AVX2) takes whole blocks from the front and stops at the first
// block it cannot take; the scalar half does the rest and alone decides what is valid.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sealrow::codec {

// Input units consumed. The output is written densely: 2 per byte (hex), 4 per 3 bytes (base64url) and back.
using Bulk = std::size_t;

Bulk encode_hex_avx2(const std::uint8_t* in, std::size_t size, char* out) noexcept;
Bulk decode_hex_avx2(const char* in, std::size_t size, std::uint8_t* out) noexcept;
Bulk encode_base64url_avx2(const std::uint8_t* in, std::size_t size, char* out) noexcept;
Bulk decode_base64url_avx2(const char* in, std::size_t size, std::uint8_t* out) noexcept;

void encode_hex_scalar(const std::uint8_t* in, std::size_t size, char* out) noexcept;
bool decode_hex_scalar(const char* in, std::size_t size, std::uint8_t* out) noexcept;
void encode_base64url_scalar(const std::uint8_t* in, std::size_t size, char* out) noexcept;
bool decode_base64url_scalar(const char* in, std::size_t size, std::uint8_t* out) noexcept;

[[nodiscard]] bool have_avx2() noexcept;

}  // namespace sealrow::codec
