// Plain settings of the network core. Filled by the command line from the server's configuration file.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sealrow::net {

struct HostPort {
  std::string host;  // name, address, or the directory of a Unix socket ("/run/postgresql")
  std::uint16_t port = 5432;
};

// Towards clients. Without a certificate there is no TLS on client legs.
enum class ClientCertificate : std::uint8_t { ignored, optional, required };
enum class DirectTls : std::uint8_t { refused, accepted };  // a ClientHello as the client's first bytes (PostgreSQL 17)
struct AcceptTlsOptions {
  std::string certificate_file;  // PEM, leaf first
  std::string key_file;
  std::string client_ca_file;
  ClientCertificate client_certificate = ClientCertificate::ignored;
  DirectTls direct = DirectTls::accepted;
  [[nodiscard]] bool enabled() const noexcept { return !certificate_file.empty(); }
};

// Towards the database server. Whether TLS is asked for at all is the session's business.
enum class PeerCheck : std::uint8_t { none, chain, host_name };
struct ConnectTlsOptions {
  PeerCheck check = PeerCheck::host_name;
  std::string ca_file;  // empty: the system's store
  std::string certificate_file, key_file;
};

enum class TlsStart : std::uint8_t { disabled, preferred, required, direct };  // of connections that net opens itself
struct BackendOptions {
  std::vector<HostPort> hosts;                      // tried in order, every address of each
  std::chrono::milliseconds connect_timeout{5000};  // per address
  TlsStart tls_start = TlsStart::disabled;
  ConnectTlsOptions tls;
};

enum class PortSharing : std::uint8_t { exclusive, shared };  // shared: SO_REUSEPORT, for handing the port over
struct ListenOptions {
  std::vector<HostPort> endpoints;  // port 0: chosen by the kernel, reported by Server::endpoints()
  PortSharing sharing = PortSharing::exclusive;
  int backlog = 512;
};

struct Limits {
  std::size_t max_connections = 1000;
  std::chrono::milliseconds authentication_timeout{30000};
  std::chrono::milliseconds idle_timeout{0};  // 0: none
  std::chrono::milliseconds linger{2000};     // for the peer to read the last bytes and close
  std::chrono::milliseconds drain_timeout{30000};
  // A client that does not read its answers is not read from either once this much waits for it.
  std::size_t client_high_water = 256u << 10;
};

struct ServerOptions {
  ListenOptions listen;
  BackendOptions backend;
  AcceptTlsOptions client_tls;
  Limits limits;
  unsigned workers = 1;
};

}  // namespace sealrow::net
