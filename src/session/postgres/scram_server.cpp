#include "auth_codes.hpp"
#include "scram.hpp"
#include "scram_math.hpp"

#include "sealrow/crypto/keys.hpp"

namespace sealrow::session::postgres {

namespace {

// One sentence for every failure: who guesses must not learn what was wrong.
Error failed() { return Error{ErrorCode::authentication_failed, "password authentication failed"}; }
Error malformed() { return Error{ErrorCode::protocol_violation, "malformed SCRAM message"}; }

constexpr std::string_view bound_header = "p=tls-server-end-point,,";

}  // namespace

Result<std::string> ScramServer::first(std::string_view mechanism, std::string_view message) {
  plus_ = mechanism == scram_sha_256_plus;
  if ((plus_ && !offers_plus()) || (!plus_ && mechanism != scram_sha_256)) return malformed();
  if (message.starts_with(bound_header)) {
    if (!plus_) return malformed();
    gs2_ = bound_header;
  } else if (message.starts_with("n,,") || message.starts_with("y,,")) {
    if (plus_) return malformed();
    // "y": the client could bind but believes that we cannot; if we offered it, somebody cut it out.
    if (message[0] == 'y' && offers_plus())
      return Error{ErrorCode::authentication_failed, "SCRAM channel binding negotiation error"};
    gs2_ = message.substr(0, 3);
  } else {
    return malformed();
  }
  client_first_bare_ = message.substr(gs2_.size());
  std::string_view rest = client_first_bare_;
  // The user is the start-up packet's; PostgreSQL's clients send an empty name here.
  if (!take_attribute(rest, 'n')) return malformed();
  const auto nonce = take_attribute(rest, 'r');
  if (!nonce || !is_nonce(*nonce)) return malformed();
  SEALROW_TRY(const std::string own, fresh_nonce());
  nonce_ = std::string(*nonce) + own;
  server_first_ =
      "r=" + nonce_ + ",s=" + base64(as_bytes(verifier_.salt)) + ",i=" + std::to_string(verifier_.iterations);
  return server_first_;
}

Result<std::string> ScramServer::final(std::string_view message) {
  const std::size_t proof_at = message.rfind(",p=");
  if (proof_at == std::string_view::npos || nonce_.empty()) return malformed();
  const auto without_proof = message.substr(0, proof_at);
  std::string_view rest = without_proof;
  const auto channel = take_attribute(rest, 'c');
  const auto nonce = take_attribute(rest, 'r');
  std::string proof;
  if (!channel || !nonce || !decode_base64(message.substr(proof_at + 3), proof) || proof.size() != 32)
    return malformed();
  const std::string expected = gs2_ + (plus_ ? binding_ : std::string());
  if (*nonce != nonce_ || *channel != base64(as_bytes(expected))) return failed();
  const std::string auth_message = client_first_bare_ + "," + server_first_ + "," + std::string(without_proof);
  const auto signature = crypto::hmac_sha256(verifier_.stored_key.reveal(), as_bytes(auth_message));
  client_key_ = SecretBytes(32);
  const auto key = client_key_.reveal_mutable();
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(proof[i]) ^ signature[i];
  if (!verifier_.stored_key.equals(sha256(client_key_.reveal()))) {
    client_key_ = {};
    return failed();
  }
  return "v=" + base64(crypto::hmac_sha256(verifier_.server_key.reveal(), as_bytes(auth_message)));
}

}  // namespace sealrow::session::postgres
