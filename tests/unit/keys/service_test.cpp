#include "sealrow/keys/service.hpp"

#include "sealrow/crypto/sealer.hpp"
#include "support.hpp"

#include <array>
#include <functional>
#include <latch>
#include <set>
#include <thread>
#include <vector>

using namespace sealrow;
using namespace sealrow::keys;
using namespace sealrow::keys::test;
using namespace std::chrono_literals;

namespace {

const TenantId tenant("t");
const DomainId domain("general");

ServiceOptions exact() {
  ServiceOptions options;
  options.jitter = 0;
  return options;
}

struct ServiceFixture : StoreFixture {
  std::unique_ptr<ManagedKeyService> service;
  explicit ServiceFixture(ServiceOptions options = exact()) { start(std::move(options)); }
  void start(ServiceOptions options) {
    provider->unwraps = 0, provider->generates = 0;
    service = make_key_service(std::move(options), provider, open(), clock).value();
  }
};

// Waits for `done`; the look-up is then the caller's.
void fetch(KeyService& service, const KeyRequest& request) {
  std::latch done(1);
  service.fetch(request, [&] { done.count_down(); });
  done.wait();
}

template <class Key>
std::shared_ptr<const Key> key_of(const Lookup<Key>& lookup) {
  const auto* key = std::get_if<std::shared_ptr<const Key>>(&lookup);
  return key != nullptr ? *key : nullptr;
}
template <class Key>
std::optional<ErrorCode> error_of(const Lookup<Key>& lookup) {
  const auto* error = std::get_if<Error>(&lookup);
  return error != nullptr ? std::optional(error->code) : std::nullopt;
}
template <class Key>
bool is_pending(const Lookup<Key>& lookup) {
  return std::holds_alternative<Pending>(lookup);
}

std::shared_ptr<const crypto::EnvelopeKey> sealing(ServiceFixture& fixture) {
  // As sessions do: a fetch may join one that has just ended with an older answer, and is then asked for again.
  constexpr int rounds = 8;
  auto found = fixture.service->sealing_key(tenant, domain);
  for (int i = 0; i < rounds && is_pending(found); ++i) {
    fetch(*fixture.service, SealingKeyRequest{tenant, domain});
    found = fixture.service->sealing_key(tenant, domain);
  }
  return key_of(found);
}

// For what a background thread does: the statistics say when it is done.
void await(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  REQUIRE(condition());
}

}  // namespace

TEST_CASE("a first key is made on demand, and found again by its id and by the next process") {
  ServiceFixture fixture;
  CHECK(is_pending(fixture.service->sealing_key(tenant, domain)));
  const auto key = sealing(fixture);
  REQUIRE(key);
  CHECK(key->tenant() == tenant);
  CHECK(key->domain() == domain);
  CHECK(key_of(fixture.service->opening_key(key->id())) == key);
  fetch(*fixture.service, IndexKeyRequest{tenant, domain});
  const auto index = key_of(fixture.service->index_key(tenant, domain));
  REQUIRE(index);
  CHECK(index->version() == 1);
  CHECK(fixture.service->stats().keys_made == 2);

  fixture.start(exact());
  CHECK(is_pending(fixture.service->opening_key(key->id())));
  fetch(*fixture.service, OpeningKeyRequest{key->id()});
  CHECK(key_of(fixture.service->opening_key(key->id())));
  CHECK(sealing(fixture)->id() == key->id());
  CHECK(fixture.provider->generates == 0);
}

TEST_CASE("values sealed under one instance's key open under another's") {
  ServiceFixture fixture;
  auto second = make_key_service(exact(), fixture.provider, fixture.open(), fixture.clock).value();
  const auto key = sealing(fixture);
  fetch(*second, OpeningKeyRequest{key->id()});
  const auto other = key_of(second->opening_key(key->id()));
  auto sealer = crypto::Sealer::make().value();
  const crypto::Context context{tenant, TableId("table"), ColumnId("column"), {}};
  std::string envelope, plain;
  REQUIRE(sealer->seal(*key, context, {}, as_bytes("hello"), envelope).has_value());
  REQUIRE(sealer->open(*other, context, as_bytes(envelope), 100, plain).has_value());
  CHECK(plain == "hello");
}

