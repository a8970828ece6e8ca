#include "sealrow/keys/model.hpp"

#include <chrono>
#include <span>
#include <utility>

namespace sealrow::keys {

namespace {

using Micros = std::chrono::microseconds;

template <class Enum>
struct Named {
  Enum value;
  std::string_view name;
};

constexpr Named<KeyPurpose> purposes[] = {
    {KeyPurpose::data, "data"}, {KeyPurpose::index, "index"}, {KeyPurpose::store, "store"}};
constexpr Named<KeyState> states[] = {{KeyState::pre_active, "pre-active"},   {KeyState::active, "active"},
                                      {KeyState::suspended, "suspended"},     {KeyState::deactivated, "deactivated"},
                                      {KeyState::compromised, "compromised"}, {KeyState::destroyed, "destroyed"}};
constexpr Named<WrapAlgorithm> algorithms[] = {{WrapAlgorithm::none, "none"},
                                               {WrapAlgorithm::aes_256_gcm, "aes-256-gcm"},
                                               {WrapAlgorithm::aes_kwp, "aes-kwp"},
                                               {WrapAlgorithm::rsa_oaep_sha256, "rsa-oaep-sha256"},
                                               {WrapAlgorithm::provider_opaque, "provider"},
                                               {WrapAlgorithm::ml_kem_768_x25519, "ml-kem-768-x25519"},
                                               {WrapAlgorithm::ml_kem_1024, "ml-kem-1024"}};

template <class Enum, std::size_t n>
std::string_view find_name(const Named<Enum> (&table)[n], Enum value) noexcept {
  for (const auto& row : table)
    if (row.value == value) return row.name;
  return "unknown";
}
template <class Enum, std::size_t n>
std::optional<Enum> find_value(const Named<Enum> (&table)[n], std::string_view name) noexcept {
  for (const auto& row : table)
    if (row.name == name) return row.value;
  return std::nullopt;
}

void append_string(std::string& out, std::string_view text) {
  append_u32(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}
void append_wrapped(std::string& out, const WrappedKey& wrapped) {
  append_string(out, wrapped.kek_id);
  append_string(out, wrapped.kek_version);
  append_u16(out, static_cast<std::uint16_t>(wrapped.algorithm));
  append_string(out, wrapped.bytes);
}
std::uint64_t micros(WallTime time) {
  return static_cast<std::uint64_t>(std::chrono::floor<Micros>(time.time_since_epoch()).count());
}
void append_time(std::string& out, const std::optional<WallTime>& time) {
  out.push_back(time ? '\1' : '\0');
  if (time) append_u64(out, micros(*time));
}

Error unusable(const KeyRecord& record, std::string detail) {
  return Error{ErrorCode::key_unusable, "change of a key's state is not allowed", std::move(detail), "",
               "key version " + std::to_string(record.version)};
}
Error malformed(std::string detail) {
  return Error{ErrorCode::key_store_corrupt, "key record is malformed", std::move(detail)};
}

// SP 800-57 part 1 rev. 5, figure 7, narrowed: an active key is not destroyed without being deactivated first, and a
// suspended one not without leaving suspension first, so that destruction has one way in (see with_state).
struct Transition {
  KeyState from, to;
};
constexpr Transition transitions[] = {
    {KeyState::pre_active, KeyState::active},       {KeyState::pre_active, KeyState::compromised},
    {KeyState::pre_active, KeyState::destroyed},    {KeyState::active, KeyState::suspended},
    {KeyState::active, KeyState::deactivated},      {KeyState::active, KeyState::compromised},
    {KeyState::suspended, KeyState::active},        {KeyState::suspended, KeyState::deactivated},
    {KeyState::suspended, KeyState::compromised},   {KeyState::deactivated, KeyState::suspended},
    {KeyState::deactivated, KeyState::compromised}, {KeyState::deactivated, KeyState::destroyed},
    {KeyState::compromised, KeyState::destroyed},
};

// What the table cannot say because it depends on the record's past.
std::string_view history_objection(const KeyRecord& record, KeyState to) {
  if (to == KeyState::active && record.state == KeyState::suspended && record.deactivated_at)
    return "the key was deactivated before it was suspended and never seals again";
  if (to == KeyState::destroyed && record.state == KeyState::deactivated && !record.retired_at)
    return "the key is not retired: nobody has proven that no value needs it";
  return {};
}

}  // namespace

std::string_view name_of(KeyPurpose purpose) noexcept { return find_name(purposes, purpose); }
std::string_view name_of(KeyState state) noexcept { return find_name(states, state); }
std::string_view name_of(WrapAlgorithm algorithm) noexcept { return find_name(algorithms, algorithm); }
std::optional<KeyPurpose> parse_purpose(std::string_view name) noexcept { return find_value(purposes, name); }
std::optional<KeyState> parse_state(std::string_view name) noexcept { return find_value(states, name); }
std::optional<WrapAlgorithm> parse_wrap_algorithm(std::string_view name) noexcept {
  return find_value(algorithms, name);
}

WallTime to_stored_precision(WallTime time) noexcept {
  return WallTime(std::chrono::floor<Micros>(time.time_since_epoch()));
}

std::string canonical(const KeyRecord& record) {
  std::string out("sealrow/key-row/v1\0", 19);
  append_u64(out, record.id.value());
  append_string(out, record.slot.tenant.value());
  append_string(out, record.slot.domain.value());
  out.push_back(static_cast<char>(record.slot.purpose));
  append_u32(out, record.version);
  out.push_back(static_cast<char>(record.state));
  out.push_back(static_cast<char>(record.suite));
  append_wrapped(out, record.wrapped);
  out.push_back(record.wrapped_next ? '\1' : '\0');
  if (record.wrapped_next) append_wrapped(out, *record.wrapped_next);
  append_string(out, record.recovery_wrapped);
  append_string(out, as_text(record.check_value));
  append_u64(out, record.epoch);
  append_u64(out, record.leased);
  append_u64(out, micros(record.created_at));
  for (const auto& time : {record.activated_at, record.deactivated_at, record.retired_at, record.destroyed_at})
    append_time(out, time);
  return out;
}

Result<> check_slot_names(const TenantId& tenant, const DomainId& domain) {
  auto acceptable = [](const std::string& name) {
    return !name.empty() && name.size() <= max_name_size && is_valid_utf8(name) && name.find('\0') == std::string::npos;
  };
  if (!acceptable(tenant.value()))
    return Error{ErrorCode::tenant_invalid, "tenant identifier cannot name a key",
                 "1 to 256 bytes of valid UTF-8 are allowed"};
  if (!acceptable(domain.value()))
    return Error{ErrorCode::config_value, "key domain cannot name a key", "1 to 256 bytes of valid UTF-8 are allowed"};
  return {};
}

Result<> check_record(const KeyRecord& record) {
  if (record.id.value() == 0) return malformed("key id 0 is reserved");
  if (check_slot_names(record.slot.tenant, record.slot.domain).has_error()) return malformed("tenant or domain");
  if (record.slot.purpose == KeyPurpose::store) return malformed("the store's own key is not a row");
  const std::uint32_t last_version = record.slot.purpose == KeyPurpose::index ? 0xFFFF : 0x7FFFFFFF;
  if (record.version == 0 || record.version > last_version) return malformed("version");
  const bool has_key = !record.wrapped.bytes.empty() && record.wrapped.algorithm != WrapAlgorithm::none;
  if (has_key == (record.state == KeyState::destroyed)) return malformed("wrapped key does not fit the state");
  for (const std::string* text : {&record.wrapped.kek_id, &record.wrapped.kek_version})
    if (!is_valid_utf8(*text)) return malformed("name of the key-encryption key");
  if (record.retired_at && record.state == KeyState::active) return malformed("an active key cannot be retired");
  return {};
}

bool transition_exists(KeyState from, KeyState to) noexcept {
  for (const auto& row : transitions)
    if (row.from == from && row.to == to) return true;
  return false;
}

bool may_seal(const KeyRecord& record) noexcept { return record.state == KeyState::active; }

bool may_open(const KeyRecord& record) noexcept {
  switch (record.state) {
    case KeyState::active:
    case KeyState::compromised:
      return true;
    case KeyState::deactivated:
      return !record.retired_at;
    case KeyState::pre_active:
    case KeyState::suspended:
    case KeyState::destroyed:
      return false;
  }
  return false;
}

Result<KeyRecord> with_state(const KeyRecord& record, KeyState to, WallTime now) {
  if (!transition_exists(record.state, to))
    return unusable(record, "from " + std::string(name_of(record.state)) + " to " + std::string(name_of(to)));
  if (const auto objection = history_objection(record, to); !objection.empty())
    return unusable(record, std::string(objection));
  KeyRecord next = record;
  next.state = to;
  const WallTime stamp = to_stored_precision(now);
  if (to == KeyState::active && !next.activated_at) next.activated_at = stamp;
  if (to == KeyState::deactivated && !next.deactivated_at) next.deactivated_at = stamp;
  if (to == KeyState::destroyed) {
    next.destroyed_at = stamp;
    next.wrapped.algorithm = WrapAlgorithm::none;
    next.wrapped.bytes.clear();
    next.wrapped_next.reset();
    next.recovery_wrapped.clear();
  }
  return next;
}

Result<KeyRecord> with_retirement(const KeyRecord& record, std::optional<WallTime> retired_at) {
  if (record.state != KeyState::deactivated) return unusable(record, "only a deactivated key can be retired");
  KeyRecord next = record;
  next.retired_at = retired_at ? std::optional(to_stored_precision(*retired_at)) : std::nullopt;
  return next;
}

Result<> check_update(const KeyRecord& current, const KeyRecord& next) {
  SEALROW_CHECK(check_record(next));
  if (next.id != current.id || next.slot != current.slot || next.version != current.version ||
      next.suite != current.suite || next.check_value != current.check_value || next.created_at != current.created_at)
    return Error{ErrorCode::internal, "a field of a key that never changes would change"};
  if (next.leased < current.leased) return Error{ErrorCode::internal, "a key's use counter would go back"};
  if (next.state == current.state) return {};
  if (!transition_exists(current.state, next.state))
    return unusable(current, "from " + std::string(name_of(current.state)) + " to " + std::string(name_of(next.state)));
  if (const auto objection = history_objection(current, next.state); !objection.empty())
    return unusable(current, std::string(objection));
  return {};
}

}  // namespace sealrow::keys
