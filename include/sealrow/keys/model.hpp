// What the store holds about a key, and which changes of state exist (NIST SP 800-57 part 1 rev. 5, section 7).
// A record never holds key bytes, only wrapped ones.
#pragma once

#include "sealrow/base/bytes.hpp"
#include "sealrow/base/clock.hpp"
#include "sealrow/base/ids.hpp"
#include "sealrow/base/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sealrow::keys {

// Numbers are stored: never reused or renumbered.
enum class KeyPurpose : std::uint8_t {
  data = 1,   // seals values
  index = 2,  // root of equality tags
  store = 3,  // the store's own key: authenticates rows and manifest; lives in the StoreRoot, never as a row
};

enum class KeyState : std::uint8_t {
  pre_active = 1,
  active = 2,       // exactly one per slot
  suspended = 3,    // reversible
  deactivated = 4,  // opens, never seals; with `retired_at` it does not open either
  compromised = 5,  // opens (for re-sealing), audited as such
  destroyed = 6,    // tombstone: the wrapped bytes are gone, the row stays
};

enum class WrapAlgorithm : std::uint16_t {
  none = 0,             // destroyed
  aes_256_gcm = 1,      // nonce ‖ ciphertext ‖ tag, WrapContext as associated data
  aes_kwp = 2,          // RFC 5649; binds nothing, row_mac does
  rsa_oaep_sha256 = 3,  // binds nothing, row_mac does
  provider_opaque = 4,  // ciphertext format of a cloud KMS
  // Reserved for post-quantum hybrids; no provider makes or accepts them yet.
  ml_kem_768_x25519 = 64,
  ml_kem_1024 = 65,
};

[[nodiscard]] std::string_view name_of(KeyPurpose purpose) noexcept;
[[nodiscard]] std::string_view name_of(KeyState state) noexcept;
[[nodiscard]] std::string_view name_of(WrapAlgorithm algorithm) noexcept;
[[nodiscard]] std::optional<KeyPurpose> parse_purpose(std::string_view name) noexcept;
[[nodiscard]] std::optional<KeyState> parse_state(std::string_view name) noexcept;
[[nodiscard]] std::optional<WrapAlgorithm> parse_wrap_algorithm(std::string_view name) noexcept;

// Output of a provider's wrap. `kek_version` is the provider's own word for it.
struct WrappedKey {
  std::string kek_id;
  std::string kek_version;
  WrapAlgorithm algorithm = WrapAlgorithm::none;
  std::string bytes;
  friend bool operator==(const WrappedKey&, const WrappedKey&) = default;
};

// Where a key belongs. A slot has any number of versions, at most one of them active.
struct KeySlot {
  TenantId tenant;
  DomainId domain;
  KeyPurpose purpose = KeyPurpose::data;
  friend bool operator==(const KeySlot&, const KeySlot&) = default;
};

using KeyCheckValue = std::array<std::uint8_t, 8>;
using RowMac = std::array<std::uint8_t, 32>;

struct KeyRecord {
  KeyId id;
  KeySlot slot;
  std::uint32_t version = 1;  // counts within the slot; index keys stop at 65535 (two bytes in the equality tag)
  KeyState state = KeyState::pre_active;
  std::uint8_t suite = 0;                  // crypto::Suite the key is meant for
  WrappedKey wrapped;                      // empty once destroyed
  std::optional<WrappedKey> wrapped_next;  // second value while the KEK is being changed
  std::string recovery_wrapped;            // to an offline public key; empty: none
  KeyCheckValue check_value{};             // proves that an unwrapped key is this one
  std::uint64_t epoch = 0;                 // counts the changes of this row, set by the store
  std::uint64_t leased = 0;                // use counter handed out in blocks (suites with a limit)
  WallTime created_at{};
  std::optional<WallTime> activated_at, deactivated_at, retired_at, destroyed_at;
  RowMac row_mac{};  // over all of the above, set and verified by the store
  friend bool operator==(const KeyRecord&, const KeyRecord&) = default;
};

// Every field but row_mac, in declaration order: integers big-endian, strings and optionals length-prefixed, times in
// microseconds. This is what row_mac authenticates; changing it makes every store unreadable.
[[nodiscard]] std::string canonical(const KeyRecord& record);
// The time as stores keep it.
[[nodiscard]] WallTime to_stored_precision(WallTime time) noexcept;

// Bounds and spelling of what comes from outside: tenants and domains are non-empty valid UTF-8 of at most 256 bytes.
inline constexpr std::size_t max_name_size = 256;
[[nodiscard]] Result<> check_slot_names(const TenantId& tenant, const DomainId& domain);
// Shape of a whole record, whoever made it.
[[nodiscard]] Result<> check_record(const KeyRecord& record);

// --- states -------------------------------------------------------------------------------------------------------

// The table, without the conditions that depend on a record's history.
[[nodiscard]] bool transition_exists(KeyState from, KeyState to) noexcept;
[[nodiscard]] bool may_seal(const KeyRecord& record) noexcept;
[[nodiscard]] bool may_open(const KeyRecord& record) noexcept;

// The record after the change, with its time stamp; refuses with key_unusable what the table or the record's history
// forbids. Destruction drops every wrapped form. The caller stores it by compare-and-swap.
[[nodiscard]] Result<KeyRecord> with_state(const KeyRecord& record, KeyState to, WallTime now);
// Marks a deactivated key as proven unused, or takes the mark back.
[[nodiscard]] Result<KeyRecord> with_retirement(const KeyRecord& record, std::optional<WallTime> retired_at);
// What every store checks before it replaces a row: same key, allowed change of state, nothing that must not change.
[[nodiscard]] Result<> check_update(const KeyRecord& current, const KeyRecord& next);

}  // namespace sealrow::keys
