// Accepts on all endpoints with one thread and hands each socket to the least loaded worker: hashing by SO_REUSEPORT
// leaves the busiest of several threads with up to 1.8 times its share of long-lived connections.
#pragma once

#include "net/worker.hpp"

#include <memory>
#include <thread>
#include <vector>

namespace sealrow::net {

class Acceptor {
 public:
  // Binds and listens.
  [[nodiscard]] static Result<std::unique_ptr<Acceptor>> make(const ListenOptions& options, Shared& shared);
  ~Acceptor();
  void start();
  void stop();  // the listening sockets close; any thread
  void join();
  [[nodiscard]] const std::vector<HostPort>& endpoints() const noexcept { return endpoints_; }
  [[nodiscard]] std::uint64_t accepted() const noexcept { return accepted_.get(); }
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_.get(); }

 private:
  // A listening socket; its timer ends the pause after the process ran out of descriptors.
  class Listener final : public EventSource, private Timer {
   public:
    Listener(Acceptor& acceptor, FileDescriptor fd, std::string unix_path);
    ~Listener() override;
    void listen();
    void on_events(std::uint32_t events) override;
    void close();

   private:
    void on_timer(Instant) override { listen(); }
    void pause();
    Acceptor& acceptor_;
    FileDescriptor fd_;
    std::string unix_path_;  // removed at the end
  };

  Acceptor(std::unique_ptr<Reactor> reactor, Shared& shared) : reactor_(std::move(reactor)), shared_(shared) {}
  [[nodiscard]] Result<> bind(const HostPort& endpoint, const ListenOptions& options);
  void dispatch(FileDescriptor client);

  std::unique_ptr<Reactor> reactor_;
  Shared& shared_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<HostPort> endpoints_;
  Counter accepted_, refused_;
  std::thread thread_;
};

}  // namespace sealrow::net
