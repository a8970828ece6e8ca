#include "sealrow/crypto/keys.hpp"
#include "unit/crypto/support.hpp"

#include <catch2/catch_test_macros.hpp>

#include <set>
#include <thread>

using namespace sealrow;
using namespace sealrow::crypto;
using namespace sealrow::crypto::test;

TEST_CASE("a tag depends on version, tenant, domain, root, group, type and value, and on nothing else") {
  const auto tag = [](std::uint16_t version, const char* tenant, const char* domain, std::uint8_t fill,
                      const char* group, ValueType type, std::string_view value) {
    return IndexKey::make(version, TenantId{tenant}, DomainId{domain}, key_of(fill))
        .value()
        ->tag(group, type, as_bytes(value));
  };
  const auto base = tag(1, "acme", "pii", 1, "c", ValueType::text, "v");
  CHECK(base == tag(1, "acme", "pii", 1, "c", ValueType::text, "v"));
  CHECK(load_u16(base.data()) == 1);
  CHECK(load_u16(tag(0x0203, "acme", "pii", 1, "c", ValueType::text, "v").data()) == 0x0203);
  const std::set<std::string> all = {
      hex(as_text(base).substr(2)),
      hex(as_text(tag(2, "acme", "pii", 1, "c", ValueType::text, "v")).substr(2)),
      hex(as_text(tag(1, "beta", "pii", 1, "c", ValueType::text, "v")).substr(2)),
      hex(as_text(tag(1, "acme", "health", 1, "c", ValueType::text, "v")).substr(2)),
      hex(as_text(tag(1, "acme", "pii", 2, "c", ValueType::text, "v")).substr(2)),
      hex(as_text(tag(1, "acme", "pii", 1, "d", ValueType::text, "v")).substr(2)),
      hex(as_text(tag(1, "acme", "pii", 1, "c", ValueType::bytes, "v")).substr(2)),
      hex(as_text(tag(1, "acme", "pii", 1, "c", ValueType::text, "w")).substr(2)),
      hex(as_text(tag(1, "acmep", "ii", 1, "c", ValueType::text, "v")).substr(2)),
  };
  CHECK(all.size() == 9);
}

TEST_CASE("many threads may make tags of many groups at once") {
  const auto key = index_key();
  const auto reference = [](int i) {
    return index_key()->tag("group" + std::to_string(i % 17), ValueType::text, as_bytes(std::to_string(i)));
  };
  std::vector<EqualityTag> expected;
  for (int i = 0; i < 400; ++i) expected.push_back(reference(i));
  std::vector<char> agreed(4, 1);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 400; ++i) {
        const auto tag = key->tag("group" + std::to_string(i % 17), ValueType::text, as_bytes(std::to_string(i)));
        if (tag != expected[static_cast<std::size_t>(i)]) agreed[static_cast<std::size_t>(t)] = 0;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(agreed == std::vector<char>(4, 1));
}

TEST_CASE("keys of a wrong size or with an impossible name are refused") {
  CHECK(IndexKey::make(1, TenantId{"t"}, DomainId{"d"}, SecretBytes(31)).has_error());
  CHECK(EnvelopeKey::make(KeyId{1}, TenantId{"t"}, DomainId{"d"}, SecretBytes(33)).has_error());
  CHECK(IndexKey::make(1, TenantId{std::string(70000, 't')}, DomainId{"d"}, key_of(1)).has_error());
  CHECK(EnvelopeKey::make(KeyId{1}, TenantId{std::string(70000, 't')}, DomainId{"d"}, key_of(1)).has_error());
}
