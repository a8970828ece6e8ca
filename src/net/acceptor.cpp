#include "net/acceptor.hpp"

#include "sealrow/base/log.hpp"

#include <pthread.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sealrow::net {
namespace {

constexpr int accepts_per_event = 64;  // then the other listeners have their turn
constexpr auto descriptor_pause = std::chrono::milliseconds(100);

// Clients beyond the limit are told so, as many as this; beyond it they are cut off.
std::size_t refusal_room(std::size_t limit) { return std::max<std::size_t>(64, limit / 10); }

}  // namespace

Acceptor::Listener::Listener(Acceptor& acceptor, FileDescriptor fd, std::string unix_path)
    : acceptor_(acceptor), fd_(std::move(fd)), unix_path_(std::move(unix_path)) {}

Acceptor::Listener::~Listener() { close(); }

void Acceptor::Listener::listen() { acceptor_.reactor_->watch(fd_.get(), *this, 0, EPOLLIN); }

void Acceptor::Listener::pause() {
  acceptor_.reactor_->watch(fd_.get(), *this, EPOLLIN, 0);
  acceptor_.reactor_->timers().arm(*this, acceptor_.reactor_->now() + descriptor_pause);
}

void Acceptor::Listener::close() {
  if (!fd_) return;
  fd_.reset();  // leaves the epoll set by itself
  if (!unix_path_.empty()) ::unlink(unix_path_.c_str());
}

void Acceptor::Listener::on_events(std::uint32_t) {
  for (int i = 0; i < accepts_per_event && fd_; ++i) {
    FileDescriptor client(::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (client) {
      acceptor_.dispatch(std::move(client));
      continue;
    }
    // Anything but these is an error of the one connection that was not accepted (accept(2)).
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      log::warn("net", "connections cannot be accepted for now: {}", std::strerror(errno));
      pause();
    }
    if (errno != ECONNABORTED && errno != EINTR) return;
  }
}

Result<std::unique_ptr<Acceptor>> Acceptor::make(const ListenOptions& options, Shared& shared) {
  SEALROW_TRY(auto reactor, Reactor::make());
  std::unique_ptr<Acceptor> acceptor(new Acceptor(std::move(reactor), shared));
  for (const HostPort& endpoint : options.endpoints) SEALROW_CHECK(acceptor->bind(endpoint, options));
  if (acceptor->listeners_.empty()) return Error{ErrorCode::config_value, "no address to listen on"};
  return acceptor;
}

Result<> Acceptor::bind(const HostPort& endpoint, const ListenOptions& options) {
  SEALROW_TRY(const auto addresses, resolve(endpoint));
  for (const Address& address : addresses) {
    SEALROW_TRY(auto fd, listen_on(address, options.sharing, options.backlog));
    endpoints_.push_back(bound_endpoint(fd.get(), endpoint));
    listeners_.push_back(
        std::make_unique<Listener>(*this, std::move(fd), address.is_unix() ? unix_path(endpoint) : std::string()));
  }
  return {};
}

Acceptor::~Acceptor() {
  stop();
  join();
}

void Acceptor::start() {
  for (auto& listener : listeners_) listener->listen();
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "acceptor");
    reactor_->run();
    listeners_.clear();
    if (shared_.thread_finished) shared_.thread_finished();
  });
}

void Acceptor::stop() {
  reactor_->mailbox()->post([this] { reactor_->stop(); });
}

void Acceptor::join() {
  if (thread_.joinable()) thread_.join();
}

void Acceptor::dispatch(FileDescriptor client) {
  std::size_t total = 0;
  Worker* chosen = shared_.workers.front().get();
  for (const auto& worker : shared_.workers) {
    total += worker->load();
    if (worker->load() < chosen->load()) chosen = worker.get();
  }
  const std::size_t limit = shared_.options.limits.max_connections;
  accepted_.add();
  if (total < limit) return chosen->adopt(std::move(client), Admission::admitted);
  refused_.add();
  if (total < limit + refusal_room(limit)) chosen->adopt(std::move(client), Admission::refused);
}

}  // namespace sealrow::net
