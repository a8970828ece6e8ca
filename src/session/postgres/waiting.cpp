// ProtectedTraffic: what must be known before a statement is planned, and the pauses until it is.
#include "protected_traffic.hpp"

#include "sealrow/wire/postgres/builder.hpp"

#include <algorithm>
#include <utility>

namespace sealrow::session::postgres {

namespace {
constexpr std::string_view names_statement = "sealrow_names";
}  // namespace

// Between a client's ReadyForQuery and its next message, outside of a failed transaction: the only place where a
// statement of ours neither shares a fate with the client's nor disturbs its unnamed statement.
bool ProtectedTraffic::may_inject() const noexcept {
  return queue_.empty() && !unsynced_ && !client_skip_ && !queue_.skipping() && status_ != 'E';
}

void ProtectedTraffic::ask_for_names() {
  names_tried_ = true;
  const auto work = [](Injected what) {
    auto w = std::make_shared<Work>();
    w->injected = what;
    return w;
  };
  using namespace wire::postgres;
  const auto ours = [&](RequestKind kind, const std::string& bytes) {
    send(kind, work(Injected::names), bytes, Action::swallow);
  };
  std::string m;
  append_parse(m, names_statement, names_.question(), {});
  ours(RequestKind::parse, m);
  m.clear();
  Message(m, 'B').cstring(names_statement).cstring(names_statement).u16(0).u16(0).u16(0);
  ours(RequestKind::bind, m);
  m.clear();
  append_execute(m, names_statement, 0);
  ours(RequestKind::execute, m);
  for (const char kind : {'P', 'S'}) {
    m.clear();
    append_target(m, 'C', kind, names_statement);
    ours(RequestKind::close, m);
  }
  m.clear();
  append_empty(m, 'S');
  ours(RequestKind::sync, m);
  unsynced_ = false;
}

bool ProtectedTraffic::wait_for_settled() { return unsettled_ > 0; }

bool ProtectedTraffic::must_wait_to_plan() {
  if (waits_.waiting(Leg::client) || wait_for_settled()) return true;
  auto binding = environment_.binding(names_.database());
  // A catalog of an open transaction cannot be read from outside, and its locks might not let us try.
  const bool reread = catalog_stale_ && status_ == 'I' && queue_.empty();
  if ((!binding && !catalog_tried_) || reread) {
    catalog_tried_ = true;
    catalog_stale_ = false;
    waits_.ask(*port_, RefreshCatalog{names_.database()}, Leg::client);
    return true;
  }
  if (binding) names_.follow(binding->policy());
  if (!names_.stale() || names_tried_) return false;
  if (may_inject()) {
    ask_for_names();
    return true;
  }
  return !queue_.empty() && ReplyQueue::ends_with_ready(queue_.entries().back().kind);
}

// Once per message: a plan stands even if the names stay unknown, the server will say what it thinks of them.
bool ProtectedTraffic::must_reread_catalog(const Planned& planned) {
  const bool done = std::exchange(reread_, false);
  if (!planned.plan || planned.plan->unknown_relations.empty()) return false;
  const auto& names = planned.plan->unknown_relations;
  const Instant now = system_clock().now();
  if (done) {
    unknown_.still_unknown(names, now);
    return false;
  }
  const bool uses_protected = planned.plan->verdict != plan::Verdict::pass;
  if (!unknown_.worth_reading(names, now, status_ != 'I', uses_protected)) return false;
  reread_ = true;
  waits_.ask(*port_, RefreshCatalog{names_.database()}, Leg::client);
  return true;
}

// A Flush makes the server send what it has; it adds no reply of its own.
wire::postgres::Progress ProtectedTraffic::wait_for_replies() {
  waits_for_replies_ = true;
  if (unsynced_ && !flushed_) {
    flushed_ = true;
    std::string flush;
    wire::postgres::append_empty(flush, 'H');
    to_server(flush);
  }
  return Progress::again;
}

Result<wire::postgres::Progress> ProtectedTraffic::wait_for_keys(Leg leg, const KeyGather& keys) {
  SEALROW_CHECK(waits_.ask_for_keys(*port_, keys, leg));
  return Progress::again;
}

void ProtectedTraffic::on_answer(std::uint32_t id, Port& port) {
  const auto leg = waits_.answered(id);
  if (!leg) return;
  port_ = &port;
  if (starting_ && held_ready_ != nullptr)
    start();
  else
    port.wake(*leg);
  port_ = nullptr;
}

// Something the client's next message may wait for has happened.
void ProtectedTraffic::progressed() {
  if (!waits_for_replies_) return;
  waits_for_replies_ = false;
  port_->wake(Leg::client);
}

}  // namespace sealrow::session::postgres
