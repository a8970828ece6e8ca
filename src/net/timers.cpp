#include "net/timers.hpp"

namespace sealrow::net {

Timer::~Timer() {
  if (queue_ != nullptr) queue_->cancel(*this);
}

TimerQueue::~TimerQueue() {
  for (Timer* timer : heap_) timer->queue_ = nullptr;
}

void TimerQueue::arm(Timer& timer, Instant deadline) {
  if (deadline == never) return cancel(timer);
  timer.deadline_ = deadline;
  timer.queue_ = this;
  if (timer.position_ == Timer::unarmed) {
    heap_.push_back(&timer);
    timer.position_ = static_cast<std::uint32_t>(heap_.size() - 1);
  }
  sift(timer.position_);
}

void TimerQueue::cancel(Timer& timer) noexcept {
  if (timer.position_ == Timer::unarmed) return;
  const std::size_t hole = timer.position_;
  timer.position_ = Timer::unarmed;
  timer.deadline_ = never;
  timer.queue_ = nullptr;
  Timer* last = heap_.back();
  heap_.pop_back();
  if (hole == heap_.size()) return;
  place(hole, last);
  sift(hole);
}

void TimerQueue::fire(Instant now) {
  while (!heap_.empty() && heap_.front()->deadline_ <= now) {
    Timer& due = *heap_.front();
    cancel(due);
    due.on_timer(now);
  }
}

void TimerQueue::place(std::size_t position, Timer* timer) noexcept {
  heap_[position] = timer;
  timer->position_ = static_cast<std::uint32_t>(position);
}

void TimerQueue::sift(std::size_t position) noexcept {
  Timer* moved = heap_[position];
  while (position > 0) {
    const std::size_t parent = (position - 1) / 2;
    if (heap_[parent]->deadline_ <= moved->deadline_) break;
    place(position, heap_[parent]);
    position = parent;
  }
  for (;;) {
    std::size_t child = 2 * position + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->deadline_ < heap_[child]->deadline_) ++child;
    if (heap_[child]->deadline_ >= moved->deadline_) break;
    place(position, heap_[child]);
    position = child;
  }
  place(position, moved);
}

}  // namespace sealrow::net
