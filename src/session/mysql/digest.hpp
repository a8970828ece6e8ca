// A hash over several parts whose result is a secret.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/base/secret.hpp"

#include <openssl/evp.h>

#include <memory>

namespace sealrow::session::mysql {

class Digest {
 public:
  explicit Digest(const EVP_MD* hash) : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free), hash_(hash) {
    ok_ = context_ != nullptr && EVP_DigestInit_ex(context_.get(), hash, nullptr) == 1;
  }
  Digest& add(ByteView part) {
    ok_ = ok_ && EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1;
    return *this;
  }
  // The object is then ready for the next hash.
  [[nodiscard]] Result<SecretBytes> finish() {
    SecretBytes out(static_cast<std::size_t>(EVP_MD_get_size(hash_)));
    ok_ = ok_ && EVP_DigestFinal_ex(context_.get(), out.reveal_mutable().data(), nullptr) == 1;
    if (!ok_) return Error{ErrorCode::crypto_failure, "cryptographic library reported a failure"};
    ok_ = EVP_DigestInit_ex(context_.get(), hash_, nullptr) == 1;
    return out;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
  const EVP_MD* hash_;
  bool ok_ = false;
};

}  // namespace sealrow::session::mysql
