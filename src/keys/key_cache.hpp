// Concurrent cache of keys and of failures. A look-up takes one shard's lock shared for a hash look-up and a
// reference count; nothing slow ever happens under a lock. The rules of ageing are all here.
//
//   loaded ──── fresh ────┬─ refresh due ─┐ fresh_until ──── stale, only if unreachable ────┐ serve_until
//                         └ served, and one caller is told to refresh
#pragma once

#include "sealrow/base/clock.hpp"
#include "sealrow/base/result.hpp"
#include "sealrow/keys/provider.hpp"
#include "sealrow/keys/service.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace sealrow::keys {

template <class Key>
struct CacheHit {
  std::shared_ptr<const Key> key;
  bool refresh_due = false;  // told to one caller only
  bool stale = false;
};
struct CacheMiss {};

// `Name` with `Hash` and `Equal` that also take `View`, so that a look-up copies no strings.
template <class Name, class View, class Hash, class Equal, class Key>
class KeyCache {
 public:
  using Found = std::variant<CacheHit<Key>, CacheMiss, Error>;

  explicit KeyCache(const ServiceOptions& options)
      : options_(options),
        shards_(std::clamp<std::size_t>(options.capacity, 1, max_shards)),
        keys_per_shard_(std::max<std::size_t>(1, options.capacity / shards_.size())),
        failures_per_shard_(std::max<std::size_t>(1, options.negative_capacity / shards_.size())) {}

  [[nodiscard]] Found find(const View& name, Instant now) const {
    const Shard& shard = shard_of(name);
    const std::shared_lock lock(shard.mutex);
    if (const auto it = shard.keys.find(name); it != shard.keys.end() && now < it->second.serve_until) {
      it->second.touch(now);
      return CacheHit<Key>{it->second.key, it->second.claim_refresh(now, options_.refresh_interval),
                           now >= it->second.fresh_until};
    }
    if (const auto it = shard.failures.find(name); it != shard.failures.end() && now < it->second.until) {
      it->second.touch(now);
      return it->second.error;
    }
    return CacheMiss{};
  }

  // Whatever is held, however old: a refresh that brings the same key keeps the object, with its use count and what
  // sealers derived from it.
  [[nodiscard]] std::shared_ptr<const Key> peek(const View& name) const {
    const Shard& shard = shard_of(name);
    const std::shared_lock lock(shard.mutex);
    const auto it = shard.keys.find(name);
    return it == shard.keys.end() ? nullptr : it->second.key;
  }

  // Present and not due for a refresh: a load that was asked for just before this one has already brought it.
  [[nodiscard]] bool is_settled(const View& name, Instant now) const {
    const Shard& shard = shard_of(name);
    const std::shared_lock lock(shard.mutex);
    const auto it = shard.keys.find(name);
    return it != shard.keys.end() && now < it->second.refresh_from;
  }

  // Returns how many entries had to go.
  std::size_t store(const Name& name, std::shared_ptr<const Key> key, Instant now) {
    Shard& shard = shard_of(name);
    const auto ttl = shortened(std::min(options_.ttl, options_.max_age), name);
    std::vector<std::shared_ptr<const Key>> dropped;  // destroyed (and wiped) after the lock
    const std::unique_lock lock(shard.mutex);
    shard.failures.erase(name);
    Entry& entry = shard.keys[name];
    dropped.push_back(std::exchange(entry.key, std::move(key)));
    entry.loaded = now;
    entry.fresh_until = entry.serve_until = now + ttl;
    entry.refresh_from = entry.fresh_until - std::min<Instant::duration>(options_.refresh_ahead, ttl / 2);
    entry.refresh_at = ticks(entry.refresh_from);
    entry.touch(now);
    std::size_t evicted = 0;
    for (; shard.keys.size() > keys_per_shard_; ++evicted) {
      const auto oldest = least_recent(shard.keys, name);
      dropped.push_back(std::move(oldest->second.key));
      shard.keys.erase(oldest);
    }
    return evicted;
  }

  // Unreachable: a key at hand is served a while longer. Otherwise it is dropped at once, and returned.
  std::shared_ptr<const Key> fail(const Name& name, const Error& error, Instant now) {
    Shard& shard = shard_of(name);
    const FailureClass failure = failure_class(error.code);
    const std::unique_lock lock(shard.mutex);
    std::shared_ptr<const Key> dropped;
    if (const auto it = shard.keys.find(name); it != shard.keys.end()) {
      Entry& entry = it->second;
      if (is_unreachable(failure)) {
        const Instant limit = std::min(entry.fresh_until + options_.stale_grace, entry.loaded + options_.max_age);
        entry.serve_until = std::max(entry.serve_until, limit);
        entry.refresh_at = ticks(now + options_.transient_for);
        if (now < entry.serve_until) return nullptr;
      }
      dropped = std::move(entry.key);
      shard.keys.erase(it);
    }
    Failure& remembered = shard.failures[name];
    remembered.touch(now);
    if (const Instant until = now + memory_of(failure, name); until > remembered.until) {
      remembered.until = until;
      remembered.error = error;
    }
    while (shard.failures.size() > failures_per_shard_) shard.failures.erase(least_recent(shard.failures, name));
    return dropped;
  }

