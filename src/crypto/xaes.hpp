// Key derivation of XAES-256-GCM (C2SP, https://c2sp.org/XAES-256-GCM) and of its 32-byte key commitment.
#pragma once

#include "crypto/evp.hpp"
#include "crypto/suite.hpp"
#include "sealrow/base/result.hpp"
#include "sealrow/base/secret.hpp"

#include <array>

namespace sealrow::crypto {

using Prefix = std::array<std::uint8_t, prefix_size>;

class XaesKey {
 public:
  [[nodiscard]] static Result<XaesKey> make(ByteView key);
  // 64 bytes: the AES-256-GCM key of this nonce prefix, then the commitment.
  [[nodiscard]] Result<> derive(const Prefix& prefix, MutableBytes out);

 private:
  XaesKey(CipherContext ecb, SecretBytes k1) : ecb_(std::move(ecb)), k1_(std::move(k1)) {}

  CipherContext ecb_;
  SecretBytes k1_;
};

}  // namespace sealrow::crypto
