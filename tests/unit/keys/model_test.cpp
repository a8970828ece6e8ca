#include "sealrow/keys/model.hpp"

#include "keys/documents.hpp"
#include "support.hpp"

#include <functional>
#include <set>
#include <string>
#include <vector>

using namespace sealrow;
using namespace sealrow::keys;

namespace {

constexpr KeyState all_states[] = {KeyState::pre_active,  KeyState::active,      KeyState::suspended,
                                   KeyState::deactivated, KeyState::compromised, KeyState::destroyed};

KeyRecord sample() {
  KeyRecord record;
  record.id = KeyId(0x0102030405060708);
  record.slot = {TenantId("tenant"), DomainId("pii"), KeyPurpose::data};
  record.state = KeyState::active;
  record.suite = 3;
  record.wrapped = {"kek", "1", WrapAlgorithm::aes_256_gcm, std::string("\0wrapped\xFF", 9)};
  record.wrapped_next = WrappedKey{"kek2", "7", WrapAlgorithm::provider_opaque, "next"};
  record.recovery_wrapped = "recovery";
  record.check_value = {1, 2, 3, 4, 5, 6, 7, 8};
  record.epoch = 9;
  record.created_at = WallTime(std::chrono::seconds(1'700'000'000));
  record.activated_at = record.created_at;
  return record;
}

}  // namespace

TEST_CASE("exactly the transitions of the table exist") {
  // Rows: from, columns: to, in the order of all_states.
  const char* expected[] = {".a..cd", "..sxc.", ".a.xc.", "..s.cd", ".....d", "......"};
  for (std::size_t from = 0; from < 6; ++from)
    for (std::size_t to = 0; to < 6; ++to)
      CHECK(transition_exists(all_states[from], all_states[to]) == (expected[from][to] != '.'));
}

TEST_CASE("each state allows what it should") {
  struct Row {
    KeyState state;
    bool seal, open;
  };
  for (const Row& row : {Row{KeyState::pre_active, false, false}, Row{KeyState::active, true, true},
                         Row{KeyState::suspended, false, false}, Row{KeyState::deactivated, false, true},
                         Row{KeyState::compromised, false, true}, Row{KeyState::destroyed, false, false}}) {
    KeyRecord record = sample();
    record.state = row.state;
    CHECK(may_seal(record) == row.seal);
    CHECK(may_open(record) == row.open);
  }
  KeyRecord retired = sample();
  retired.state = KeyState::deactivated;
  retired.retired_at = retired.created_at;
  CHECK_FALSE(may_open(retired));
}

TEST_CASE("a key's life: stamps, retirement before destruction, nothing left after it") {
  const WallTime now = sample().created_at + std::chrono::hours(1);
  const KeyRecord old = with_state(sample(), KeyState::deactivated, now).value();
  CHECK(old.deactivated_at == now);
  CHECK(with_state(old, KeyState::destroyed, now).error().code == ErrorCode::key_unusable);
  const KeyRecord retired = with_retirement(old, now).value();
  CHECK(with_retirement(retired, std::nullopt).value() == old);
  const KeyRecord gone = with_state(retired, KeyState::destroyed, now).value();
  CHECK(gone.wrapped.bytes.empty());
  CHECK_FALSE(gone.wrapped_next);
  CHECK(gone.recovery_wrapped.empty());
  CHECK(check_record(gone).has_value());
  for (const KeyState to : all_states) CHECK(with_state(gone, to, now).has_error());
  CHECK(with_retirement(sample(), now).has_error());
}

TEST_CASE("a deactivated key never seals again by way of suspension") {
  const WallTime now = sample().created_at;
  const KeyRecord suspended = with_state(sample(), KeyState::suspended, now).value();
  CHECK(with_state(suspended, KeyState::active, now).has_value());
  const KeyRecord old = with_state(suspended, KeyState::deactivated, now).value();
  const KeyRecord again = with_state(old, KeyState::suspended, now).value();
  CHECK(with_state(again, KeyState::active, now).has_error());
  CHECK(with_state(again, KeyState::deactivated, now).has_value());
}

TEST_CASE("every field is in the authenticated form, and survives its document") {
  using Change = std::function<void(KeyRecord&)>;
  const std::vector<Change> changes = {
      [](KeyRecord& r) { r.id = KeyId(2); },
      [](KeyRecord& r) { r.slot.tenant = TenantId("tenanu"); },
      [](KeyRecord& r) { r.slot.domain = DomainId("pij"); },
      // Boundary between neighbours: only length prefixes tell these apart.
      [](KeyRecord& r) { r.slot.tenant = TenantId("tenantp"), r.slot.domain = DomainId("ii"); },
      [](KeyRecord& r) { r.slot.purpose = KeyPurpose::index; },
      [](KeyRecord& r) { r.version = 2; },
      [](KeyRecord& r) { r.state = KeyState::suspended; },
      [](KeyRecord& r) { r.suite = 2; },
      [](KeyRecord& r) { r.wrapped.kek_id = "kek3"; },
      [](KeyRecord& r) { r.wrapped.kek_version = "2"; },
      [](KeyRecord& r) { r.wrapped.algorithm = WrapAlgorithm::aes_kwp; },
      [](KeyRecord& r) { r.wrapped.bytes += "x"; },
      [](KeyRecord& r) { r.wrapped_next.reset(); },
      [](KeyRecord& r) { r.wrapped_next->bytes += "x"; },
      [](KeyRecord& r) { r.recovery_wrapped.clear(); },
      [](KeyRecord& r) { r.check_value[7] = 0; },
      [](KeyRecord& r) { r.epoch = 10; },
      [](KeyRecord& r) { r.leased = 1; },
      [](KeyRecord& r) { r.created_at += std::chrono::microseconds(1); },
      [](KeyRecord& r) { r.activated_at.reset(); },
      [](KeyRecord& r) { r.deactivated_at = r.created_at; },
      [](KeyRecord& r) { r.deactivated_at = r.activated_at, r.activated_at.reset(); },
      [](KeyRecord& r) { r.state = KeyState::deactivated, r.retired_at = r.created_at; },
      [](KeyRecord& r) { r.destroyed_at = r.created_at; },
  };
  std::set<std::string> seen{canonical(sample())};
  CHECK(parse_record(to_json(sample())).value() == sample());
  for (std::size_t i = 0; i < changes.size(); ++i) {
    INFO("change " << i);
    KeyRecord record = sample();
    changes[i](record);
    CHECK(seen.insert(canonical(record)).second);
    CHECK(parse_record(to_json(record)).value() == record);
  }
}

TEST_CASE("malformed names and records are refused") {
  const std::string bad[] = {"", std::string(257, 'x'), "\xFF", std::string("a\0b", 3)};
  for (const std::string& name : bad) {
    CHECK(check_slot_names(TenantId(name), DomainId("d")).error().code == ErrorCode::tenant_invalid);
    CHECK(check_slot_names(TenantId("t"), DomainId(name)).has_error());
  }
  CHECK(check_slot_names(TenantId(std::string(256, 'x')), DomainId("d")).has_value());
  const std::vector<std::function<void(KeyRecord&)>> breaks = {
      [](KeyRecord& r) { r.id = KeyId(0); },
      [](KeyRecord& r) { r.slot.purpose = KeyPurpose::store; },
      [](KeyRecord& r) { r.version = 0; },
      [](KeyRecord& r) { r.slot.purpose = KeyPurpose::index, r.version = 65536; },
      [](KeyRecord& r) { r.wrapped.bytes.clear(); },
      [](KeyRecord& r) { r.state = KeyState::destroyed; },
      [](KeyRecord& r) { r.retired_at = r.created_at; },
  };
  for (const auto& spoil : breaks) {
    KeyRecord record = sample();
    spoil(record);
    CHECK(check_record(record).has_error());
  }
}

TEST_CASE("an update may change neither identity nor history") {
  const KeyRecord current = sample();
  CHECK(check_update(current, current).has_value());
  const std::vector<std::function<void(KeyRecord&)>> forbidden = {
      [](KeyRecord& r) { r.id = KeyId(7); },
      [](KeyRecord& r) { r.slot.tenant = TenantId("other"); },
      [](KeyRecord& r) { r.version = 2; },
      [](KeyRecord& r) { r.check_value[0] = 9; },
      [](KeyRecord& r) { r.state = KeyState::pre_active; },
      [](KeyRecord& r) { r.created_at += std::chrono::seconds(1); },
  };
  for (const auto& change : forbidden) {
    KeyRecord next = current;
    change(next);
    CHECK(check_update(current, next).has_error());
  }
}

TEST_CASE("names of enumerations read back") {
  for (const KeyState state : all_states) CHECK(parse_state(name_of(state)) == state);
  CHECK(parse_wrap_algorithm("ml-kem-1024") == WrapAlgorithm::ml_kem_1024);
  CHECK_FALSE(parse_purpose("sealing"));
}
