#include "keys/primitives.hpp"

#include "sealrow/crypto/keys.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace sealrow::keys {

namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t max_wrapped_size = 4096;
constexpr std::uint64_t max_scrypt_memory = 1ull << 30;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* raw(std::string_view text) { return as_bytes(text).data(); }
unsigned char* raw(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
Error library_failure() { return Error{ErrorCode::crypto_failure, "cryptographic library reported a failure"}; }
Error rejected() { return Error{ErrorCode::key_wrap_rejected, "wrapped key failed authentication"}; }

}  // namespace

Result<std::string> gcm_wrap(const SecretBytes& kek, std::string_view context, const SecretBytes& key) {
  std::string out(nonce_size + key.size() + tag_size, '\0');
  SEALROW_CHECK(crypto::random_bytes({raw(out), nonce_size}));
  const CipherContext cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  unsigned char* const body = raw(out) + nonce_size;
  int size = 0;
  if (kek.size() != crypto::key_size || !cipher ||
      EVP_EncryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), kek.reveal().data(), raw(out), nullptr) != 1 ||
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, raw(context), static_cast<int>(context.size())) != 1 ||
      EVP_EncryptUpdate(cipher.get(), body, &size, key.reveal().data(), static_cast<int>(key.size())) != 1 ||
      EVP_EncryptFinal_ex(cipher.get(), body + size, &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, body + key.size()) != 1)
    return library_failure();
  return out;
}

Result<SecretBytes> gcm_unwrap(const SecretBytes& kek, std::string_view context, std::string_view blob) {
  if (kek.size() != crypto::key_size) return library_failure();
  if (blob.size() <= nonce_size + tag_size || blob.size() > max_wrapped_size) return rejected();
  SecretBytes key(blob.size() - nonce_size - tag_size);
  const std::string_view body = blob.substr(nonce_size, key.size());
  std::string tag(blob.substr(blob.size() - tag_size));
  const CipherContext cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int size = 0;
  if (!cipher || EVP_DecryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), kek.reveal().data(), raw(blob), nullptr) != 1 ||
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, raw(context), static_cast<int>(context.size())) != 1 ||
      EVP_DecryptUpdate(cipher.get(), key.reveal_mutable().data(), &size, raw(body), static_cast<int>(body.size())) !=
          1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()) != 1)
    return library_failure();
  if (EVP_DecryptFinal_ex(cipher.get(), key.reveal_mutable().data() + size, &size) != 1) return rejected();
  return key;
}

Result<SecretBytes> stretch(const SecretBytes& passphrase, std::string_view salt, ScryptCost cost) {
  const bool plausible = cost.n >= 2 && (cost.n & (cost.n - 1)) == 0 && cost.n <= (1u << 22) && cost.r >= 1 &&
                         cost.r <= 32 && cost.p >= 1 && cost.p <= 16 && 128 * cost.n * cost.r <= max_scrypt_memory &&
                         salt.size() >= 16;
  if (!plausible) return Error{ErrorCode::config_value, "scrypt parameters are out of range"};
  SecretBytes key(crypto::key_size);
  const auto text = as_text(passphrase.reveal());
  if (EVP_PBE_scrypt(text.data(), text.size(), raw(salt), salt.size(), cost.n, cost.r, cost.p, max_scrypt_memory * 2,
                     key.reveal_mutable().data(), key.size()) != 1)
    return library_failure();
  return key;
}

Result<std::array<std::uint8_t, 32>> sha256(std::string_view message) {
  std::array<std::uint8_t, 32> digest{};
  if (EVP_Digest(message.data(), message.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    return library_failure();
  return digest;
}

Result<KeyCheckValue> check_value_of(const SecretBytes& key) {
  SEALROW_TRY(const SecretBytes derived, derive(key, "kcv", ""));
  KeyCheckValue value;
  std::copy_n(derived.reveal().begin(), value.size(), value.begin());
  return value;
}

Result<SecretBytes> derive(const SecretBytes& key, std::string_view label, std::string_view context) {
  std::string info("sealrow/v1\0", 11);
  for (const std::string_view part : {label, context}) {
    append_u32(info, static_cast<std::uint32_t>(part.size()));
    info.append(part);
  }
  return crypto::hkdf_expand(key, info);
}

}  // namespace sealrow::keys
