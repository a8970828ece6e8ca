#include "keys/documents.hpp"

#include "keys/json_reader.hpp"
#include "keys/primitives.hpp"
#include "sealrow/crypto/keys.hpp"

#include <openssl/crypto.h>

#include <utility>

namespace sealrow::keys {

namespace {

using nlohmann::json;

constexpr std::string_view root_format = "sealrow-key-store/1";
constexpr std::string_view manifest_format = "sealrow-key-manifest/1";
constexpr std::string_view record_format = "sealrow-key/1";

std::string canonical(const Manifest& manifest) {
  std::string out("sealrow/key-manifest/v1\0", 24);
  append_u32(out, static_cast<std::uint32_t>(manifest.store_id.size()));
  out += manifest.store_id;
  append_u64(out, manifest.epoch);
  append_u64(out, manifest.keys.size());
  for (const ManifestEntry& entry : manifest.keys) {
    append_u64(out, entry.id.value());
    append_u64(out, entry.epoch);
    out.append(as_text(entry.row_mac));
  }
  return out;
}

bool equal(const RowMac& a, const RowMac& b) noexcept { return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

bool parse_entry(const json& row, ManifestEntry& out) {
  if (!row.is_array() || row.size() != 3 || !row[0].is_string() || !row[1].is_number_unsigned() || !row[2].is_string())
    return false;
  const auto id = parse_id(row[0].get_ref<const std::string&>());
  std::string mac;
  if (!id || !decode_hex(row[2].get_ref<const std::string&>(), mac) || mac.size() != out.row_mac.size()) return false;
  out.id = KeyId(*id);
  out.epoch = row[1].get<std::uint64_t>();
  std::copy(mac.begin(), mac.end(), out.row_mac.begin());
  return true;
}

}  // namespace

Result<StoreRoot> parse_root(std::string_view text) {
  JsonReader reader(text, root_format);
  StoreRoot root;
  root.store_id = reader.text("store_id");
  root.deployment = reader.text("deployment");
  root.key = reader.wrapped("key");
  root.check_value = reader.bytes<8>("check_value");
  root.created_at = reader.time("created_at").value_or(WallTime{});
  SEALROW_CHECK(reader.finish());
  return root;
}

std::string to_json(const StoreRoot& root) {
  return json{{"format", root_format},
              {"store_id", root.store_id},
              {"deployment", root.deployment},
              {"key", json_of(root.key)},
              {"check_value", hex_of(root.check_value)},
              {"created_at", json_of(root.created_at)}}
             .dump(1) +
         "\n";
}

Result<Manifest> parse_manifest(std::string_view text) {
  JsonReader reader(text, manifest_format);
  Manifest manifest;
  manifest.store_id = reader.text("store_id");
  manifest.epoch = reader.number("epoch");
  manifest.mac = reader.bytes<32>("mac");
  const json& rows = reader.array("keys");
  if (rows.size() > max_keys) reader.fail("keys");
  SEALROW_CHECK(reader.finish());
  manifest.keys.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!parse_entry(rows[i], manifest.keys[i]) || (i > 0 && manifest.keys[i].id <= manifest.keys[i - 1].id))
      reader.fail("keys");
  }
  SEALROW_CHECK(reader.finish());
  return manifest;
}

std::string to_json(const Manifest& manifest) {
  json rows = json::array();
  for (const ManifestEntry& entry : manifest.keys)
    rows.push_back(json::array({hex_of(entry.id), entry.epoch, hex_of(entry.row_mac)}));
  return json{{"format", manifest_format},
              {"store_id", manifest.store_id},
              {"epoch", manifest.epoch},
              {"keys", std::move(rows)},
              {"mac", hex_of(manifest.mac)}}
             .dump() +
         "\n";
}

