#include "authentication.hpp"

#include "auth_math.hpp"

#include "sealrow/wire/mysql/handshake.hpp"

#include <algorithm>
#include <array>

namespace sealrow::session::mysql {

namespace plugin = wire::mysql::plugin;
using wire::mysql::AuthPacket;

namespace {

// Pluggable authentication may talk for long; nobody needs more than this.
constexpr int max_packets = 64;
constexpr std::string_view fast_failed = "\x04";  // caching_sha2_password: the server needs the password itself

// Challenge and response: nothing that is sent tells the password.
bool hides_password(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 5> names{plugin::native, plugin::caching_sha2, plugin::sha256, plugin::ed25519,
                                                  plugin::parsec};
  return std::ranges::find(names, name) != names.end();
}

Error malformed(const char* what) { return Error{ErrorCode::protocol_violation, what}; }

}  // namespace

Authentication::Authentication(Encryption legs, std::string_view name, std::string_view nonce)
    : legs_(legs), plugin_(name.empty() ? plugin::native : name), nonce_(nonce) {}

Result<> Authentication::check_plugin() const {
  if (hides_password(plugin_) || legs_.both()) return {};
  return Error{ErrorCode::tls_required, "the authentication plugin sends passwords in clear",
               "plugin " + plugin_ + " needs TLS from the client and towards the server"};
}

// sha256_password's first answer is the password itself where the client has TLS.
Result<> Authentication::check_first_answer() const {
  SEALROW_CHECK(check_plugin());
  if (plugin_ != plugin::sha256 || !legs_.mixed()) return {};
  return Error{ErrorCode::tls_required,
               "sha256_password needs TLS on both sides of Sealrow or on none",
               {},
               "let the account use caching_sha2_password"};
}

std::string Authentication::key_request() const { return plugin_ == plugin::sha256 ? "\x01" : "\x02"; }

Authentication::Next Authentication::password_step() const noexcept {
  if (!legs_.mixed()) return Next::answer;
  return legs_.client ? Next::clear_answer : Next::key_request;
}

Result<AuthStep> Authentication::from_server(ByteView payload) {
  if (++packets_ > max_packets) return malformed("authentication does not end");
  if (payload.empty()) return malformed("empty authentication packet from the server");
  AuthStep step;
  const auto forward = [&]() -> AuthStep& {
    step.to_client = std::string(as_text(payload));
    return step;
  };
  switch (wire::mysql::auth_packet(payload)) {
    case AuthPacket::ok:
      step.outcome = AuthStep::Outcome::accepted;
      return forward();
    case AuthPacket::error:
      step.outcome = AuthStep::Outcome::denied;
      return forward();
    case AuthPacket::switch_plugin:
      return on_switch(payload, std::move(forward()));
    case AuthPacket::more_data:
    case AuthPacket::raw:
      return on_data(wire::mysql::read_auth_data(payload), std::move(forward()));
    case AuthPacket::old_switch:
      return Error{ErrorCode::protocol_unsupported, "the account uses passwords of before MySQL 4.1"};
    case AuthPacket::next_factor:
      return Error{ErrorCode::protocol_unsupported, "multi-factor authentication is not supported"};
  }
  return malformed("unknown authentication packet from the server");
}

Result<AuthStep> Authentication::on_switch(ByteView payload, AuthStep step) {
  wire::mysql::AuthSwitch request;
  if (!read(payload, request)) return malformed("malformed authentication switch from the server");
  plugin_ = request.plugin;
  nonce_ = request.data;
  SEALROW_CHECK(check_plugin());
  next_ = plugin_ == plugin::sha256 ? password_step() : Next::answer;
  return step;
}

Result<AuthStep> Authentication::on_data(std::string_view data, AuthStep step) {
  if (next_ == Next::server_key) {
    SEALROW_TRY(std::string answer, rsa_answer(*password_, nonce_, data));
    password_.reset();
    next_ = Next::server;
    step.to_client.reset();
    step.to_server = std::move(answer);
    return step;
  }
  const bool asks_password = plugin_ == plugin::caching_sha2 && data == fast_failed;
  next_ = asks_password ? password_step() : Next::answer;
  return step;
}

Result<AuthStep> Authentication::from_client(ByteView payload) {
  AuthStep step;
  switch (next_) {
    case Next::server:
    case Next::server_key:
      return malformed("authentication packet that the server did not ask for");
    case Next::answer:
      step.to_server = std::string(as_text(payload));
      break;
    case Next::clear_answer:
      password_ = read_clear_answer(as_text(payload));
      if (!password_) return malformed("malformed password from the client");
      step.to_server = key_request();
      next_ = Next::server_key;
      return step;
    case Next::key_request:
      return hand_out_key(as_text(payload));
    case Next::sealed_answer: {
      SEALROW_TRY(const auto key, RsaKey::of_process());
      SEALROW_TRY(const SecretBytes password, key->open_answer(as_text(payload), nonce_));
      const SecretBytes answer = clear_answer(password);
      step.to_server = std::string(as_text(answer.reveal()));
      break;
    }
  }
  next_ = Next::server;
  return step;
}

Result<AuthStep> Authentication::hand_out_key(std::string_view request) {
  if (request != key_request()) {
    return Error{ErrorCode::tls_required,
                 "the password was sent under a public key that Sealrow does not have",
                 {},
                 "connect with TLS, or let the client ask for the server's public key"};
  }
  SEALROW_TRY(const auto key, RsaKey::of_process());
  AuthStep step;
  step.to_client = "\x01" + key->public_pem();
  next_ = Next::sealed_answer;
  return step;
}

}  // namespace sealrow::session::mysql
