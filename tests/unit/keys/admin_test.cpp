#include "sealrow/keys/admin.hpp"

#include "keys/json_reader.hpp"
#include "support.hpp"

#include <atomic>
#include <thread>
#include <vector>

using namespace sealrow;
using namespace sealrow::keys;
using namespace sealrow::keys::test;
namespace fs = std::filesystem;

namespace {

KeysConfig development(const TempDirectory& directory) {
  return {directory / "keys", LocalKek{NoPassphrase{}}, Environment::development, "demo"};
}

// The service's own way to a first key.
KeyId make_key(const OpenedKeys& keys, const std::string& tenant) {
  const TestClock clock;
  const auto made =
      make_first_key(*keys.provider, "demo", {TenantId(tenant), DomainId("pii"), KeyPurpose::data}, clock.wall());
  return keys.store->insert_if_absent(made->record)->id;
}

}  // namespace

TEST_CASE("init, open, status and list of a development store") {
  const TempDirectory directory;
  const KeysConfig config = development(directory);
  const InitReport report = init(config).value();
  CHECK(report.kek_id.starts_with("local:"));
  const OpenedKeys keys = open(config).value();
  CHECK(keys.store->root().store_id == report.store_id);
  const KeyId b = make_key(keys, "b"), a = make_key(keys, "a");
  const auto listed = list(*keys.store).value();
  REQUIRE(listed.size() == 2);
  CHECK(listed[0].id == a);
  CHECK(listed[1].id == b);
  const StatusReport now = status(keys).value();
  CHECK(now.provider_usable);
  CHECK(now.deployment == "demo");
  CHECK(now.head.keys == 2);
  CHECK(now.keys_by_state[static_cast<std::size_t>(KeyState::active)] == 2);
  CHECK(prove_every_key(keys).value() == 2);
}

TEST_CASE("a new KEK is never made over anything") {
  const TempDirectory directory;
  const KeysConfig config = development(directory);
  REQUIRE(init(config).has_value());
  const std::string kek = slurp(config.directory + "/kek.json");
  CHECK(init(config).error().code == ErrorCode::key_conflict);
  fs::remove(config.directory + "/kek.json");  // the KEK is lost, the wrapped keys are still there
  CHECK(init(config).error().code == ErrorCode::key_conflict);
  CHECK(open(config).error().code == ErrorCode::key_encryption_key_missing);
  spill(config.directory + "/kek.json", kek);
  fs::permissions(config.directory + "/kek.json", fs::perms::owner_read);
  CHECK(open(config).has_value());
}

TEST_CASE("of several who initialise at once, one does") {
  const TempDirectory directory;
  const KeysConfig config = development(directory);
  std::atomic<int> made{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&] {
      if (init(config).has_value()) ++made;
    });
  for (auto& thread : threads) thread.join();
  CHECK(made == 1);
  CHECK(open(config).has_value());
  CHECK(std::distance(fs::directory_iterator(directory / "."), {}) == 1);
}

TEST_CASE("an empty directory may be initialised, a file may not") {
  const TempDirectory directory;
  KeysConfig config = development(directory);
  fs::create_directory(config.directory);
  CHECK(init(config).has_value());
  config.directory = directory / "file";
  spill(config.directory, "x");
  CHECK(init(config).error().code == ErrorCode::key_conflict);
  CHECK(fs::exists(directory / "keys/store/root.json"));
  CHECK(std::distance(fs::directory_iterator(directory / "."), {}) == 2);  // nothing half-made is left
}

TEST_CASE("the local provider refuses production, readable key files and another deployment") {
  const TempDirectory directory;
  KeysConfig config = development(directory);
  REQUIRE(init(config).has_value());
  KeysConfig production = config;
  production.environment = Environment::production;
  CHECK(open(production).error().code == ErrorCode::config_conflict);
  production.directory = directory / "other";
  CHECK(init(production).error().code == ErrorCode::config_conflict);
  CHECK_FALSE(fs::exists(production.directory));
  KeysConfig renamed = config;
  renamed.deployment = "demo2";
  CHECK(open(renamed).error().code == ErrorCode::config_conflict);
  for (const char* name : {"/kek.json", "/development-credential"}) {
    fs::permissions(config.directory + name, fs::perms::others_read, fs::perm_options::add);
    CHECK(open(config).error().code == ErrorCode::config_value);
    fs::permissions(config.directory + name, fs::perms::others_read, fs::perm_options::remove);
  }
  CHECK(open(config).has_value());
}

TEST_CASE("with a passphrase: only it opens, and the kit brings the KEK back") {
  const TempDirectory directory;
  spill(directory / "passphrase", "correct horse battery\n");
  KeysConfig config{directory / "keys", LocalKek{PassphraseFromFile{directory / "passphrase"}},
                    Environment::development, "p"};
  spill(directory / "short", "short\n");
  KeysConfig weak = config;
  weak.provider = LocalKek{PassphraseFromFile{directory / "short"}};
  CHECK(init(weak).error().code == ErrorCode::config_value);
  CHECK_FALSE(fs::exists(config.directory));

  const InitReport report = init(config).value();
  CHECK(open(weak).error().code == ErrorCode::key_provider_denied);
  KeysConfig none = config;
  none.provider = LocalKek{NoPassphrase{}};
  CHECK(open(none).error().code == ErrorCode::config_conflict);

  fs::remove(config.directory + "/kek.json");
  spill(config.directory + "/kek.json", report.recovery_kit.substr(report.recovery_kit.find('{')));
  fs::permissions(config.directory + "/kek.json", fs::perms::owner_read);
  CHECK(open(config).has_value());
}

TEST_CASE("no key in the clear in the recovery kit, the store or the KEK file") {
  const TempDirectory directory;
  const KeysConfig config = development(directory);
  const InitReport report = init(config).value();
  const OpenedKeys keys = open(config).value();
  const KeyId id = make_key(keys, "a");
  const KeyRecord record = keys.store->find(id).value().value();
  const SecretBytes dek = unwrap_record(*keys.provider, "demo", record).value();
  const SecretBytes store_key = open_root(*keys.provider, keys.store->root()).value();
  std::string everything = report.recovery_kit;
  for (const auto& entry : fs::recursive_directory_iterator(config.directory))
    if (entry.is_regular_file() && entry.path().filename() != "development-credential")
      everything += slurp(entry.path().string());
  for (const SecretBytes* key : {&dek, &store_key}) CHECK(everything.find(hex_of(key->reveal())) == std::string::npos);
  CHECK(everything.find(slurp(config.directory + "/development-credential")) == std::string::npos);
}

TEST_CASE("restore proves every key first and respects what is newer") {
  const TempDirectory directory;
  const KeysConfig config = development(directory);
  REQUIRE(init(config).has_value());
  const KeyId a = make_key(open(config).value(), "a");
  const std::string copy = directory / "backup";
  REQUIRE(backup(config, copy).has_value());
  const KeyId b = make_key(open(config).value(), "b");
  CHECK(restore(config, copy).error().code == ErrorCode::key_conflict);
  CHECK(open(config)->store->find(b).value().has_value());

  fs::rename(config.directory + "/store", directory / "broken");
  CHECK(open(config).has_error());
  REQUIRE(restore(config, copy).has_value());
  const OpenedKeys keys = open(config).value();
  CHECK(keys.store->find(a).value().has_value());
  CHECK_FALSE(keys.store->find(b).value().has_value());

  const TempDirectory elsewhere;
  const KeysConfig other = development(elsewhere);
  REQUIRE(init(other).has_value());
  CHECK(restore(other, copy).error().code == ErrorCode::key_encryption_key_missing);
}