  // Drops the entry if its key is the one that `is_meant` says.
  template <class Predicate>
  void evict(const Name& name, const Predicate& is_meant) {
    Shard& shard = shard_of(name);
    std::shared_ptr<const Key> dropped;
    const std::unique_lock lock(shard.mutex);
    if (const auto it = shard.keys.find(name); it != shard.keys.end() && is_meant(*it->second.key)) {
      dropped = std::move(it->second.key);
      shard.keys.erase(it);
    }
  }

  // Removes what can never be served again, so that key bytes do not outlive their time.
  void sweep(Instant now) {
    for (Shard& shard : shards_) {
      const std::unique_lock lock(shard.mutex);
      // An entry past serve_until may still be revived by a failing fetch within its grace.
      std::erase_if(shard.keys, [&](const auto& row) {
        return now >= std::min(row.second.fresh_until + options_.stale_grace, row.second.loaded + options_.max_age) &&
               now >= row.second.serve_until;
      });
      std::erase_if(shard.failures, [&](const auto& row) { return now >= row.second.until; });
    }
  }

  void clear() {
    for (Shard& shard : shards_) {
      const std::unique_lock lock(shard.mutex);
      shard.keys.clear();
      shard.failures.clear();
    }
  }

  [[nodiscard]] std::size_t size() const {
    std::size_t total = 0;
    for (const Shard& shard : shards_) {
      const std::shared_lock lock(shard.mutex);
      total += shard.keys.size();
    }
    return total;
  }
  [[nodiscard]] std::size_t failures() const {
    std::size_t total = 0;
    for (const Shard& shard : shards_) {
      const std::shared_lock lock(shard.mutex);
      total += shard.failures.size();
    }
    return total;
  }

 private:
  using Ticks = Instant::rep;
  static constexpr std::size_t max_shards = 32;
  static Ticks ticks(Instant time) noexcept { return time.time_since_epoch().count(); }

  struct Used {
    mutable std::atomic<Ticks> last_used{0};
    void touch(Instant now) const noexcept {
      // A second's precision is enough for "least recent" and spares a hot entry's cache line.
      constexpr Ticks second = std::chrono::duration_cast<Instant::duration>(std::chrono::seconds(1)).count();
      if (ticks(now) - last_used.load(std::memory_order_relaxed) >= second)
        last_used.store(ticks(now), std::memory_order_relaxed);
    }
  };
  struct Entry : Used {
    std::shared_ptr<const Key> key;
    Instant loaded{}, refresh_from{}, fresh_until{}, serve_until{};
    mutable std::atomic<Ticks> refresh_at{0};
    bool claim_refresh(Instant now, ServiceOptions::Span interval) const noexcept {
      Ticks due = refresh_at.load(std::memory_order_relaxed);
      return ticks(now) >= due && refresh_at.compare_exchange_strong(due, ticks(now + interval));
    }
  };
  struct Failure : Used {
    Error error;
    Instant until{};
  };
  struct alignas(64) Shard {
    mutable std::shared_mutex mutex;
    std::unordered_map<Name, Entry, Hash, Equal> keys;
    std::unordered_map<Name, Failure, Hash, Equal> failures;
  };

  // The hash tables use the low bits, shards the high ones.
  std::size_t shard_index(std::size_t hash) const noexcept {
    return static_cast<std::size_t>((static_cast<std::uint64_t>(hash) * 0x9E3779B97F4A7C15ull) >> 40) % shards_.size();
  }
  template <class Any>
  const Shard& shard_of(const Any& name) const noexcept {
    return shards_[shard_index(Hash{}(name))];
  }
  template <class Any>
  Shard& shard_of(const Any& name) noexcept {
    return shards_[shard_index(Hash{}(name))];
  }

  template <class Map>
  static auto least_recent(Map& map, const Name& spared) {
    auto oldest = map.end();
    for (auto it = map.begin(); it != map.end(); ++it) {
      if (Equal{}(it->first, spared)) continue;
      if (oldest == map.end() || it->second.last_used.load(std::memory_order_relaxed) <
                                     oldest->second.last_used.load(std::memory_order_relaxed))
        oldest = it;
    }
    return oldest;
  }

  // Keys that were loaded together must not fall due together.
  Instant::duration shortened(Instant::duration span, const Name& name) const noexcept {
    const double share = static_cast<double>((Hash{}(name)*0x9E3779B97F4A7C15ull) >> 54) / 1024.0;
    return span - std::chrono::duration_cast<Instant::duration>(span * (options_.jitter * share));
  }
  Instant::duration memory_of(FailureClass failure, const Name& name) const noexcept {
    if (is_unreachable(failure)) return options_.transient_for;
    if (failure == FailureClass::missing) return options_.unknown_for;
    return shortened(options_.denied_for, name);
  }

  const ServiceOptions& options_;
  std::vector<Shard> shards_;
  std::size_t keys_per_shard_, failures_per_shard_;
};

}  // namespace sealrow::keys