Result<KeyRecord> parse_record(std::string_view text) {
  JsonReader reader(text, record_format);
  KeyRecord record;
  record.id = KeyId(reader.id("key_id"));
  record.slot.tenant = TenantId(reader.text("tenant"));
  record.slot.domain = DomainId(reader.text("domain"));
  record.slot.purpose = reader.named("purpose", &parse_purpose);
  record.version = static_cast<std::uint32_t>(reader.number("version", UINT32_MAX));
  record.state = reader.named("state", &parse_state);
  record.suite = static_cast<std::uint8_t>(reader.number("suite", UINT8_MAX));
  record.wrapped = reader.wrapped("wrapped");
  if (!reader.is_null("wrapped_next")) record.wrapped_next = reader.wrapped("wrapped_next");
  record.recovery_wrapped = reader.hex("recovery_wrapped");
  record.check_value = reader.bytes<8>("check_value");
  record.epoch = reader.number("epoch");
  record.leased = reader.number("leased");
  record.created_at = reader.time("created_at").value_or(WallTime{});
  record.activated_at = reader.time("activated_at");
  record.deactivated_at = reader.time("deactivated_at");
  record.retired_at = reader.time("retired_at");
  record.destroyed_at = reader.time("destroyed_at");
  record.row_mac = reader.bytes<32>("row_mac");
  SEALROW_CHECK(reader.finish());
  SEALROW_CHECK(check_record(record));
  return record;
}

std::string to_json(const KeyRecord& record) {
  return json{{"format", record_format},
              {"key_id", hex_of(record.id)},
              {"tenant", record.slot.tenant.value()},
              {"domain", record.slot.domain.value()},
              {"purpose", name_of(record.slot.purpose)},
              {"version", record.version},
              {"state", name_of(record.state)},
              {"suite", record.suite},
              {"wrapped", json_of(record.wrapped)},
              {"wrapped_next", record.wrapped_next ? json_of(*record.wrapped_next) : json(nullptr)},
              {"recovery_wrapped", hex_of(as_bytes(record.recovery_wrapped))},
              {"check_value", hex_of(record.check_value)},
              {"epoch", record.epoch},
              {"leased", record.leased},
              {"created_at", json_of(record.created_at)},
              {"activated_at", json_of(record.activated_at)},
              {"deactivated_at", json_of(record.deactivated_at)},
              {"retired_at", json_of(record.retired_at)},
              {"destroyed_at", json_of(record.destroyed_at)},
              {"row_mac", hex_of(record.row_mac)}}
             .dump(1) +
         "\n";
}

Result<StoreMac> StoreMac::make(const StoreRoot& root, const SecretBytes& store_key) {
  std::string context;
  for (const std::string* part : {&root.store_id, &root.deployment}) {
    append_u32(context, static_cast<std::uint32_t>(part->size()));
    context += *part;
  }
  SEALROW_TRY(SecretBytes row_key, derive(store_key, "rowmac", context));
  SEALROW_TRY(SecretBytes manifest_key, derive(store_key, "manifest", context));
  return StoreMac(std::move(row_key), std::move(manifest_key));
}

RowMac StoreMac::row(const KeyRecord& record) const {
  return crypto::hmac_sha256(row_key_.reveal(), as_bytes(keys::canonical(record)));
}
RowMac StoreMac::manifest(const Manifest& manifest) const {
  return crypto::hmac_sha256(manifest_key_.reveal(), as_bytes(canonical(manifest)));
}

Result<> StoreMac::check(const KeyRecord& record) const {
  if (equal(row(record), record.row_mac)) return {};
  return Error{ErrorCode::key_store_corrupt, "key record failed authentication",
               "it was edited, or belongs to another store", "restore the key store from a backup",
               "key " + hex_of(record.id)};
}
Result<> StoreMac::check(const Manifest& manifest) const {
  if (equal(this->manifest(manifest), manifest.mac)) return {};
  return Error{ErrorCode::key_store_corrupt, "key store's manifest failed authentication",
               "it was edited, or belongs to another store", "restore the key store from a backup"};
}

Result<StoreHead> head_of(const Manifest& manifest) {
  StoreHead head{manifest.epoch, {}, manifest.keys.size()};
  SEALROW_TRY(head.root_hash, sha256(canonical(manifest)));
  return head;
}

}  // namespace sealrow::keys
