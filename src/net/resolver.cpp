#include "net/resolver.hpp"

#include <algorithm>

namespace sealrow::net {

Resolver::Resolver(std::vector<HostPort> hosts, std::chrono::milliseconds refresh)
    : hosts_(std::move(hosts)), refresh_(refresh), addresses_(std::make_shared<AddressList>()) {
  look_up();
  // Directories of Unix sockets never change their address.
  if (!std::ranges::all_of(hosts_, is_unix)) thread_ = std::thread([this] { run(); });
}

Resolver::~Resolver() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const AddressList> Resolver::addresses() const {
  const std::lock_guard lock(mutex_);
  return addresses_;
}

Error Resolver::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Resolver::refresh_soon() {
  {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
  }
  wake_.notify_all();
}

void Resolver::look_up() {
  auto list = std::make_shared<AddressList>();
  Error failure;
  for (const HostPort& host : hosts_) {
    auto found = resolve(host);
    if (found.has_error())
      failure = std::move(found).error();
    else
      list->insert(list->end(), found->begin(), found->end());
  }
  const std::lock_guard lock(mutex_);
  failure_ = std::move(failure);
  // Old addresses are better than none while the name service is down.
  if (!list->empty() || addresses_->empty()) addresses_ = std::move(list);
}

void Resolver::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_.wait_for(lock, refresh_, [this] { return wanted_ || stopping_; });
    if (stopping_) return;
    wanted_ = false;
    lock.unlock();
    look_up();
    lock.lock();
    // At most one look-up a second, however many connects fail.
    wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_; });
  }
}

}  // namespace sealrow::net
