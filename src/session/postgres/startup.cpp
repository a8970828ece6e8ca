// PostgresSession: from the first byte to the server's AuthenticationOk.
#include "session.hpp"

#include "sealrow/wire/postgres/builder.hpp"

#include <algorithm>
#include <array>

namespace sealrow::session::postgres {

using wire::postgres::Frame;
using wire::postgres::Lifetime;
using wire::postgres::Progress;
using wire::postgres::StartupPacket;

void PostgresSession::read_hello(ByteView bytes) {
  login_->hello.append(as_text(bytes));
  // Packets follow each other; after an answer that changes the phase the rest belongs to somebody else.
  while (phase_ == Phase::hello && !login_->hello.empty()) {
    std::size_t used = 0;
    const std::string kept = login_->hello;
    auto packet = wire::postgres::cut_startup(as_bytes(kept), settings_.max_preauth, used);
    if (!packet) {
      fail(packet.error());
      return;
    }
    if (!*packet) return;
    login_->hello.erase(0, used);
    on_packet(**packet, !login_->hello.empty());
  }
  if (phase_ != Phase::hello && !login_->hello.empty()) {
    client_.hold(as_bytes(login_->hello));
    login_->hello = {};
  }
}

void PostgresSession::on_packet(const StartupPacket& packet, bool more) {
  if (packet.code == wire::postgres::cancel_request_code) {
    cancel(packet.body);
  } else if (packet.code == wire::postgres::ssl_request_code) {
    answer_ssl_request(more);
  } else if (packet.code == wire::postgres::gssenc_request_code) {
    if (login_->gss_asked || client_is_encrypted_) {
      close("encryption requested twice");
      return;
    }
    login_->gss_asked = true;
    out_->to_client.append("N");
  } else {
    on_startup(packet);
  }
}

void PostgresSession::answer_ssl_request(bool more) {
  if (login_->ssl_asked || client_is_encrypted_) {
    close("encryption requested twice");
    return;
  }
  login_->ssl_asked = true;
  if (settings_.client_tls == ClientTls::off) {
    out_->to_client.append("N");
    return;
  }
  // Clear bytes behind the request would be taken for encrypted ones later (CVE-2021-23222).
  if (more) {
    close("clear bytes ahead of the TLS handshake");
    return;
  }
  out_->to_client.append("S");
  phase_ = Phase::client_tls;
  (void)ask(StartTls{Leg::client});
}

void PostgresSession::cancel(ByteView key) {
  // 4 bytes of process id, then 4 bytes of secret, up to 256 from protocol 3.2 on. No answer is ever given.
  if (key.size() >= 8 && key.size() <= 4 + 256)
    out_->requests.emplace_back(0, CancelBackend{std::string(as_text(key))});
  close("cancel request");
}

void PostgresSession::on_startup(const StartupPacket& packet) {
  auto message = wire::postgres::parse_startup(packet);
  if (!message) {
    fail(message.error());
    return;
  }
  login_->startup = std::move(*message);
  if (auto ok = check_startup(); !ok) {
    fail(ok.error());
    return;
  }
  negotiate_version();
  const LegFacts client{client_is_encrypted_, login_->client_tls.end_point_hash};
  if (terminates_authentication()) {
    phase_ = Phase::client_login;
    login_->authenticator = make_terminated(settings_, login_->startup.user(), client);
    apply(login_->authenticator->begin());
  } else {
    login_->authenticator = make_relay(client);
    connect();
  }
}

// parse_bool (bool.c) as far as it matters: anything that is not plainly "no" asks for replication.
bool asks_for_replication(const wire::postgres::StartupMessage& startup) {
  constexpr std::array<std::string_view, 6> no{"false", "off", "no", "0", "f", "n"};
  const auto* value = startup.find("replication");
  if (value == nullptr) return false;
  std::string folded(*value);
  std::ranges::transform(folded, folded.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::ranges::find(no, folded) == no.end();
}

Result<> PostgresSession::check_startup() const {
  if (settings_.client_tls == ClientTls::require && !client_is_encrypted_) {
    return Error{
        ErrorCode::tls_required, "this listener accepts encrypted connections only", {}, "set sslmode=require"};
  }
  if (!asks_for_replication(login_->startup) || environment_.policy_is_empty()) return {};
  // A walsender connection also runs ordinary SQL, and its streams bypass every rule of the policy: only where the
  // policy, as far as it is known, says so.
  const auto binding = environment_.binding(login_->startup.database());
  if (binding && binding->policy().allow_replication) return {};
  return Error{ErrorCode::replication, "replication connections are refused", {}, "connect to the database directly"};
}

void PostgresSession::negotiate_version() {
  using namespace wire::postgres;
  const std::uint32_t asked = login_->startup.version;
  // 3.1 was never a protocol; it is reserved because proxies once claimed it.
  version_ = login_->startup.version = asked >= protocol_3_2 ? protocol_3_2 : protocol_3_0;
  if (asked == login_->startup.version && login_->startup.protocol_options.empty()) return;
  std::string message;
  append_negotiate_version(message, login_->startup.version, login_->startup.protocol_options);
  out_->to_client.append(message);
}

bool PostgresSession::terminates_authentication() const noexcept {
  switch (settings_.authentication) {
    case Authentication::relay:
      return false;
    case Authentication::terminate:
      return true;
    case Authentication::automatic:
      // Only then do both ends know how to bind, and a relayed exchange would be refused (gs2 flag "y").
      return client_is_encrypted_ && settings_.server_tls != ServerTls::disable;
  }
  return false;
}

void PostgresSession::connect() {
  phase_ = Phase::connecting;
  (void)ask(ConnectBackend{});
}

void PostgresSession::read_server_hello(ByteView bytes) {
  if (bytes.empty()) return;
  // One byte and no more: anything behind it came in clear (CVE-2021-23222). An error text at this point comes from
  // nobody in particular and is never shown (CVE-2024-10977).
  const char answer = static_cast<char>(bytes[0]);
  if (bytes.size() == 1 && answer == 'S') {
    phase_ = Phase::server_tls;
    (void)ask(StartTls{Leg::server});
  } else if (bytes.size() == 1 && answer == 'N' && settings_.server_tls == ServerTls::prefer) {
    send_startup();
  } else {
    fail(Error{ErrorCode::backend_tls, "the database server does not offer TLS"});
  }
}

void PostgresSession::send_startup() {
  phase_ = Phase::server_login;
  login_->authenticator->server_is_up({server_is_encrypted_, login_->server_tls.end_point_hash});
  std::string message;
  wire::postgres::append_startup(message, login_->startup, login_->startup.version);
  out_->to_server.append(message);
  if (client_.held() > 0) wake(Leg::client);
}

// ---- authentication ---------------------------------------------------------------------------------------------

Progress PostgresSession::look_at_client_login(const Frame& frame) {
  if (frame.type == 'X') {
    close("client gave up");
    return Progress::stop;
  }
  if (frame.type != 'p' || frame.body.size() > max_auth_token) {
    fail(Error{ErrorCode::protocol_violation, "expected an authentication response"});
    return Progress::stop;
  }
  AuthStep step = login_->authenticator->on_client(frame.body);
  if (step.forward) step.to_server.append(as_text(frame.whole));
  apply(std::move(step));
  return Progress::taken;
}

Progress PostgresSession::look_at_server_login(const Frame& frame, Lifetime lifetime) {
  switch (frame.type) {
    case 'R': {
      AuthStep step = login_->authenticator->on_server(frame.body);
      if (step.forward) step.to_client.append(as_text(frame.whole));
      apply(std::move(step));
      return Progress::taken;
    }
    case 'v':
      return Progress::taken;  // versions are negotiated per leg
    case 'E':
    case 'N':
      forward(Leg::client, frame.whole, lifetime);
      return Progress::taken;
    default:
      fail(Error{ErrorCode::protocol_violation, "unexpected message from the server during authentication"});
      return Progress::stop;
  }
}

void PostgresSession::apply(AuthStep step) {
  if (!step.to_client.empty()) out_->to_client.append(step.to_client);
  if (!step.to_server.empty()) out_->to_server.append(step.to_server);
  if (step.failure)
    fail(*step.failure);
  else if (step.fetch_verifier)
    (void)ask(FetchVerifier{login_->startup.user()});
  else if (step.client_proven)
    connect();
  else if (step.accepted)
    enter_traffic();
}

}  // namespace sealrow::session::postgres
