// MySQL and MariaDB sessions (protocol 4.1, handshake v10).
#pragma once

#include "sealrow/session/environment.hpp"
#include "sealrow/session/io.hpp"

#include <cstdint>
#include <memory>

namespace sealrow::session::mysql {

using session::ClientTls;
using session::Environment;
using session::ServerTls;

struct Settings {
  ClientTls client_tls = ClientTls::off;
  ServerTls server_tls = ServerTls::disable;
  // Capabilities (CLIENT_*, MariaDB's extended ones in the upper half) that may be offered to clients. What the server
  // lacks or the session cannot follow is taken away from it.
  std::uint64_t capabilities = ~std::uint64_t{0};
  bool allow_local_infile = false;
  std::uint32_t max_message = 1u << 30;   // commands and rows that must be held whole
  std::uint32_t max_preauth = 64u << 10;  // a packet before authentication has finished
  std::uint32_t max_held = 256u << 10;    // bytes kept per leg while waiting
};

// What logins need and takes long to make (the key pair for passwords that come without TLS): to be called once, at
// start-up, where nobody waits.
[[nodiscard]] Result<> prepare_logins(const Settings& settings);

[[nodiscard]] std::unique_ptr<Session> make_session(const Settings& settings, Environment& environment);

// The ERR packet that takes the greeting's place for a client that gets no session ("too many connections").
void append_fatal(OutBuffer& out, const Error& error);

}  // namespace sealrow::session::mysql
