// Authentication that ends here: a SCRAM (or md5) server towards the client, a client towards the database. The client
// is proven first; only then is there a connection to the database.
#include "auth.hpp"
#include "auth_codes.hpp"
#include "scram.hpp"

#include "sealrow/crypto/keys.hpp"
#include "sealrow/wire/postgres/builder.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace sealrow::session::postgres {
namespace {

AuthStep failure(Error error) {
  AuthStep step;
  step.failure = std::move(error);
  return step;
}

Error wrong_password() { return Error{ErrorCode::authentication_failed, "password authentication failed"}; }
Error malformed() { return Error{ErrorCode::protocol_violation, "malformed authentication message"}; }

std::string request(AuthCode code, std::string_view more = {}) {
  std::string out;
  wire::postgres::Message(out, 'R').u32(static_cast<std::uint32_t>(code)).bytes(more);
  return out;
}

std::string response(std::string_view body) {
  std::string out;
  wire::postgres::Message(out, 'p').bytes(body);
  return out;
}

std::string md5_hex(std::string_view text) {
  std::array<std::uint8_t, 16> digest{};
  unsigned size = digest.size();
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr);
  std::string hex;
  append_hex(hex, digest);
  return hex;
}

class Terminated final : public Authenticator {
 public:
  Terminated(const Settings& settings, std::string user, LegFacts client)
      : settings_(settings), user_(std::move(user)), client_(std::move(client)) {}

  AuthStep begin() override {
    if (const auto it = settings_.users.find(user_); it != settings_.users.end()) return challenge(it->second);
    AuthStep step;
    step.fetch_verifier = true;
    return step;
  }

  AuthStep on_verifier(const Result<std::string>& verifier) override {
    if (!verifier) return failure(Error{ErrorCode::authentication_failed, "the user's verifier cannot be fetched"});
    return challenge(*verifier, Source::fetched);
  }

  void server_is_up(const LegFacts& server) override { server_ = server; }

  AuthStep on_client(ByteView body) override {
    switch (state_) {
      case State::client_first:
        return client_first(body);
      case State::client_final:
        return client_final(body);
      case State::md5:
        return client_md5(body);
      case State::idle:
      case State::proven:
        break;
    }
    return failure(malformed());
  }

  AuthStep on_server(ByteView body) override {
    wire::postgres::Reader r(body);
    const auto code = static_cast<AuthCode>(r.u32());
    if (!r.ok() || state_ != State::proven) return failure(malformed());
    switch (code) {
      case AuthCode::ok:
        return accepted();
      case AuthCode::cleartext_password:
        return clear_password();
      case AuthCode::md5_password:
        return md5_password(r.bytes(4), r.ok());
      case AuthCode::sasl:
        return sasl(r);
      case AuthCode::sasl_continue:
        return sasl_continue(as_text(r.rest()));
      case AuthCode::sasl_final:
        return sasl_final(as_text(r.rest()));
      default:
        return failure(
            Error{ErrorCode::authentication_failed, "the database server asks for an unsupported authentication"});
    }
  }

 private:
  enum class State : std::uint8_t { idle, client_first, client_final, md5, proven };
  enum class Source : std::uint8_t { list, fetched };

  // ---- towards the client ----

  AuthStep challenge(const std::string& secret, Source source = Source::list) {
    if (secret.starts_with("md5") && secret.size() == 35) return md5_challenge(secret.substr(3));
    auto verifier = parse_verifier(secret);
    if (!verifier) {
      // What was fetched is never a clear password; an unknown user gets a challenge like everybody else.
      const bool clear = source == Source::list && !secret.empty();
      auto made = clear ? make_verifier(secret) : mock_verifier(user_);
      if (!made) return failure(made.error());
      verifier = std::move(*made);
      if (clear) password_ = SecretBytes::copy_of(as_bytes(secret));
    }
    const bool plus = settings_.scram_plus && client_.encrypted;
    scram_ = std::make_unique<ScramServer>(std::move(*verifier), plus ? client_.end_point_hash : std::string());
    state_ = State::client_first;
    std::string mechanisms;
    if (scram_->offers_plus()) mechanisms.append(scram_sha_256_plus).push_back('\0');
    mechanisms.append(scram_sha_256).push_back('\0');
    mechanisms.push_back('\0');
    AuthStep step;
    step.to_client = request(AuthCode::sasl, mechanisms);
    return step;
  }

  AuthStep md5_challenge(std::string hash) {
    std::array<std::uint8_t, 4> salt{};
    if (auto random = crypto::random_bytes(salt); !random) return failure(random.error());
    md5_hash_ = std::move(hash);
    md5_salt_ = as_text(salt);
    state_ = State::md5;
    AuthStep step;
    step.to_client = request(AuthCode::md5_password, md5_salt_);
    return step;
  }

