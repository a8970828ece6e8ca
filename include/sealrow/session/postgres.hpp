// PostgreSQL sessions (protocol 3.0 and 3.2).
#pragma once

#include "sealrow/catalog/snapshot.hpp"
#include "sealrow/crypto/sealer.hpp"
#include "sealrow/plan/planner.hpp"
#include "sealrow/session/io.hpp"

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace sealrow::session::postgres {

enum class ClientTls : std::uint8_t { off, allow, require };
enum class ServerTls : std::uint8_t { disable, prefer, require, direct };  // verification is the pump's business
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

// What sessions of one worker share. Owned by the worker, used by its thread only, except where noted.
class Environment {
 public:
  virtual ~Environment() = default;
  // Policy bound to the newest catalog of the database; null while none was read (RefreshCatalog makes one).
  [[nodiscard]] virtual std::shared_ptr<const plan::Binding> binding(const std::string& database) = 0;
  // The policy protects something at all: with an empty policy sessions only forward.
  [[nodiscard]] virtual bool policy_is_empty() const noexcept = 0;
  [[nodiscard]] virtual keys::KeyService& keys() noexcept = 0;
  [[nodiscard]] virtual crypto::Sealer& sealer() noexcept = 0;
  [[nodiscard]] virtual plan::PlanCache& plans() noexcept = 0;
};

[[nodiscard]] std::unique_ptr<Session> make_session(const Settings& settings, Environment& environment);

}  // namespace sealrow::session::postgres
