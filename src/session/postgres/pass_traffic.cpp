#include "pass_traffic.hpp"

namespace sealrow::session::postgres {

using wire::postgres::Decision;
using wire::postgres::Frame;
using wire::postgres::Lifetime;
using wire::postgres::Progress;

bool request_of(char type, RequestKind& kind) noexcept {
  switch (type) {
    case 'Q':
      kind = RequestKind::query;
      return true;
    case 'F':
      kind = RequestKind::function;
      return true;
    case 'P':
      kind = RequestKind::parse;
      return true;
    case 'B':
      kind = RequestKind::bind;
      return true;
    case 'D':
      kind = RequestKind::describe_statement;
      return true;
    case 'E':
      kind = RequestKind::execute;
      return true;
    case 'C':
      kind = RequestKind::close;
      return true;
    case 'S':
      kind = RequestKind::sync;
      return true;
    case 'c':
    case 'f':
      kind = RequestKind::copy_end;
      return true;
    default:
      return false;
  }
}

Decision PassTraffic::decide(Leg from, char type, std::uint32_t) {
  if (from == Leg::server) return from_server(type);
  return outdated() && type != 'X' ? Decision::look : from_client(type);
}

Decision PassTraffic::from_client(char type) {
  RequestKind kind{};
  if (request_of(type, kind)) (void)queue_.sent({kind, Action::forward, nullptr});
  return Decision::pass;
}

Decision PassTraffic::from_server(char type) {
  const auto ignore = [](const Entry&) {};
  const Entry* front = queue_.front();
  const bool simple = front == nullptr || ReplyQueue::ends_with_ready(front->kind);
  switch (type) {
    case 'Z':
      return Decision::look;
    case 'E':
      queue_.error(ignore);
      break;
    case 'G':
      queue_.copy_in();
      break;
    case 'C':
      queue_.copy_finished();
      if (!simple) queue_.completed();
      break;
    case '1':
    case '2':
    case '3':
    case 'n':
    case 'I':
    case 's':
      if (!simple) queue_.completed();
      break;
    case 'T':
      if (front != nullptr && front->kind == RequestKind::describe_statement) queue_.completed();
      break;
    default:
      break;
  }
  return Decision::pass;
}

Progress PassTraffic::look(Leg from, const Frame& frame, Lifetime lifetime, Port& port) {
  if (from == Leg::client) {
    // An open transaction ends with the connection: nothing of it stays.
    port.fail(Error{
        ErrorCode::shutting_down, "terminating connection because a policy came into force", {}, "connect again"});
    return Progress::stop;
  }
  if (frame.body.size() == 1) status_ = static_cast<char>(frame.body[0]);
  (void)queue_.ready([](const Entry&) {});
  port.forward(Leg::client, frame.whole, lifetime);
  return Progress::taken;
}

}  // namespace sealrow::session::postgres
