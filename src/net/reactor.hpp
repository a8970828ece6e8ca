// One level-triggered epoll loop: descriptors, timers, mailbox. Owned and run by one thread.
#pragma once

#include "net/mailbox.hpp"
#include "net/timers.hpp"
#include "sealrow/base/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace sealrow::net {

// Must outlive the batch of events in which it is unwatched: Reactor::after_batch is where owners may be destroyed.
class EventSource {
 public:
  virtual ~EventSource() = default;
  virtual void on_events(std::uint32_t events) = 0;  // EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP
};

class Reactor {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Reactor>> make();
  ~Reactor();

  // Sets what is waited for. `registered` is what was asked for last (0: nothing). EPOLLERR and EPOLLHUP are reported
  // whatever the mask says, so a descriptor without interest is taken out of the set: it could only spin the loop.
  void watch(int fd, EventSource& source, std::uint32_t registered, std::uint32_t wanted) noexcept;

  void run();                                 // until stop()
  void stop() noexcept { running_ = false; }  // loop's thread
  void after_batch(std::function<void()> hook) { after_batch_ = std::move(hook); }

  [[nodiscard]] TimerQueue& timers() noexcept { return timers_; }
  [[nodiscard]] const std::shared_ptr<Mailbox>& mailbox() const noexcept { return mailbox_; }
  [[nodiscard]] Instant now() const noexcept { return now_; }  // of the current batch

 private:
  Reactor(FileDescriptor epoll, std::shared_ptr<Mailbox> mailbox);
  [[nodiscard]] int wait_milliseconds() const noexcept;
  FileDescriptor epoll_;
  std::shared_ptr<Mailbox> mailbox_;
  TimerQueue timers_;
  Instant now_;
  std::function<void()> after_batch_;
  bool running_ = true;
};

}  // namespace sealrow::net
