#include "net/mailbox.hpp"

#include <sys/eventfd.h>

#include <cstdint>

namespace sealrow::net {

std::shared_ptr<Mailbox> Mailbox::make() {
  FileDescriptor event(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!event) return nullptr;
  return std::make_shared<Mailbox>(std::move(event));
}

void Mailbox::post(Task task) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    first = tasks_.empty();
    tasks_.push_back(std::move(task));
  }
  if (!first) return;  // one wake-up for everything that waits
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);
}

void Mailbox::close() {
  std::vector<Task> dropped;
  const std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(tasks_);
}

void Mailbox::run() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(event_.get(), &count, sizeof count);
  std::vector<Task> ready;
  {
    const std::lock_guard lock(mutex_);
    ready.swap(tasks_);
  }
  for (Task& task : ready) task();
}

}  // namespace sealrow::net
