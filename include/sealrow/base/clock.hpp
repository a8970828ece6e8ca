// Time as a parameter, so that tests own it.
#pragma once

#include <chrono>

namespace sealrow {

using Instant = std::chrono::steady_clock::time_point;   // for durations and deadlines
using WallTime = std::chrono::system_clock::time_point;  // for what is stored or shown

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  [[nodiscard]] virtual WallTime wall() const = 0;
};

// The machine's clock; lives for the whole process.
[[nodiscard]] const Clock& system_clock() noexcept;

}  // namespace sealrow
