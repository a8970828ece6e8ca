// The table of suites: names and field sizes. Every other place asks here.
#pragma once

#include "sealrow/crypto/envelope.hpp"

namespace sealrow::crypto {

inline constexpr std::size_t tag_size = 16;
inline constexpr std::size_t prefix_size = 12;      // the half of a 24-byte nonce that selects the message key
inline constexpr std::size_t aead_nonce_size = 12;  // what AES-GCM and ChaCha20-Poly1305 take
inline constexpr std::size_t commitment_size = 32;

struct SuiteLayout {
  Suite suite;
  std::string_view name;
  std::size_t subkey_size;
  std::size_t nonce_size;  // 24: a prefix, then the AEAD's nonce
  std::size_t commitment;
  bool tag_first;  // RFC 5297 puts the synthetic IV in front of the ciphertext

  [[nodiscard]] constexpr bool has_prefix() const noexcept { return nonce_size == prefix_size + aead_nonce_size; }
  // Everything but the header, the equality tag and the ciphertext.
  [[nodiscard]] constexpr std::size_t overhead() const noexcept { return nonce_size + commitment + tag_size; }
};

// nullptr: unknown or reserved.
[[nodiscard]] const SuiteLayout* find_layout(std::uint8_t id) noexcept;
[[nodiscard]] const SuiteLayout& layout_of(Suite suite) noexcept;

}  // namespace sealrow::crypto
