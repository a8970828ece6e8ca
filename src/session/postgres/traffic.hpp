// What happens to messages after authentication. Two kinds: pass (empty policy: only counted) and protected.
#pragma once

#include "session/port.hpp"

#include "sealrow/wire/postgres/frame.hpp"

#include <cstdint>
#include <string_view>

namespace sealrow::session::postgres {

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
