// The daemon's network core: accept thread, workers, backend connections, cancel requests, drain.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/net/options.hpp"
#include "sealrow/net/session_host.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sealrow::net {

struct Stats {
  std::uint64_t accepted = 0, refused = 0, active = 0;
  std::uint64_t authentication_timeouts = 0, backend_failures = 0, resets = 0, cancels = 0;
  std::uint64_t tls_handshakes = 0, tls_failures = 0;
  std::uint64_t client_bytes = 0, server_bytes = 0;  // received from that leg, after decryption
  std::uint64_t short_sends = 0;
};

// Start-up errors are values; after start() nothing here fails, it logs. All functions are thread-safe.
class Server {
 public:
  // Binds the endpoints, loads certificates, resolves the backend's names once. No thread runs yet.
  [[nodiscard]] static Result<std::unique_ptr<Server>> make(ServerOptions options, const SessionHostFactory& hosts);
  ~Server();  // stops at once
  void start();
  // As bound: "127.0.0.1:6432", "/run/sealrow/.s.PGSQL.6432".
  [[nodiscard]] const std::vector<HostPort>& endpoints() const noexcept;
  // New connections use the new certificates; on an error the old ones stay.
  [[nodiscard]] Result<> reload_tls(const AcceptTlsOptions& client, const ConnectTlsOptions& backend);
  // Stops accepting; sessions end when idle, at the deadline all do.
  void drain();
  void stop();                                   // ends every session now
  [[nodiscard]] bool finished() const noexcept;  // drained or stopped
  void wait();                                   // until finished
  [[nodiscard]] Stats stats() const;

  class Impl;

 private:
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealrow::net
