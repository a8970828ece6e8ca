// PostgreSQL sessions (protocol 3.0 and 3.2).
#pragma once

#include "sealrow/session/environment.hpp"
#include "sealrow/session/io.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

namespace sealrow::session::postgres {

using session::ClientTls;
using session::Environment;
using session::ServerTls;
enum class Authentication : std::uint8_t { automatic, relay, terminate };

struct Settings {
  ClientTls client_tls = ClientTls::off;
  ServerTls server_tls = ServerTls::disable;
  Authentication authentication = Authentication::automatic;
  bool scram_plus = true;                              // offer SCRAM-SHA-256-PLUS where the client leg has TLS
  std::unordered_map<std::string, std::string> users;  // user list: SCRAM verifier or clear password, by name
  std::uint32_t max_message = 1u << 30;                // client and server messages that must be held whole
  std::uint32_t max_preauth = 10000;                   // bytes of a start-up packet
  std::uint32_t max_held = 256u << 10;                 // bytes kept per leg while waiting
};

[[nodiscard]] std::unique_ptr<Session> make_session(const Settings& settings, Environment& environment);

}  // namespace sealrow::session::postgres
