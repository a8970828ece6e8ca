// The packets of an authentication on both legs: at login, and again in COM_CHANGE_USER.
#pragma once

#include "authentication.hpp"

#include "session/port.hpp"

#include "sealrow/wire/mysql/frame.hpp"

namespace sealrow::session::mysql {

// Sequence ids of the packets that come next on either leg. They differ where a leg has had a packet more: a TLS
// request, a public key (facts: MY-4).
struct Sequences {
  wire::mysql::Sequence client, server;
  [[nodiscard]] wire::mysql::Sequence& of(Leg leg) noexcept { return leg == Leg::client ? client : server; }
};

class AuthRelay {
 public:
  AuthRelay(Authentication authentication, const Sequences& next)
      : authentication_(std::move(authentication)), next_(next) {}

  [[nodiscard]] Result<AuthStep::Outcome> take(Leg from, const wire::mysql::Frame& frame, Port& port);
  [[nodiscard]] Sequences& next() noexcept { return next_; }

 private:
  void send(Leg to, std::optional<std::string>& payload, Port& port);

  Authentication authentication_;
  Sequences next_;
};

}  // namespace sealrow::session::mysql
