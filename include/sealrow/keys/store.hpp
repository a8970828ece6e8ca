// Where wrapped keys live. Every record that a store returns has passed its row_mac; every record it writes gets one.
// Calls may block (disk, database) and are thread-safe; several stores over the same place, also in several
// processes, see one truth.
#pragma once

#include "sealrow/keys/model.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sealrow::keys {

// What must be known before any row can be trusted. The store key inside is wrapped by the provider under the context
// {deployment, slot {"", "", store}, key 0, version 1}; unwrapping it and comparing the check value is the self-check
// at opening. All authentication keys are derived from it together with the other fields.
struct StoreRoot {
  std::string store_id;  // 32 hex digits, random
  std::string deployment;
  WrappedKey key;
  KeyCheckValue check_value{};
  WallTime created_at{};
};

struct StoreHead {
  std::uint64_t epoch = 0;                   // counts the changes of the whole store, never goes back
  std::array<std::uint8_t, 32> root_hash{};  // over every row's id, epoch and row_mac
  std::uint64_t keys = 0;                    // rows, tombstones included
  friend bool operator==(const StoreHead&, const StoreHead&) = default;
};

struct SlotContent {
  std::optional<KeyRecord> active;
  std::uint32_t versions = 0;  // rows of the slot in any state; 0: a first key may be made
};

class KeyStore {
 public:
  virtual ~KeyStore() = default;
  [[nodiscard]] virtual const StoreRoot& root() const noexcept = 0;

  [[nodiscard]] virtual Result<SlotContent> slot(const KeySlot& slot) = 0;
  [[nodiscard]] virtual Result<std::optional<KeyRecord>> find(KeyId id) = 0;
  // In order of key id, those greater than `after`.
  [[nodiscard]] virtual Result<std::vector<KeyRecord>> list(KeyId after, std::size_t limit) = 0;

  // The slot's first key. Returns the active record: `first` itself, or the one of whoever came before. A slot whose
  // keys are all out of use is not vacant: key_unusable. A key id in use: key_conflict.
  [[nodiscard]] virtual Result<KeyRecord> insert_if_absent(const KeyRecord& first) = 0;
  // All or nothing. Each record's epoch is the one it was read with; anything newer in the store: key_conflict.
  // Returns the records as stored. (A promotion is one call with two records.)
  [[nodiscard]] virtual Result<std::vector<KeyRecord>> compare_and_swap(std::span<const KeyRecord> changed) = 0;

  [[nodiscard]] virtual Result<StoreHead> head() = 0;
  // A consistent copy in a directory, whole or not at all. Replaces an older copy of the same store only.
  [[nodiscard]] virtual Result<StoreHead> backup(const std::string& directory) = 0;
};

}  // namespace sealrow::keys
