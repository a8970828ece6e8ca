// Deadlines of one reactor: an indexed binary heap over nodes that live in their owners, so that arming and cancelling
// allocate nothing and leave nothing behind.
#pragma once

#include "sealrow/base/clock.hpp"

#include <cstdint>
#include <vector>

namespace sealrow::net {

constexpr Instant never = Instant::max();

class TimerQueue;

class Timer {
 public:
  Timer() = default;
  virtual ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual void on_timer(Instant now) = 0;
  [[nodiscard]] Instant deadline() const noexcept { return deadline_; }

 private:
  friend class TimerQueue;
  static constexpr std::uint32_t unarmed = UINT32_MAX;
  Instant deadline_ = never;
  TimerQueue* queue_ = nullptr;
  std::uint32_t position_ = unarmed;
};

class TimerQueue {
 public:
  ~TimerQueue();
  void arm(Timer& timer, Instant deadline);  // replaces an earlier deadline; `never` cancels
  void cancel(Timer& timer) noexcept;
  [[nodiscard]] Instant next() const noexcept { return heap_.empty() ? never : heap_.front()->deadline_; }
  void fire(Instant now);  // every timer that is due, each disarmed before its call
  [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }

 private:
  void place(std::size_t position, Timer* timer) noexcept;
  void sift(std::size_t position) noexcept;
  std::vector<Timer*> heap_;
};

}  // namespace sealrow::net
