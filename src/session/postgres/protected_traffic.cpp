#include "protected_traffic.hpp"

#include "sealrow/wire/postgres/builder.hpp"

namespace sealrow::session::postgres {

using wire::postgres::Decision;

ProtectedTraffic::ProtectedTraffic(const Settings& settings, Environment& environment,
                                   const wire::postgres::StartupMessage& startup)
    : settings_(settings),
      environment_(environment),
      names_(startup.user(), startup.database()),
      tenants_(names_.settings(), startup.user()) {}

bool ProtectedTraffic::idle() const noexcept {
  return !starting_ && status_ == 'I' && queue_.empty() && !waits_.any() && !unsynced_ && !client_skip_;
}

// ---- what needs a look --------------------------------------------------------------------------------------------

Decision ProtectedTraffic::decide(Leg from, char type, std::uint32_t) {
  if (from == Leg::client) {
    // The server is skipping to Sync, or the client believes so: nothing before it may have an effect.
    const bool skipping = client_skip_ || queue_.skipping();
    if (skipping && type != 'S' && type != 'X') return Decision::drop;
    const bool copy_data = type == 'd' && queue_.client_copies();
    return copy_data && copy_in_ == nullptr && !copy_refused_ && !starting_ ? Decision::pass : Decision::look;
  }
  const Entry* front = queue_.front();
  if (type == 'D' && front != nullptr) {
    const auto* work = front->work.get();
    if (work == nullptr) return front->action == Action::forward ? Decision::pass : Decision::drop;
    if (work->injected == Injected::names) return Decision::look;
    if (front->action == Action::swallow || (work->activity && work->activity->failed)) return Decision::drop;
    return work->activity && !view_of(*work->activity).any() ? Decision::pass : Decision::look;
  }
  if (type == 'd' && front != nullptr && copy_out_ == nullptr) {
    return front->action == Action::forward ? Decision::pass : Decision::drop;
  }
  return Decision::look;
}

wire::postgres::Progress ProtectedTraffic::look(Leg from, const Frame& frame, Lifetime lifetime, Port& port) {
  port_ = &port;
  const Look what{frame, lifetime};
  const Progress progress = from == Leg::client ? from_client(what) : from_server(what);
  port_ = nullptr;
  return progress;
}

wire::postgres::Progress ProtectedTraffic::from_client(const Look& what) {
  if (what.frame.type == 'X') {
    port_->forward(Leg::server, what.frame.whole, what.lifetime);
    return Progress::taken;
  }
  if (starting_) return Progress::again;
  switch (what.frame.type) {
    case 'Q':
      return on_query(what);
    case 'P':
      return on_parse(what);
    case 'B':
      return on_bind(what);
    case 'D':
      return on_describe(what);
    case 'E':
      return on_execute(what);
    case 'C':
      return on_close(what);
    case 'S':
      return on_sync(what);
    case 'F':
      return on_function(what);
    case 'd':
      return on_copy_data(what);
    case 'c':
    case 'f':
      return on_copy_end(what);
    case 'H':
      if (!queue_.client_copies()) port_->forward(Leg::server, what.frame.whole, what.lifetime);
      return Progress::taken;
    default:
      port_->fail(Error{ErrorCode::protocol_violation, "unknown message type from the client"});
      return Progress::stop;
  }
}

// ---- sending --------------------------------------------------------------------------------------------------------

bool ProtectedTraffic::expect(RequestKind kind, std::shared_ptr<Work> work, Action action) {
  const bool settles = work && work->settles;
  if (!queue_.sent({kind, action, std::move(work)})) return false;
  if (settles) ++unsettled_;
  unsynced_ = !ReplyQueue::ends_with_ready(kind) && (kind != RequestKind::copy_end || unsynced_);
  flushed_ = false;
  return true;
}

void ProtectedTraffic::send(RequestKind kind, std::shared_ptr<Work> work, std::string_view bytes, Action action) {
  if (expect(kind, std::move(work), action)) to_server(bytes);
}

void ProtectedTraffic::send(RequestKind kind, std::shared_ptr<Work> work, const Look& what) {
  if (expect(kind, std::move(work), Action::forward)) port_->forward(Leg::server, what.frame.whole, what.lifetime);
}

std::unique_ptr<Traffic> make_protected_traffic(const Settings& settings, Environment& environment,
                                                const wire::postgres::StartupMessage& startup) {
  return std::make_unique<ProtectedTraffic>(settings, environment, startup);
}

}  // namespace sealrow::session::postgres
