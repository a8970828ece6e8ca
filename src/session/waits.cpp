#include "waits.hpp"

#include <algorithm>

namespace sealrow::session {

namespace {
constexpr int max_rounds = 8;
}

Result<> Waits::ask_for_keys(Port& port, const KeyGather& keys, Leg leg) {
  int& rounds = rounds_[index(leg)];
  if (++rounds > max_rounds) {
    rounds = 0;
    return Error{ErrorCode::key_timeout, "data key was not delivered in time"};
  }
  for (const auto& request : keys.missing()) ask(port, FetchKey{request}, leg);
  return {};
}

std::optional<Leg> Waits::answered(std::uint32_t id) {
  const auto it = std::ranges::find(asked_, id, &Question::id);
  if (it == asked_.end()) return std::nullopt;
  const Leg leg = it->leg;
  asked_.erase(it);
  if (waiting(leg)) return std::nullopt;
  return leg;
}

bool Waits::waiting(Leg leg) const noexcept {
  return std::ranges::any_of(asked_, [&](const Question& q) { return q.leg == leg; });
}

}  // namespace sealrow::session
