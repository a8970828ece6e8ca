// What sessions of both protocols are given: by the worker that drives them, and by the configuration.
#pragma once

#include "sealrow/crypto/sealer.hpp"
#include "sealrow/keys/key_service.hpp"
#include "sealrow/plan/planner.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace sealrow::session {

enum class ClientTls : std::uint8_t { off, allow, require };
// Verification is the pump's business. `direct` (TLS without a request before it) exists in PostgreSQL only.
enum class ServerTls : std::uint8_t { disable, prefer, require, direct };

// What sessions of one worker share. Owned by the worker, used by its thread only, except where noted.
class Environment {
 public:
  virtual ~Environment() = default;
  // Policy bound to the newest catalog of the database; null while none was read (RefreshCatalog makes one). MySQL
  // has one for the whole server, under the name "".
  [[nodiscard]] virtual std::shared_ptr<const plan::Binding> binding(const std::string& database) = 0;
  // The policy protects something at all: with an empty policy sessions only forward.
  [[nodiscard]] virtual bool policy_is_empty() const noexcept = 0;
  [[nodiscard]] virtual keys::KeyService& keys() noexcept = 0;
  [[nodiscard]] virtual crypto::Sealer& sealer() noexcept = 0;
  [[nodiscard]] virtual plan::PlanCache& plans() noexcept = 0;
};

}  // namespace sealrow::session
