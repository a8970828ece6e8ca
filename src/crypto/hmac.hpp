// HMAC-SHA-256 (RFC 2104) with the key's two blocks hashed in advance, and HKDF-Expand (RFC 5869) on top of it.
#pragma once

#include "sealrow/base/secret.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>

namespace sealrow::crypto {

using Digest = std::array<std::uint8_t, 32>;

// Immutable after construction: any number of threads may compute at once.
class HmacSha256 {
 public:
  explicit HmacSha256(ByteView key);
  [[nodiscard]] Digest compute(std::initializer_list<ByteView> parts) const;
  // RFC 5869 section 2.3; `this` is keyed with the PRK, out.size() <= 255 * 32.
  void expand(ByteView info, MutableBytes out) const;

 private:
  SecretBytes states_;  // as good as the key
};

}  // namespace sealrow::crypto
