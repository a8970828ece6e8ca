#include "protected_traffic.hpp"

namespace sealrow::session::mysql {

using wire::Decision;
using wire::Lifetime;
using wire::mysql::Head;

ProtectedTraffic::ProtectedTraffic(const Settings& settings, Environment& environment, Agreed agreed)
    : settings_(settings),
      environment_(environment),
      agreed_(std::move(agreed)),
      names_(agreed_),
      reply_(agreed_.capabilities) {
  tenants_.emplace(names_.settings(), agreed_.user);
  reply_.start_with(agreed_.status);
}

bool ProtectedTraffic::idle() const noexcept {
  return !reply_.outstanding() && !waits_.any() && (reply_.status() & wire::mysql::status::in_transaction) == 0;
}

Decision ProtectedTraffic::decide(Leg from, const Head& head) {
  if (from == Leg::client) {
    if (!reply_.client_streams() || head.empty()) return Decision::look;
    if (load_error_) return Decision::drop;
    return load_ ? Decision::look : Decision::pass;
  }
  if (auth_ || reply_.client_streams()) return Decision::look;
  const Part part = reply_.part(head);
  if (!reply_.may_pass(part) || must_look(part)) return Decision::look;
  if (!reply_.took(part, {})) return Decision::refuse;
  if (run_ && run_->failed) return Decision::drop;
  shift_ = static_cast<std::uint8_t>(to_client_.next() - head.sequence);
  (void)to_client_.take();
  return Decision::pass;
}

void ProtectedTraffic::fragment(std::uint8_t sequence) {
  if (run_ && run_->failed) return;
  to_client_.reset(static_cast<std::uint8_t>(sequence + shift_ + 1));
}

wire::Progress ProtectedTraffic::look(Leg from, const Frame& frame, Lifetime lifetime, Port& port) {
  port_ = &port;
  const Look what{frame, lifetime};
  const Progress progress = from == Leg::client ? from_client(what) : from_server(what);
  port_ = nullptr;
  return progress;
}

void ProtectedTraffic::on_answer(std::uint32_t id, Port& port) {
  if (const auto leg = waits_.answered(id)) port.wake(*leg);
}

std::unique_ptr<Traffic> make_protected_traffic(const Settings& settings, Environment& environment, Agreed agreed) {
  return std::make_unique<ProtectedTraffic>(settings, environment, std::move(agreed));
}

}  // namespace sealrow::session::mysql
