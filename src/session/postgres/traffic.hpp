// What happens to messages after authentication. Two kinds: pass (empty policy: only counted) and protected.
#pragma once

#include "sealrow/session/io.hpp"
#include "sealrow/wire/postgres/frame.hpp"

#include <cstdint>
#include <string_view>

namespace sealrow::session::postgres {

// What a traffic object may do to the session around it. Valid during one call of the session.
class Port {
 public:
  virtual ~Port() = default;
  [[nodiscard]] virtual OutBuffer& to(Leg leg) = 0;
  // Sends a whole message on, borrowed where its bytes live long enough.
  virtual void forward(Leg to, ByteView bytes, wire::postgres::Lifetime lifetime) = 0;
  // Returns the id that comes back with the answer.
  virtual std::uint32_t ask(Request request) = 0;
  // Handle what was kept of a leg once the current call is through.
  virtual void wake(Leg leg) = 0;
  // Ends the session: `error` goes to the client as FATAL.
  virtual void fail(const Error& error) = 0;
};

class Traffic {
 public:
  virtual ~Traffic() = default;
  [[nodiscard]] virtual wire::postgres::Decision decide(Leg from, char type, std::uint32_t body_size) = 0;
  [[nodiscard]] virtual wire::postgres::Progress look(Leg from, const wire::postgres::Frame& frame,
                                                      wire::postgres::Lifetime lifetime, Port& port) = 0;
  virtual void on_answer(std::uint32_t id, Port& port) = 0;
  // No transaction is open and nothing is outstanding.
  [[nodiscard]] virtual bool idle() const noexcept = 0;
};

}  // namespace sealrow::session::postgres
