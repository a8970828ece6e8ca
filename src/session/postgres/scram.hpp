// SCRAM-SHA-256 (RFC 5802, RFC 7677) with tls-server-end-point binding (RFC 5929), both roles.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/base/secret.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sealrow::session::postgres {

// What a server keeps of a password: SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>.
struct ScramVerifier {
  std::uint32_t iterations = 4096;
  std::string salt;
  SecretBytes stored_key, server_key;
};
[[nodiscard]] std::optional<ScramVerifier> parse_verifier(std::string_view text);
[[nodiscard]] Result<ScramVerifier> make_verifier(std::string_view password);
// For users that do not exist: looks like the others, accepts no proof, and is the same at every try.
[[nodiscard]] Result<ScramVerifier> mock_verifier(std::string_view user);

[[nodiscard]] std::string base64(ByteView bytes);
[[nodiscard]] bool decode_base64(std::string_view text, std::string& out);

class ScramServer {
 public:
  // `binding`: hash of our certificate; empty: PLUS is not offered.
  ScramServer(ScramVerifier verifier, std::string binding)
      : verifier_(std::move(verifier)), binding_(std::move(binding)) {}
  [[nodiscard]] Result<std::string> first(std::string_view mechanism, std::string_view message);
  [[nodiscard]] Result<std::string> final(std::string_view message);
  [[nodiscard]] bool offers_plus() const noexcept { return !binding_.empty(); }
  // After final(): logs in wherever the same verifier is known.
  [[nodiscard]] const SecretBytes& client_key() const noexcept { return client_key_; }
  [[nodiscard]] const ScramVerifier& verifier() const noexcept { return verifier_; }

 private:
  ScramVerifier verifier_;
  std::string binding_;
  std::string gs2_, client_first_bare_, server_first_, nonce_;
  bool plus_ = false;
  SecretBytes client_key_;
};

class ScramClient {
 public:
  explicit ScramClient(SecretBytes password) : password_(std::move(password)) {}
  // With a recovered key instead of a password: works only if salt and iterations are the verifier's.
  ScramClient(SecretBytes client_key, ScramVerifier verifier)
      : client_key_(std::move(client_key)), verifier_(std::move(verifier)) {}

  // `binding`: hash of the server's certificate, empty if there is none; `server_binds`: PLUS was offered.
  [[nodiscard]] Result<std::string> first(std::string_view binding, bool server_binds);
  [[nodiscard]] Result<std::string> final(std::string_view server_first);
  [[nodiscard]] Result<> verify(std::string_view server_final);
  [[nodiscard]] bool verified() const noexcept { return verified_; }
  [[nodiscard]] bool uses_plus() const noexcept { return plus_; }

 private:
  SecretBytes password_, client_key_;
  std::optional<ScramVerifier> verifier_;
  std::string gs2_, binding_, nonce_, client_first_bare_, expected_;
  bool plus_ = false, verified_ = false;
};

}  // namespace sealrow::session::postgres
