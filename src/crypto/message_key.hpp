// From a data key's subkey to the key that encrypts messages.
#pragma once

#include "crypto/aead.hpp"
#include "crypto/xaes.hpp"

#include <array>
#include <memory>

namespace sealrow::crypto {

// A scheduled AEAD key and, for the committing suite, what it commits to.
struct MessageKey {
  std::unique_ptr<Aead> aead;
  std::array<std::uint8_t, commitment_size> commitment{};
};

// Keeps what derivation needs for one (data key, suite). Suites without a nonce prefix have one message key only.
class MessageKeySource {
 public:
  virtual ~MessageKeySource() = default;
  [[nodiscard]] virtual Result<MessageKey> derive(const Prefix& prefix) = 0;
};

[[nodiscard]] Result<std::unique_ptr<MessageKeySource>> make_message_key_source(Suite suite, ByteView subkey,
                                                                                AeadFactory gcm);

}  // namespace sealrow::crypto
