#include "sealrow/keys/service.hpp"

#include "keys/fetch_pool.hpp"
#include "keys/key_cache.hpp"
#include "keys/record_keys.hpp"
#include "sealrow/base/log.hpp"

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace sealrow::keys {

namespace {

using crypto::EnvelopeKey;
using crypto::IndexKey;

struct SlotName {
  TenantId tenant;
  DomainId domain;
};
struct SlotView {
  const TenantId& tenant;
  const DomainId& domain;
};
struct SlotHash {
  using is_transparent = void;
  template <class Any>
  std::size_t operator()(const Any& slot) const noexcept {
    return std::hash<TenantId>{}(slot.tenant) * 31 + std::hash<DomainId>{}(slot.domain);
  }
};
struct SlotEqual {
  using is_transparent = void;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const noexcept {
    return a.tenant == b.tenant && a.domain == b.domain;
  }
};
struct IdHash {
  using is_transparent = void;
  std::size_t operator()(KeyId id) const noexcept { return static_cast<std::size_t>(id.value()); }
};

template <class Key>
using SlotCache = KeyCache<SlotName, SlotView, SlotHash, SlotEqual, Key>;
using IdCache = KeyCache<KeyId, KeyId, IdHash, std::equal_to<>, EnvelopeKey>;

class Service final : public ManagedKeyService {
 public:
  Service(ServiceOptions options, std::shared_ptr<KeyProvider> provider, std::shared_ptr<KeyStore> store,
          const Clock& clock)
      : options_(std::move(options)),
        provider_(std::move(provider)),
        store_(std::move(store)),
        clock_(clock),
        pool_(options_, clock_,
              {[this](const KeyRequest& request) { load(request); },
               [this](const KeyRequest& request, const Error& error) { fail(request, error); }, [this] { sweep(); },
               [this] { poll(); }}) {
    for (const KeyRequest& request : options_.warm) pool_.start(request, {});
  }
  ~Service() override {
    stopping_ = true;
    pool_.stop();
  }

  Lookup<EnvelopeKey> sealing_key(const TenantId& tenant, const DomainId& domain) override {
    return answer<EnvelopeKey>(sealing_, SlotView{tenant, domain}, [&] { return SealingKeyRequest{tenant, domain}; });
  }
  Lookup<EnvelopeKey> opening_key(KeyId id) override {
    return answer<EnvelopeKey>(opening_, id, [&] { return OpeningKeyRequest{id}; });
  }
  Lookup<IndexKey> index_key(const TenantId& tenant, const DomainId& domain) override {
    return answer<IndexKey>(index_, SlotView{tenant, domain}, [&] { return IndexKeyRequest{tenant, domain}; });
  }
  void fetch(const KeyRequest& request, std::function<void()> done) override { pool_.start(request, std::move(done)); }

  ServiceStats stats() const override;
  void flush() override {
    sealing_.clear();
    opening_.clear();
    index_.clear();
  }

 private:
  template <class Key, class Cache, class View, class MakeRequest>
  Lookup<Key> answer(const Cache& cache, const View& name, const MakeRequest& request) {
    if (stopping_.load(std::memory_order_relaxed)) return Error{ErrorCode::shutting_down, "Sealrow is shutting down"};
    auto found = cache.find(name, clock_.now());
    if (auto* hit = std::get_if<CacheHit<Key>>(&found)) {
      count(hit->stale ? stale_ : hits_);
      if (hit->refresh_due) pool_.start(request(), {});
      return std::move(hit->key);
    }
    if (auto* error = std::get_if<Error>(&found)) {
      count(negative_);
      return std::move(*error);
    }
    count(misses_);
    return Pending{};
  }

  void load(const KeyRequest& request) {
    if (std::visit([this](const auto& r) { return is_settled(r); }, request)) return;
    const auto loaded = std::visit([this](const auto& r) { return load_one(r); }, request);
    if (loaded.has_error()) fail(request, loaded.error());
  }
  bool is_settled(const SealingKeyRequest& r) const { return sealing_.is_settled({r.tenant, r.domain}, clock_.now()); }
  bool is_settled(const OpeningKeyRequest& r) const { return opening_.is_settled(r.id, clock_.now()); }
  bool is_settled(const IndexKeyRequest& r) const { return index_.is_settled({r.tenant, r.domain}, clock_.now()); }
  Result<> load_one(const SealingKeyRequest& request);
  Result<> load_one(const OpeningKeyRequest& request);
  Result<> load_one(const IndexKeyRequest& request);

  struct Loaded {
    KeyRecord record;
    SecretBytes key;
  };
  Result<Loaded> active_key(const KeySlot& slot);
  Result<Loaded> unwrapped(KeyRecord record);
  Result<std::shared_ptr<const EnvelopeKey>> envelope_key(const Loaded& loaded) const;
  Result<> check_tenant(const TenantId& tenant) const;

  void fail(const KeyRequest& request, const Error& error) {
    count(failures_[static_cast<std::size_t>(failure_class(error.code))]);
    std::visit([&](const auto& r) { fail_one(r, error); }, request);
  }
  // A key that may not be used must not stay under its other name either.
  void fail_one(const SealingKeyRequest& r, const Error& error) {
    if (const auto key = sealing_.fail({r.tenant, r.domain}, error, clock_.now()))
      opening_.evict(key->id(), [](const EnvelopeKey&) { return true; });
  }
  void fail_one(const OpeningKeyRequest& r, const Error& error) {
    if (const auto key = opening_.fail(r.id, error, clock_.now()))
      sealing_.evict({key->tenant(), key->domain()}, [&](const EnvelopeKey& other) { return other.id() == key->id(); });
  }
  void fail_one(const IndexKeyRequest& r, const Error& error) {
    (void)index_.fail({r.tenant, r.domain}, error, clock_.now());
  }

  void sweep() {
    const Instant now = clock_.now();
    sealing_.sweep(now);
    opening_.sweep(now);
    index_.sweep(now);
  }
  void poll();
  void confirm(KeyId id);
  void reconcile(const KeyRecord& record);
  static void count(std::atomic<std::uint64_t>& counter, std::uint64_t n = 1) noexcept {
    counter.fetch_add(n, std::memory_order_relaxed);
  }

  const ServiceOptions options_;
  const std::shared_ptr<KeyProvider> provider_;
  const std::shared_ptr<KeyStore> store_;
  const Clock& clock_;
  std::atomic<bool> stopping_{false};
  SlotCache<EnvelopeKey> sealing_{options_};
  SlotCache<IndexKey> index_{options_};
  IdCache opening_{options_};
  alignas(64) std::atomic<std::uint64_t> hits_{0};  // the one counter that every look-up writes
  alignas(64) std::atomic<std::uint64_t> misses_{0}, stale_{0}, negative_{0}, keys_made_{0}, evictions_{0};
  std::array<std::atomic<std::uint64_t>, failure_class_count> failures_{};
  std::mutex poll_mutex_;
  std::uint64_t seen_epoch_ = 0;
  FetchPool pool_;  // last: its threads use all of the above
};

Result<> Service::check_tenant(const TenantId& tenant) const {
  if (!options_.tenants || options_.tenants->contains(tenant)) return {};
  return Error{ErrorCode::key_missing, "tenant has no key", "the tenants are a closed list and this is not one of them",
               "add the tenant to the configuration"};
}

Result<Service::Loaded> Service::unwrapped(KeyRecord record) {
  SEALROW_TRY(SecretBytes key, unwrap_record(*provider_, store_->root().deployment, record));
  return Loaded{std::move(record), std::move(key)};
}

Result<Service::Loaded> Service::active_key(const KeySlot& slot) {
  SEALROW_CHECK(check_slot_names(slot.tenant, slot.domain));
  SEALROW_CHECK(check_tenant(slot.tenant));
  SEALROW_TRY(SlotContent content, store_->slot(slot));
  if (content.active) return unwrapped(std::move(*content.active));
  if (content.versions > 0)
    return Error{ErrorCode::key_unusable, "no key of this tenant and domain may seal",
                 "its keys are suspended, deactivated or destroyed", "activate or rotate the key"};
  SEALROW_TRY(NewKey made, make_first_key(*provider_, store_->root().deployment, slot, clock_.wall()));
  SEALROW_TRY(KeyRecord stored, store_->insert_if_absent(made.record));
  if (stored.id != made.record.id) return unwrapped(std::move(stored));  // another instance was first
  count(keys_made_);
  log::info("keys", "first {} key made for a tenant, domain {}", name_of(slot.purpose), slot.domain.value());
  return Loaded{std::move(stored), std::move(made.key)};
}

Result<std::shared_ptr<const EnvelopeKey>> Service::envelope_key(const Loaded& loaded) const {
  if (auto same = opening_.peek(loaded.record.id)) return same;  // the check value has just proven it
  const KeyRecord& record = loaded.record;
  return EnvelopeKey::make(record.id, record.slot.tenant, record.slot.domain, loaded.key, record.leased);
}

Result<> Service::load_one(const SealingKeyRequest& request) {
  SEALROW_TRY(const Loaded loaded, active_key({request.tenant, request.domain, KeyPurpose::data}));
  SEALROW_TRY(const auto key, envelope_key(loaded));
  const Instant now = clock_.now();
  count(evictions_, opening_.store(loaded.record.id, key, now));
  count(evictions_, sealing_.store({request.tenant, request.domain}, key, now));
  confirm(loaded.record.id);
  return {};
}

Result<> Service::load_one(const OpeningKeyRequest& request) {
  SEALROW_TRY(auto record, store_->find(request.id));  // forged ids end here, before the provider
  if (!record || record->slot.purpose != KeyPurpose::data)
    return Error{ErrorCode::key_missing, "data key is not in the key store", "",
                 "restore the key store from a backup if the value is genuine"};
  if (!may_open(*record))
    return Error{ErrorCode::key_unusable, "data key's state does not allow opening",
                 "the key is " + std::string(record->retired_at ? "retired" : name_of(record->state))};
  SEALROW_TRY(const Loaded loaded, unwrapped(std::move(*record)));
  SEALROW_TRY(const auto key, envelope_key(loaded));
  count(evictions_, opening_.store(request.id, key, clock_.now()));
  confirm(request.id);
  return {};
}

Result<> Service::load_one(const IndexKeyRequest& request) {
  SEALROW_TRY(const Loaded loaded, active_key({request.tenant, request.domain, KeyPurpose::index}));
  const auto version = static_cast<std::uint16_t>(loaded.record.version);  // bounded by check_record()
  auto key = index_.peek({request.tenant, request.domain});
  if (!key || key->version() != version) {
    SEALROW_TRY(key, IndexKey::make(version, request.tenant, request.domain, loaded.key));
  }
  count(evictions_, index_.store({request.tenant, request.domain}, std::move(key), clock_.now()));
  confirm(loaded.record.id);
  return {};
}

// Revocation and promotion by somebody else: looked for in the store, without asking the provider.
void Service::poll() {
  const std::lock_guard lock(poll_mutex_);
  const auto head = store_->head();
  if (head.has_error()) return log::write(log::Level::warn, "keys", head.error());
  if (head->epoch == seen_epoch_) return;
  const auto visited = for_each_record(*store_, [this](const KeyRecord& record) -> Result<> {
    reconcile(record);
    return {};
  });
  if (visited.has_value()) seen_epoch_ = head->epoch;
}

// The state may have changed, and the poll may have passed, between reading the record and caching its key.
void Service::confirm(KeyId id) {
  const auto record = store_->find(id);
  if (record.has_value() && record->has_value()) return reconcile(**record);
  const std::lock_guard lock(poll_mutex_);
  seen_epoch_ = 0;  // the next poll looks at everything
}

void Service::reconcile(const KeyRecord& record) {
  const SlotName name{record.slot.tenant, record.slot.domain};
  const KeyId id = record.id;
  if (!may_open(record)) opening_.evict(id, [&](const EnvelopeKey&) { return true; });
  if (may_seal(record)) return;
  if (record.slot.purpose == KeyPurpose::data) {
    sealing_.evict(name, [&](const EnvelopeKey& key) { return key.id() == id; });
  } else {
    index_.evict(name, [&](const IndexKey& key) { return key.version() == record.version; });
  }
}

ServiceStats Service::stats() const {
  ServiceStats out;
  out.hits = hits_;
  out.misses = misses_;
  out.stale = stale_;
  out.negative = negative_;
  out.fetches = pool_.finished();
  out.joined = pool_.joined();
  out.timeouts = pool_.timeouts();
  out.keys_made = keys_made_;
  out.evictions = evictions_;
  out.cached = sealing_.size() + opening_.size() + index_.size();
  for (std::size_t i = 0; i < out.failures.size(); ++i) out.failures[i] = failures_[i];
  return out;
}

}  // namespace

Result<std::unique_ptr<ManagedKeyService>> make_key_service(ServiceOptions options,
                                                            std::shared_ptr<KeyProvider> provider,
                                                            std::shared_ptr<KeyStore> store, const Clock& clock) {
  const auto zero = ServiceOptions::Span::zero();
  if (!provider || !store) return Error{ErrorCode::internal, "key service needs a provider and a store"};
  if (options.ttl <= zero || options.max_age <= zero || options.max_age > std::chrono::hours(1) ||
      options.fetch_timeout <= zero || options.capacity == 0 || options.jitter < 0 || options.jitter > 0.5)
    return Error{ErrorCode::config_value, "key cache settings are out of range",
                 "times are positive, no key is kept longer than one hour"};
  std::unique_ptr<ManagedKeyService> service(
      std::make_unique<Service>(std::move(options), std::move(provider), std::move(store), clock));
  return service;
}

}  // namespace sealrow::keys
