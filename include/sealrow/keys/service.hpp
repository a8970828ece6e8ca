// The key service over any provider and store: cache in front, a few threads of its own for what blocks.
#pragma once

#include "sealrow/base/clock.hpp"
#include "sealrow/keys/key_service.hpp"
#include "sealrow/keys/provider.hpp"
#include "sealrow/keys/store.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

namespace sealrow::keys {

struct ServiceOptions {
  using Span = std::chrono::milliseconds;
  Span ttl = std::chrono::minutes(15);
  Span max_age = std::chrono::hours(1);  // no key is used longer without the provider's consent, stale or not
  Span refresh_ahead = std::chrono::minutes(1);
  Span refresh_interval = std::chrono::seconds(5);  // at most one refresh per key in this time
  Span stale_grace = std::chrono::minutes(10);      // only while the provider or store is unreachable
  Span denied_for = std::chrono::seconds(30);       // how long a failure is remembered, by class
  Span transient_for = std::chrono::seconds(2);
  Span unknown_for = std::chrono::seconds(10);
  Span poll_interval = std::chrono::seconds(5);  // how soon a change of state in the store is seen
  Span fetch_timeout = std::chrono::seconds(3);
  double jitter = 0.1;            // share of ttl and denied_for that is taken off, different for each key
  std::size_t capacity = 10'000;  // per kind of look-up; least recently used go first
  std::size_t negative_capacity = 4096;
  std::size_t max_in_flight = 4096;
  std::size_t threads = 4;
  std::optional<std::unordered_set<TenantId>> tenants;  // a closed list: nobody else gets a key
  std::vector<KeyRequest> warm;                         // fetched at start
};

struct ServiceStats {
  std::uint64_t hits = 0, misses = 0;
  std::uint64_t stale = 0;     // hits past their time, provider unreachable
  std::uint64_t negative = 0;  // look-ups answered by a remembered failure
  std::uint64_t fetches = 0;   // loads from store and provider that have ended
  std::uint64_t joined = 0;    // fetches that waited for one already under way
  std::uint64_t timeouts = 0;  // waits given up
  std::uint64_t keys_made = 0;
  std::uint64_t evictions = 0;                                // for want of room
  std::uint64_t cached = 0;                                   // entries now
  std::array<std::uint64_t, failure_class_count> failures{};  // indexed by FailureClass
};

class ManagedKeyService : public KeyService {
 public:
  [[nodiscard]] virtual ServiceStats stats() const = 0;
  // Forgets every key and every remembered failure; the next look-up asks store and provider again.
  virtual void flush() = 0;
};

// The destructor reports to every waiting `done` and joins the threads; a provider call under way is waited for.
// `clock` lives longer than the service.
[[nodiscard]] Result<std::unique_ptr<ManagedKeyService>> make_key_service(ServiceOptions options,
                                                                          std::shared_ptr<KeyProvider> provider,
                                                                          std::shared_ptr<KeyStore> store,
                                                                          const Clock& clock = system_clock());

}  // namespace sealrow::keys
