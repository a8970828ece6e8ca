#include "auth_math.hpp"

#include "sealrow/crypto/keys.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>

namespace sealrow::session::mysql {
namespace {

constexpr std::size_t key_size = crypto_core_ed25519_BYTES;
constexpr std::size_t scalar_size = crypto_core_ed25519_SCALARBYTES;
constexpr std::size_t signature_size = crypto_sign_BYTES;
constexpr std::size_t parsec_max_salt = 64;
// 1024 << 5 iterations take some ten milliseconds; servers use 0, MariaDB's own client takes up to 3.
constexpr std::uint8_t parsec_max_exponent = 5;

Error crypto_failure() { return Error{ErrorCode::crypto_failure, "cryptographic library reported a failure"}; }
Error malformed() { return Error{ErrorCode::protocol_violation, "malformed authentication data"}; }

bool library_is_ready() {
  static const bool ready = sodium_init() >= 0;
  return ready;
}

// crypto_hash_sha512 over parts, into secret memory.
SecretBytes sha512(std::initializer_list<ByteView> parts) {
  SecretBytes out(crypto_hash_sha512_BYTES);
  crypto_hash_sha512_state state;
  crypto_hash_sha512_init(&state);
  for (const ByteView part : parts) crypto_hash_sha512_update(&state, part.data(), part.size());
  crypto_hash_sha512_final(&state, out.reveal_mutable().data());
  wipe(&state, sizeof state);
  return out;
}

// 64 bytes as a number, modulo the group's order.
SecretBytes reduced(ByteView wide) {
  SecretBytes out(scalar_size);
  crypto_core_ed25519_scalar_reduce(out.reveal_mutable().data(), wide.data());
  return out;
}

// RFC 8032, section 5.1.5, from step 2 on: the hash is the password's instead of a seed's.
struct ExpandedSecret {
  SecretBytes scalar;  // clamped, then reduced: the base point's multiple is the same
  SecretBytes prefix;
  Ed25519Key public_key{};
};

Result<ExpandedSecret> expand(const SecretBytes& password) {
  if (!library_is_ready()) return crypto_failure();
  SecretBytes hash = sha512({password.reveal()});
  SecretBytes clamped(2 * scalar_size);
  const auto wide = clamped.reveal_mutable();
  std::copy_n(hash.reveal().begin(), scalar_size, wide.begin());
  wide[0] &= 248;
  wide[31] &= 127;
  wide[31] |= 64;
  ExpandedSecret secret;
  secret.scalar = reduced(clamped.reveal());
  secret.prefix = SecretBytes::copy_of(hash.reveal().subspan(scalar_size));
  if (crypto_scalarmult_ed25519_base_noclamp(secret.public_key.data(), secret.scalar.reveal().data()) != 0)
    return crypto_failure();
  return secret;
}

bool verify(const Ed25519Key& key, ByteView message, ByteView signature) {
  return library_is_ready() && signature.size() == signature_size &&
         crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.data()) == 0;
}

// Password to a standard Ed25519 key pair (libsodium's secret form: seed and public key).
struct KeyPair {
  SecretBytes secret;
  Ed25519Key public_key{};
};

Result<KeyPair> parsec_key(const SecretBytes& password, const ParsecSalt& salt) {
  SecretBytes seed(crypto_sign_SEEDBYTES);
  const auto text = as_text(password.reveal());
  const auto salt_bytes = as_bytes(salt.salt);
  if (!library_is_ready() ||
      PKCS5_PBKDF2_HMAC(text.data(), static_cast<int>(text.size()), salt_bytes.data(),
                        static_cast<int>(salt_bytes.size()), static_cast<int>(salt.iterations), EVP_sha512(),
                        static_cast<int>(seed.size()), seed.reveal_mutable().data()) != 1) {
    return crypto_failure();
  }
  KeyPair pair;
  pair.secret = SecretBytes(crypto_sign_SECRETKEYBYTES);
  crypto_sign_seed_keypair(pair.public_key.data(), pair.secret.reveal_mutable().data(), seed.reveal().data());
  return pair;
}

}  // namespace

// RFC 8032, section 5.1.6.
Result<std::string> ed25519_answer(const SecretBytes& password, std::string_view nonce) {
  if (nonce.size() != ed25519_nonce_size) return malformed();
  SEALROW_TRY(const ExpandedSecret secret, expand(password));
  const SecretBytes r = reduced(sha512({secret.prefix.reveal(), as_bytes(nonce)}).reveal());
  std::string signature(signature_size, '\0');
  auto* out = reinterpret_cast<std::uint8_t*>(signature.data());
  if (crypto_scalarmult_ed25519_base_noclamp(out, r.reveal().data()) != 0) return crypto_failure();
  const SecretBytes k = reduced(sha512({{out, key_size}, secret.public_key, as_bytes(nonce)}).reveal());
  SecretBytes product(scalar_size);
  crypto_core_ed25519_scalar_mul(product.reveal_mutable().data(), k.reveal().data(), secret.scalar.reveal().data());
  crypto_core_ed25519_scalar_add(out + key_size, product.reveal().data(), r.reveal().data());
  return signature;
}

Result<Ed25519Key> ed25519_public_key(const SecretBytes& password) {
  SEALROW_TRY(const ExpandedSecret secret, expand(password));
  return secret.public_key;
}

std::optional<Ed25519Key> parse_ed25519_verifier(std::string_view text) {
  Ed25519Key key{};
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(key.data(), key.size(), text.data(), text.size(), nullptr, &size, &end,
                        sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0 ||
      size != key.size() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return key;
}

bool check_ed25519(const Ed25519Key& key, std::string_view nonce, std::string_view answer) {
  return nonce.size() == ed25519_nonce_size && verify(key, as_bytes(nonce), as_bytes(answer));
}

std::optional<ParsecSalt> parse_parsec_salt(std::string_view message) {
  if (message.size() < 3 || message.size() > 2 + parsec_max_salt || message[0] != 'P') return std::nullopt;
  const auto exponent = static_cast<std::uint8_t>(message[1]);
  if (exponent > parsec_max_exponent) return std::nullopt;
  return ParsecSalt{1024u << exponent, std::string(message.substr(2))};
}

Result<std::string> parsec_answer(const SecretBytes& password, const ParsecSalt& salt, std::string_view server_nonce) {
  if (server_nonce.size() != parsec_nonce_size) return malformed();
  SEALROW_TRY(const KeyPair pair, parsec_key(password, salt));
  std::string answer(parsec_nonce_size + signature_size, '\0');
  auto* out = reinterpret_cast<std::uint8_t*>(answer.data());
  SEALROW_CHECK(crypto::random_bytes({out, parsec_nonce_size}));
  std::string message(server_nonce);
  message.append(answer, 0, parsec_nonce_size);
  crypto_sign_detached(out + parsec_nonce_size, nullptr, as_bytes(message).data(), message.size(),
                       pair.secret.reveal().data());
  return answer;
}

Result<Ed25519Key> parsec_public_key(const SecretBytes& password, const ParsecSalt& salt) {
  SEALROW_TRY(const KeyPair pair, parsec_key(password, salt));
  return pair.public_key;
}

bool check_parsec(const Ed25519Key& key, std::string_view server_nonce, std::string_view answer) {
  if (server_nonce.size() != parsec_nonce_size || answer.size() != parsec_nonce_size + signature_size) return false;
  std::string message(server_nonce);
  message.append(answer.substr(0, parsec_nonce_size));
  return verify(key, as_bytes(message), as_bytes(answer.substr(parsec_nonce_size)));
}

}  // namespace sealrow::session::mysql
