// The file store against power cuts and full disks: every operation is stopped before each of its steps, once by
// killing the process and once by an error, and the store must come back in the state before or after, never between.
#include "keys/file_store.hpp"
#include "support.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <iostream>
#include <vector>

using namespace sealrow;
using namespace sealrow::keys;
using namespace sealrow::keys::test;

namespace {

struct Operation {
  const char* name;
  std::function<Result<>(FileStore&, StoreFixture&, const KeyRecord& prepared)> run;
  std::function<bool(FileStore&, const KeyRecord& prepared)> happened;
};

Result<> drop(const auto& result) {
  if (result.has_error()) return result.error();
  return {};
}

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all = {
      {"insert", [](FileStore& s, StoreFixture&, const KeyRecord& fresh) { return drop(s.insert_if_absent(fresh)); },
       [](FileStore& s, const KeyRecord& fresh) { return s.find(fresh.id).value().has_value(); }},
      {"update",
       [](FileStore& s, StoreFixture& f, const KeyRecord&) {
         const KeyRecord old = s.list(KeyId(0), 1)->front();
         return drop(s.compare_and_swap(std::vector{with_state(old, KeyState::suspended, f.clock.wall()).value()}));
       },
       [](FileStore& s, const KeyRecord&) { return s.list(KeyId(0), 1)->front().state == KeyState::suspended; }},
      {"update of two",
       [](FileStore& s, StoreFixture& f, const KeyRecord&) {
         auto both = s.list(KeyId(0), 2).value();
         for (KeyRecord& r : both) r = with_state(r, KeyState::suspended, f.clock.wall()).value();
         return drop(s.compare_and_swap(both));
       },
       [](FileStore& s, const KeyRecord&) {
         const auto both = s.list(KeyId(0), 2).value();
         const bool first = both[0].state == KeyState::suspended;
         REQUIRE(first == (both[1].state == KeyState::suspended));  // never one without the other
         return first;
       }},
  };
  return all;
}

// A store with two keys.
void prepare(StoreFixture& fixture) {
  auto store = fixture.open();
  store->insert_if_absent(fixture.new_record("a")).value();
  store->insert_if_absent(fixture.new_record("b")).value();
}

void check_sound(StoreFixture& fixture, const Operation& operation, const KeyRecord& fresh, bool reported) {
  auto store = fixture.open();  // verifies every document
  CHECK(store->list(KeyId(0), 10)->size() >= 2);
  if (reported) CHECK(operation.happened(*store, fresh));
  // Whatever happened, the operation can be done (again) now, and the store takes new keys.
  if (!operation.happened(*store, fresh)) CHECK(operation.run(*store, fixture, fresh).has_value());
  CHECK(operation.happened(*store, fresh));
  CHECK(store->insert_if_absent(fixture.new_record("z")).has_value());
  CHECK(fixture.try_open().has_value());
}

// In the child: its secrets were wiped by the fork, so the store key comes as plain bytes (a test's key).
[[noreturn]] void run_and_die_at(int victim, const Operation& operation, StoreFixture& fixture, const KeyRecord& fresh,
                                 const std::string& store_key) {
  auto mac = StoreMac::make(fixture.root, SecretBytes::copy_of(as_bytes(store_key)));
  fixture.mac = std::make_shared<const StoreMac>(std::move(mac).value());
  int step = 0;
  bool armed = false;
  auto store = fixture.try_open(Files([&](std::string_view) -> Result<> {
    if (armed && step++ == victim) ::_exit(9);
    return {};
  }));
  armed = true;
  ::_exit(store.has_value() && operation.run(**store, fixture, fresh).has_value() ? 0 : 1);
}

// Runs the operation in a child that dies before step `victim`. False when the operation had fewer steps.
bool survives_death_at(const Operation& operation, int victim) {
  StoreFixture fixture;
  prepare(fixture);
  const KeyRecord fresh = fixture.new_record("c");
  const SecretBytes secret = open_root(*fixture.provider, fixture.root).value();
  const std::string store_key(as_text(secret.reveal()));
  std::cout.flush();  // or the child has it in its buffer, too
  const pid_t child = ::fork();
  if (child == 0) run_and_die_at(victim, operation, fixture, fresh, store_key);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) != 1);
  const bool finished = WEXITSTATUS(status) == 0;
  check_sound(fixture, operation, fresh, finished);
  return !finished;
}

bool survives_error_at(const Operation& operation, int victim) {
  StoreFixture fixture;
  prepare(fixture);
  const KeyRecord fresh = fixture.new_record("c");
  int step = 0;
  bool armed = false, hit = false;
  auto store = fixture
                   .try_open(Files([&](std::string_view) -> Result<> {
                     if (!armed || step++ != victim) return {};
                     hit = true;
                     return Error{ErrorCode::key_store_io, "injected"};
                   }))
                   .value();
  armed = true;
  const bool ok = operation.run(*store, fixture, fresh).has_value();
  armed = false;
  // The same object must see what the disk holds, too.
  if (ok) CHECK(operation.happened(*store, fresh));
  if (!operation.happened(*store, fresh)) CHECK(operation.run(*store, fixture, fresh).has_value());
  check_sound(fixture, operation, fresh, ok);
  return hit;
}

}  // namespace

TEST_CASE("a process killed at any step leaves a sound store") {
  for (const Operation& operation : operations()) {
    INFO(operation.name);
    int victim = 0;
    while (survives_death_at(operation, victim)) ++victim;
    CHECK(victim >= 10);  // or the steps were not hit at all
  }
}

TEST_CASE("an error at any step leaves a sound store") {
  for (const Operation& operation : operations()) {
    INFO(operation.name);
    int victim = 0;
    while (survives_error_at(operation, victim)) ++victim;
    CHECK(victim >= 10);
  }
}

TEST_CASE("a new store, a backup and a restore are there whole or not at all") {
  for (int victim = 0;; ++victim) {
    StoreFixture fixture;
    prepare(fixture);
    const std::string copy = fixture.directory / "copy", fresh = fixture.directory / "fresh";
    fixture.open()->backup(copy).value();
    fixture.open()->insert_if_absent(fixture.new_record("c")).value();
    int step = 0;
    bool hit = false;
    const Files files([&](std::string_view) -> Result<> {
      if (step++ != victim) return {};
      hit = true;
      return Error{ErrorCode::key_store_io, "injected"};
    });
    const auto created = FileStore::create(fresh, fixture.root, *fixture.mac, files);
    if (created.has_error()) {
      const bool there = what_is(fresh) != Found::nothing;
      CHECK(FileStore::open(fresh, fixture.root, fixture.mac, Access::read_only).has_value() == there);
      if (!there) CHECK(FileStore::create(fresh, fixture.root, *fixture.mac).has_value());
    }
    step = 0;
    const auto opened = fixture.try_open(files);
    const auto saved = opened.has_value() ? opened.value()->backup(copy) : Result<StoreHead>(opened.error());
    auto there = FileStore::open(copy, fixture.root, fixture.mac, Access::read_only);
    REQUIRE(there.has_value());
    CHECK((there.value()->head()->keys == 2 || there.value()->head()->keys == 3));
    if (saved.has_value()) CHECK(there.value()->head()->keys == 3);
    CHECK(fixture.open()->backup(copy).has_value());
    if (!hit) break;
    REQUIRE(victim < 200);
  }
}
