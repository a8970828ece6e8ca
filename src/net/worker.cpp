#include "net/worker.hpp"

#include "sealrow/base/log.hpp"

#include <fmt/format.h>
#include <pthread.h>

namespace sealrow::net {
namespace {

// Slot in the low half, the slot's generation in the high half: an id never comes back.
constexpr ConnectionId make_id(std::uint32_t slot, std::uint32_t generation) {
  return (static_cast<ConnectionId>(generation) << 32) | slot;
}
constexpr std::uint32_t slot_of(ConnectionId id) { return static_cast<std::uint32_t>(id); }
constexpr std::uint32_t generation_of(ConnectionId id) { return static_cast<std::uint32_t>(id >> 32); }

}  // namespace

Result<std::unique_ptr<Worker>> Worker::make(unsigned index, Shared& shared, TlsContexts tls,
                                             std::unique_ptr<SessionHost> host) {
  SEALROW_TRY(auto reactor, Reactor::make());
  return std::unique_ptr<Worker>(new Worker(index, shared, std::move(reactor), std::move(tls), std::move(host)));
}

Worker::Worker(unsigned index, Shared& shared, std::unique_ptr<Reactor> reactor, TlsContexts tls,
               std::unique_ptr<SessionHost> host)
    : index_(index), shared_(shared), reactor_(std::move(reactor)), tls_(std::move(tls)), host_(std::move(host)) {
  reactor_->after_batch([this] { after_batch(); });
}

Worker::~Worker() {
  join();
  slots_.clear();
  retired_.clear();
}

void Worker::start() {
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), fmt::format("worker-{}", index_).c_str());
    reactor_->run();
    slots_.clear();
    bury_retired();
    reactor_->mailbox()->close();
    if (shared_.thread_finished) shared_.thread_finished();
  });
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::adopt(FileDescriptor client, Admission admission) {
  load_.fetch_add(1, std::memory_order_relaxed);
  // std::function wants copies; the descriptor stays owned if the task is dropped.
  auto shared = std::make_shared<FileDescriptor>(std::move(client));
  reactor_->mailbox()->post([this, shared, admission] { admit(std::move(*shared), admission); });
}

void Worker::admit(FileDescriptor client, Admission admission) {
  set_data_options(client.get());
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  auto session = admission == Admission::admitted
                     ? host_->make_session()
                     : host_->make_refusal({ErrorCode::too_many_connections, "sorry, too many clients already"},
                                           tls_.client != nullptr ? TlsOffer::offered : TlsOffer::none);
  const ConnectionId id = make_id(slot, slots_[slot].generation);
  slots_[slot].connection = std::make_unique<Connection>(*this, id, std::move(client), std::move(session));
  slots_[slot].connection->start();
  if (draining_) {
    if (Connection* late = find(id)) late->drain();
  }
}

Connection* Worker::find(ConnectionId id) noexcept {
  const std::uint32_t slot = slot_of(id);
  if (slot >= slots_.size() || slots_[slot].generation != generation_of(id)) return nullptr;
  return slots_[slot].connection.get();
}

void Worker::retire(ConnectionId id) {
  Slot& slot = slots_[slot_of(id)];
  if (slot.connection == nullptr || slot.generation != generation_of(id)) return;
  retired_.push_back(std::move(slot.connection));
  ++slot.generation;
  free_.push_back(slot_of(id));
}

// Counted until nothing of them is left, their cancel keys included.
void Worker::bury_retired() {
  const std::size_t count = retired_.size();
  retired_.clear();
  load_.fetch_sub(count, std::memory_order_release);
}

void Worker::after_batch() {
  bury_retired();
  buffers_.trim();
  host_->after_batch();
  if (draining_ && free_.size() == slots_.size()) reactor_->stop();
}

std::function<void(std::function<void(Connection&)>)> Worker::answer_to(ConnectionId id) {
  return [this, mailbox = reactor_->mailbox(), id](std::function<void(Connection&)> with) {
    mailbox->post([this, id, with = std::move(with)] {
      if (Connection* connection = find(id)) with(*connection);
    });
  };
}

void Worker::with_connection(ConnectionId id, std::function<void(Connection&)> with) { answer_to(id)(std::move(with)); }

void Worker::replace_tls(TlsContexts tls) {
  reactor_->mailbox()->post([this, tls = std::move(tls)] { tls_ = tls; });
}

template <class Each>
void Worker::for_each(Each&& each) {
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].connection != nullptr) each(*slots_[i].connection);
}

void Worker::drain() {
  reactor_->mailbox()->post([this] {
    if (draining_) return;
    draining_ = true;
    reactor_->timers().arm(drain_timer_, reactor_->now() + shared_.options.limits.drain_timeout);
    for_each([](Connection& connection) { connection.drain(); });
  });
}

void Worker::shut_all_down() {
  for_each([](Connection& connection) { connection.shut_down(); });
}

void Worker::stop() {
  reactor_->mailbox()->post([this] { reactor_->stop(); });
}

}  // namespace sealrow::net
