#include "net/timers.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

using namespace sealrow;
using namespace sealrow::net;

namespace {

struct Note final : Timer {
  explicit Note(std::vector<int>& log, int name) : log_(log), name_(name) {}
  void on_timer(Instant) override { log_.push_back(name_); }
  std::vector<int>& log_;
  int name_;
};

Instant at(int seconds) { return Instant{} + std::chrono::seconds(seconds); }

}  // namespace

TEST_CASE("timers fire in the order of their deadlines, whatever the order of arming") {
  std::vector<int> log;
  TimerQueue queue;
  std::vector<std::unique_ptr<Note>> notes;
  std::vector<int> order(200);
  for (int i = 0; i < 200; ++i) order[static_cast<std::size_t>(i)] = i;
  std::shuffle(order.begin(), order.end(), std::mt19937(7));
  for (const int i : order) {
    notes.push_back(std::make_unique<Note>(log, i));
    queue.arm(*notes.back(), at(1000));  // armed anew below
  }
  for (auto& note : notes) queue.arm(*note, at(note->name_));
  CHECK(queue.next() == at(0));
  queue.fire(at(99));
  REQUIRE(log.size() == 100);
  CHECK(std::is_sorted(log.begin(), log.end()));
  CHECK(queue.next() == at(100));
}

TEST_CASE("cancelled and destroyed timers do not fire and leave nothing behind") {
  std::vector<int> log;
  TimerQueue queue;
  Note kept(log, 1), cancelled(log, 2);
  {
    Note destroyed(log, 3);
    queue.arm(destroyed, at(1));
    queue.arm(kept, at(3));
    queue.arm(cancelled, at(2));
    queue.cancel(cancelled);
    queue.cancel(cancelled);
  }
  CHECK(queue.size() == 1);
  queue.fire(at(10));
  CHECK(log == std::vector<int>{1});
  CHECK(queue.next() == never);
}

TEST_CASE("a timer may outlive its queue") {
  std::vector<int> log;
  Note note(log, 1);
  {
    TimerQueue queue;
    queue.arm(note, at(1));
  }
  CHECK(log.empty());
}
