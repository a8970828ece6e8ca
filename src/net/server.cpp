#include "sealrow/net/server.hpp"

#include "net/acceptor.hpp"
#include "sealrow/base/log.hpp"

#include <condition_variable>

namespace sealrow::net {
namespace {

constexpr std::chrono::seconds name_refresh{30};

Result<TlsContexts> load_tls(const AcceptTlsOptions& client, const ConnectTlsOptions& backend) {
  TlsContexts contexts;
  if (client.enabled()) {
    SEALROW_TRY(contexts.client, TlsContext::for_clients(client));
  }
  SEALROW_TRY(contexts.backend, TlsContext::for_backend(backend));
  return contexts;
}

}  // namespace

class Server::Impl {
 public:
  Result<> prepare(ServerOptions options, const SessionHostFactory& hosts) {
    shared_.options = std::move(options);
    const ServerOptions& set = shared_.options;
    SEALROW_TRY(const auto tls, load_tls(set.client_tls, set.backend.tls));
    shared_.resolver = std::make_unique<Resolver>(set.backend.hosts, name_refresh);
    shared_.thread_finished = [this] { thread_finished(); };
    for (unsigned index = 0; index < std::max(1u, set.workers); ++index) {
      SEALROW_TRY(auto host, hosts(index));
      SEALROW_TRY(auto worker, Worker::make(index, shared_, tls, std::move(host)));
      shared_.workers.push_back(std::move(worker));
    }
    SEALROW_TRY(acceptor_, Acceptor::make(set.listen, shared_));
    return {};
  }

  ~Impl() {
    stop();
    wait();
    acceptor_.reset();
    // Joined together before the first is destroyed: they post to each other.
    for (auto& worker : shared_.workers) worker->join();
  }

  void start() {
    {
      const std::lock_guard lock(mutex_);
      running_ = shared_.workers.size() + 1;  // and the acceptor: who waits may use its addresses afterwards
    }
    for (auto& worker : shared_.workers) worker->start();
    acceptor_->start();
  }

  [[nodiscard]] const std::vector<HostPort>& endpoints() const noexcept { return acceptor_->endpoints(); }

  Result<> reload_tls(const AcceptTlsOptions& client, const ConnectTlsOptions& backend) {
    SEALROW_TRY(const auto tls, load_tls(client, backend));
    for (auto& worker : shared_.workers) worker->replace_tls(tls);
    return {};
  }

  void drain() {
    if (acceptor_) acceptor_->stop();
    for (auto& worker : shared_.workers) worker->drain();
  }
  void stop() {
    if (acceptor_) acceptor_->stop();
    for (auto& worker : shared_.workers) worker->stop();
  }

  [[nodiscard]] bool finished() const noexcept {
    const std::lock_guard lock(mutex_);
    return running_ == 0;
  }
  void wait() {
    std::unique_lock lock(mutex_);
    finished_.wait(lock, [this] { return running_ == 0; });
  }

  [[nodiscard]] Stats stats() const {
    Stats sum;
    sum.accepted = acceptor_->accepted();
    sum.refused = acceptor_->refused();
    for (const auto& worker : shared_.workers) {
      const Counters& c = std::as_const(*worker).counters();
      sum.active += worker->load();
      sum.authentication_timeouts += c.authentication_timeouts.get();
      sum.backend_failures += c.backend_failures.get();
      sum.resets += c.resets.get();
      sum.cancels += c.cancels.get();
      sum.tls_handshakes += c.tls_handshakes.get();
      sum.tls_failures += c.tls_failures.get();
      sum.client_bytes += c.client_bytes.get();
      sum.server_bytes += c.server_bytes.get();
      sum.short_sends += c.short_sends.get();
    }
    return sum;
  }

 private:
  void thread_finished() {
    const std::lock_guard lock(mutex_);
    --running_;
    finished_.notify_all();
  }

  Shared shared_;
  std::unique_ptr<Acceptor> acceptor_;
  mutable std::mutex mutex_;
  std::condition_variable finished_;
  std::size_t running_ = 0;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::make(ServerOptions options, const SessionHostFactory& hosts) {
  auto impl = std::make_unique<Impl>();
  SEALROW_CHECK(impl->prepare(std::move(options), hosts));
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

void Server::start() { impl_->start(); }
const std::vector<HostPort>& Server::endpoints() const noexcept { return impl_->endpoints(); }
Result<> Server::reload_tls(const AcceptTlsOptions& client, const ConnectTlsOptions& backend) {
  return impl_->reload_tls(client, backend);
}
void Server::drain() { impl_->drain(); }
void Server::stop() { impl_->stop(); }
bool Server::finished() const noexcept { return impl_->finished(); }
void Server::wait() { impl_->wait(); }
Stats Server::stats() const { return impl_->stats(); }

}  // namespace sealrow::net
