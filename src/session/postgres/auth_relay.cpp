#include "auth.hpp"
#include "auth_codes.hpp"

#include "sealrow/wire/postgres/builder.hpp"
#include "sealrow/wire/postgres/messages.hpp"

namespace sealrow::session::postgres {
namespace {

class Relay final : public Authenticator {
 public:
  explicit Relay(LegFacts client) : client_(std::move(client)) {}

  AuthStep on_client(ByteView) override {
    AuthStep step;
    step.forward = true;
    return step;
  }

  AuthStep on_server(ByteView body) override {
    wire::postgres::Reader r(body);
    const auto code = static_cast<AuthCode>(r.u32());
    AuthStep step;
    if (!r.ok()) {
      step.failure = Error{ErrorCode::protocol_violation, "malformed authentication request from the server"};
      return step;
    }
    if (code == AuthCode::cleartext_password && !client_.encrypted) {
      step.failure = Error{ErrorCode::tls_required,
                           "the server asks for a clear password over an unencrypted connection",
                           {},
                           "connect with TLS, or let the server use scram-sha-256"};
      return step;
    }
    if (code == AuthCode::sasl) return relay_mechanisms(r);
    step.accepted = code == AuthCode::ok;
    step.forward = true;
    return step;
  }

 private:
  // Channel binding ties the exchange to one TLS connection; through two it can only fail, so PLUS is not shown.
  static AuthStep relay_mechanisms(wire::postgres::Reader& r) {
    AuthStep step;
    const auto mechanisms = read_mechanisms(r);
    std::size_t shown = 0;
    {
      wire::postgres::Message m(step.to_client, 'R');
      m.u32(static_cast<std::uint32_t>(AuthCode::sasl));
      for (const auto mechanism : mechanisms) {
        if (mechanism.ends_with("-PLUS")) continue;
        m.cstring(mechanism);
        ++shown;
      }
      m.u8(0);
    }
    if (!r.ok() || shown == 0) {
      step.to_client.clear();
      step.failure = Error{ErrorCode::authentication_failed, "the server offers no mechanism that can be relayed"};
    }
    return step;
  }

  LegFacts client_;
};

}  // namespace

std::vector<std::string_view> read_mechanisms(wire::postgres::Reader& r) {
  std::vector<std::string_view> mechanisms;
  for (;;) {
    const auto name = r.cstring();
    if (!r.ok() || name.empty()) return mechanisms;
    mechanisms.push_back(name);
  }
}

std::unique_ptr<Authenticator> make_relay(const LegFacts& client) { return std::make_unique<Relay>(client); }

}  // namespace sealrow::session::postgres
