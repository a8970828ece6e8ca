#include "sealrow/keys/admin.hpp"

#include "keys/file_store.hpp"
#include "keys/json_reader.hpp"
#include "keys/local_provider.hpp"
#include "keys/primitives.hpp"
#include "keys/record_keys.hpp"
#include "sealrow/base/log.hpp"
#include "sealrow/crypto/keys.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace sealrow::keys {

namespace {

constexpr std::size_t min_passphrase_size = 12;

WrapContext root_context(const std::string& deployment) {
  return {deployment, KeySlot{TenantId(), DomainId(), KeyPurpose::store}, KeyId(0), 1};
}

std::string store_path(const KeysConfig& config) { return config.directory + "/store"; }

bool is_local(const KeysConfig& config) { return std::holds_alternative<LocalKek>(config.provider); }
const PassphraseSource& passphrase_of(const KeysConfig& config) {
  return std::get<LocalKek>(config.provider).passphrase;
}

Result<> check_config(const KeysConfig& config) {
  if (is_local(config) && config.environment == Environment::production)
    return Error{ErrorCode::config_conflict, "the local key provider is not for production",
                 "whoever copies the host's disk may have the key-encryption key", "use a KMS or HSM provider"};
  if (config.directory.empty() || config.directory.ends_with('/'))
    return Error{ErrorCode::config_value, "key directory is empty or ends with a slash", "", "", config.directory};
  const std::string& name = config.deployment;
  if (name.empty() || name.size() > max_name_size || !is_valid_utf8(name))
    return Error{ErrorCode::config_value, "deployment needs a name of 1 to 256 bytes of UTF-8"};
  return {};
}

Result<std::shared_ptr<KeyProvider>> open_local(const KeysConfig& config) {
  const std::string path = kek_path(config.directory);
  if (what_is(path) == Found::nothing)
    return Error{ErrorCode::key_encryption_key_missing, "key-encryption key file is missing", "",
                 "restore it from the recovery kit; `sealrow keys init` only starts a new, empty key store", path};
  SEALROW_CHECK(check_private(path));
  SEALROW_TRY(const OpenFile file, read_file(path, max_document_size));
  SEALROW_TRY(const KekFile kek, parse_kek_file(file.content));
  const bool development = std::holds_alternative<NoPassphrase>(passphrase_of(config));
  if (development != (kek.protection == Protection::development))
    return Error{ErrorCode::config_conflict, "passphrase setting does not fit the key file",
                 development ? "the file is protected by a passphrase" : "the file was made without a passphrase", "",
                 path};
  SEALROW_TRY(const SecretBytes passphrase, read_passphrase(passphrase_of(config), config.directory));
  SEALROW_TRY(std::shared_ptr<KeyProvider> provider, LocalProvider::open(kek, passphrase));
  return provider;
}

Result<std::shared_ptr<KeyStore>> open_store(KeyProvider& provider, const KeysConfig& config, const std::string& path,
                                             Access access) {
  if (what_is(path) == Found::nothing)
    return Error{ErrorCode::key_store_io, "key store is missing", "",
                 "put the last backup back with `sealrow keys restore`", path};
  SEALROW_TRY(StoreRoot root, FileStore::read_root(path));
  if (root.deployment != config.deployment)
    return Error{ErrorCode::config_conflict, "key store belongs to another deployment",
                 "it says " + root.deployment + ", the configuration " + config.deployment, "", path};
  SEALROW_TRY(const SecretBytes store_key, open_root(provider, root));
  SEALROW_TRY(StoreMac mac, StoreMac::make(root, store_key));
  SEALROW_TRY(std::shared_ptr<KeyStore> store,
              FileStore::open(path, std::move(root), std::make_shared<const StoreMac>(std::move(mac)), access));
  return store;
}

// Random text that stands in for a passphrase, written beside the KEK.
Result<SecretBytes> make_development_credential(const std::string& directory) {
  SEALROW_TRY(const SecretBytes random, crypto::random_key());
  std::string text = hex_of(random.reveal());
  const auto written = Files().write(development_credential_path(directory), text, Overwrite::no);
  SecretBytes credential = SecretBytes::copy_of(as_bytes(text));
  wipe(text);
  SEALROW_CHECK(written);
  return credential;
}

Result<KekFile> make_kek(const KeysConfig& config, const std::string& directory) {
  if (std::holds_alternative<NoPassphrase>(passphrase_of(config))) {
    SEALROW_TRY(const SecretBytes credential, make_development_credential(directory));
    return make_kek_file(Protection::development, credential, ScryptCost{1u << 10, 8, 1});  // 256 random bits
  }
  SEALROW_TRY(const SecretBytes passphrase, read_passphrase(passphrase_of(config), config.directory));
  if (passphrase.size() < min_passphrase_size)
    return Error{ErrorCode::config_value, "passphrase is too short", "at least 12 bytes"};
  return make_kek_file(Protection::passphrase, passphrase, ScryptCost{});
}

std::string recovery_kit(const KeysConfig& config, const KekFile& kek, const StoreRoot& root) {
  std::string text = "SEALROW RECOVERY KIT\n  deployment     " + root.deployment + "\n  key store      " +
                     root.store_id + "\n  encryption key " + kek.kek_id + " version " + kek.kek_version + "\n\n";
  if (kek.protection == Protection::development)
    return text + "This is a DEVELOPMENT key. Copy " + kek_path(config.directory) + " and\n" +
           development_credential_path(config.directory) + " to a safe place to be able to recover.\n";
  return text + "Keep this text and the passphrase in two different places, away from the host. To recover:\n" +
         "  1. save the block below as kek.json (mode 0600) in the key directory,\n" +
         "  2. put the last backup of the key store back with `sealrow keys restore`,\n" +
         "  3. start Sealrow with the same passphrase and deployment name.\n" +
         "Without the passphrase nobody can open it; without this text or kek.json, and a backup, the data is "
         "lost.\n\n" +
         to_json(kek);
}

std::string recovery_kit(const ProviderInfo& info, const StoreRoot& root) {
  return "SEALROW RECOVERY KIT\n  deployment     " + root.deployment + "\n  key store      " + root.store_id +
         "\n  encryption key " + info.kek_id + "\n  provider       " + info.name + " (" + info.note + ")\n\n" +
         "The encryption key never leaves its provider. To recover:\n" +
         "  1. make sure that this key exists, is enabled, and that Sealrow's identity may use it,\n" +
         "  2. put the last backup of the key store back with `sealrow keys restore`,\n" +
         "  3. start Sealrow with the same provider settings and deployment name.\n" +
         "If the key is deleted at the provider, the data is lost, whatever backups there are: protect it from "
         "deletion.\n";
}

// Everything in `directory`, then that directory to its place.
Result<InitReport> build(const KeysConfig& config, const std::string& directory, const Clock& clock) {
  KeysConfig there = config;
  there.directory = directory;
  std::optional<KekFile> kek;
  if (is_local(config)) {
    SEALROW_TRY(kek, make_kek(config, directory));
    SEALROW_CHECK(Files().write(kek_path(directory), to_json(*kek), Overwrite::no));
  }
  SEALROW_TRY(const auto provider, open_provider(there));
  SEALROW_TRY(const ProviderInfo info, provider->describe());
  SEALROW_TRY(NewRoot made, make_root(*provider, config.deployment, clock));
  SEALROW_CHECK(open_root(*provider, made.root));  // a KEK that wraps but may not unwrap is found now, not later
  SEALROW_TRY(const StoreMac mac, StoreMac::make(made.root, made.store_key));
  SEALROW_CHECK(FileStore::create(store_path(there), made.root, mac));
  // An empty directory (made by systemd, say) gives way; whoever was faster stays.
  SEALROW_CHECK(Files().move_over_empty(directory, config.directory));
  return InitReport{info.kek_id, made.root.store_id,
                    kek ? recovery_kit(config, *kek, made.root) : recovery_kit(info, made.root)};
}

}  // namespace

