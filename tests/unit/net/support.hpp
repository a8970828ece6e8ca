// A backend, clients and sessions for the tests of the network core. Everything waits for conditions, never for time.
#pragma once

#include "sealrow/net/server.hpp"

#include "net/address.hpp"

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sealrow::net::test {

constexpr std::chrono::seconds patience{20};

// Waits until `done`; false after a generous time.
bool eventually(const std::function<bool()>& done);

// A blocking socket with a receive time-out, so that a bug fails a test instead of hanging it.
class Peer {
 public:
  Peer() = default;
  explicit Peer(FileDescriptor fd);
  static Peer connect(std::uint16_t port);
  [[nodiscard]] int fd() const { return fd_.get(); }
  void send(std::string_view bytes);
  std::string read(std::size_t size);  // exactly; shorter at the end of the stream
  std::string read_all();              // until the end of the stream
  void finish() const;                 // FIN
  void reset();                        // RST
  void close() { fd_.reset(); }

 private:
  FileDescriptor fd_;
};

// Listens on a port of the loopback chosen by the kernel.
class Backend {
 public:
  Backend();
  [[nodiscard]] std::uint16_t port() const { return port_; }
  Peer accept();
  [[nodiscard]] bool has_client() const;  // one waits to be accepted

 private:
  FileDescriptor fd_;
  std::uint16_t port_ = 0;
};

// Connects at once, forwards everything. Variations by overriding.
class PassSession : public session::Session {
 public:
  void on_bytes(session::Leg leg, ByteView bytes, session::Output& out) override;
  void on_connected(session::Output& out) override;
  void on_connect_failed(const Error& error, session::Output& out) override;
  void on_tls(session::Leg, const session::TlsFacts&, session::Output&) override {}
  void on_leg_closed(session::Leg, session::Output& out) override;
  void on_answer(std::uint32_t, session::Output&) override {}
  void on_verifier(std::uint32_t, Result<std::string>, session::Output&) override {}
  bool wants_bytes(session::Leg) const noexcept override { return true; }
  bool authenticated() const noexcept override { return connected_; }
  bool idle() const noexcept override { return true; }
  void on_shutdown(session::Output& out) override { out.to_client.append("BYE"); }

 protected:
  static void request(session::Output& out, session::Request request, std::uint32_t id = 0) {
    out.requests.emplace_back(id, std::move(request));
  }
  bool asked_ = false, connected_ = false;
  std::string held_;
};

// Gives every worker sessions of one kind, and keeps what was asked for.
struct Requests {
  std::mutex mutex;
  std::vector<std::function<void()>> answers;  // of FetchKey and RefreshCatalog, not yet called
  std::size_t count() {
    const std::lock_guard lock(mutex);
    return answers.size();
  }
};
SessionHostFactory hosts_of(std::function<std::unique_ptr<session::Session>()> make,
                            std::shared_ptr<Requests> requests = std::make_shared<Requests>());
template <class S>
SessionHostFactory hosts_of() {
  return hosts_of([] { return std::make_unique<S>(); });
}

ServerOptions options_for(std::uint16_t backend_port);
// Made and started.
std::unique_ptr<Server> serve(ServerOptions options, const SessionHostFactory& hosts);
inline std::uint16_t port_of(const Server& server) { return server.endpoints().front().port; }

}  // namespace sealrow::net::test
