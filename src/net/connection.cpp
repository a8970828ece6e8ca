#include "net/connection.hpp"

#include "net/worker.hpp"
#include "sealrow/base/log.hpp"

#include <sys/epoll.h>

#include <algorithm>

namespace sealrow::net {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace

Connection::Connection(Worker& worker, ConnectionId id, FileDescriptor client,
                       std::unique_ptr<session::Session> session)
    : worker_(worker),
      id_(id),
      session_(std::move(session)),
      client_(*this, session::Leg::client),
      server_(*this, session::Leg::server) {
  client_.open(std::move(client), Leg::State::open);
}

Connection::~Connection() {
  client_.close(worker_.reactor());
  server_.close(worker_.reactor());
  worker_.shared().cancels.remove(cancel_key_);
}

void Connection::start() {
  last_activity_ = worker_.reactor().now();
  authentication_deadline_ = last_activity_ + worker_.shared().options.limits.authentication_timeout;
  drive([](session::Session& s, session::Output& out) { s.on_accepted(out); });
  settle();
}

void Connection::on_leg_events(Leg& leg, std::uint32_t events) {
  last_activity_ = worker_.reactor().now();
  const bool trouble = (events & (EPOLLERR | EPOLLHUP)) != 0;
  if (leg.state() == Leg::State::connecting) {
    if (trouble || (events & EPOLLOUT) != 0) connect_ready();
  } else {
    if (trouble || (events & EPOLLOUT) != 0) leg.flush();
    if (leg.state() == Leg::State::open && (trouble || (events & EPOLLIN) != 0) && wants(leg)) read(leg);
  }
  settle();
}

// ---- the session -------------------------------------------------------------------------------------------------

session::Output& Connection::output() noexcept { return worker_.output(); }

void Connection::apply(session::Output& out) {
  client_.send(out.to_client, worker_.buffers(), worker_.counters());
  server_.send(out.to_server, worker_.buffers(), worker_.counters());
  if (out.requests.empty()) return;
  // A request may call the session again, which fills `out` anew.
  auto requests = std::exchange(out.requests, {});
  const session::Session* asker = session_.get();
  for (auto& [id, request] : requests) {
    if (closing_ || session_.get() != asker) return;
    carry_out(id, request);
  }
}

void Connection::carry_out(std::uint32_t id, session::Request& request) {
  const auto answer = [this, id] {
    return [reply = worker_.answer_to(id_), id] { reply([id](Connection& c) { c.answered(id); }); };
  };
  std::visit(
      Overloaded{
          [&](session::StartTls& r) {
            Leg& leg = r.leg == session::Leg::client ? client_ : server_;
            start_tls(leg);
            if (!closing_ && !r.received.empty()) deliver_tls(leg, as_bytes(r.received));
          },
          [&](session::ConnectBackend&) { connect_backend(worker_.shared().resolver->addresses()); },
          [&](session::FetchKey& r) { worker_.host().fetch_key(r.request, answer()); },
          [&](session::RefreshCatalog& r) { worker_.host().refresh_catalog(r.database, answer()); },
          [&](session::FetchVerifier& r) {
            worker_.host().fetch_verifier(r.user, [reply = worker_.answer_to(id_), id](Result<std::string> verifier) {
              reply([id, verifier = std::move(verifier)](Connection& c) { c.verifier_fetched(id, verifier); });
            });
          },
          [&](session::CancelBackend& r) { begin_cancel(r.our_key); },
          [&](session::RegisterCancel& r) { register_cancel(r); },
          [&](session::Close& r) { close(r.reason); },
      },
      request);
}

void Connection::answered(std::uint32_t request) {
  drive([request](session::Session& s, session::Output& out) { s.on_answer(request, out); });
  settle();
}

void Connection::verifier_fetched(std::uint32_t request, Result<std::string> verifier) {
  drive([&](session::Session& s, session::Output& out) { s.on_verifier(request, std::move(verifier), out); });
  settle();
}

// ---- bytes -------------------------------------------------------------------------------------------------------

bool Connection::wants(Leg& leg) noexcept {
  if (closing_) return true;  // to see the end; what comes is thrown away
  if (leg.tls() != nullptr && !leg.tls()->established()) return true;
  if (other(leg).pending() != 0) return false;
  // Bytes of the client can be answered without the server's help (refusals), so its own queue must hold it too.
  if (&leg == &client_ && client_.pending() > worker_.shared().options.limits.client_high_water) return false;
  return session_->wants_bytes(leg.side());
}

void Connection::read(Leg& leg) {
  std::size_t got = 0;
  switch (leg.receive(worker_.buffers(), got)) {
    case Leg::Received::nothing:
      return;
    case Leg::Received::bytes:
      if (!closing_) deliver(leg, {worker_.buffers().receive.data(), got});
      return;
    case Leg::Received::broken:
      worker_.counters().resets.add();
      [[fallthrough]];
    case Leg::Received::end:
      leg_ended(leg);
  }
}

void Connection::deliver(Leg& leg, ByteView bytes) {
  const bool direct = worker_.shared().options.client_tls.direct == DirectTls::accepted;
  if (&leg == &client_ && std::exchange(untouched_, false) && direct && bytes[0] == 0x16)
    return start_direct_tls(bytes);
  if (leg.tls() != nullptr) return deliver_tls(leg, bytes);
  (&leg == &client_ ? worker_.counters().client_bytes : worker_.counters().server_bytes).add(bytes.size());
  drive([&](session::Session& s, session::Output& out) { s.on_bytes(leg.side(), bytes, out); });
}

void Connection::deliver_tls(Leg& leg, ByteView ciphertext) {
  TlsStream& tls = *leg.tls();
  tls.feed(ciphertext);
  if (!tls.established() && continue_handshake(leg) != TlsStatus::done) return;
  auto& plain = worker_.buffers().plain;
  auto& counter = &leg == &client_ ? worker_.counters().client_bytes : worker_.counters().server_bytes;
  TlsStatus status = TlsStatus::done;
  while (status == TlsStatus::done && !closing_) {
    std::size_t filled = 0;
    while (status == TlsStatus::done && filled < plain.size()) {
      std::size_t got = 0;
      status = tls.read(MutableBytes(plain).subspan(filled), got);
      filled += got;
    }
    leg.send_cipher(worker_.buffers(), worker_.counters());  // answers of the TLS layer itself
    if (filled == 0) break;
    counter.add(filled);
    drive([&](session::Session& s, session::Output& out) { s.on_bytes(leg.side(), {plain.data(), filled}, out); });
  }
  if (status == TlsStatus::closed || status == TlsStatus::failed) leg_ended(leg);
}

void Connection::leg_ended(Leg& leg) {
  if (closing_) return;
  drive([&](session::Session& s, session::Output& out) { s.on_leg_closed(leg.side(), out); });
  if (closing_) return;
  // The session lets the other side finish: pass the half-close on.
  if (other(leg).state() != Leg::State::open || other(leg).ended())
    close("both legs ended");
  else
    other(leg).finish(worker_.buffers(), worker_.counters());
}

// ---- TLS ---------------------------------------------------------------------------------------------------------

void Connection::start_tls(Leg& leg) {
  const TlsContexts& contexts = worker_.tls();
  std::string& sink = worker_.buffers().cipher;
  const bool client = &leg == &client_;
  if (!leg.is_open() || leg.tls() != nullptr || (client ? contexts.client : contexts.backend) == nullptr)
    return close("TLS cannot start on this leg");
  leg.start_tls(client ? TlsStream::accept(contexts.client, sink)
                       : TlsStream::connect(contexts.backend, (*backend_)[backend_index_].host, sink));
  if (leg.tls() == nullptr) return close("out of memory for TLS");
  if (!client) (void)continue_handshake(leg);  // the client side speaks first
}

// PostgreSQL 17 §55.2.11: a ClientHello in place of a start-up packet, ALPN required.
void Connection::start_direct_tls(ByteView bytes) {
  if (worker_.tls().client == nullptr) return close("direct TLS without a certificate");
  direct_tls_ = true;
  start_tls(client_);
  if (!closing_) deliver_tls(client_, bytes);
}

TlsStatus Connection::continue_handshake(Leg& leg) {
  TlsStream& tls = *leg.tls();
  const TlsStatus status = tls.handshake();
  leg.send_cipher(worker_.buffers(), worker_.counters());
  if (status == TlsStatus::starved) return status;
  const bool direct = &leg == &client_ && direct_tls_;
  if (status != TlsStatus::done || (direct && !tls.speaks_postgresql())) {
    tls_failed(leg);
    return TlsStatus::failed;
  }
  worker_.counters().tls_handshakes.add();
  session::TlsFacts facts = tls.facts();
  facts.direct = direct;
  drive([&](session::Session& s, session::Output& out) { s.on_tls(leg.side(), facts, out); });
  return closing_ ? TlsStatus::closed : TlsStatus::done;
}

void Connection::tls_failed(Leg& leg) {
  worker_.counters().tls_failures.add();
  const std::string reason = leg.tls()->failure();
  if (&leg == &client_) {
    log::debug("net", "TLS handshake with a client failed: {}", reason);
    return close("TLS handshake with the client failed");
  }
  log::warn("net", "TLS handshake with the database server failed: {}", reason);
  const Error error{ErrorCode::backend_tls, "TLS handshake with the database server failed", reason};
  drive([&](session::Session& s, session::Output& out) { s.on_connect_failed(error, out); });
  close("TLS handshake with the backend failed");
}

// ---- end and deadlines -------------------------------------------------------------------------------------------

void Connection::close(std::string_view reason) {
  if (closing_) return;
  log::debug("net", "connection {} closes: {}", id_, reason);
  closing_ = true;
  attempt_.reset();
  authentication_deadline_ = never;
  step_deadline_ = worker_.reactor().now() + worker_.shared().options.limits.linger;
  if (server_.state() == Leg::State::connecting) server_.close(worker_.reactor());
  client_.finish(worker_.buffers(), worker_.counters());
  server_.finish(worker_.buffers(), worker_.counters());
}

void Connection::drain() {
  if (!closing_ && (!session_->authenticated() || session_->idle())) shut_down();
}

void Connection::shut_down() {
  drive([](session::Session& s, session::Output& out) { s.on_shutdown(out); });
  close("shutting down");
  settle();
}

void Connection::settle() {
  Reactor& reactor = worker_.reactor();
  if (!closing_ && worker_.draining() && session_->idle()) return shut_down();
  if (closing_) {
    // Closed only after the peer's FIN: a socket closed with unread bytes sends RST, and RST destroys our last words.
    for (Leg* leg : {&client_, &server_})
      if (leg->finished() && leg->ended()) leg->close(reactor);
    if (!client_.is_open() && !server_.is_open()) return worker_.retire(id_);
  }
  for (Leg* leg : {&client_, &server_}) leg->watch(reactor, wants(*leg) ? ReadInterest::read : ReadInterest::none);
  arm();
}

// The timer is only ever moved forward in time lazily: it wakes at the earliest deadline it was armed for and looks.
void Connection::arm() {
  if (authentication_deadline_ != never && session_->authenticated()) authentication_deadline_ = never;
  Instant next = std::min(authentication_deadline_, step_deadline_);
  const auto idle = worker_.shared().options.limits.idle_timeout;
  if (idle.count() > 0 && !closing_) next = std::min(next, last_activity_ + idle);
  if (next < deadline() || next == never) worker_.reactor().timers().arm(*this, next);
}

void Connection::on_timer(Instant now) {
  const Limits& limits = worker_.shared().options.limits;
  if (closing_ && now >= step_deadline_) {
    client_.close(worker_.reactor());
    server_.close(worker_.reactor());
  } else if (attempt_ != nullptr && now >= step_deadline_) {
    connect_failed("timed out");
  } else if (now >= authentication_deadline_ && !session_->authenticated()) {
    worker_.counters().authentication_timeouts.add();
    session::Output& out = worker_.output();
    worker_.host().append_fatal(out.to_client, {ErrorCode::timeout, "authentication was not finished in time"});
    if (client_.tls() == nullptr || client_.tls()->established()) apply(out);
    out.to_client.clear();
    close("authentication timed out");
  } else if (limits.idle_timeout.count() > 0 && !closing_ && now >= last_activity_ + limits.idle_timeout) {
    if (session_->idle()) return shut_down();
    last_activity_ = now;  // a long statement is not idleness
  }
  settle();
}

}  // namespace sealrow::net