Result<std::shared_ptr<KeyProvider>> open_provider(const KeysConfig& config) {
  SEALROW_CHECK(check_config(config));
  return is_local(config) ? open_local(config) : make_provider(config.provider, config.environment);
}

Result<NewRoot> make_root(KeyProvider& provider, const std::string& deployment, const Clock& clock) {
  std::array<std::uint8_t, 16> id;
  SEALROW_CHECK(crypto::random_bytes(id));
  SEALROW_TRY(GeneratedKey key, provider.generate(root_context(deployment)));
  NewRoot made{{hex_of(id), deployment, std::move(key.wrapped), {}, to_stored_precision(clock.wall())},
               std::move(key.plain)};
  SEALROW_TRY(made.root.check_value, check_value_of(made.store_key));
  return made;
}

Result<SecretBytes> open_root(KeyProvider& provider, const StoreRoot& root) {
  SEALROW_TRY(SecretBytes key, provider.unwrap(root_context(root.deployment), root.key));
  SEALROW_TRY(const KeyCheckValue value, check_value_of(key));
  if (value != root.check_value)
    return Error{ErrorCode::key_store_corrupt, "key store failed its self-check",
                 "the provider's answer is not the key that the store was made with"};
  return key;
}

Result<InitReport> init(const KeysConfig& config, const Clock& clock) {
  SEALROW_CHECK(check_config(config));
  if (const Found found = what_is(config.directory); found != Found::nothing) {
    const auto names =
        found == Found::directory ? list_directory(config.directory) : Result<std::vector<std::string>>({});
    if (found != Found::directory || names.has_error() || !names->empty())
      return Error{ErrorCode::key_conflict, "refusing to initialise over existing files",
                   "a new key-encryption key over existing keys would lose them", "choose an empty directory",
                   config.directory};
  }
  const Files files;
  std::array<std::uint8_t, 4> suffix;  // two who initialise at once must not work in one directory
  SEALROW_CHECK(crypto::random_bytes(suffix));
  const std::string fresh = config.directory + ".incoming-" + hex_of(suffix);
  SEALROW_CHECK(files.make_directory(fresh));
  auto made = build(config, fresh, clock);
  if (made.has_error()) {
    if (files.remove_tree(fresh).has_error()) log::warn("keys", "an unfinished key directory is left behind");
    return std::move(made).error();
  }
  return made;
}