TEST_CASE("many threads, one unwrap") {
  ServiceFixture fixture;
  const KeyId id = sealing(fixture)->id();
  fixture.start(exact());
  fixture.provider->close_gate();
  std::atomic<int> done{0}, pending{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i)
    threads.emplace_back([&] {
      if (is_pending(fixture.service->opening_key(id))) ++pending;
      fixture.service->fetch(OpeningKeyRequest{id}, [&] { ++done; });
    });
  for (auto& thread : threads) thread.join();
  fixture.provider->await_waiting(1);
  CHECK(done == 0);
  CHECK(pending == 16);
  CHECK(fixture.service->stats().joined == 15);
  fixture.provider->open_gate();
  await([&] { return done == 16; });
  CHECK(fixture.provider->unwraps == 1);
  fetch(*fixture.service, OpeningKeyRequest{id});  // late: answered from the cache
  CHECK(fixture.provider->unwraps == 1);
  CHECK(key_of(fixture.service->opening_key(id)));
}

TEST_CASE("exactly one first key under 8 threads and two instances on one store") {
  ServiceFixture fixture;
  auto second = make_key_service(exact(), fixture.provider, fixture.open(), fixture.clock).value();
  ManagedKeyService* const services[] = {fixture.service.get(), second.get()};
  std::mutex mutex;
  std::set<KeyId> seen;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, service = services[i % 2]] {
      for (int n = 0; n < 10; ++n) {
        const TenantId name("tenant" + std::to_string(n));
        fetch(*service, SealingKeyRequest{name, domain});
        fetch(*service, IndexKeyRequest{name, domain});
        const auto key = key_of(service->sealing_key(name, domain));
        const std::lock_guard lock(mutex);
        if (key && key_of(service->index_key(name, domain))) seen.insert(key->id());
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(seen.size() == 10);
  CHECK(fixture.open()->list(KeyId(0), 100)->size() == 20);
  CHECK(fixture.service->stats().keys_made + second->stats().keys_made == 20);
}

TEST_CASE("a key is refreshed ahead of its end, once, and keeps its object") {
  ServiceFixture fixture;
  const auto key = sealing(fixture);
  CHECK(fixture.provider->unwraps == 0);  // a fresh key needs none
  fixture.clock.advance(14min - 1ms);
  CHECK(sealing(fixture) == key);
  CHECK(fixture.service->stats().fetches == 1);
  fixture.clock.advance(1ms);
  for (int i = 0; i < 100; ++i) CHECK(key_of(fixture.service->sealing_key(tenant, domain)) == key);
  await([&] { return fixture.provider->unwraps == 1; });
  await([&] { return fixture.service->stats().fetches == 2; });
  fixture.clock.advance(2min);  // past the first end
  CHECK(key_of(fixture.service->sealing_key(tenant, domain)) == key);
  CHECK(fixture.service->stats().fetches == 2);
}

TEST_CASE("without a refresh a key ends with its time") {
  ServiceFixture fixture;
  REQUIRE(sealing(fixture));
  fixture.clock.advance(15min);
  CHECK(is_pending(fixture.service->sealing_key(tenant, domain)));
  REQUIRE(sealing(fixture));
  CHECK(fixture.provider->unwraps == 1);
}

TEST_CASE("stale grace: while unreachable, for its time, and not a moment longer") {
  for (const ErrorCode code : {ErrorCode::key_provider_unavailable, ErrorCode::key_provider_throttled}) {
    ServiceFixture fixture;
    const auto key = sealing(fixture);
    fixture.provider->fail_with(code);
    fixture.clock.advance(15min);
    CHECK(sealing(fixture) == key);
    CHECK(fixture.service->stats().stale > 0);
    fixture.clock.advance(10min - 1ms);
    CHECK(key_of(fixture.service->sealing_key(tenant, domain)) == key);
    fixture.clock.advance(1ms);
    CHECK(is_pending(fixture.service->sealing_key(tenant, domain)));
    CHECK_FALSE(sealing(fixture));
    CHECK(error_of(fixture.service->sealing_key(tenant, domain)) == code);
    fixture.provider->fail_with(std::nullopt);
    fixture.clock.advance(2s);
    CHECK(sealing(fixture));
  }
}

TEST_CASE("stale or not, no key outlives the hard maximum") {
  ServiceOptions options = exact();
  options.stale_grace = 24h;
  ServiceFixture fixture(options);
  const auto key = sealing(fixture);
  fixture.provider->fail_with(ErrorCode::key_provider_unavailable);
  fixture.clock.advance(15min);
  CHECK(sealing(fixture) == key);
  fixture.clock.advance(45min - 1ms);
  CHECK(sealing(fixture) == key);
  fixture.clock.advance(1ms);
  CHECK_FALSE(sealing(fixture));
}

TEST_CASE("a denial ends a key at once, under both of its names, and is remembered") {
  for (const ErrorCode code :
       {ErrorCode::key_provider_denied, ErrorCode::key_encryption_key_missing, ErrorCode::key_wrap_rejected}) {
    ServiceFixture fixture;
    const KeyId id = sealing(fixture)->id();
    fixture.provider->fail_with(code);
    fixture.clock.advance(14min);
    CHECK(key_of(fixture.service->sealing_key(tenant, domain)));  // this look-up starts the refresh that is denied
    await([&] { return error_of(fixture.service->sealing_key(tenant, domain)) == code; });
    await([&] { return is_pending(fixture.service->opening_key(id)); });
    fixture.provider->fail_with(std::nullopt);
    const auto memory = failure_class(code) == FailureClass::missing ? 10s : 30s;
    fixture.clock.advance(memory - 1ms);
    CHECK(error_of(fixture.service->sealing_key(tenant, domain)) == code);
    fixture.clock.advance(1ms);
    const auto again = sealing(fixture);
    REQUIRE(again);
    CHECK(again->id() == id);
  }
}

TEST_CASE("a denial while stale ends the grace") {
  ServiceFixture fixture;
  REQUIRE(sealing(fixture));
  fixture.provider->fail_with(ErrorCode::key_provider_unavailable);
  fixture.clock.advance(15min);
  REQUIRE(sealing(fixture));
  fixture.provider->fail_with(ErrorCode::key_provider_denied);
  fixture.clock.advance(2s);
  (void)fixture.service->sealing_key(tenant, domain);
  await([&] { return error_of(fixture.service->sealing_key(tenant, domain)) == ErrorCode::key_provider_denied; });
}

TEST_CASE("forged key ids never reach the provider, and their memory is bounded") {
  ServiceOptions options = exact();
  options.negative_capacity = 64;
  ServiceFixture fixture(options);
  for (std::uint64_t id = 1; id <= 500; ++id) fetch(*fixture.service, OpeningKeyRequest{KeyId(id)});
  CHECK(error_of(fixture.service->opening_key(KeyId(500))) == ErrorCode::key_missing);
  CHECK(fixture.provider->unwraps == 0);
  std::size_t remembered = 0;
  for (std::uint64_t id = 1; id <= 500; ++id)
    if (error_of(fixture.service->opening_key(KeyId(id)))) ++remembered;
  CHECK(remembered <= 64);
  fixture.clock.advance(10s);
  CHECK(is_pending(fixture.service->opening_key(KeyId(500))));
}

TEST_CASE("an index key's id does not open values") {
  ServiceFixture fixture;
  fetch(*fixture.service, IndexKeyRequest{tenant, domain});
  const KeyId id = fixture.open()->list(KeyId(0), 1)->front().id;
  fetch(*fixture.service, OpeningKeyRequest{id});
  CHECK(error_of(fixture.service->opening_key(id)) == ErrorCode::key_missing);
}

TEST_CASE("states decide who seals and opens") {
  struct Row {
    std::vector<KeyState> path;
    bool seal, open;
  };
  for (const Row& row :
       {Row{{KeyState::suspended}, false, false}, Row{{KeyState::deactivated}, false, true},
        Row{{KeyState::compromised}, false, true}, Row{{KeyState::compromised, KeyState::destroyed}, false, false}}) {
    ServiceFixture fixture;
    const KeyId id = sealing(fixture)->id();
    auto store = fixture.open();
    for (const KeyState state : row.path) {
      const KeyRecord current = store->find(id).value().value();
      store->compare_and_swap(std::vector{with_state(current, state, fixture.clock.wall()).value()}).value();
    }
    fixture.service->flush();
    CHECK((sealing(fixture) != nullptr) == row.seal);
    CHECK(error_of(fixture.service->sealing_key(tenant, domain)) == ErrorCode::key_unusable);
    fetch(*fixture.service, OpeningKeyRequest{id});
    CHECK((key_of(fixture.service->opening_key(id)) != nullptr) == row.open);
    CHECK(store->list(KeyId(0), 10)->size() == 1);  // and no new key was made in its place
  }
}

TEST_CASE("a change of state by somebody else is seen at the next poll, without asking the provider") {
  for (const KeyPurpose purpose : {KeyPurpose::data, KeyPurpose::index}) {
    ServiceFixture fixture;
    const KeyId id = sealing(fixture)->id();
    fetch(*fixture.service, IndexKeyRequest{tenant, domain});
    auto store = fixture.open();
    const KeyRecord current = *store->slot({tenant, domain, purpose})->active;
    store->compare_and_swap(std::vector{with_state(current, KeyState::suspended, fixture.clock.wall()).value()})
        .value();
    CHECK(key_of(fixture.service->sealing_key(tenant, domain)));
    CHECK(key_of(fixture.service->index_key(tenant, domain)));
    fixture.clock.advance(5s);
    const bool data = purpose == KeyPurpose::data;
    await([&] {
      return data ? is_pending(fixture.service->sealing_key(tenant, domain))
                  : is_pending(fixture.service->index_key(tenant, domain));
    });
    if (data) await([&] { return is_pending(fixture.service->opening_key(id)); });
    CHECK(is_pending(fixture.service->sealing_key(tenant, domain)) == data);
    CHECK(is_pending(fixture.service->index_key(tenant, domain)) == !data);
    CHECK(fixture.provider->unwraps == 0);
  }
}

TEST_CASE("a change of state during a load is not missed") {
  ServiceFixture fixture;
  const KeyId id = sealing(fixture)->id();
  fixture.service->flush();
  fixture.provider->close_gate();
  std::latch done(1);
  fixture.service->fetch(OpeningKeyRequest{id}, [&] { done.count_down(); });
  fixture.provider->await_waiting(1);  // the record was read as active
  auto store = fixture.open();
  const KeyRecord current = store->find(id).value().value();
  store->compare_and_swap(std::vector{with_state(current, KeyState::suspended, fixture.clock.wall()).value()}).value();
  fixture.provider->open_gate();
  done.wait();
  CHECK(is_pending(fixture.service->opening_key(id)));
  fetch(*fixture.service, OpeningKeyRequest{id});
  CHECK(error_of(fixture.service->opening_key(id)) == ErrorCode::key_unusable);
}

TEST_CASE("a closed list of tenants, and names that cannot be tenants") {
  ServiceOptions options = exact();
  options.tenants = {{TenantId("known")}};
  ServiceFixture fixture(options);
  fetch(*fixture.service, SealingKeyRequest{TenantId("known"), domain});
  CHECK(key_of(fixture.service->sealing_key(TenantId("known"), domain)));
  fetch(*fixture.service, SealingKeyRequest{TenantId("stranger"), domain});
  CHECK(error_of(fixture.service->sealing_key(TenantId("stranger"), domain)) == ErrorCode::key_missing);
  fetch(*fixture.service, IndexKeyRequest{TenantId(""), domain});
  CHECK(error_of(fixture.service->index_key(TenantId(""), domain)) == ErrorCode::tenant_invalid);
  CHECK(fixture.provider->generates == 1);
}

TEST_CASE("a provider that hangs: the waiter is let go, the call is not repeated, its late answer is used") {
  ServiceFixture fixture;
  fixture.provider->close_gate();
  std::latch first(1), second(1);
  fixture.service->fetch(SealingKeyRequest{tenant, domain}, [&] { first.count_down(); });
  fixture.provider->await_waiting(1);
  fixture.clock.advance(3s);
  first.wait();
  CHECK(error_of(fixture.service->sealing_key(tenant, domain)) == ErrorCode::key_timeout);
  fixture.clock.advance(2s);
  CHECK(is_pending(fixture.service->sealing_key(tenant, domain)));
  fixture.service->fetch(SealingKeyRequest{tenant, domain}, [&] { second.count_down(); });
  fixture.provider->open_gate();
  second.wait();
  CHECK(key_of(fixture.service->sealing_key(tenant, domain)));
  CHECK(fixture.provider->generates == 1);
  CHECK(fixture.service->stats().timeouts == 1);
}

TEST_CASE("every waiter hears of a shutdown exactly once, also those that ask again") {
  ServiceFixture fixture;
  ManagedKeyService* const service = fixture.service.get();  // the fixture's pointer is empty while it is destroyed
  fixture.provider->close_gate();
  std::array<std::atomic<int>, 40> calls{};
  std::atomic<int> refused{0};
  std::latch all(40);
  for (std::size_t i = 0; i < calls.size(); ++i)
    service->fetch(SealingKeyRequest{TenantId("t" + std::to_string(i % 10)), domain}, [&, i] {
      ++calls[i];
      if (error_of(service->sealing_key(tenant, domain)) == ErrorCode::shutting_down) ++refused;
      service->fetch(SealingKeyRequest{tenant, domain}, [&, i] { ++calls[i], all.count_down(); });
    });
  fixture.provider->await_waiting(4);
  std::thread opener([&] {
    all.wait();  // everybody was told before the hanging calls return
    fixture.provider->open_gate();
  });
  fixture.service.reset();
  opener.join();
  for (const auto& count : calls) CHECK(count == 2);
  CHECK(refused == 40);
}

TEST_CASE("too many fetches at once are turned away with an answer") {
  ServiceOptions options = exact();
  options.max_in_flight = 2;
  ServiceFixture fixture(options);
  fixture.provider->close_gate();
  std::latch kept(2), turned_away(1);
  for (const char* name : {"a", "b"})
    fixture.service->fetch(SealingKeyRequest{TenantId(name), domain}, [&] { kept.count_down(); });
  fixture.service->fetch(SealingKeyRequest{TenantId("c"), domain}, [&] { turned_away.count_down(); });
  turned_away.wait();
  CHECK(error_of(fixture.service->sealing_key(TenantId("c"), domain)) == ErrorCode::key_provider_throttled);
  fixture.provider->open_gate();
  kept.wait();
}

TEST_CASE("the cache is bounded, and what is swept is gone") {
  ServiceOptions options = exact();
  options.capacity = 32;
  ServiceFixture fixture(options);
  for (int i = 0; i < 100; ++i) fetch(*fixture.service, SealingKeyRequest{TenantId(std::to_string(i)), domain});
  CHECK(fixture.service->stats().cached <= 64);  // two names for each key
  CHECK(fixture.service->stats().evictions >= 136);
  const std::weak_ptr<const crypto::EnvelopeKey> watched = sealing(fixture);
  CHECK_FALSE(watched.expired());
  fixture.clock.advance(15min + 10min);
  await([&] { return fixture.service->stats().cached == 0; });
  CHECK(watched.expired());  // its memory was wiped by the destructor
}

TEST_CASE("warm keys are there without being asked for") {
  ServiceOptions options = exact();
  options.warm = {SealingKeyRequest{tenant, domain}, IndexKeyRequest{tenant, domain}};
  ServiceFixture fixture(options);
  await([&] { return fixture.service->stats().cached == 3; });
  CHECK(key_of(fixture.service->sealing_key(tenant, domain)));
  CHECK(key_of(fixture.service->index_key(tenant, domain)));
}

TEST_CASE("a wrapped key that opens to another key is refused") {
  StoreFixture fixture;
  KeyRecord record = fixture.new_record("t");
  record.wrapped = fixture.provider->generate({"test", record.slot, record.id, record.version})
                       ->wrapped;  // genuine for the provider, but not the key of the check value
  fixture.open()->insert_if_absent(record).value();
  auto service = make_key_service(exact(), fixture.provider, fixture.open(), fixture.clock).value();
  fetch(*service, OpeningKeyRequest{record.id});
  CHECK(error_of(service->opening_key(record.id)) == ErrorCode::key_store_corrupt);
}

TEST_CASE("settings out of range are refused") {
  StoreFixture fixture;
  for (const auto& spoil : std::vector<std::function<void(ServiceOptions&)>>{
           [](ServiceOptions& o) { o.max_age = 2h; }, [](ServiceOptions& o) { o.ttl = 0ms; },
           [](ServiceOptions& o) { o.jitter = 0.9; }, [](ServiceOptions& o) { o.capacity = 0; }}) {
    ServiceOptions options;
    spoil(options);
    CHECK(make_key_service(options, fixture.provider, fixture.open(), fixture.clock).has_error());
  }
}

TEST_CASE("look-ups race with fetches, refreshes and flushes") {
  ServiceOptions options = exact();
  options.capacity = 64;
  ServiceFixture fixture(options);
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> found{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; !stop; ++i) {
        const TenantId name(std::to_string((i + t) % 8));
        const auto lookup = fixture.service->sealing_key(name, domain);
        if (is_pending(lookup)) fetch(*fixture.service, SealingKeyRequest{name, domain});
        if (const auto key = key_of(lookup)) {
          ++found;
          if (key->tenant() != name) std::abort();
        }
      }
    });
  for (int i = 0; i < 50; ++i) {
    fixture.clock.advance(5min);
    if (i % 10 == 0) fixture.service->flush();
    const std::uint64_t before = found;
    await([&] { return found > before + 20; });
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  CHECK(fixture.open()->list(KeyId(0), 100)->size() == 8);
}
