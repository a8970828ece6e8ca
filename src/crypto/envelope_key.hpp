// What an EnvelopeKey holds.
#pragma once

#include "sealrow/crypto/keys.hpp"

#include <array>
#include <atomic>

namespace sealrow::crypto {

struct EnvelopeKey::Impl {
  KeyId id;
  TenantId tenant;
  DomainId domain;
  // Names this object in per-thread caches. Not the key id: two objects with one id could hold different keys.
  std::uint64_t serial;
  std::uint64_t generation;                     // fork_generation() at construction
  std::array<SecretBytes, 5> subkeys;           // in the order of the suite table
  mutable std::atomic<std::uint64_t> gcm_uses;  // suite 0x01 only

  [[nodiscard]] ByteView subkey(Suite suite) const noexcept;
};

inline constexpr std::uint64_t max_gcm_uses = std::uint64_t{1} << 32;  // SP 800-38D section 8.3, random nonces

}  // namespace sealrow::crypto
