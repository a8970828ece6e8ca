// The file store's three documents and their authentication.
//
//   root.json       sealrow-key-store     StoreRoot; authenticated through the store key inside
//   manifest.json   sealrow-key-manifest  {"store_id", "epoch", "keys": [["<id>", epoch, "<row_mac>"], …], "mac"}
//   keys/<id>-<epoch>.json  sealrow-key   one KeyRecord, row_mac included
#pragma once

#include "sealrow/base/secret.hpp"
#include "sealrow/keys/store.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sealrow::keys {

inline constexpr std::size_t max_document_size = 64u << 10;
inline constexpr std::size_t max_manifest_size = 16u << 20;
inline constexpr std::size_t max_keys = 100'000;

struct ManifestEntry {
  KeyId id;
  std::uint64_t epoch = 0;
  RowMac row_mac{};
  friend bool operator==(const ManifestEntry&, const ManifestEntry&) = default;
};
struct Manifest {
  std::string store_id;
  std::uint64_t epoch = 0;
  std::vector<ManifestEntry> keys;  // by id, no id twice
  RowMac mac{};
};

// Parsers take hostile bytes. They check form only; StoreMac tells whether a document is genuine.
[[nodiscard]] Result<StoreRoot> parse_root(std::string_view text);
[[nodiscard]] Result<Manifest> parse_manifest(std::string_view text);
[[nodiscard]] Result<KeyRecord> parse_record(std::string_view text);
[[nodiscard]] std::string to_json(const StoreRoot& root);
[[nodiscard]] std::string to_json(const Manifest& manifest);
[[nodiscard]] std::string to_json(const KeyRecord& record);

// Authenticates what a store holds, for every kind of store. Its keys are derived from the store key together with
// the root's other fields: a row of another store, or a root with an edited name, fits nothing.
class StoreMac {
 public:
  [[nodiscard]] static Result<StoreMac> make(const StoreRoot& root, const SecretBytes& store_key);
  [[nodiscard]] RowMac row(const KeyRecord& record) const;
  [[nodiscard]] RowMac manifest(const Manifest& manifest) const;
  // key_store_corrupt if it was made by anybody else.
  [[nodiscard]] Result<> check(const KeyRecord& record) const;
  [[nodiscard]] Result<> check(const Manifest& manifest) const;

 private:
  StoreMac(SecretBytes row_key, SecretBytes manifest_key)
      : row_key_(std::move(row_key)), manifest_key_(std::move(manifest_key)) {}
  SecretBytes row_key_, manifest_key_;
};

[[nodiscard]] Result<StoreHead> head_of(const Manifest& manifest);

}  // namespace sealrow::keys
