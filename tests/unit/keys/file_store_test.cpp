#include "keys/file_store.hpp"

#include "keys/json_reader.hpp"
#include "support.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <thread>
#include <vector>

using namespace sealrow;
using namespace sealrow::keys;
using namespace sealrow::keys::test;
namespace fs = std::filesystem;

namespace {

std::string document_of(const StoreFixture& fixture, const KeyRecord& record) {
  return fixture.path() + "/keys/" + hex_of(record.id) + "-" + std::to_string(record.epoch) + ".json";
}
mode_t mode_of(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
}

}  // namespace

TEST_CASE("what is stored is found again, by slot, by id and in the list") {
  StoreFixture fixture;
  auto store = fixture.open();
  const KeyRecord a = store->insert_if_absent(fixture.new_record("a")).value();
  const KeyRecord b = store->insert_if_absent(fixture.new_record("b")).value();
  const KeyRecord index = store->insert_if_absent(fixture.new_record("a", KeyPurpose::index)).value();
  CHECK(a.epoch == 1);
  for (const auto& instance : {store, fixture.open()}) {
    CHECK(instance->slot(a.slot)->active == a);
    CHECK(instance->slot(index.slot)->active == index);
    CHECK(instance->find(b.id).value() == b);
    CHECK_FALSE(instance->find(KeyId(1)).value());
    CHECK(instance->slot({TenantId("c"), DomainId("general"), KeyPurpose::data})->versions == 0);
    CHECK(instance->list(KeyId(0), 10)->size() == 3);
    const auto first = instance->list(KeyId(0), 2).value();
    CHECK(instance->list(first.back().id, 2)->size() == 1);
    CHECK(instance->head()->keys == 3);
  }
}

TEST_CASE("files are for their owner only, and a store that is open to others is refused") {
  StoreFixture fixture;
  const KeyRecord record = fixture.open()->insert_if_absent(fixture.new_record("a")).value();
  CHECK(mode_of(fixture.path()) == 0700);
  CHECK(mode_of(fixture.path() + "/keys") == 0700);
  for (const std::string& file : {fixture.path() + "/root.json", fixture.path() + "/manifest.json",
                                  document_of(fixture, record), fixture.path() + ".lock"})
    CHECK(mode_of(file) == 0600);
  fs::permissions(fixture.path(), fs::perms::owner_all | fs::perms::group_read);
  CHECK(fixture.try_open().error().code == ErrorCode::config_value);
}

TEST_CASE("the first key is never made twice, nor over keys that are out of use") {
  StoreFixture fixture;
  auto store = fixture.open();
  auto other = fixture.open();
  const KeyRecord first = store->insert_if_absent(fixture.new_record("a")).value();
  CHECK(other->insert_if_absent(fixture.new_record("a")).value() == first);
  KeyRecord same_id = fixture.new_record("b");
  same_id.id = first.id;
  CHECK(other->insert_if_absent(same_id).error().code == ErrorCode::key_conflict);

  KeyRecord current = first;
  for (const KeyState state : {KeyState::suspended, KeyState::compromised, KeyState::destroyed}) {
    current = store->compare_and_swap(std::vector{with_state(current, state, fixture.clock.wall()).value()})->front();
    CHECK(other->insert_if_absent(fixture.new_record("a")).error().code == ErrorCode::key_unusable);
    CHECK(other->slot(first.slot)->versions == 1);
  }
  CHECK(other->find(first.id).value()->state == KeyState::destroyed);  // the tombstone
  CHECK_FALSE(fs::exists(document_of(fixture, first)));                // and no wrapped bytes of before
}

TEST_CASE("compare-and-swap: one of many wins, the others are told") {
  StoreFixture fixture;
  const KeyRecord first = fixture.open()->insert_if_absent(fixture.new_record("a")).value();
  std::atomic<int> won{0}, conflicts{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, store = fixture.open()] {
      KeyRecord next = first;
      next.leased = 1000;
      const auto result = store->compare_and_swap(std::vector{next});
      if (result.has_value()) ++won;
      if (result.has_error() && result.error().code == ErrorCode::key_conflict) ++conflicts;
    });
  for (auto& thread : threads) thread.join();
  CHECK(won == 1);
  CHECK(conflicts == 7);
  CHECK(fixture.open()->find(first.id).value()->epoch == 2);
}

