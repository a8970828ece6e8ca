#include "auth_math.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <mutex>

namespace sealrow::session::mysql {
namespace {

// What a server makes by default (sha256_password_auto_generate_rsa_keys).
constexpr unsigned key_bits = 2048;

using Pkey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

Error crypto_failure() {
  ERR_clear_error();
  return Error{ErrorCode::crypto_failure, "cryptographic library reported a failure"};
}
Error failed() {
  ERR_clear_error();
  return Error{ErrorCode::authentication_failed, "password authentication failed"};
}

void xor_with_nonce(MutableBytes bytes, std::string_view nonce) {
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] ^= static_cast<std::uint8_t>(nonce[i % nonce.size()]);
}

// OAEP with SHA-1 and MGF1, as RSA_PKCS1_OAEP_PADDING means it.
PkeyContext oaep_context(EVP_PKEY* key, int (*init)(EVP_PKEY_CTX*)) {
  PkeyContext context(EVP_PKEY_CTX_new(key, nullptr), &EVP_PKEY_CTX_free);
  if (context == nullptr || init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) != 1) {
    context.reset();
  }
  return context;
}

}  // namespace

SecretBytes clear_answer(const SecretBytes& password) {
  SecretBytes answer(password.size() + 1);
  std::copy(password.reveal().begin(), password.reveal().end(), answer.reveal_mutable().begin());
  return answer;
}

std::optional<SecretBytes> read_clear_answer(std::string_view answer) {
  if (!answer.ends_with('\0')) return std::nullopt;
  return SecretBytes::copy_of(as_bytes(answer.substr(0, answer.size() - 1)));
}

Result<std::string> rsa_answer(const SecretBytes& password, std::string_view nonce, std::string_view public_key_pem) {
  const Bio bio(BIO_new_mem_buf(public_key_pem.data(), static_cast<int>(public_key_pem.size())), &BIO_free);
  const Pkey key(bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr) : nullptr, &EVP_PKEY_free);
  if (key == nullptr || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA || nonce.empty()) {
    ERR_clear_error();
    return Error{ErrorCode::protocol_violation, "the database server sent no usable RSA key"};
  }
  SecretBytes clear = clear_answer(password);
  xor_with_nonce(clear.reveal_mutable(), nonce);
  const PkeyContext context = oaep_context(key.get(), &EVP_PKEY_encrypt_init);
  std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())), '\0');
  std::size_t size = out.size();
  if (context == nullptr || EVP_PKEY_encrypt(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                                             clear.reveal().data(), clear.size()) != 1) {
    return crypto_failure();
  }
  out.resize(size);
  return out;
}

Result<std::shared_ptr<const RsaKey>> RsaKey::generate() {
  Pkey key(EVP_RSA_gen(key_bits), &EVP_PKEY_free);
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  if (key == nullptr || bio == nullptr || PEM_write_bio_PUBKEY(bio.get(), key.get()) != 1) return crypto_failure();
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  std::string pem(text, static_cast<std::size_t>(size));
  return std::shared_ptr<const RsaKey>(new RsaKey(key.release(), std::move(pem)));
}

Result<std::shared_ptr<const RsaKey>> RsaKey::of_process() {
  static std::mutex mutex;
  static std::shared_ptr<const RsaKey> key;
  const std::lock_guard lock(mutex);
  if (key == nullptr) {
    SEALROW_TRY(key, generate());
  }
  return key;
}

RsaKey::~RsaKey() { EVP_PKEY_free(static_cast<EVP_PKEY*>(key_)); }

Result<SecretBytes> RsaKey::open_answer(std::string_view answer, std::string_view nonce) const {
  auto* key = static_cast<EVP_PKEY*>(key_);
  const PkeyContext context = oaep_context(key, &EVP_PKEY_decrypt_init);
  if (context == nullptr || nonce.empty()) return crypto_failure();
  SecretBytes clear(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
  std::size_t size = clear.size();
  if (answer.size() != size || EVP_PKEY_decrypt(context.get(), clear.reveal_mutable().data(), &size,
                                                as_bytes(answer).data(), answer.size()) != 1) {
    return failed();
  }
  const MutableBytes opened = clear.reveal_mutable().first(size);
  xor_with_nonce(opened, nonce);
  auto password = read_clear_answer(as_text(opened));
  if (!password) return failed();
  return std::move(*password);
}

}  // namespace sealrow::session::mysql