Result<OpenedKeys> open(const KeysConfig& config) {
  SEALROW_TRY(std::shared_ptr<KeyProvider> provider, open_provider(config));
  SEALROW_TRY(auto store, open_store(*provider, config, store_path(config), Access::read_write));
  log::info("keys", "key store {} opened, key-encryption key {}", store->root().store_id, store->root().key.kek_id);
  return OpenedKeys{std::move(provider), std::move(store)};
}

Result<StatusReport> status(const OpenedKeys& keys) {
  StatusReport report;
  auto described = keys.provider->describe();
  if (described.has_value()) report.provider = std::move(*described);
  const auto probed = described.has_value() ? keys.provider->probe() : Result<>(described.error());
  report.provider_usable = probed.has_value();
  if (probed.has_error()) report.provider_problem = to_string(probed.error());
  report.store_id = keys.store->root().store_id;
  report.deployment = keys.store->root().deployment;
  SEALROW_TRY(report.head, keys.store->head());
  SEALROW_CHECK(for_each_record(*keys.store, [&](const KeyRecord& record) -> Result<> {
    ++report.keys_by_state[static_cast<std::size_t>(record.state)];
    if (record.state == KeyState::deactivated && record.retired_at) ++report.retired;
    return {};
  }));
  return report;
}

Result<std::vector<KeySummary>> list(KeyStore& store) {
  std::vector<KeySummary> out;
  SEALROW_CHECK(for_each_record(store, [&](const KeyRecord& r) -> Result<> {
    out.push_back({r.id, r.slot.tenant, r.slot.domain, r.slot.purpose, r.version, r.state, r.retired_at.has_value(),
                   r.wrapped.kek_id, r.wrapped.kek_version, r.wrapped.algorithm, r.created_at});
    return {};
  }));
  std::sort(out.begin(), out.end(), [](const KeySummary& a, const KeySummary& b) {
    return std::tie(a.tenant, a.domain, a.purpose, a.version) < std::tie(b.tenant, b.domain, b.purpose, b.version);
  });
  return out;
}

Result<std::uint64_t> prove_every_key(const OpenedKeys& keys) {
  std::uint64_t proven = 0;
  SEALROW_CHECK(for_each_record(*keys.store, [&](const KeyRecord& record) -> Result<> {
    if (record.state == KeyState::destroyed) return {};
    auto key = unwrap_record(*keys.provider, keys.store->root().deployment, record);
    if (key.has_error()) {
      Error error = std::move(key).error();
      error.object = "key " + hex_of(record.id);
      return error;
    }
    ++proven;
    return {};
  }));
  return proven;
}

Result<StoreHead> backup(const KeysConfig& config, const std::string& target) {
  SEALROW_TRY(const OpenedKeys keys, open(config));
  return keys.store->backup(target);
}

Result<StoreHead> restore(const KeysConfig& config, const std::string& source) {
  OpenedKeys copy;
  SEALROW_TRY(copy.provider, open_provider(config));
  SEALROW_TRY(copy.store, open_store(*copy.provider, config, source, Access::read_only));
  SEALROW_CHECK(prove_every_key(copy));
  return copy.store->backup(store_path(config));
}

}  // namespace sealrow::keys
