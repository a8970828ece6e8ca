#include "pass_traffic.hpp"

#include "sealrow/wire/mysql/handshake.hpp"

namespace sealrow::session::mysql {

using wire::Decision;
using wire::Lifetime;
using wire::Progress;
using wire::mysql::Command;
using wire::mysql::Frame;
using wire::mysql::Head;

Result<AuthRelay> begin_change_user(const Frame& frame, const Agreed& agreed) {
  wire::mysql::ChangeUser change;
  if (!read(frame.body, agreed.capabilities, change)) {
    return Error{ErrorCode::protocol_violation, "malformed COM_CHANGE_USER"};
  }
  Authentication authentication(agreed.encryption, change.plugin, agreed.nonce);
  SEALROW_CHECK(authentication.check_first_answer());
  const wire::mysql::Sequence next(static_cast<std::uint8_t>(frame.last_sequence + 1));
  return AuthRelay(std::move(authentication), {next, next});
}

PassTraffic::PassTraffic(const Environment& environment, Agreed agreed)
    : environment_(environment), agreed_(std::move(agreed)), reply_(agreed_.capabilities) {
  reply_.start_with(agreed_.status);
}

bool PassTraffic::idle() const noexcept {
  return !reply_.outstanding() && (reply_.status() & wire::mysql::status::in_transaction) == 0;
}

Decision PassTraffic::decide(Leg from, const Head& head) {
  if (from == Leg::client) {
    if (reply_.client_streams()) return head.empty() ? Decision::look : Decision::pass;
    const auto command = static_cast<Command>(head.first);
    // An unbroken run of commands is answered one by one: what an answer belongs to is never in doubt.
    if (reply_.outstanding() || command == Command::change_user || outdated()) return Decision::look;
    if (head.sequence != 0 || head.empty()) return Decision::refuse;
    reply_.sent(command);
    return Decision::pass;
  }
  next_ = static_cast<std::uint8_t>(head.sequence + 1);
  const Part part = reply_.part(head);
  switch (part) {
    case Part::column:
    case Part::parameter:
      if (reply_.ends_with_definition()) return Decision::look;  // the client's next command may be waiting
      [[fallthrough]];
    case Part::row:
      return reply_.took(part, {}) ? Decision::pass : Decision::refuse;
    case Part::opaque:
      return Decision::pass;
    default:
      return Decision::look;
  }
}

Progress PassTraffic::look(Leg from, const Frame& frame, Lifetime lifetime, Port& port) {
  if (auth_) return relay(from, frame, port);
  return from == Leg::client ? from_client(frame, lifetime, port) : from_server(frame, lifetime, port);
}

Progress PassTraffic::from_client(const Frame& frame, Lifetime lifetime, Port& port) {
  const auto command = wire::mysql::command_of(frame.body);
  if (reply_.client_streams()) {
    port.forward(Leg::server, frame.whole, lifetime);
    reply_.stream_ended();
    port.wake(Leg::server);
    return Progress::taken;
  }
  if (reply_.outstanding()) return Progress::again;
  next_ = static_cast<std::uint8_t>(frame.last_sequence + 1);
  if (!command || frame.sequence != 0) {
    port.fail(Error{ErrorCode::protocol_violation, "packet of the client out of order"});
    return Progress::stop;
  }
  if (outdated() && *command != Command::quit) {
    // An open transaction ends with the connection: nothing of it stays.
    port.fail(Error{
        ErrorCode::shutting_down, "terminating connection because a policy came into force", {}, "connect again"});
    return Progress::stop;
  }
  if (*command == Command::change_user) return change_user(frame, port);
  reply_.sent(*command);
  port.forward(Leg::server, frame.whole, lifetime);
  return Progress::taken;
}

Progress PassTraffic::from_server(const Frame& frame, Lifetime lifetime, Port& port) {
  if (reply_.client_streams()) return Progress::again;
  const Part part = reply_.part(head_of(frame));
  if (part == Part::unasked || !reply_.took(part, frame.body)) {
    port.fail(Error{ErrorCode::protocol_violation, "unexpected packet from the server"});
    return Progress::stop;
  }
  port.forward(Leg::client, frame.whole, lifetime);
  if (!reply_.outstanding()) port.wake(Leg::client);
  return Progress::taken;
}

// ---- COM_CHANGE_USER ----------------------------------------------------------------------------------------------

Progress PassTraffic::change_user(const Frame& frame, Port& port) {
  auto begun = begin_change_user(frame, agreed_);
  if (!begun) {
    port.fail(begun.error());
    return Progress::stop;
  }
  auth_.emplace(std::move(*begun));
  reply_.sent(Command::change_user);
  port.forward(Leg::server, frame.whole, Lifetime::call);
  return Progress::taken;
}

Progress PassTraffic::relay(Leg from, const Frame& frame, Port& port) {
  auto outcome = auth_->take(from, frame, port);
  next_ = auth_->next().client.next();
  if (!outcome) {
    port.fail(outcome.error());
    return Progress::stop;
  }
  if (*outcome == AuthStep::Outcome::more) return Progress::taken;
  auth_.reset();
  reply_.authenticated();
  port.wake(Leg::client);
  return Progress::taken;
}

}  // namespace sealrow::session::mysql
