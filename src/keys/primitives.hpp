// The few cryptographic calls that this room needs besides crypto/keys.hpp: key wrapping, passphrase stretching,
// digest.
#pragma once

#include "sealrow/base/bytes.hpp"
#include "sealrow/base/result.hpp"
#include "sealrow/base/secret.hpp"
#include "sealrow/keys/model.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sealrow::keys {

// AES-256-GCM with a random 96-bit nonce: nonce ‖ ciphertext ‖ tag. A KEK wraps far fewer than 2^32 keys (SP 800-38D
// section 8.3), so that random nonces are safe.
[[nodiscard]] Result<std::string> gcm_wrap(const SecretBytes& kek, std::string_view context, const SecretBytes& key);
// key_wrap_rejected, whatever did not fit.
[[nodiscard]] Result<SecretBytes> gcm_unwrap(const SecretBytes& kek, std::string_view context, std::string_view blob);

struct ScryptCost {
  std::uint64_t n = 1u << 17;  // 128 MiB with r = 8
  std::uint32_t r = 8;
  std::uint32_t p = 1;
};
// config_value when the cost is absurd (it may come from an edited file): n a power of two, at most 1 GiB of memory.
[[nodiscard]] Result<SecretBytes> stretch(const SecretBytes& passphrase, std::string_view salt, ScryptCost cost);

[[nodiscard]] Result<std::array<std::uint8_t, 32>> sha256(std::string_view message);

// First 8 bytes of HKDF-Expand(key, "sealrow/v1" 0x00 "kcv" …): tells keys apart, says nothing about them.
[[nodiscard]] Result<KeyCheckValue> check_value_of(const SecretBytes& key);
// HKDF-Expand(key, "sealrow/v1" 0x00 LP(label) LP(context)).
[[nodiscard]] Result<SecretBytes> derive(const SecretBytes& key, std::string_view label, std::string_view context);

}  // namespace sealrow::keys
