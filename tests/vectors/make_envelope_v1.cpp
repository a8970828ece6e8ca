// Wrote tests/vectors/envelope_v1.json once: make_envelope_v1 > tests/vectors/envelope_v1.json. The file is frozen;
// run this again only to add cases for a new suite or flag, and keep the old ones byte for byte.
#include "crypto/engine.hpp"
#include "sealrow/crypto/keys.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

using namespace sealrow;
using namespace sealrow::crypto;
using Json = nlohmann::ordered_json;

namespace {

constexpr Suite suites[] = {Suite::aes_256_gcm, Suite::xaes_256_gcm, Suite::xaes_256_gcm_commit,
                            Suite::chacha20_poly1305, Suite::aes_256_siv};

std::string hex(std::string_view bytes) {
  std::string text;
  append_hex(text, as_bytes(bytes));
  return text;
}

SecretBytes counting_key(std::uint8_t first) {
  SecretBytes key(key_size);
  for (std::uint8_t& byte : key.reveal_mutable()) byte = first++;
  return key;
}

struct Setting {
  std::shared_ptr<const EnvelopeKey> key;
  std::shared_ptr<const IndexKey> index;
  Engine engine;
};

Json make_case(Setting& setting, Suite suite, bool row, bool tagged, bool compressed) {
  const Context context{setting.key->tenant(), TableId{"t_messages"}, ColumnId{"c_body"},
                        row ? std::optional<std::string>("6f0c1a52-0b7e-4a53-9d0e-5f2f2d1d7c11") : std::nullopt};
  std::string plain = "Grüße aus Köln";
  if (compressed) {
    for (int i = 0; i < 4; ++i) plain += ", und noch einmal: Grüße aus Köln";
  }
  SealOptions options;
  options.suite = suite;
  options.type = ValueType::text;
  options.compression = compressed ? Compression::automatic : Compression::off;
  if (tagged) options.tag = setting.index->tag(context.column.value(), options.type, as_bytes(plain));
  std::string nonce(layout_of(suite).nonce_size, '\0');
  for (std::size_t i = 0; i < nonce.size(); ++i) nonce[i] = static_cast<char>(0xA0 + i);

  std::string envelope;
  setting.engine.seal_with_nonce(*setting.key, context, options, as_bytes(plain), as_bytes(nonce), envelope).value();
  std::string text;
  append_text_spelling(text, as_bytes(envelope));
  Json entry;
  entry["name"] =
      std::string(name(suite)) + (row ? " row" : " column") + (tagged ? " tag" : "") + (compressed ? " zstd" : "");
  entry["suite"] = name(suite);
  entry["table"] = context.table.value();
  entry["column"] = context.column.value();
  entry["row"] = row ? Json(*context.row) : Json(nullptr);
  entry["type"] = static_cast<int>(options.type);
  entry["plaintext"] = hex(plain);
  entry["nonce"] = hex(nonce);
  entry["tag"] = tagged ? Json(hex(as_text(*options.tag))) : Json(nullptr);
  entry["compressed"] = compressed;
  entry["binary"] = hex(envelope);
  entry["text"] = text;
  entry["json"] = Json(text).dump();
  return entry;
}

// A frozen envelope with one byte changed, or cut short.
Json make_negative(const Json& base, std::string what, std::size_t offset, std::uint8_t change) {
  std::string envelope;
  if (!decode_hex(base["binary"].get<std::string>(), envelope)) std::abort();
  if (change == 0) {
    envelope.resize(offset);
  } else {
    envelope[offset] = static_cast<char>(envelope[offset] ^ change);
  }
  return Json{{"name", std::move(what)}, {"like", base["name"]}, {"binary", hex(envelope)}};
}

}  // namespace

int main() {
  const SecretBytes dek = counting_key(0x00);
  const SecretBytes root = counting_key(0x40);
  const KeyId id{0x0123456789ABCDEF};
  const TenantId tenant{"acme"};
  const DomainId domain{"general"};
  Setting setting{EnvelopeKey::make(id, tenant, domain, dek).value(), IndexKey::make(3, tenant, domain, root).value(),
                  Engine(choose_backend(Provider::openssl).value(), NonceSource::pool)};
  Json file;
  file["format"] = "Sealrow envelope v1, see docs/envelope.md";
  file["key"] = {{"id", "0123456789abcdef"},
                 {"tenant", tenant.value()},
                 {"domain", domain.value()},
                 {"dek", hex(as_text(dek.reveal()))}};
  file["index_key"] = {{"version", 3}, {"root", hex(as_text(root.reveal()))}};
  for (const Suite suite : suites) {
    for (int bits = 0; bits < 8; ++bits)
      file["cases"].push_back(make_case(setting, suite, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0));
  }
  // Default suite with a tag: 12 header, 18 tag, 24 nonce, 32 commitment, ciphertext, 16 authentication tag.
  const Json base = file["cases"][8 * 2 + 2];
  const std::size_t size = base["binary"].get<std::string>().size() / 2;
  const std::tuple<const char*, std::size_t, std::uint8_t> changes[] = {
      {"magic", 0, 0x01},          {"version", 1, 0x10},         {"profile row without flag", 1, 0x03},
      {"profile 0", 1, 0x01},      {"suite reserved", 2, 0x10},  {"suite other", 2, 0x01},
      {"flag undefined", 3, 0x08}, {"flag compressed", 3, 0x02}, {"flag no tag", 3, 0x01},
      {"flag row", 3, 0x04},       {"key id", 11, 0x01},         {"tag version", 13, 0x01},
      {"tag", 29, 0x80},           {"nonce prefix", 30, 0x01},   {"nonce tail", 53, 0x01},
      {"commitment", 54, 0x01},    {"ciphertext", 86, 0x01},     {"authentication tag", size - 1, 0x01}};
  for (const auto& [what, offset, change] : changes)
    file["negative"].push_back(make_negative(base, what, offset, change));
  for (const std::size_t length : {std::size_t{0}, std::size_t{11}, std::size_t{12}, std::size_t{102}, size - 1})
    file["negative"].push_back(make_negative(base, "cut to " + std::to_string(length), length, 0));
  std::cout << file.dump(1) << "\n";
}
