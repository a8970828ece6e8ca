#include "crypto/aead.hpp"
#include "crypto/evp.hpp"
#include "crypto/suite.hpp"

namespace sealrow::crypto {
namespace {

// AES-256-GCM and ChaCha20-Poly1305. The key schedule stays in the context; every message sets only the nonce, with a
// NULL cipher: naming the cipher again would take a reference count that all threads share (openssl issue 22191).
class EvpAead final : public Aead {
 public:
  explicit EvpAead(CipherContext context) : context_(std::move(context)) {}

  bool seal(const std::uint8_t* nonce, ByteView aad, MutableBytes text, std::uint8_t* tag) override {
    EVP_CIPHER_CTX* c = context_.get();
    int n = 0;
    return EVP_EncryptInit_ex(c, nullptr, nullptr, nullptr, nonce) == 1 &&
           EVP_EncryptUpdate(c, nullptr, &n, aad.data(), static_cast<int>(aad.size())) == 1 &&
           EVP_EncryptUpdate(c, text.data(), &n, text.data(), static_cast<int>(text.size())) == 1 &&
           EVP_EncryptFinal_ex(c, text.data() + n, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, tag_size, tag) == 1;
  }

  bool open(const std::uint8_t* nonce, ByteView aad, ByteView sealed, const std::uint8_t* tag,
            std::uint8_t* out) override {
    EVP_CIPHER_CTX* c = context_.get();
    int n = 0;
    return EVP_DecryptInit_ex(c, nullptr, nullptr, nullptr, nonce) == 1 &&
           EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, tag_size, const_cast<std::uint8_t*>(tag)) == 1 &&
           EVP_DecryptUpdate(c, nullptr, &n, aad.data(), static_cast<int>(aad.size())) == 1 &&
           EVP_DecryptUpdate(c, out, &n, sealed.data(), static_cast<int>(sealed.size())) == 1 &&
           EVP_DecryptFinal_ex(c, out + n, &n) == 1;
  }

 private:
  CipherContext context_;
};

std::unique_ptr<Aead> make_evp(const EVP_CIPHER* cipher, ByteView key) {
  CipherContext context(EVP_CIPHER_CTX_new());
  if (cipher == nullptr || context == nullptr ||
      EVP_EncryptInit_ex(context.get(), cipher, nullptr, key.data(), nullptr) != 1)
    return nullptr;
  return std::make_unique<EvpAead>(std::move(context));
}

}  // namespace

std::unique_ptr<Aead> make_gcm_openssl(ByteView key) {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return make_evp(cipher, key);
}

std::unique_ptr<Aead> make_chacha20_poly1305(ByteView key) {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr);
  return make_evp(cipher, key);
}

}  // namespace sealrow::crypto
