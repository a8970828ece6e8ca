#include "keys/record_keys.hpp"

#include "keys/primitives.hpp"
#include "sealrow/crypto/envelope.hpp"
#include "sealrow/crypto/keys.hpp"

#include <utility>

namespace sealrow::keys {

namespace {

WrapContext context_of(const std::string& deployment, const KeyRecord& record) {
  return {deployment, record.slot, record.id, record.version};
}

Result<KeyId> random_key_id() {
  std::array<std::uint8_t, 8> raw{};
  while (load_u64(raw.data()) == 0) SEALROW_CHECK(crypto::random_bytes(raw));
  return KeyId(load_u64(raw.data()));
}

}  // namespace

Result<SecretBytes> unwrap_record(KeyProvider& provider, const std::string& deployment, const KeyRecord& record) {
  SEALROW_TRY(SecretBytes key, provider.unwrap(context_of(deployment, record), record.wrapped));
  if (key.size() == crypto::key_size) {
    SEALROW_TRY(const KeyCheckValue value, check_value_of(key));
    if (value == record.check_value) return key;
  }
  return Error{ErrorCode::key_store_corrupt, "unwrapped key is not the one that was stored", "check values differ",
               "restore the key store from a backup"};
}

Result<> for_each_record(KeyStore& store, const std::function<Result<>(const KeyRecord&)>& visit) {
  constexpr std::size_t page = 1000;
  for (KeyId after{0};;) {
    SEALROW_TRY(const auto records, store.list(after, page));
    for (const KeyRecord& record : records) SEALROW_CHECK(visit(record));
    if (records.size() < page) return {};
    after = records.back().id;
  }
}

Result<NewKey> make_first_key(KeyProvider& provider, const std::string& deployment, const KeySlot& slot, WallTime now) {
  KeyRecord record;
  SEALROW_TRY(record.id, random_key_id());
  record.slot = slot;
  record.state = KeyState::active;
  record.suite = static_cast<std::uint8_t>(crypto::Suite::xaes_256_gcm_commit);
  record.created_at = to_stored_precision(now);
  record.activated_at = record.created_at;
  SEALROW_TRY(GeneratedKey generated, provider.generate(context_of(deployment, record)));
  record.wrapped = std::move(generated.wrapped);
  SEALROW_TRY(record.check_value, check_value_of(generated.plain));
  return NewKey{std::move(record), std::move(generated.plain)};
}

}  // namespace sealrow::keys
