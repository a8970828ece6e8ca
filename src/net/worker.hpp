// One thread, one reactor, many connections.
#pragma once

#include "net/connection.hpp"
#include "net/resolver.hpp"
#include "sealrow/net/session_host.hpp"

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

namespace sealrow::net {

class Worker;

// What the workers of one server share.
struct Shared {
  ServerOptions options;
  std::unique_ptr<Resolver> resolver;
  CancelRegistry cancels;
  std::vector<std::unique_ptr<Worker>> workers;
  std::function<void()> thread_finished;  // of each worker and of the acceptor
};

struct TlsContexts {
  std::shared_ptr<TlsContext> client;  // null: no TLS on client legs
  std::shared_ptr<TlsContext> backend;
};

enum class Admission : std::uint8_t { admitted, refused };

class Worker {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Worker>> make(unsigned index, Shared& shared, TlsContexts tls,
                                                            std::unique_ptr<SessionHost> host);
  ~Worker();

  // Any thread.
  void start();
  void join();
  void adopt(FileDescriptor client, Admission admission);
  void replace_tls(TlsContexts tls);
  void drain();
  void stop();
  [[nodiscard]] std::size_t load() const noexcept { return load_.load(std::memory_order_acquire); }
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }
  // Runs `with` on this worker's thread if the connection still lives then.
  void with_connection(ConnectionId id, std::function<void(Connection&)> with);

  // This worker's thread, for its connections.
  [[nodiscard]] Reactor& reactor() noexcept { return *reactor_; }
  [[nodiscard]] Buffers& buffers() noexcept { return buffers_; }
  [[nodiscard]] session::Output& output() noexcept { return output_; }
  [[nodiscard]] Counters& counters() noexcept { return counters_; }
  [[nodiscard]] SessionHost& host() noexcept { return *host_; }
  [[nodiscard]] Shared& shared() noexcept { return shared_; }
  [[nodiscard]] const TlsContexts& tls() const noexcept { return tls_; }
  [[nodiscard]] unsigned index() const noexcept { return index_; }
  [[nodiscard]] bool draining() const noexcept { return draining_; }
  void retire(ConnectionId id);  // destroyed after the batch of events
  // For answers that come on any thread, and possibly after this worker has gone.
  [[nodiscard]] std::function<void(std::function<void(Connection&)>)> answer_to(ConnectionId id);

 private:
  struct Slot {
    std::unique_ptr<Connection> connection;
    std::uint32_t generation = 0;
  };
  class DrainTimer final : public Timer {
   public:
    explicit DrainTimer(Worker& worker) : worker_(worker) {}
    void on_timer(Instant) override { worker_.shut_all_down(); }

   private:
    Worker& worker_;
  };

  Worker(unsigned index, Shared& shared, std::unique_ptr<Reactor> reactor, TlsContexts tls,
         std::unique_ptr<SessionHost> host);
  void admit(FileDescriptor client, Admission admission);
  [[nodiscard]] Connection* find(ConnectionId id) noexcept;
  void shut_all_down();
  void after_batch();
  void bury_retired();
  template <class Each>
  void for_each(Each&& each);

  const unsigned index_;
  Shared& shared_;
  std::unique_ptr<Reactor> reactor_;
  TlsContexts tls_;
  std::unique_ptr<SessionHost> host_;
  Buffers buffers_;
  session::Output output_;
  Counters counters_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<std::unique_ptr<Connection>> retired_;
  DrainTimer drain_timer_{*this};
  std::atomic<std::size_t> load_{0};
  bool draining_ = false;
  std::thread thread_;
};

}  // namespace sealrow::net
