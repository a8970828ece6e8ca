// The configuration of one `sealrow serve` process. Loaded from YAML in the same strict way as the policy, and kept in
// the same room, since YAML lives here. A plain struct: whoever starts a room hands it the parts it needs.
// docs/configuration.md is the reference of the file.
#pragma once

#include "sealrow/base/log.hpp"
#include "sealrow/base/result.hpp"
#include "sealrow/base/secret.hpp"
#include "sealrow/policy/keys_config.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sealrow::policy {

using Milliseconds = std::chrono::milliseconds;

struct TcpAddress {
  std::string address;
  std::uint16_t port;
};  // numeric address, IPv6 without brackets
struct UnixAddress {
  std::string path;
};  // absolute
using Listener = std::variant<TcpAddress, UnixAddress>;

enum class Protocol : std::uint8_t { postgres, mysql };  // MariaDB speaks MySQL's

enum class ClientTlsMode : std::uint8_t {
  off,    // clear only: loopback or Unix sockets
  allow,  // the client decides
  require,
  mutual,  // and a client certificate signed by `client_ca`
};
struct ClientTls {
  ClientTlsMode mode = ClientTlsMode::off;
  std::string certificate, key, client_ca;  // PEM files
};

enum class BackendTlsMode : std::uint8_t { disable, prefer, require, verify_ca, verify_full };  // libpq's sslmode
struct BackendTls {
  BackendTlsMode mode = BackendTlsMode::verify_full;
  std::string ca;                // PEM file; empty: the system's store
  std::string certificate, key;  // PEM files; empty: no client certificate
  bool direct = false;           // PostgreSQL 17: TLS without SSLRequest
};
struct Backend {
  std::string host;  // name, address, or "/…": PostgreSQL's directory of a Unix socket, MySQL's socket itself
  std::uint16_t port = 5432;  // MySQL: 3306
  BackendTls tls;
  Milliseconds connect_timeout{10'000};
  [[nodiscard]] bool is_unix_socket() const noexcept { return !host.empty() && host.front() == '/'; }
};

// Sealrow's own connections: catalog, auth_query, jobs.
struct ControlConnection {
  std::string user;
  std::vector<std::string> databases;    // PostgreSQL: protected databases; the first is also used for auth_query
  std::optional<SecretSource> password;  // absent: passfile, certificate, peer or trust
  std::string passfile;                  // libpq's .pgpass format; empty: none
};

enum class AuthenticationMode : std::uint8_t {
  automatic,  // relay, or terminate where channel binding is in play
  relay,
  terminate,  // SCRAM on both legs; needs verifiers
};
struct Authentication {
  AuthenticationMode mode = AuthenticationMode::automatic;
  std::string user_list;  // file of "user" "verifier" lines; empty: none
  std::string query;      // auth_query with $1 = user; empty: none
};

struct MysqlOptions {
  bool local_infile = true;  // LOAD DATA LOCAL is offered to clients
};

struct ConnectionLimits {
  std::uint32_t max_connections = 2'000;
  std::size_t startup_size = 10'000;     // bytes a client may send before it is authenticated
  Milliseconds startup_timeout{15'000};  // from accept to the end of authentication
  std::size_t message_size = std::size_t{256} << 20;
  std::size_t buffered = std::size_t{4} << 20;  // unsent bytes per connection before its source is paused
  Milliseconds idle_timeout{0};                 // zero: none
};

struct Logging {
  log::Level level = log::Level::info;
  log::Format format = log::Format::text;
  std::string file;  // empty: standard error
};

struct ServerConfig {
  Protocol protocol = Protocol::postgres;
  std::vector<Listener> listeners;  // default: 127.0.0.1:6432, MySQL: 127.0.0.1:6306
  ClientTls client_tls;
  Backend backend;
  ControlConnection control;
  Authentication authentication;
  MysqlOptions mysql;
  ConnectionLimits limits;
  Keys keys;
  std::string policy_file;
  Logging logging;
  std::uint32_t workers = 0;  // zero: one per core, at most two
  Milliseconds drain_timeout{30'000};
  MemoryLock memory_lock = MemoryLock::best_effort;
};

struct ServerConfigOutcome {
  std::shared_ptr<const ServerConfig> config;  // null if there are errors
  std::vector<Error> errors;
};
// Relative paths in the text are resolved against the folder of `file_name`. No file that it names is opened.
[[nodiscard]] ServerConfigOutcome load_server_config(std::string_view yaml, const std::string& file_name);
[[nodiscard]] ServerConfigOutcome load_server_config_file(const std::string& path);

// JSON Schema (draft 2020-12) of the file, for editors.
[[nodiscard]] std::string_view server_json_schema();

}  // namespace sealrow::policy
