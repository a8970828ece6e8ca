// What operators do with keys: start, look, copy, put back. Blocking; never returns key bytes.
#pragma once

#include "sealrow/base/clock.hpp"
#include "sealrow/keys/provider.hpp"
#include "sealrow/keys/providers.hpp"
#include "sealrow/keys/store.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sealrow::keys {

// <directory>/store/, store.lock; for the local provider also kek.json, [development-credential]
struct KeysConfig {
  std::string directory;
  ProviderConfig provider;
  Environment environment = Environment::development;
  std::string deployment = "default";  // bound to every wrapped key
};

struct OpenedKeys {
  std::shared_ptr<KeyProvider> provider;
  std::shared_ptr<KeyStore> store;
};

struct InitReport {
  std::string kek_id;
  std::string store_id;
  std::string recovery_kit;  // to be printed and kept apart from the host; holds no key in the clear
};

// Makes an empty store under the provider's KEK (which the local provider makes too), whole or not at all. key_conflict
// if the directory holds anything: a new KEK is never made over existing keys.
[[nodiscard]] Result<InitReport> init(const KeysConfig& config, const Clock& clock = system_clock());
// Opens both, repairs what a crash left, and proves that this KEK belongs to this store.
[[nodiscard]] Result<OpenedKeys> open(const KeysConfig& config);

// Just the provider, without a store.
[[nodiscard]] Result<std::shared_ptr<KeyProvider>> open_provider(const KeysConfig& config);

// Is a provider fit for use, step by step; a step that fails says what to do. Leaves nothing behind.
struct ProbeStep {
  enum class Outcome : std::uint8_t { passed, failed, not_reached };
  std::string name;  // "configure", "reach", "authenticate", "describe", "generate", "unwrap", "compare", …
  Outcome outcome = Outcome::not_reached;
  std::optional<Error> error;
  std::chrono::milliseconds took{};
};
struct ProbeReport {
  std::optional<ProviderInfo> provider;
  std::vector<ProbeStep> steps;
  std::string note;  // what the provider does not do, such as binding a key to its tenant
  [[nodiscard]] bool passed() const noexcept;
};
[[nodiscard]] ProbeReport probe(const KeysConfig& config);

// For any provider and store: a new store's root, and the self-check that unwraps its key again.
struct NewRoot {
  StoreRoot root;
  SecretBytes store_key;
};
[[nodiscard]] Result<NewRoot> make_root(KeyProvider& provider, const std::string& deployment, const Clock& clock);
[[nodiscard]] Result<SecretBytes> open_root(KeyProvider& provider, const StoreRoot& root);

struct StatusReport {
  ProviderInfo provider;
  bool provider_usable = false;
  std::string provider_problem;  // when not usable
  std::string store_id, deployment;
  StoreHead head;
  std::array<std::uint64_t, 7> keys_by_state{};  // indexed by KeyState
  std::uint64_t retired = 0;                     // of the deactivated ones
};
[[nodiscard]] Result<StatusReport> status(const OpenedKeys& keys);

struct KeySummary {
  KeyId id;
  TenantId tenant;
  DomainId domain;
  KeyPurpose purpose;
  std::uint32_t version;
  KeyState state;
  bool retired;
  std::string kek_id, kek_version;
  WrapAlgorithm algorithm;
  WallTime created_at;
};
// By tenant, domain, purpose, version.
[[nodiscard]] Result<std::vector<KeySummary>> list(KeyStore& store);

// Unwraps every key that is not destroyed and compares its check value. The first failure names its key.
[[nodiscard]] Result<std::uint64_t> prove_every_key(const OpenedKeys& keys);

// Copy of the store (wrapped keys only; the KEK file has the recovery kit as its copy).
[[nodiscard]] Result<StoreHead> backup(const KeysConfig& config, const std::string& target);
// Puts a backup back after proving every key in it. Refuses to replace a newer or foreign store.
[[nodiscard]] Result<StoreHead> restore(const KeysConfig& config, const std::string& source);

}  // namespace sealrow::keys