  AuthStep client_md5(ByteView body) {
    const auto answer = wire::postgres::read_string(body);
    if (!answer) return failure(malformed());
    const auto expected = SecretBytes::copy_of(as_bytes("md5" + md5_hex(md5_hash_ + md5_salt_)));
    if (!expected.equals(as_bytes(*answer))) return failure(wrong_password());
    return proven({});
  }

  AuthStep client_first(ByteView body) {
    wire::postgres::Reader r(body);
    const auto mechanism = r.cstring();
    const auto size = r.u32();
    const auto message = r.bytes(size);
    if (!r.done()) return failure(malformed());
    auto answer = scram_->first(mechanism, message);
    if (!answer) return failure(answer.error());
    state_ = State::client_final;
    AuthStep step;
    step.to_client = request(AuthCode::sasl_continue, *answer);
    return step;
  }

  AuthStep client_final(ByteView body) {
    auto answer = scram_->final(as_text(body));
    if (!answer) return failure(answer.error());
    return proven(request(AuthCode::sasl_final, *answer));
  }

  AuthStep proven(std::string to_client) {
    state_ = State::proven;
    AuthStep step;
    step.to_client = std::move(to_client);
    step.client_proven = true;
    return step;
  }

  // ---- towards the server ----

  AuthStep accepted() {
    if (login_ && !login_->verified())
      return failure(Error{ErrorCode::authentication_failed, "the database server left out its proof"});
    AuthStep step;
    step.accepted = step.forward = true;
    return step;
  }

  AuthStep clear_password() {
    if (password_.empty())
      return failure(
          Error{ErrorCode::authentication_failed, "the database server asks for a password that is not known"});
    if (!server_.encrypted) {
      return failure(Error{ErrorCode::tls_required,
                           "the database server asks for a clear password over an unencrypted connection"});
    }
    AuthStep step;
    step.to_server = response(std::string(as_text(password_.reveal())) + '\0');
    return step;
  }

  AuthStep md5_password(std::string_view salt, bool complete) {
    std::string hash = md5_hash_;
    if (!password_.empty()) hash = md5_hex(std::string(as_text(password_.reveal())) + user_);
    if (!complete) return failure(malformed());
    if (hash.empty())
      return failure(
          Error{ErrorCode::authentication_failed, "the database server asks for a password that is not known"});
    AuthStep step;
    step.to_server = response("md5" + md5_hex(hash + std::string(salt)) + '\0');
    return step;
  }

  AuthStep sasl(wire::postgres::Reader& r) {
    const auto mechanisms = read_mechanisms(r);
    const bool plus = std::ranges::find(mechanisms, scram_sha_256_plus) != mechanisms.end();
    const bool plain = std::ranges::find(mechanisms, scram_sha_256) != mechanisms.end();
    if (!r.ok() || login_ || (!plus && !plain)) return failure(malformed());
    if (!password_.empty())
      login_ = std::make_unique<ScramClient>(password_.clone());
    else if (scram_ && !scram_->client_key().empty())
      login_ = make_login();
    else
      return failure(
          Error{ErrorCode::authentication_failed, "the database server asks for a password that is not known"});
    auto first = login_->first(server_.encrypted ? server_.end_point_hash : std::string(), plus);
    if (!first) return failure(first.error());
    if (!login_->uses_plus() && !plain)
      return failure(Error{ErrorCode::authentication_failed, "the database server insists on channel binding"});
    std::string body(login_->uses_plus() ? scram_sha_256_plus : scram_sha_256);
    body.push_back('\0');
    append_u32(body, static_cast<std::uint32_t>(first->size()));
    AuthStep step;
    step.to_server = response(body + *first);
    return step;
  }

  std::unique_ptr<ScramClient> make_login() const {
    const auto& known = scram_->verifier();
    return std::make_unique<ScramClient>(
        scram_->client_key().clone(),
        ScramVerifier{known.iterations, known.salt, known.stored_key.clone(), known.server_key.clone()});
  }

  AuthStep sasl_continue(std::string_view message) {
    if (!login_) return failure(malformed());
    auto answer = login_->final(message);
    if (!answer) return failure(answer.error());
    AuthStep step;
    step.to_server = response(*answer);
    return step;
  }

  AuthStep sasl_final(std::string_view message) {
    if (!login_) return failure(malformed());
    if (auto ok = login_->verify(message); !ok) return failure(ok.error());
    return {};
  }

  const Settings& settings_;
  std::string user_;
  LegFacts client_, server_;
  State state_ = State::idle;
  std::unique_ptr<ScramServer> scram_;
  std::unique_ptr<ScramClient> login_;
  SecretBytes password_;
  std::string md5_hash_, md5_salt_;
};

}  // namespace

std::unique_ptr<Authenticator> make_terminated(const Settings& settings, std::string user, const LegFacts& client) {
  return std::make_unique<Terminated>(settings, std::move(user), client);
}

}  // namespace sealrow::session::postgres
