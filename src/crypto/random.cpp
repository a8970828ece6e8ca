#include "sealrow/crypto/keys.hpp"

#include <openssl/rand.h>

namespace sealrow::crypto {

Result<SecretBytes> random_key() {
  SecretBytes key(key_size);
  if (RAND_priv_bytes(key.reveal_mutable().data(), static_cast<int>(key_size)) != 1)
    return Error{ErrorCode::crypto_failure, "random generator failed"};
  return key;
}

Result<> random_bytes(MutableBytes out) {
  constexpr std::size_t most = 1U << 20;  // RAND_bytes counts in int
  while (!out.empty()) {
    const MutableBytes part = out.first(std::min(out.size(), most));
    if (RAND_bytes(part.data(), static_cast<int>(part.size())) != 1)
      return Error{ErrorCode::crypto_failure, "random generator failed"};
    out = out.subspan(part.size());
  }
  return {};
}

}  // namespace sealrow::crypto