TEST_CASE("increments by compare-and-swap from many threads are all counted") {
  StoreFixture fixture;
  const KeyId id = fixture.open()->insert_if_absent(fixture.new_record("a"))->id;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, store = fixture.open()] {
      for (int done = 0; done < 10;) {
        KeyRecord next = store->find(id).value().value();
        ++next.leased;
        if (store->compare_and_swap(std::vector{next}).has_value()) ++done;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(fixture.open()->find(id).value()->leased == 40);
}

TEST_CASE("a batch is all or nothing, and cannot make two keys active") {
  StoreFixture fixture;
  auto store = fixture.open();
  const KeyRecord a = store->insert_if_absent(fixture.new_record("a")).value();
  const KeyRecord b = store->insert_if_absent(fixture.new_record("b")).value();
  const StoreHead before = store->head().value();
  KeyRecord stale = b;
  stale.epoch = 7;
  KeyRecord suspended = with_state(a, KeyState::suspended, fixture.clock.wall()).value();
  CHECK(store->compare_and_swap(std::vector{suspended, stale}).error().code == ErrorCode::key_conflict);
  KeyRecord illegal = b;
  illegal.state = KeyState::pre_active;
  CHECK(store->compare_and_swap(std::vector{suspended, illegal}).error().code == ErrorCode::key_unusable);
  KeyRecord unknown = b;
  unknown.id = KeyId(5);
  CHECK(store->compare_and_swap(std::vector{unknown}).error().code == ErrorCode::key_missing);
  CHECK(store->head().value() == before);
  CHECK(store->compare_and_swap(std::vector{suspended, b}).has_value());
  CHECK(store->head()->epoch == before.epoch + 1);
}

TEST_CASE("edited, swapped, missing and foreign documents are refused") {
  StoreFixture fixture;
  KeyRecord a, b;
  {
    auto store = fixture.open();
    a = store->insert_if_absent(fixture.new_record("a")).value();
    b = store->insert_if_absent(fixture.new_record("b")).value();
  }
  StoreFixture stranger;
  const std::string document = document_of(fixture, a), manifest = fixture.path() + "/manifest.json";
  const std::string good_document = slurp(document), good_manifest = slurp(manifest);
  auto replaced = [](std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
  };
  KeyRecord relabelled = b;  // b's key under a's name
  relabelled.id = a.id;
  KeyRecord other_store = a;
  other_store.row_mac = stranger.mac->row(a);
  const std::vector<std::pair<std::string, std::string>> attacks = {
      {document, replaced(good_document, "\"tenant\": \"a\"", "\"tenant\": \"b\"")},
      {document, replaced(good_document, "\"active\"", "\"suspended\"")},
      {document, replaced(good_document, "\"version\": 1", "\"version\": 2")},
      {document, replaced(good_document, "\"format\"", "\"extra\": 1, \"format\"")},
      {document, slurp(document_of(fixture, b))},
      {document, to_json(relabelled)},
      {document, to_json(other_store)},
      {document, good_document.substr(0, good_document.size() / 2)},
      {document, ""},
      {manifest, replaced(good_manifest, "\"epoch\":3", "\"epoch\":9")},
      {manifest, replaced(good_manifest, hex_of(a.id), hex_of(KeyId(a.id.value() ^ 1)))},
      {manifest, slurp(stranger.path() + "/manifest.json")},
      {manifest, "{}"},
      {manifest, std::string(100'000, '[')},
  };
  for (std::size_t i = 0; i < attacks.size(); ++i) {
    INFO("attack " << i);
    spill(attacks[i].first, attacks[i].second);
    const auto opened = fixture.try_open();
    REQUIRE(opened.has_error());
    CHECK(opened.error().code == ErrorCode::key_store_corrupt);
    CHECK(opened.error().object == attacks[i].first);
    spill(document, good_document);
    spill(manifest, good_manifest);
  }
  fs::rename(document, document + ".away");
  CHECK(fixture.try_open().error().code == ErrorCode::key_store_corrupt);
  fs::create_symlink(document + ".away", document);
  CHECK(fixture.try_open().has_error());
  fs::remove(document);
  fs::rename(document + ".away", document);
  CHECK(fixture.try_open().has_value());
}

TEST_CASE("an old copy of a row or of the whole store is noticed") {
  StoreFixture fixture;
  auto store = fixture.open();
  const KeyRecord first = store->insert_if_absent(fixture.new_record("a")).value();
  const std::string old_document = slurp(document_of(fixture, first));
  const std::string old_manifest = slurp(fixture.path() + "/manifest.json");
  const KeyRecord next =
      store->compare_and_swap(std::vector{with_state(first, KeyState::suspended, fixture.clock.wall()).value()})
          ->front();
  const std::string new_document = slurp(document_of(fixture, next));

  spill(document_of(fixture, next), old_document);  // the row alone: genuine, but not what the manifest names
  CHECK(fixture.try_open().error().code == ErrorCode::key_store_corrupt);
  spill(document_of(fixture, next), new_document);

  // All of it: only an instance that has seen the later epoch can tell (and the audit log, which keeps root hashes).
  spill(document_of(fixture, first), old_document);
  fs::remove(fixture.path() + "/manifest.json");
  spill(fixture.path() + "/manifest.json", old_manifest);
  CHECK(store->find(first.id).error().code == ErrorCode::key_store_corrupt);
}

TEST_CASE("a store under another key does not open") {
  StoreFixture fixture;
  StoreFixture other;
  CHECK(FileStore::open(fixture.path(), fixture.root, other.mac, Access::read_write).error().code ==
        ErrorCode::key_store_corrupt);
  TestProvider wrong;
  CHECK(open_root(wrong, fixture.root).has_error());
  StoreRoot renamed = fixture.root;
  renamed.deployment = "elsewhere";
  CHECK(open_root(*fixture.provider, renamed).has_error());
  StoreRoot relabelled = fixture.root;
  relabelled.check_value[0] ^= 1;
  CHECK(open_root(*fixture.provider, relabelled).error().code == ErrorCode::key_store_corrupt);
}

TEST_CASE("documents that the manifest does not name are put aside, never deleted") {
  StoreFixture fixture;
  const KeyRecord record = fixture.open()->insert_if_absent(fixture.new_record("a")).value();
  const std::string keys = fixture.path() + "/keys/";
  const std::string stray = hex_of(KeyId(77)) + "-1.json", newer = hex_of(record.id) + "-2.json";
  for (const std::string& name : {stray, newer, std::string("note.txt")}) spill(keys + name, "content of " + name);
  CHECK(fixture.open()->list(KeyId(0), 10)->size() == 1);
  for (const std::string& name : {stray, newer, std::string("note.txt")}) {
    CHECK_FALSE(fs::exists(keys + name));
    CHECK(slurp(fixture.path() + "/orphans/" + name) == "content of " + name);
  }
  spill(keys + stray, "another");
  CHECK(fixture.try_open().has_value());
  CHECK(slurp(fixture.path() + "/orphans/" + stray + ".2") == "another");
}

TEST_CASE("backup and restore: whole, of this store, and never over something newer") {
  StoreFixture fixture;
  auto store = fixture.open();
  const KeyRecord a = store->insert_if_absent(fixture.new_record("a")).value();
  const std::string copy = fixture.directory / "backup";
  const StoreHead saved = store->backup(copy).value();
  CHECK(saved == store->head().value());
  auto reader = FileStore::open(copy, fixture.root, fixture.mac, Access::read_only).value();
  CHECK(reader->find(a.id).value() == a);
  CHECK(reader->insert_if_absent(fixture.new_record("x")).error().code == ErrorCode::key_store_io);

  const KeyRecord b = store->insert_if_absent(fixture.new_record("b")).value();
  CHECK(reader->backup(fixture.path()).error().code == ErrorCode::key_conflict);  // older over newer
  CHECK(store->find(b.id).value() == b);
  CHECK(store->backup(copy).has_value());  // newer over older
  CHECK(store->backup(copy).has_value());  // the same again
  CHECK(store->backup(fixture.path()).error().code == ErrorCode::key_conflict);

  StoreFixture other;
  CHECK(other.open()->backup(copy).error().code == ErrorCode::key_conflict);
  fs::create_directory(fixture.directory / "unrelated");
  CHECK(store->backup(fixture.directory / "unrelated").error().code == ErrorCode::key_conflict);

  fs::remove_all(fixture.path());
  auto restored_from = FileStore::open(copy, fixture.root, fixture.mac, Access::read_only).value();
  CHECK(restored_from->backup(fixture.path()).has_value());
  CHECK(fixture.open()->find(b.id).value() == b);
  CHECK(store->find(b.id).value() == b);  // an instance that was running goes on
}
