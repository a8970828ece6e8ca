#include "scram.hpp"
#include "scram_math.hpp"

#include "sealrow/crypto/keys.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <climits>

namespace sealrow::session::postgres {

std::string base64(ByteView bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int n =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(n));
  return out;
}

bool decode_base64(std::string_view text, std::string& out) {
  if (text.size() % 4 != 0 || text.size() > (1u << 20)) return false;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  const auto body = text.substr(0, text.size() - padding);
  const bool clean = std::ranges::all_of(body, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  });
  if (!clean) return false;
  out.assign(text.size() / 4 * 3, '\0');
  const int n = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (n < 0) return false;
  out.resize(static_cast<std::size_t>(n) - padding);
  return true;
}

Digest sha256(ByteView bytes) {
  Digest digest{};
  unsigned size = digest.size();
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return digest;
}

SecretBytes keyed(ByteView key, std::string_view label) {
  const auto mac = crypto::hmac_sha256(key, as_bytes(label));
  return SecretBytes::copy_of(mac);
}

Result<SecretBytes> salted_password(std::string_view password, std::string_view salt, std::uint32_t iterations) {
  SecretBytes out(32);
  const auto bytes = out.reveal_mutable();
  const int ok =
      PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                        reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()),
                        static_cast<int>(iterations), EVP_sha256(), static_cast<int>(bytes.size()), bytes.data());
  if (ok != 1) return Error{ErrorCode::crypto_failure, "PBKDF2 failed"};
  return out;
}

Result<std::string> fresh_nonce() {
  std::array<std::uint8_t, 18> raw{};
  SEALROW_CHECK(crypto::random_bytes(raw));
  return base64(raw);
}

std::optional<std::string_view> take_attribute(std::string_view& rest, char name) {
  if (rest.size() < 2 || rest[0] != name || rest[1] != '=') return std::nullopt;
  const std::size_t comma = rest.find(',');
  const auto value = rest.substr(2, comma == std::string_view::npos ? comma : comma - 2);
  rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  return value;
}

bool is_nonce(std::string_view text) {
  return !text.empty() && text.size() <= max_nonce &&
         std::ranges::all_of(text, [](char c) { return c >= 0x21 && c <= 0x7E && c != ','; });
}

std::optional<ScramVerifier> parse_verifier(std::string_view text) {
  constexpr std::string_view prefix = "SCRAM-SHA-256$";
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  ScramVerifier verifier;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), verifier.iterations);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (ec != std::errc{} || verifier.iterations == 0 || verifier.iterations > max_iterations || !text.starts_with(':'))
    return std::nullopt;
  text.remove_prefix(1);
  const std::size_t dollar = text.find('$');
  const std::size_t colon = dollar == std::string_view::npos ? dollar : text.find(':', dollar);
  if (colon == std::string_view::npos) return std::nullopt;
  std::string stored, server;
  if (!decode_base64(text.substr(0, dollar), verifier.salt) || verifier.salt.empty() ||
      !decode_base64(text.substr(dollar + 1, colon - dollar - 1), stored) ||
      !decode_base64(text.substr(colon + 1), server) || stored.size() != 32 || server.size() != 32) {
    return std::nullopt;
  }
  verifier.stored_key = SecretBytes::copy_of(as_bytes(stored));
  verifier.server_key = SecretBytes::copy_of(as_bytes(server));
  wipe(stored);
  wipe(server);
  return verifier;
}

Result<ScramVerifier> make_verifier(std::string_view password) {
  ScramVerifier verifier;
  verifier.salt.resize(16);
  SEALROW_CHECK(crypto::random_bytes({reinterpret_cast<std::uint8_t*>(verifier.salt.data()), verifier.salt.size()}));
  SEALROW_TRY(const SecretBytes salted, salted_password(password, verifier.salt, verifier.iterations));
  verifier.stored_key = SecretBytes::copy_of(sha256(keyed(salted.reveal(), "Client Key").reveal()));
  verifier.server_key = keyed(salted.reveal(), "Server Key");
  return verifier;
}

Result<ScramVerifier> mock_verifier(std::string_view user) {
  static const Result<SecretBytes> process_secret = crypto::random_key();
  if (!process_secret) return process_secret.error();
  ScramVerifier verifier;
  const auto salt = crypto::hmac_sha256(process_secret->reveal(), as_bytes(user));
  verifier.salt.assign(reinterpret_cast<const char*>(salt.data()), 16);
  SEALROW_TRY(verifier.stored_key, crypto::random_key());
  SEALROW_TRY(verifier.server_key, crypto::random_key());
  return verifier;
}

}  // namespace sealrow::session::postgres
