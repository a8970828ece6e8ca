// Questions to the outside that a leg waits for: keys and catalogs.
#pragma once

#include "keys.hpp"
#include "port.hpp"

#include "sealrow/base/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace sealrow::session {

class Waits {
 public:
  void ask(Port& port, Request request, Leg leg) { asked_.push_back({port.ask(std::move(request)), leg}); }
  // Asks for all that is missing; an error when it did not come after several rounds.
  [[nodiscard]] Result<> ask_for_keys(Port& port, const KeyGather& keys, Leg leg);
  void have_keys(Leg leg) noexcept { rounds_[index(leg)] = 0; }
  // The leg that waits no longer; none if it still waits for another answer, or the answer is nobody's.
  [[nodiscard]] std::optional<Leg> answered(std::uint32_t id);
  [[nodiscard]] bool waiting(Leg leg) const noexcept;
  [[nodiscard]] bool any() const noexcept { return !asked_.empty(); }

 private:
  [[nodiscard]] static std::size_t index(Leg leg) noexcept { return leg == Leg::client ? 0 : 1; }
  struct Question {
    std::uint32_t id;
    Leg leg;
  };
  std::vector<Question> asked_;  // a handful
  std::array<int, 2> rounds_{};
};

}  // namespace sealrow::session
