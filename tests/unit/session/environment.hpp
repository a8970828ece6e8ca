// What a worker gives its sessions, with fixed keys and a small database.
#pragma once

#include "unit/plan/fixture.hpp"

#include "sealrow/crypto/sealer.hpp"
#include "sealrow/session/postgres.hpp"

#include <map>
#include <memory>
#include <string>

namespace sealrow::test {

// Fixed keys; `slow`: every key must be fetched once.
class FakeKeys final : public keys::KeyService {
 public:
  bool slow = false;
  std::size_t fetches = 0;

  keys::Lookup<crypto::EnvelopeKey> sealing_key(const TenantId& tenant, const DomainId& domain) override {
    if (slow && !known_.contains(tenant.value())) return keys::Pending{};
    return key_of(tenant, domain);
  }
  keys::Lookup<crypto::EnvelopeKey> opening_key(KeyId id) override {
    const auto it = by_id_.find(id.value());
    if (it == by_id_.end()) return Error{ErrorCode::key_missing, "data key is not in the key store"};
    if (slow && !known_.contains(it->second->tenant().value())) return keys::Pending{};
    return it->second;
  }
  keys::Lookup<crypto::IndexKey> index_key(const TenantId& tenant, const DomainId& domain) override {
    return *crypto::IndexKey::make(1, tenant, domain, secret(tenant, 'i'));
  }
  void fetch(const keys::KeyRequest&, std::function<void()> done) override { done(); }
  // What the environment does for a FetchKey.
  void deliver(const keys::KeyRequest& request) {
    ++fetches;
    if (const auto* sealing = std::get_if<keys::SealingKeyRequest>(&request)) known_[sealing->tenant.value()] = true;
    if (const auto* opening = std::get_if<keys::OpeningKeyRequest>(&request))
      known_[by_id_.at(opening->id.value())->tenant().value()] = true;
  }
  std::shared_ptr<const crypto::EnvelopeKey> key_of(const TenantId& tenant, const DomainId& domain) {
    const KeyId id{0x1000 + tenant.value().size() * 256 + static_cast<std::uint8_t>(tenant.value().back())};
    auto& key = by_id_[id.value()];
    if (!key) key = *crypto::EnvelopeKey::make(id, tenant, domain, secret(tenant, 'd'));
    return key;
  }
  void forget() { known_.clear(); }

 private:
  static SecretBytes secret(const TenantId& tenant, char purpose) {
    std::string bytes(32, purpose);
    bytes.replace(0, std::min<std::size_t>(tenant.value().size(), 31), tenant.value().substr(0, 31));
    return SecretBytes::copy_of(as_bytes(bytes));
  }
  std::map<std::uint64_t, std::shared_ptr<const crypto::EnvelopeKey>> by_id_;
  std::map<std::string, bool> known_;
};

inline const std::shared_ptr<const plan::Binding>& shared_world() {
  static const auto binding = plan::test::make_world().bind();
  return binding;
}

class FakeEnvironment final : public session::postgres::Environment {
 public:
  std::shared_ptr<const plan::Binding> current = shared_world();
  FakeKeys service;

  std::shared_ptr<const plan::Binding> binding(const std::string&) override { return current; }
  bool policy_is_empty() const noexcept override { return false; }
  keys::KeyService& keys() noexcept override { return service; }
  crypto::Sealer& sealer() noexcept override { return *sealer_; }
  plan::PlanCache& plans() noexcept override { return plans_; }

 private:
  std::unique_ptr<crypto::Sealer> sealer_ = *crypto::Sealer::make(crypto::Provider::openssl);
  plan::PlanCache plans_;
};

}  // namespace sealrow::test
