// Key look-ups of one batch of events. A result of a hundred rows asks for the same key two hundred times; the service
// is asked once per batch, so that revocation and refresh are seen as soon as the next bytes arrive.
#pragma once

#include "sealrow/keys/key_service.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

namespace sealrow::net {

// One per worker, used by its thread only. Keeps keys that were found, never misses or errors.
class BatchKeys final : public keys::KeyService {
 public:
  explicit BatchKeys(keys::KeyService& service) : service_(service) {}

  keys::Lookup<crypto::EnvelopeKey> sealing_key(const TenantId& tenant, const DomainId& domain) override {
    return sealing_.find([&](const auto& key) { return key.tenant() == tenant && key.domain() == domain; },
                         [&] { return service_.sealing_key(tenant, domain); });
  }
  keys::Lookup<crypto::EnvelopeKey> opening_key(KeyId id) override {
    return opening_.find([&](const auto& key) { return key.id() == id; }, [&] { return service_.opening_key(id); });
  }
  // An index key does not know its domain; it is asked for once per searched value, not once per row.
  keys::Lookup<crypto::IndexKey> index_key(const TenantId& tenant, const DomainId& domain) override {
    return service_.index_key(tenant, domain);
  }
  void fetch(const keys::KeyRequest& request, std::function<void()> done) override {
    service_.fetch(request, std::move(done));
  }
  void forget() noexcept {
    sealing_.clear();
    opening_.clear();
  }

 private:
  // The newest few: what one batch needs more of is asked for again.
  class Recent {
   public:
    template <class IsMeant, class Ask>
    keys::Lookup<crypto::EnvelopeKey> find(const IsMeant& is_meant, const Ask& ask) {
      for (const auto& key : keys_)
        if (is_meant(*key)) return key;
      auto found = ask();
      if (const auto* key = std::get_if<std::shared_ptr<const crypto::EnvelopeKey>>(&found)) keep(*key);
      return found;
    }
    void clear() noexcept { keys_.clear(); }

   private:
    static constexpr std::size_t most = 8;
    void keep(const std::shared_ptr<const crypto::EnvelopeKey>& key) {
      if (keys_.size() < most)
        keys_.push_back(key);
      else
        keys_[next_++ % most] = key;
    }
    std::vector<std::shared_ptr<const crypto::EnvelopeKey>> keys_;
    std::size_t next_ = 0;
  };

  keys::KeyService& service_;
  Recent sealing_, opening_;
};

}  // namespace sealrow::net
