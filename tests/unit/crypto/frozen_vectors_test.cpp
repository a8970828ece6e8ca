// tests/vectors/envelope_v1.json: what was sealed once must open for ever. tests/oracle/test_vectors.py reads the same
// file with a second implementation.
#include "crypto/engine.hpp"
#include "unit/crypto/support.hpp"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <fstream>

using namespace sealrow;
using namespace sealrow::crypto;
using namespace sealrow::crypto::test;
using Json = nlohmann::json;

namespace {

const Json& vectors() {
  static const Json file = Json::parse(std::ifstream(SEALROW_SOURCE_DIR "/tests/vectors/envelope_v1.json"));
  return file;
}

SecretBytes secret(const Json& text) { return SecretBytes::copy_of(as_bytes(unhex(text.get<std::string>()))); }
std::string text(const Json& value) { return value.get<std::string>(); }

std::shared_ptr<const EnvelopeKey> frozen_key() {
  const Json& key = vectors()["key"];
  const KeyId id{load_u64(unhex(text(key["id"])).data())};
  return EnvelopeKey::make(id, TenantId{text(key["tenant"])}, DomainId{text(key["domain"])}, secret(key["dek"]))
      .value();
}

std::shared_ptr<const IndexKey> frozen_index_key() {
  const Json& key = vectors()["key"];
  const Json& index = vectors()["index_key"];
  return IndexKey::make(index["version"].get<std::uint16_t>(), TenantId{text(key["tenant"])},
                        DomainId{text(key["domain"])}, secret(index["root"]))
      .value();
}

Context place_of(const Json& entry) {
  Context where{frozen_key()->tenant(), TableId{text(entry["table"])}, ColumnId{text(entry["column"])}, std::nullopt};
  if (!entry["row"].is_null()) where.row = text(entry["row"]);
  return where;
}

const Json& case_named(const std::string& wanted) {
  for (const Json& entry : vectors()["cases"]) {
    if (text(entry["name"]) == wanted) return entry;
  }
  throw std::runtime_error("no case " + wanted);
}

}  // namespace

TEST_CASE("frozen envelopes open and their spellings agree") {
  const auto key = frozen_key();
  const auto sealer = Sealer::make().value();
  REQUIRE(vectors()["cases"].size() == 40);
  for (const Json& entry : vectors()["cases"]) {
    INFO(text(entry["name"]));
    const std::string envelope = unhex(text(entry["binary"]));
    std::string out;
    const auto opened = sealer->open(*key, place_of(entry), as_bytes(envelope), 1U << 20, out);
    REQUIRE(opened.has_value());
    CHECK(static_cast<int>(opened->type) == entry["type"].get<int>());
    CHECK(hex(out) == text(entry["plaintext"]));
    CHECK(parse_header(as_bytes(envelope))->compressed == entry["compressed"].get<bool>());
    std::string spelled;
    append_text_spelling(spelled, as_bytes(envelope));
    CHECK(spelled == text(entry["text"]));
    CHECK(Json(spelled).dump() == text(entry["json"]));
    std::string decoded;
    REQUIRE(decode_text_spelling(spelled, decoded).has_value());
    CHECK(decoded == envelope);
  }
}

TEST_CASE("sealing again under the frozen nonce gives the frozen bytes") {
  const auto key = frozen_key();
  const auto index = frozen_index_key();
  Engine engine(choose_backend(Provider::automatic).value(), NonceSource::pool);
  for (const Json& entry : vectors()["cases"]) {
    if (entry["compressed"].get<bool>()) continue;  // another zstd version may pack otherwise
    INFO(text(entry["name"]));
    SealOptions options;
    options.suite = suite_from_name(text(entry["suite"])).value();
    options.type = static_cast<ValueType>(entry["type"].get<int>());
    const std::string plain = unhex(text(entry["plaintext"]));
    if (!entry["tag"].is_null()) {
      options.tag = index->tag(text(entry["column"]), options.type, as_bytes(plain));
      CHECK(hex(as_text(*options.tag)) == text(entry["tag"]));
    }
    std::string out;
    REQUIRE(engine
                .seal_with_nonce(*key, place_of(entry), options, as_bytes(plain), as_bytes(unhex(text(entry["nonce"]))),
                                 out)
                .has_value());
    CHECK(hex(out) == text(entry["binary"]));
  }
}

TEST_CASE("frozen bad envelopes are refused") {
  const auto key = frozen_key();
  const auto sealer = Sealer::make().value();
  REQUIRE(vectors()["negative"].size() > 20);
  for (const Json& bad : vectors()["negative"]) {
    INFO(text(bad["name"]));
    const std::string envelope = unhex(text(bad["binary"]));
    std::string out;
    CHECK(sealer->open(*key, place_of(case_named(text(bad["like"]))), as_bytes(envelope), 1U << 20, out).has_error());
    CHECK(out.empty());
  }
}
