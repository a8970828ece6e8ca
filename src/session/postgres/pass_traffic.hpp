// Empty policy: every byte goes on untouched; requests and replies are only counted, so that drain and cancel know
// when the session is idle.
#pragma once

#include "reply_queue.hpp"
#include "traffic.hpp"

#include "sealrow/session/postgres.hpp"

namespace sealrow::session::postgres {

class PassTraffic final : public Traffic {
 public:
  // `watched`: a policy that comes to protect something ends the session, because nobody knows what its statements and
  // settings were. Null: it forwards under any policy (replication that the policy allows).
  explicit PassTraffic(const Environment* watched) : watched_(watched) {}

  [[nodiscard]] wire::postgres::Decision decide(Leg from, char type, std::uint32_t body_size) override;
  [[nodiscard]] wire::postgres::Progress look(Leg from, const wire::postgres::Frame& frame,
                                              wire::postgres::Lifetime lifetime, Port& port) override;
  void on_answer(std::uint32_t, Port&) override {}
  [[nodiscard]] bool idle() const noexcept override { return status_ == 'I' && queue_.empty() && !queue_.skipping(); }

 private:
  [[nodiscard]] bool outdated() const noexcept { return watched_ != nullptr && !watched_->policy_is_empty(); }
  wire::postgres::Decision from_client(char type);
  wire::postgres::Decision from_server(char type);

  const Environment* watched_;
  ReplyQueue queue_;
  char status_ = 'I';
};

// The request that a client message makes, if it makes one. Describe and Close need their body: `portal` tells.
[[nodiscard]] bool request_of(char type, RequestKind& kind) noexcept;

}  // namespace sealrow::session::postgres
