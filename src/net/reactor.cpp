#include "net/reactor.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace sealrow::net {

Result<std::unique_ptr<Reactor>> Reactor::make() {
  FileDescriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  auto mailbox = Mailbox::make();
  if (!epoll || mailbox == nullptr)
    return Error{ErrorCode::internal, "event loop cannot be made", std::strerror(errno)};
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;  // the mailbox
  if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, mailbox->fd(), &event) != 0)
    return Error{ErrorCode::internal, "event loop cannot be made", std::strerror(errno)};
  return std::unique_ptr<Reactor>(new Reactor(std::move(epoll), std::move(mailbox)));
}

Reactor::Reactor(FileDescriptor epoll, std::shared_ptr<Mailbox> mailbox)
    : epoll_(std::move(epoll)), mailbox_(std::move(mailbox)), now_(system_clock().now()) {}

Reactor::~Reactor() { mailbox_->close(); }

void Reactor::watch(int fd, EventSource& source, std::uint32_t registered, std::uint32_t wanted) noexcept {
  if (registered == wanted) return;
  epoll_event event{};
  event.events = wanted;
  event.data.ptr = &source;
  const int operation = registered == 0 ? EPOLL_CTL_ADD : wanted == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
  ::epoll_ctl(epoll_.get(), operation, fd, &event);
}

int Reactor::wait_milliseconds() const noexcept {
  const Instant next = timers_.next();
  if (next == never) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now_).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

void Reactor::run() {
  std::array<epoll_event, 256> events;
  now_ = system_clock().now();
  while (running_) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), wait_milliseconds());
    now_ = system_clock().now();
    bool mail = false;
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.ptr == nullptr)
        mail = true;
      else
        static_cast<EventSource*>(event.data.ptr)->on_events(event.events);
    }
    timers_.fire(now_);
    if (mail) mailbox_->run();
    if (after_batch_) after_batch_();
  }
}

}  // namespace sealrow::net
