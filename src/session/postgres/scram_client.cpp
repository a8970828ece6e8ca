#include "scram.hpp"
#include "scram_math.hpp"

#include "sealrow/crypto/keys.hpp"

#include <charconv>

namespace sealrow::session::postgres {

namespace {
Error malformed() { return Error{ErrorCode::protocol_violation, "malformed SCRAM message from the database server"}; }
}  // namespace

Result<std::string> ScramClient::first(std::string_view binding, bool server_binds) {
  plus_ = server_binds && !binding.empty();
  binding_ = binding;
  // "y" only when we could bind and the server cannot: it then notices if its offer was cut out.
  gs2_ = plus_ ? "p=tls-server-end-point,," : !binding.empty() && !server_binds ? "y,," : "n,,";
  SEALROW_TRY(nonce_, fresh_nonce());
  client_first_bare_ = "n=,r=" + nonce_;
  return gs2_ + client_first_bare_;
}

Result<std::string> ScramClient::final(std::string_view server_first) {
  std::string_view rest = server_first;
  const auto nonce = take_attribute(rest, 'r');
  const auto salt_text = take_attribute(rest, 's');
  const auto count = take_attribute(rest, 'i');
  std::string salt;
  std::uint32_t iterations = 0;
  if (!nonce || !salt_text || !count || nonce_.empty()) return malformed();
  const auto [end, ec] = std::from_chars(count->data(), count->data() + count->size(), iterations);
  if (!is_nonce(*nonce) || !nonce->starts_with(nonce_) || nonce->size() == nonce_.size() ||
      !decode_base64(*salt_text, salt) || salt.empty() || salt.size() > max_salt || ec != std::errc{} ||
      end != count->data() + count->size() || iterations == 0 || iterations > max_iterations) {
    return malformed();
  }
  SecretBytes client_key, server_key;
  if (verifier_) {
    if (verifier_->salt != salt || verifier_->iterations != iterations) {
      return Error{ErrorCode::authentication_failed,
                   "the database server knows another verifier of this user",
                   {},
                   "let Sealrow fetch the verifier from this server, or give it the password"};
    }
    client_key = client_key_.clone();
    server_key = verifier_->server_key.clone();
  } else {
    SEALROW_TRY(const SecretBytes salted, salted_password(as_text(password_.reveal()), salt, iterations));
    client_key = keyed(salted.reveal(), "Client Key");
    server_key = keyed(salted.reveal(), "Server Key");
  }
  const std::string channel = gs2_ + (plus_ ? binding_ : std::string());
  std::string message = "c=" + base64(as_bytes(channel)) + ",r=" + std::string(*nonce);
  const std::string auth_message = client_first_bare_ + "," + std::string(server_first) + "," + message;
  auto proof = crypto::hmac_sha256(sha256(client_key.reveal()), as_bytes(auth_message));
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] ^= client_key.reveal()[i];
  expected_ = "v=" + base64(crypto::hmac_sha256(server_key.reveal(), as_bytes(auth_message)));
  return message + ",p=" + base64(proof);
}

Result<> ScramClient::verify(std::string_view server_final) {
  const auto expected = SecretBytes::copy_of(as_bytes(expected_));
  if (expected_.empty() || !expected.equals(as_bytes(server_final))) {
    return Error{ErrorCode::authentication_failed, "the database server could not prove that it knows the password"};
  }
  verified_ = true;
  return {};
}

}  // namespace sealrow::session::postgres
