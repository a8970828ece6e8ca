// Empty policy: every byte goes on untouched; commands and answers are only followed, so that it is known when the
// session is idle.
#pragma once

#include "auth_relay.hpp"
#include "reply_tracker.hpp"
#include "traffic.hpp"

#include "sealrow/session/mysql.hpp"

#include <optional>

namespace sealrow::session::mysql {

class PassTraffic final : public Traffic {
 public:
  // A policy that comes to protect something ends the session, because nobody knows what its statements and settings
  // were.
  PassTraffic(const Environment& environment, Agreed agreed);

  [[nodiscard]] wire::Decision decide(Leg from, const wire::mysql::Head& head) override;
  [[nodiscard]] wire::Progress look(Leg from, const wire::mysql::Frame& frame, wire::Lifetime lifetime,
                                    Port& port) override;
  void fragment(std::uint8_t sequence) override { next_ = static_cast<std::uint8_t>(sequence + 1); }
  [[nodiscard]] std::uint8_t next_to_client() const noexcept override { return next_; }
  void on_answer(std::uint32_t, Port&) override {}
  [[nodiscard]] bool idle() const noexcept override;

 private:
  wire::Progress from_client(const wire::mysql::Frame& frame, wire::Lifetime lifetime, Port& port);
  wire::Progress from_server(const wire::mysql::Frame& frame, wire::Lifetime lifetime, Port& port);
  wire::Progress relay(Leg from, const wire::mysql::Frame& frame, Port& port);
  wire::Progress change_user(const wire::mysql::Frame& frame, Port& port);
  [[nodiscard]] bool outdated() const noexcept { return !environment_.policy_is_empty(); }

  const Environment& environment_;
  Agreed agreed_;
  ReplyTracker reply_;
  std::optional<AuthRelay> auth_;
  std::uint8_t next_ = 0;
};

// COM_CHANGE_USER begins an authentication of its own.
[[nodiscard]] Result<AuthRelay> begin_change_user(const wire::mysql::Frame& frame, const Agreed& agreed);

}  // namespace sealrow::session::mysql
