#include "session.hpp"

#include <string>
#include <utility>

namespace sealrow::session::mysql {

using wire::Decision;
using wire::FeedStatus;
using wire::Lifetime;
using wire::Progress;
using wire::mysql::Frame;
using wire::mysql::Head;

MysqlSession::MysqlSession(const Settings& settings, Environment& environment)
    : settings_(settings), environment_(environment), client_(settings.max_message), server_(settings.max_message) {}

// ---- entry points ---------------------------------------------------------------------------------------------

void MysqlSession::on_accepted(Output& out) {
  out_ = &out;
  (void)ask(ConnectBackend{});
  finish_call();
}

void MysqlSession::on_bytes(Leg leg, ByteView bytes, Output& out) {
  out_ = &out;
  const bool client = leg == Leg::client;
  switch (phase_) {
    case Phase::closed:
      break;
    case Phase::connecting:
    case Phase::greeting:
      if (client)
        fail(Error{ErrorCode::protocol_violation, "the client spoke before the server's greeting"});
      else
        walk(leg, bytes);
      break;
    case Phase::response:
      if (client)
        read_response(bytes);
      else
        walk(leg, bytes);
      break;
    case Phase::client_tls:
      close("bytes during a TLS handshake");
      break;
    case Phase::server_tls:
      if (client)
        client_.hold(bytes);
      else
        close("bytes during a TLS handshake");
      break;
    case Phase::login:
    case Phase::ready:
      if (client && compression_) {
        compression_->add(bytes);
        walk_compressed();
      } else {
        walk(leg, bytes);
      }
      break;
  }
  if (phase_ != Phase::ready && phase_ != Phase::closed && client_.held() > settings_.max_held) {
    fail(Error{ErrorCode::message_too_large, "too many bytes before authentication"});
  }
  finish_call();
}

void MysqlSession::on_connected(Output& out) {
  out_ = &out;
  if (phase_ == Phase::connecting) phase_ = Phase::greeting;
  finish_call();
}

void MysqlSession::on_connect_failed(const Error& error, Output& out) {
  out_ = &out;
  fail(error);
  finish_call();
}

void MysqlSession::on_tls(Leg leg, const TlsFacts&, Output& out) {
  out_ = &out;
  if (leg == Leg::client && phase_ == Phase::client_tls) {
    agreed_.encryption.client = true;
    phase_ = Phase::response;
  } else if (leg == Leg::server && phase_ == Phase::server_tls) {
    agreed_.encryption.server = true;
    answer_server();
  } else {
    close("unexpected TLS handshake");
  }
  finish_call();
}

void MysqlSession::on_leg_closed(Leg leg, Output& out) {
  out_ = &out;
  if (phase_ != Phase::closed) {
    if (leg == Leg::server && phase_ != Phase::ready && phase_ != Phase::login)
      fail(Error{ErrorCode::backend_unreachable, "the database server closed the connection"});
    else
      close(leg == Leg::client ? "client closed" : "server closed");
  }
  finish_call();
}

void MysqlSession::on_answer(std::uint32_t id, Output& out) {
  out_ = &out;
  if (phase_ == Phase::ready) traffic_->on_answer(id, *this);
  finish_call();
}

// Passwords are checked by the server: no verifier is ever asked for.
void MysqlSession::on_verifier(std::uint32_t, Result<std::string>, Output&) {}

bool MysqlSession::wants_bytes(Leg leg) const noexcept {
  const auto& legs_walker = leg == Leg::client ? client_ : server_;
  switch (phase_) {
    case Phase::greeting:
      return leg == Leg::server;
    case Phase::response:
      return true;
    case Phase::login:
    case Phase::ready:
      return !legs_walker.suspended();
    case Phase::connecting:
    case Phase::client_tls:
    case Phase::server_tls:
    case Phase::closed:
      return false;
  }
  return false;
}

bool MysqlSession::idle() const noexcept {
  if (phase_ == Phase::closed) return true;
  return phase_ == Phase::ready && traffic_->idle() && client_.at_boundary() && client_.held() == 0 &&
         !(compression_ && compression_->holds_bytes());
}

void MysqlSession::on_shutdown(Output& out) {
  out_ = &out;
  if (phase_ != Phase::closed) fail(Error{ErrorCode::shutting_down, "Server shutdown in progress"});
  finish_call();
}

// ---- driving --------------------------------------------------------------------------------------------------

void MysqlSession::walk(Leg leg, ByteView bytes) {
  LegSink sink(*this, leg);
  settle(leg, walker(leg).feed(bytes, sink));
}

// Only as much is opened as is handled: a few bytes may stand for megabytes.
void MysqlSession::walk_compressed() {
  while (phase_ == Phase::ready && !client_.suspended()) {
    const auto packets = compression_->pull();
    if (!packets) return fail(packets.error());
    if (packets->empty()) return;
    walk(Leg::client, *packets);
  }
}

void MysqlSession::flush_client() {
  if (!compression_) return;
  if (auto flushed = compression_->flush(out_->to_client); !flushed) close("packets cannot be compressed");
}

void MysqlSession::settle(Leg leg, FeedStatus status) {
  if (phase_ == Phase::closed) return;
  const char* side = leg == Leg::client ? "client" : "server";
  if (status == FeedStatus::malformed) {
    fail(Error{ErrorCode::protocol_violation, std::string("malformed packet from the ") + side});
  } else if (status == FeedStatus::too_large) {
    fail(Error{ErrorCode::message_too_large, std::string("packet from the ") + side + " exceeds the limit"});
  }
}

// Legs that were woken during the call go on, each in its turn, until nothing moves any more.
void MysqlSession::finish_call() {
  while ((wake_client_ || wake_server_) && phase_ != Phase::closed) {
    const Leg leg = wake_server_ ? Leg::server : Leg::client;
    (leg == Leg::client ? wake_client_ : wake_server_) = false;
    if (!walker(leg).suspended() && walker(leg).held() == 0) continue;
    // What answers an earlier command is numbered before the next one is looked at.
    if (leg == Leg::client) flush_client();
    LegSink sink(*this, leg);
    settle(leg, walker(leg).resume(sink));
    if (leg == Leg::client && compression_) walk_compressed();
  }
  wake_client_ = wake_server_ = false;
  flush_client();
  out_ = nullptr;
}

void MysqlSession::forward(Leg leg, ByteView bytes, Lifetime lifetime) {
  // What was decompressed lives until the next piece only.
  if (lifetime == Lifetime::chunk && !(compression_ && leg == Leg::server))
    to(leg).borrow(bytes);
  else
    to(leg).append(as_text(bytes));
}

std::uint32_t MysqlSession::ask(Request request) {
  const std::uint32_t id = ++last_id_;
  out_->requests.emplace_back(id, std::move(request));
  return id;
}

void MysqlSession::fail(const Error& error) {
  if (phase_ == Phase::closed) return;
  std::string packet;
  if (phase_ == Phase::ready) {
    wire::mysql::Sequence next(traffic_->next_to_client());
    append_refusal(packet, next, {error});
  } else if (phase_ != Phase::client_tls) {
    // During a handshake there is nobody who could read a message.
    auto& next = login_->next.client;
    if (login_->relay) next = login_->relay->next().client;
    if (answered_)
      append_refusal(packet, next, {error});
    else
      append_early_refusal(packet, next, error);
  }
  to(Leg::client).append(packet);
  close("failed");
}

void MysqlSession::close(std::string_view reason) {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  (void)ask(Close{reason});
}

// ---- the current phase's view of a packet -------------------------------------------------------------------------

Decision MysqlSession::LegSink::decide(const Head& head) {
  auto& s = session;
  if (s.phase_ == Phase::ready) {
    const Decision decision = s.traffic_->decide(leg, head);
    if (leg == Leg::server) s.server_.layout().shift(s.traffic_->shift());
    return decision;
  }
  return head.size > s.settings_.max_preauth ? Decision::refuse : Decision::look;
}

Progress MysqlSession::LegSink::look(const Frame& frame, Lifetime lifetime) {
  auto& s = session;
  Progress progress = Progress::stop;
  switch (s.phase_) {
    case Phase::greeting:
      progress = s.on_greeting(frame);
      break;
    case Phase::response:
      progress = s.on_server_error(frame);
      break;
    case Phase::login:
      progress = s.on_login(leg, frame);
      break;
    case Phase::ready:
      progress = s.traffic_->look(leg, frame, lifetime, s);
      if (leg == Leg::client && progress != Progress::again) s.follow_client();
      break;
    case Phase::server_tls:
      progress = Progress::again;  // the client must wait for the server leg
      break;
    case Phase::connecting:
    case Phase::client_tls:
    case Phase::closed:
      break;
  }
  return s.phase_ == Phase::closed ? Progress::stop : progress;
}

void MysqlSession::LegSink::pass(ByteView bytes, Lifetime lifetime) {
  if (leg == Leg::client) session.follow_client();
  session.forward(leg == Leg::client ? Leg::server : Leg::client, bytes, lifetime);
}

void MysqlSession::LegSink::fragment(std::uint8_t sequence) {
  if (leg == Leg::server && session.phase_ == Phase::ready) session.traffic_->fragment(sequence);
}

std::unique_ptr<Session> make_session(const Settings& settings, Environment& environment) {
  return std::make_unique<MysqlSession>(settings, environment);
}

}  // namespace sealrow::session::mysql
