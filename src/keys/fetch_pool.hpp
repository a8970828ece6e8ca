// Single-flight work on a few threads, with time-outs. At most one load per request is under way; whoever asks
// meanwhile waits for it. A waiter that runs out of time is let go, the load goes on and later waiters join it.
#pragma once

#include "sealrow/base/clock.hpp"
#include "sealrow/keys/key_service.hpp"
#include "sealrow/keys/service.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace sealrow::keys {

struct KeyRequestHash {
  std::size_t operator()(const KeyRequest& request) const noexcept;
};

class FetchPool {
 public:
  using Done = std::function<void()>;
  struct Hooks {
    std::function<void(const KeyRequest&)> load;                   // blocks; must leave an answer in the cache
    std::function<void(const KeyRequest&, const Error&)> give_up;  // the same, at once, for an error
    std::function<void()> housekeeping;                            // about once a second, does not block
    std::function<void()> poll;                                    // every poll_interval, may block
  };

  FetchPool(const ServiceOptions& options, const Clock& clock, Hooks hooks);
  ~FetchPool() { stop(); }

  // `done` may be empty (refresh, warming).
  void start(const KeyRequest& request, Done done);
  // Reports to all waiters, then joins. Later start() calls report at once.
  void stop();

  [[nodiscard]] std::uint64_t finished() const noexcept { return finished_; }
  [[nodiscard]] std::uint64_t joined() const noexcept { return joined_; }
  [[nodiscard]] std::uint64_t timeouts() const noexcept { return timeouts_; }

 private:
  struct Waiter {
    Instant deadline;
    Done done;
  };
  struct Flight {
    std::vector<Waiter> waiters;
    bool background = false;  // worth doing even if nobody waits
  };
  using Flights = std::unordered_map<KeyRequest, Flight, KeyRequestHash>;

  void work();
  void watch(Instant started);
  void run(const KeyRequest& request);
  void run_poll();
  void land(const KeyRequest& request);
  void expire_waiters();
  void release_all();
  static void report(std::vector<Waiter>& waiters);

  const ServiceOptions& options_;
  const Clock& clock_;
  const Hooks hooks_;

  std::mutex mutex_;
  std::condition_variable work_available_, watch_needed_;
  bool stopping_ = false;
  bool poll_due_ = false;
  Flights flights_;
  std::deque<KeyRequest> queue_;
  std::vector<Waiter> rejected_;  // reported by the watcher: never on the caller's thread

  std::atomic<std::uint64_t> finished_{0}, joined_{0}, timeouts_{0};
  std::vector<std::thread> workers_;
  std::thread watcher_;
};

}  // namespace sealrow::keys
