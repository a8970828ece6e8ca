// Owners for libcrypto objects.
#pragma once

#include <openssl/evp.h>

#include <memory>

namespace sealrow::crypto {

struct FreeCipherContext {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipherContext>;

}  // namespace sealrow::crypto
