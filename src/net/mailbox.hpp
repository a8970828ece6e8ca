// Work for a reactor from other threads. Shared, so that an answer that comes after its reactor has gone is dropped
// instead of touching freed memory.
#pragma once

#include "net/file_descriptor.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace sealrow::net {

class Mailbox {
 public:
  using Task = std::function<void()>;
  // Null when the system has no descriptors left.
  [[nodiscard]] static std::shared_ptr<Mailbox> make();
  explicit Mailbox(FileDescriptor event) : event_(std::move(event)) {}

  void post(Task task);  // any thread; dropped after close()
  void close();          // owner's thread; destroys what waits
  void run();            // owner's thread: every task posted so far
  [[nodiscard]] int fd() const noexcept { return event_.get(); }

 private:
  FileDescriptor event_;
  std::mutex mutex_;
  std::vector<Task> tasks_;
  bool closed_ = false;
};

}  // namespace sealrow::net
