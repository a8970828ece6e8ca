#include "crypto/aead.hpp"
#include "crypto/evp.hpp"
#include "crypto/suite.hpp"

namespace sealrow::crypto {
namespace {

// AES-256-SIV (RFC 5297, 64-byte key) with one associated-data string. libcrypto's context takes one message per
// initialisation, so each message works on a copy of a keyed one. It cannot handle an empty message (Final fails, yet
// GET_TAG gives stale bytes): the type byte in front of every plaintext keeps us from there.
class SivAead final : public Aead {
 public:
  SivAead(CipherContext keyed, CipherContext work) : keyed_(std::move(keyed)), work_(std::move(work)) {}

  bool seal(const std::uint8_t*, ByteView aad, MutableBytes text, std::uint8_t* tag) override {
    EVP_CIPHER_CTX* c = work_.get();
    int n = 0;
    const bool ok = !text.empty() && EVP_CIPHER_CTX_copy(c, keyed_.get()) == 1 &&
                    EVP_EncryptInit_ex(c, nullptr, nullptr, nullptr, nullptr) == 1 &&
                    EVP_EncryptUpdate(c, nullptr, &n, aad.data(), static_cast<int>(aad.size())) == 1 &&
                    EVP_EncryptUpdate(c, text.data(), &n, text.data(), static_cast<int>(text.size())) == 1 &&
                    EVP_EncryptFinal_ex(c, text.data() + n, &n) == 1 &&
                    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, tag_size, tag) == 1;
    EVP_CIPHER_CTX_reset(c);
    return ok;
  }

  bool open(const std::uint8_t*, ByteView aad, ByteView sealed, const std::uint8_t* tag, std::uint8_t* out) override {
    EVP_CIPHER_CTX* c = work_.get();
    int n = 0;
    const bool ok = !sealed.empty() && EVP_CIPHER_CTX_copy(c, keyed_.get()) == 1 &&
                    EVP_DecryptInit_ex(c, nullptr, nullptr, nullptr, nullptr) == 1 &&
                    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, tag_size, const_cast<std::uint8_t*>(tag)) == 1 &&
                    EVP_DecryptUpdate(c, nullptr, &n, aad.data(), static_cast<int>(aad.size())) == 1 &&
                    EVP_DecryptUpdate(c, out, &n, sealed.data(), static_cast<int>(sealed.size())) == 1 &&
                    EVP_DecryptFinal_ex(c, out + n, &n) == 1;
    EVP_CIPHER_CTX_reset(c);
    return ok;
  }

 private:
  CipherContext keyed_;
  CipherContext work_;
};

}  // namespace

std::unique_ptr<Aead> make_aes_siv(ByteView key) {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-SIV", nullptr);
  CipherContext keyed(EVP_CIPHER_CTX_new());
  CipherContext work(EVP_CIPHER_CTX_new());
  if (cipher == nullptr || keyed == nullptr || work == nullptr ||
      key.size() != layout_of(Suite::aes_256_siv).subkey_size)
    return nullptr;
  if (EVP_EncryptInit_ex(keyed.get(), cipher, nullptr, key.data(), nullptr) != 1) return nullptr;
  return std::make_unique<SivAead>(std::move(keyed), std::move(work));
}

}  // namespace sealrow::crypto
