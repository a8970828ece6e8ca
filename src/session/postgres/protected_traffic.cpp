#include "protected_traffic.hpp"

namespace sealrow::session::postgres {
namespace {

using namespace wire::postgres;

// Nothing may pass that is not understood: until a message kind is, the session ends.
class Closed final : public Traffic {
 public:
  Decision decide(Leg, char, std::uint32_t) override { return Decision::look; }
  Progress look(Leg, const Frame&, Lifetime, Port& port) override {
    port.fail(Error{ErrorCode::statement_not_understood, "protected traffic is not available"});
    return Progress::stop;
  }
  void on_answer(std::uint32_t, Port&) override {}
  bool idle() const noexcept override { return true; }
};

}  // namespace

std::unique_ptr<Traffic> make_protected_traffic(const Settings&, Environment&, const StartupMessage&) {
  return std::make_unique<Closed>();
}

}  // namespace sealrow::session::postgres
