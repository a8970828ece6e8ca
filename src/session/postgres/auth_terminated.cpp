#include "auth.hpp"

namespace sealrow::session::postgres {
namespace {

class Refused final : public Authenticator {
 public:
  AuthStep begin() override {
    AuthStep step;
    step.failure = Error{ErrorCode::authentication_failed, "authentication cannot be ended here"};
    return step;
  }
  AuthStep on_client(ByteView) override { return begin(); }
  AuthStep on_server(ByteView) override { return begin(); }
};

}  // namespace

std::unique_ptr<Authenticator> make_terminated(const Settings&, std::string, const LegFacts&) {
  return std::make_unique<Refused>();
}

}  // namespace sealrow::session::postgres
