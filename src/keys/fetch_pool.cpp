#include "keys/fetch_pool.hpp"

#include "sealrow/base/log.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

namespace sealrow::keys {

namespace {

// Real time between looks at the (injected) clock while somebody waits, and while nobody does.
constexpr auto busy_pause = std::chrono::milliseconds(20);
constexpr auto idle_pause = std::chrono::seconds(1);

}  // namespace

std::size_t KeyRequestHash::operator()(const KeyRequest& request) const noexcept {
  struct Visitor {
    std::size_t operator()(const OpeningKeyRequest& r) const noexcept { return std::hash<KeyId>{}(r.id); }
    std::size_t operator()(const SealingKeyRequest& r) const noexcept { return of(r.tenant, r.domain); }
    std::size_t operator()(const IndexKeyRequest& r) const noexcept { return ~of(r.tenant, r.domain); }
    static std::size_t of(const TenantId& tenant, const DomainId& domain) noexcept {
      return std::hash<TenantId>{}(tenant)*31 + std::hash<DomainId>{}(domain);
    }
  };
  return std::visit(Visitor{}, request);
}

FetchPool::FetchPool(const ServiceOptions& options, const Clock& clock, Hooks hooks)
    : options_(options), clock_(clock), hooks_(std::move(hooks)) {
  const Instant started = clock_.now();  // not when the watcher first runs: time that passes before counts too
  for (std::size_t i = 0; i < std::max<std::size_t>(1, options.threads); ++i) workers_.emplace_back([this] { work(); });
  watcher_ = std::thread([this, started] { watch(started); });
}

void FetchPool::start(const KeyRequest& request, Done done) {
  Waiter waiter{clock_.now() + options_.fetch_timeout, std::move(done)};
  std::unique_lock lock(mutex_);
  if (stopping_) {
    lock.unlock();
    if (waiter.done) waiter.done();
    return;
  }
  const auto found = flights_.find(request);
  if (found == flights_.end() && flights_.size() >= options_.max_in_flight) {
    if (!waiter.done) return;
    hooks_.give_up(request, Error{ErrorCode::key_provider_throttled, "too many keys are being fetched"});
    rejected_.push_back(std::move(waiter));
    watch_needed_.notify_one();
    return;
  }
  Flight& flight = found != flights_.end() ? found->second : flights_[request];
  if (found != flights_.end()) {
    ++joined_;
  } else {
    queue_.push_back(request);
    work_available_.notify_one();
    watch_needed_.notify_one();
  }
  if (waiter.done)
    flight.waiters.push_back(std::move(waiter));
  else
    flight.background = true;
}

void FetchPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_available_.wait(lock, [&] { return stopping_ || poll_due_ || !queue_.empty(); });
    if (stopping_) return;
    if (std::exchange(poll_due_, false)) {
      lock.unlock();
      run_poll();
      lock.lock();
      continue;
    }
    const KeyRequest request = std::move(queue_.front());
    queue_.pop_front();
    const Flight& flight = flights_.at(request);
    if (flight.waiters.empty() && !flight.background) {  // everybody gave up while it was queued
      flights_.erase(request);
      continue;
    }
    lock.unlock();
    run(request);
    land(request);
    lock.lock();
  }
}

void FetchPool::run(const KeyRequest& request) {
  try {  // third-party code below (JSON, allocation) may throw; a thread must not die of it
    hooks_.load(request);
  } catch (const std::exception&) {
    hooks_.give_up(request, Error{ErrorCode::internal, "loading a key failed unexpectedly"});
  }
  ++finished_;
}

void FetchPool::run_poll() {
  try {
    hooks_.poll();
  } catch (const std::exception&) {
    log::warn("keys", "looking for changes in the key store failed unexpectedly");
  }
}

void FetchPool::land(const KeyRequest& request) {
  std::vector<Waiter> waiters;
  {
    const std::lock_guard lock(mutex_);
    const auto found = flights_.find(request);
    if (found == flights_.end()) return;  // stopped meanwhile: already reported
    waiters = std::move(found->second.waiters);
    flights_.erase(found);
  }
  report(waiters);
}

void FetchPool::watch(Instant started) {
  Instant tidied = started, polled = started;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const bool busy = !flights_.empty() || !rejected_.empty();
    watch_needed_.wait_for(lock, busy ? std::chrono::milliseconds(busy_pause) : std::chrono::milliseconds(idle_pause));
    lock.unlock();
    expire_waiters();
    if (clock_.now() - tidied >= idle_pause) {
      hooks_.housekeeping();
      tidied = clock_.now();
    }
    lock.lock();
    if (clock_.now() - polled >= options_.poll_interval) {
      polled = clock_.now();
      poll_due_ = true;
      work_available_.notify_one();
    }
  }
  lock.unlock();
  release_all();
}

void FetchPool::expire_waiters() {
  const Instant now = clock_.now();
  std::vector<std::pair<KeyRequest, std::vector<Waiter>>> expired;
  std::vector<Waiter> rejected;
  {
    const std::lock_guard lock(mutex_);
    rejected.swap(rejected_);
    for (auto& [request, flight] : flights_) {
      const auto late = std::partition(flight.waiters.begin(), flight.waiters.end(),
                                       [&](const Waiter& waiter) { return now < waiter.deadline; });
      if (late == flight.waiters.end()) continue;
      expired.emplace_back(
          request, std::vector<Waiter>(std::make_move_iterator(late), std::make_move_iterator(flight.waiters.end())));
      flight.waiters.erase(late, flight.waiters.end());
    }
  }
  report(rejected);
  for (auto& [request, waiters] : expired) {
    timeouts_ += waiters.size();
    hooks_.give_up(request, Error{ErrorCode::key_timeout, "key was not delivered in time"});
    report(waiters);
  }
}

void FetchPool::release_all() {
  std::vector<Waiter> waiters;
  {
    const std::lock_guard lock(mutex_);
    waiters.swap(rejected_);
    for (auto& [request, flight] : flights_) std::ranges::move(flight.waiters, std::back_inserter(waiters));
    flights_.clear();
    queue_.clear();
  }
  report(waiters);
}

void FetchPool::report(std::vector<Waiter>& waiters) {
  for (Waiter& waiter : waiters) waiter.done();
  waiters.clear();
}

void FetchPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_available_.notify_all();
  watch_needed_.notify_all();
  if (watcher_.joinable()) watcher_.join();
  for (std::thread& worker : workers_)
    if (worker.joinable()) worker.join();
}

}  // namespace sealrow::keys
