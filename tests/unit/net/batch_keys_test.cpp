#include "net/batch_keys.hpp"

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <map>
#include <memory>

using namespace sealrow;

namespace {

using Key = std::shared_ptr<const crypto::EnvelopeKey>;

// Keys by id; an id that is not there is pending.
class CountingKeys final : public keys::KeyService {
 public:
  void add(std::uint64_t id, const char* tenant) {
    auto secret = crypto::random_key();
    REQUIRE(secret.has_value());
    auto key = crypto::EnvelopeKey::make(KeyId(id), TenantId(tenant), DomainId("general"), *secret);
    REQUIRE(key.has_value());
    keys_[id] = *key;
  }
  void revoke(std::uint64_t id) { keys_.erase(id); }

  keys::Lookup<crypto::EnvelopeKey> sealing_key(const TenantId& tenant, const DomainId&) override {
    ++asked;
    for (const auto& [id, key] : keys_)
      if (key->tenant() == tenant) return key;
    return keys::Pending{};
  }
  keys::Lookup<crypto::EnvelopeKey> opening_key(KeyId id) override {
    ++asked;
    const auto it = keys_.find(id.value());
    if (it == keys_.end()) return keys::Pending{};
    return it->second;
  }
  keys::Lookup<crypto::IndexKey> index_key(const TenantId&, const DomainId&) override {
    ++asked;
    return keys::Pending{};
  }
  void fetch(const keys::KeyRequest&, std::function<void()> done) override { done(); }

  int asked = 0;

 private:
  std::map<std::uint64_t, Key> keys_;
};

bool found(const keys::Lookup<crypto::EnvelopeKey>& lookup) { return std::holds_alternative<Key>(lookup); }

}  // namespace

TEST_CASE("a batch asks for a key once, the next batch asks again") {
  CountingKeys service;
  service.add(1, "acme");
  net::BatchKeys keys(service);
  for (int i = 0; i < 3; ++i) CHECK(found(keys.opening_key(KeyId(1))));
  CHECK(service.asked == 1);
  for (int i = 0; i < 3; ++i) CHECK(found(keys.sealing_key(TenantId("acme"), DomainId("general"))));
  CHECK(service.asked == 2);
  (void)keys.sealing_key(TenantId("acme"), DomainId("pii"));  // another domain is another key
  CHECK(service.asked == 3);

  service.revoke(1);
  keys.forget();
  CHECK_FALSE(found(keys.opening_key(KeyId(1))));
  CHECK_FALSE(found(keys.sealing_key(TenantId("acme"), DomainId("general"))));
}

TEST_CASE("a miss is asked for again in the same batch") {
  CountingKeys service;
  net::BatchKeys keys(service);
  CHECK_FALSE(found(keys.opening_key(KeyId(7))));
  service.add(7, "acme");
  CHECK(found(keys.opening_key(KeyId(7))));
}

TEST_CASE("more keys than a batch keeps are still found, each its own") {
  CountingKeys service;
  for (std::uint64_t id = 1; id <= 20; ++id) service.add(id, "acme");
  net::BatchKeys keys(service);
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t id = 1; id <= 20; ++id) {
      const auto lookup = keys.opening_key(KeyId(id));
      REQUIRE(found(lookup));
      CHECK(std::get<Key>(lookup)->id() == KeyId(id));
    }
  }
}
