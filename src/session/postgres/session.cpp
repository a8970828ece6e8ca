#include "session.hpp"

#include "pass_traffic.hpp"
#include "protected_traffic.hpp"

#include "sealrow/crypto/keys.hpp"
#include "sealrow/wire/postgres/builder.hpp"

#include <string>
#include <utility>

namespace sealrow::session::postgres {

using wire::postgres::Decision;
using wire::postgres::FeedStatus;
using wire::postgres::Frame;
using wire::postgres::Lifetime;
using wire::postgres::Progress;

PostgresSession::PostgresSession(const Settings& settings, Environment& environment)
    : settings_(settings), environment_(environment), client_(settings.max_message), server_(settings.max_message) {}

// ---- entry points ---------------------------------------------------------------------------------------------

void PostgresSession::on_bytes(Leg leg, ByteView bytes, Output& out) {
  out_ = &out;
  switch (phase_) {
    case Phase::closed:
      break;
    case Phase::hello:
      if (leg == Leg::client) read_hello(bytes);
      break;
    case Phase::client_tls:
      close("bytes during a TLS handshake");
      break;
    case Phase::server_hello:
      if (leg == Leg::server)
        read_server_hello(bytes);
      else
        client_.hold(bytes);
      break;
    case Phase::connecting:
    case Phase::server_tls:
      if (leg == Leg::client)
        client_.hold(bytes);
      else
        close("bytes during a TLS handshake");
      break;
    case Phase::client_login:
    case Phase::server_login:
    case Phase::ready:
      walk(leg, bytes);
      break;
  }
  if (phase_ != Phase::ready && client_.held() > settings_.max_held) {
    fail(Error{ErrorCode::message_too_large, "too many bytes before authentication"});
  }
  finish_call();
}

void PostgresSession::on_connected(Output& out) {
  out_ = &out;
  if (phase_ == Phase::connecting) {
    switch (settings_.server_tls) {
      case ServerTls::disable:
        send_startup();
        break;
      case ServerTls::direct:
        phase_ = Phase::server_tls;
        (void)ask(StartTls{Leg::server});
        break;
      case ServerTls::prefer:
      case ServerTls::require: {
        phase_ = Phase::server_hello;
        std::string request;
        wire::postgres::append_ssl_request(request);
        out.to_server.append(request);
        break;
      }
    }
  }
  finish_call();
}

void PostgresSession::on_connect_failed(const Error& error, Output& out) {
  out_ = &out;
  fail(error);
  finish_call();
}

void PostgresSession::on_tls(Leg leg, const TlsFacts& facts, Output& out) {
  out_ = &out;
  if (leg == Leg::client) {
    const bool direct =
        facts.direct && phase_ == Phase::hello && login_->hello.empty() && !login_->ssl_asked && !login_->gss_asked;
    if (phase_ != Phase::client_tls && !direct) {
      close("unexpected TLS handshake");
    } else {
      login_->client_tls = facts;
      client_is_encrypted_ = true;
      phase_ = Phase::hello;
    }
  } else if (phase_ == Phase::server_tls) {
    login_->server_tls = facts;
    server_is_encrypted_ = true;
    send_startup();
  }
  finish_call();
}

void PostgresSession::on_leg_closed(Leg leg, Output& out) {
  out_ = &out;
  if (phase_ != Phase::closed) {
    if (leg == Leg::server && phase_ != Phase::ready && phase_ != Phase::server_login) {
      fail(Error{ErrorCode::backend_unreachable, "the database server closed the connection"});
    } else {
      close(leg == Leg::client ? "client closed" : "server closed");
    }
  }
  finish_call();
}

void PostgresSession::on_answer(std::uint32_t id, Output& out) {
  out_ = &out;
  if (phase_ == Phase::ready && traffic_) traffic_->on_answer(id, *this);
  finish_call();
}

void PostgresSession::on_verifier(std::uint32_t, Result<std::string> verifier, Output& out) {
  out_ = &out;
  if (phase_ == Phase::client_login && login_->authenticator) apply(login_->authenticator->on_verifier(verifier));
  finish_call();
}

bool PostgresSession::wants_bytes(Leg leg) const noexcept {
  const auto& legs_walker = leg == Leg::client ? client_ : server_;
  switch (phase_) {
    case Phase::hello:
      return leg == Leg::client;
    case Phase::client_login:
      return leg == Leg::client && !legs_walker.suspended();
    case Phase::server_hello:
      return leg == Leg::server;
    case Phase::server_login:
    case Phase::ready:
      return !legs_walker.suspended();
    case Phase::client_tls:
    case Phase::connecting:
    case Phase::server_tls:
    case Phase::closed:
      return false;
  }
  return false;
}

bool PostgresSession::idle() const noexcept {
  if (phase_ == Phase::closed) return true;
  return phase_ == Phase::ready && traffic_ && traffic_->idle() && client_.at_boundary() && client_.held() == 0;
}

void PostgresSession::on_shutdown(Output& out) {
  out_ = &out;
  if (phase_ != Phase::closed)
    fail(Error{ErrorCode::shutting_down, "terminating connection because Sealrow shuts down"});
  finish_call();
}

// ---- driving --------------------------------------------------------------------------------------------------

void PostgresSession::walk(Leg leg, ByteView bytes) {
  LegSink sink(*this, leg);
  settle(leg, walker(leg).feed(bytes, sink));
}

void PostgresSession::settle(Leg leg, FeedStatus status) {
  if (phase_ == Phase::closed) return;
  const char* side = leg == Leg::client ? "client" : "server";
  if (status == FeedStatus::malformed) {
    fail(Error{ErrorCode::protocol_violation, std::string("malformed message header from the ") + side});
  } else if (status == FeedStatus::too_large) {
    fail(Error{ErrorCode::message_too_large, std::string("message from the ") + side + " exceeds the limit"});
  }
}

// Legs that were woken during the call go on, each in its turn, until nothing moves any more.
void PostgresSession::finish_call() {
  while ((wake_client_ || wake_server_) && phase_ != Phase::closed) {
    const Leg leg = wake_server_ ? Leg::server : Leg::client;
    (leg == Leg::client ? wake_client_ : wake_server_) = false;
    LegSink sink(*this, leg);
    settle(leg, walker(leg).resume(sink));
  }
  wake_client_ = wake_server_ = false;
  out_ = nullptr;
}

void PostgresSession::forward(Leg leg, ByteView bytes, Lifetime lifetime) {
  if (lifetime == Lifetime::chunk)
    out_->to(leg).borrow(bytes);
  else
    out_->to(leg).append(as_text(bytes));
}

std::uint32_t PostgresSession::ask(Request request) {
  const std::uint32_t id = ++last_id_;
  out_->requests.emplace_back(id, std::move(request));
  return id;
}

void PostgresSession::fail(const Error& error) {
  if (phase_ == Phase::closed) return;
  // During a handshake or before the first packet there is nobody who could read a message.
  if (phase_ != Phase::client_tls) {
    std::string message;
    append_refusal(message, Refusal{error, {}, 0}, Severity::fatal);
    out_->to_client.append(message);
  }
  close("failed");
}

void PostgresSession::close(std::string_view reason) {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  (void)ask(Close{reason});
}

// ---- the current phase's view of a message ----------------------------------------------------------------------

Decision PostgresSession::LegSink::decide(char type, std::uint32_t body_size) {
  auto& s = session;
  if (s.phase_ != Phase::ready) return Decision::look;
  if (leg == Leg::server && type == 'K' && !s.cancel_key_sent_) return Decision::look;
  return s.traffic_->decide(leg, type, body_size);
}

Progress PostgresSession::LegSink::look(const Frame& frame, Lifetime lifetime) {
  auto& s = session;
  Progress progress = Progress::stop;
  switch (s.phase_) {
    case Phase::client_login:
      progress = s.look_at_client_login(frame);
      break;
    case Phase::server_login:
      progress = leg == Leg::client ? s.look_at_client_login(frame) : s.look_at_server_login(frame, lifetime);
      break;
    case Phase::ready:
      if (leg == Leg::server && frame.type == 'K' && !s.cancel_key_sent_) {
        s.hand_out_cancel_key(frame.body);
        progress = Progress::taken;
      } else {
        progress = s.traffic_->look(leg, frame, lifetime, s);
      }
      break;
    case Phase::connecting:
    case Phase::server_hello:
    case Phase::server_tls:
      progress = Progress::again;
      break;  // the client must wait for the server leg
    case Phase::hello:
    case Phase::client_tls:
    case Phase::closed:
      break;
  }
  return s.phase_ == Phase::closed ? Progress::stop : progress;
}

void PostgresSession::LegSink::pass(ByteView bytes, Lifetime lifetime) {
  session.forward(leg == Leg::client ? Leg::server : Leg::client, bytes, lifetime);
}

// ---- traffic ----------------------------------------------------------------------------------------------------

void PostgresSession::enter_traffic() {
  phase_ = Phase::ready;
  // A replication connection that check_startup() let through is forwarded as a whole: its rows are envelopes.
  const bool replicates = asks_for_replication(login_->startup);
  if (environment_.policy_is_empty() || replicates)
    traffic_ = std::make_unique<PassTraffic>(replicates ? nullptr : &environment_);
  else
    traffic_ = make_protected_traffic(settings_, environment_, login_->startup);
  login_.reset();
  if (client_.suspended()) wake(Leg::client);
}

// The server's process id, because clients compare it with pg_backend_pid() and with the sender of a notification; the
// secret is our own, so that the server's never leaves. The sign bit is clear because pg_basebackup insists.
void PostgresSession::hand_out_cancel_key(ByteView body) {
  cancel_key_sent_ = true;
  if (body.size() < 8 || body.size() > 4 + 256) {
    fail(Error{ErrorCode::protocol_violation, "malformed cancel key from the server"});
    return;
  }
  const std::size_t secret = version_ >= wire::postgres::protocol_3_2 ? 32 : 4;
  std::string key(as_text(body.first(4)));
  key.resize(4 + secret);
  if (auto random = crypto::random_bytes({reinterpret_cast<std::uint8_t*>(key.data()) + 4, secret}); !random) {
    fail(random.error());
    return;
  }
  key[0] = static_cast<char>(key[0] & 0x7F);
  std::string message;
  wire::postgres::Message(message, 'K').bytes(key);
  out_->to_client.append(message);
  (void)ask(RegisterCancel{key, std::string(as_text(body))});
}

std::unique_ptr<Session> make_session(const Settings& settings, Environment& environment) {
  return std::make_unique<PostgresSession>(settings, environment);
}

}  // namespace sealrow::session::postgres
