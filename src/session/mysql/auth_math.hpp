// The arithmetic of MySQL's and MariaDB's password plugins, both roles. No packets here: what travels is in
// wire/mysql/handshake.hpp. `nonce` is the server's auth data of 20 bytes unless said otherwise.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/base/secret.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sealrow::session::mysql {

using Sha1Digest = std::array<std::uint8_t, 20>;
using Sha256Digest = std::array<std::uint8_t, 32>;

// Nonce for our own greeting: 20 bytes, none of them zero or '$' (clients end it at a zero byte).
[[nodiscard]] Result<std::string> fresh_nonce();

// mysql_native_password: SHA1(password) ^ SHA1(nonce || SHA1(SHA1(password))). An empty password gives an empty answer.
[[nodiscard]] std::string native_scramble(const SecretBytes& password, std::string_view nonce);
// What a server stores: SHA1(SHA1(password)), shown as "*" and forty hexadecimal digits.
[[nodiscard]] std::optional<Sha1Digest> parse_native_verifier(std::string_view text);
[[nodiscard]] Sha1Digest native_verifier(const SecretBytes& password);
// SHA1(password), which the scramble reveals to who knows the verifier; it logs in wherever the verifier is the same.
[[nodiscard]] std::optional<SecretBytes> check_native(const Sha1Digest& verifier, std::string_view nonce,
                                                      std::string_view scramble);
[[nodiscard]] std::string native_scramble_from_stage1(const SecretBytes& stage1, std::string_view nonce);

// caching_sha2_password, fast: SHA256(password) ^ SHA256(SHA256(SHA256(password)) || nonce).
[[nodiscard]] std::string sha2_scramble(const SecretBytes& password, std::string_view nonce);
// SHA256(SHA256(password)): what a server's cache holds.
[[nodiscard]] Sha256Digest sha2_verifier(const SecretBytes& password);
[[nodiscard]] std::optional<SecretBytes> check_sha2(const Sha256Digest& verifier, std::string_view nonce,
                                                    std::string_view scramble);
[[nodiscard]] std::string sha2_scramble_from_stage1(const SecretBytes& stage1, std::string_view nonce);
// What a server stores: $A$005$<20 bytes of salt><43 characters of SHA-256 crypt>.
[[nodiscard]] bool check_sha2_stored(std::string_view stored, const SecretBytes& password);

// caching_sha2_password and sha256_password, full: the password, over TLS as it is with a zero byte, otherwise
// RSA-OAEP((password || 0) ^ nonce) under the server's public key.
[[nodiscard]] SecretBytes clear_answer(const SecretBytes& password);
// The password of such an answer; no value without the zero byte at the end.
[[nodiscard]] std::optional<SecretBytes> read_clear_answer(std::string_view answer);
[[nodiscard]] Result<std::string> rsa_answer(const SecretBytes& password, std::string_view nonce,
                                             std::string_view public_key_pem);
// One key pair for the process, made at the first call (a few hundred milliseconds: call it at start-up where it is
// wanted).
class RsaKey {
 public:
  [[nodiscard]] static Result<const RsaKey*> of_process();
  [[nodiscard]] const std::string& public_pem() const noexcept { return pem_; }
  [[nodiscard]] Result<SecretBytes> open_answer(std::string_view answer, std::string_view nonce) const;

 private:
  friend struct RsaKeyMaker;
  RsaKey(void* key, std::string pem) : key_(key), pem_(std::move(pem)) {}
  void* key_;  // EVP_PKEY, never freed
  std::string pem_;
};

// client_ed25519 (MariaDB): an Ed25519 signature over the nonce (32 bytes) whose secret is SHA-512(password) instead of
// SHA-512(seed).
[[nodiscard]] Result<std::string> ed25519_answer(const SecretBytes& password, std::string_view nonce);
// The public key that a server stores, as 43 characters of base64.
[[nodiscard]] Result<std::array<std::uint8_t, 32>> ed25519_public_key(const SecretBytes& password);
[[nodiscard]] std::optional<std::array<std::uint8_t, 32>> parse_ed25519_verifier(std::string_view text);
[[nodiscard]] bool check_ed25519(const std::array<std::uint8_t, 32>& public_key, std::string_view nonce,
                                 std::string_view signature);

// parsec (MariaDB 11.6 and later). The server's nonce has 32 bytes; its second message is the "extended salt":
// 'P', the iteration exponent (PBKDF2-HMAC-SHA512 with 1024 << exponent iterations), 18 bytes of salt.
inline constexpr std::size_t parsec_nonce_size = 32;
struct ParsecSalt {
  std::uint8_t exponent = 0;
  std::string salt;
};
[[nodiscard]] std::optional<ParsecSalt> parse_parsec_salt(std::string_view message);
// The client's nonce (32 bytes) and an Ed25519 signature over both nonces.
[[nodiscard]] Result<std::string> parsec_answer(const SecretBytes& password, const ParsecSalt& salt,
                                                std::string_view server_nonce);
[[nodiscard]] Result<std::array<std::uint8_t, 32>> parsec_public_key(const SecretBytes& password,
                                                                     const ParsecSalt& salt);
[[nodiscard]] bool check_parsec(const std::array<std::uint8_t, 32>& public_key, std::string_view server_nonce,
                                std::string_view answer);

}  // namespace sealrow::session::mysql
