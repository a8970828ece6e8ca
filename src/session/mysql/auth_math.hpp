// The arithmetic of MySQL's and MariaDB's password plugins, both roles. No packets here: what travels is in
// wire/mysql/handshake.hpp. `nonce` is the server's auth data of 20 bytes unless said otherwise. Passwords and all that
// logs in, or is worth guessing passwords against, is SecretBytes; comparisons take constant time.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/base/secret.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sealrow::session::mysql {

// Nonce for our own greeting: 20 bytes of 7 bits, none of them zero or '$' (clients end it at a zero byte).
[[nodiscard]] Result<std::string> fresh_nonce();

// The two scramble plugins are one scheme over different hashes:
//   scramble = H(password) ^ H(nonce, H(H(password))), verifier = H(H(password)), stage 1 = H(password).
// native: SHA-1 and nonce first; sha2 (caching_sha2_password, fast): SHA-256 and nonce last.
// Who sees a scramble and knows the verifier learns stage 1, which logs in wherever the verifier is the same.
enum class Scramble : std::uint8_t { native, sha2 };
[[nodiscard]] Result<SecretBytes> scramble_stage1(Scramble kind, const SecretBytes& password);
[[nodiscard]] Result<SecretBytes> scramble_verifier(Scramble kind, const SecretBytes& stage1);
// What the client answers. An empty password is answered by an empty string without any of this.
[[nodiscard]] Result<std::string> scramble_answer(Scramble kind, const SecretBytes& stage1, std::string_view nonce);
// Stage 1, if the answer is right; an error with authentication_failed if not.
[[nodiscard]] Result<SecretBytes> check_scramble(Scramble kind, const SecretBytes& verifier, std::string_view nonce,
                                                 std::string_view answer);
// mysql.user's form of the native verifier: "*" and forty hexadecimal digits.
[[nodiscard]] std::optional<SecretBytes> parse_native_verifier(std::string_view text);
// mysql.user's form for caching_sha2_password: $A$, thousands of rounds as three hexadecimal digits, $, 20 bytes of
// salt, 43 characters of SHA-256 crypt. True if `password` is the one. Costs milliseconds by design.
[[nodiscard]] bool check_sha2_stored(std::string_view stored, const SecretBytes& password);

// Full authentication of caching_sha2_password and sha256_password: over TLS the password with a zero byte, otherwise
// RSA-OAEP of that, xored with the nonce, under the server's public key.
[[nodiscard]] SecretBytes clear_answer(const SecretBytes& password);
// The password of such an answer; no value without its zero byte.
[[nodiscard]] std::optional<SecretBytes> read_clear_answer(std::string_view answer);
[[nodiscard]] Result<std::string> rsa_answer(const SecretBytes& password, std::string_view nonce,
                                             std::string_view public_key_pem);

// The server's key pair. One for the process: made at the first call, which takes up to a second, so call it where
// nobody waits.
class RsaKey {
 public:
  [[nodiscard]] static Result<std::shared_ptr<const RsaKey>> of_process();
  ~RsaKey();
  RsaKey(const RsaKey&) = delete;
  RsaKey& operator=(const RsaKey&) = delete;
  [[nodiscard]] const std::string& public_pem() const noexcept { return pem_; }
  // The password. Any number of threads at once.
  [[nodiscard]] Result<SecretBytes> open_answer(std::string_view answer, std::string_view nonce) const;

 private:
  RsaKey(void* key, std::string pem) noexcept : key_(key), pem_(std::move(pem)) {}
  [[nodiscard]] static Result<std::shared_ptr<const RsaKey>> generate();
  void* key_;  // EVP_PKEY
  std::string pem_;
};

using Ed25519Key = std::array<std::uint8_t, 32>;  // public

// client_ed25519 (MariaDB): an Ed25519 signature over the nonce of 32 bytes, whose expanded secret is
// SHA-512(password) instead of SHA-512(seed).
inline constexpr std::size_t ed25519_nonce_size = 32;
[[nodiscard]] Result<std::string> ed25519_answer(const SecretBytes& password, std::string_view nonce);
[[nodiscard]] Result<Ed25519Key> ed25519_public_key(const SecretBytes& password);
// mysql.user's form: 43 characters of base64 without padding.
[[nodiscard]] std::optional<Ed25519Key> parse_ed25519_verifier(std::string_view text);
[[nodiscard]] bool check_ed25519(const Ed25519Key& key, std::string_view nonce, std::string_view answer);

// parsec (MariaDB 11.6 and later): an Ed25519 key from PBKDF2-HMAC-SHA512(password) signs both nonces, of 32 bytes
// each. The client asks for the salt by an empty packet and answers it with its nonce and the signature.
inline constexpr std::size_t parsec_nonce_size = 32;
struct ParsecSalt {
  std::uint32_t iterations = 1024;
  std::string salt;
};
// 'P', exponent, salt. No value for more iterations than a login may cost.
[[nodiscard]] std::optional<ParsecSalt> parse_parsec_salt(std::string_view message);
[[nodiscard]] Result<std::string> parsec_answer(const SecretBytes& password, const ParsecSalt& salt,
                                                std::string_view server_nonce);
[[nodiscard]] Result<Ed25519Key> parsec_public_key(const SecretBytes& password, const ParsecSalt& salt);
[[nodiscard]] bool check_parsec(const Ed25519Key& key, std::string_view server_nonce, std::string_view answer);

}  // namespace sealrow::session::mysql
