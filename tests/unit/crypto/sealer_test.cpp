#include "sealrow/crypto/sealer.hpp"

#include "crypto/engine.hpp"
#include "unit/crypto/support.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <random>
#include <set>

using namespace sealrow;
using namespace sealrow::crypto;
using namespace sealrow::crypto::test;

namespace {

constexpr std::size_t no_limit = std::size_t{1} << 30;

std::vector<Provider> providers() {
  std::vector<Provider> all{Provider::openssl};
  if (Sealer::make()->get()->provider() == Provider::ipsec_mb) all.push_back(Provider::ipsec_mb);
  return all;
}

std::string seal(Sealer& sealer, const EnvelopeKey& key, const Context& where, const SealOptions& options,
                 std::string_view plain) {
  std::string out;
  sealer.seal(key, where, options, as_bytes(plain), out).value();
  return out;
}

// The plaintext, or nothing; checks that a refusal is the one generic error (or the header's) and leaves no trace.
std::optional<std::string> open(Sealer& sealer, const EnvelopeKey& key, const Context& where,
                                std::string_view envelope) {
  std::string out = "kept";
  out.reserve(4 + envelope.size() + 64);
  const auto opened = sealer.open(key, where, as_bytes(envelope), no_limit, out);
  if (opened) {
    CHECK(out.size() == 4 + opened->size);
    return out.substr(4);
  }
  CHECK(out == "kept");
  const ErrorCode code = opened.error().code;
  CHECK((code == ErrorCode::envelope_rejected || code == ErrorCode::envelope_malformed ||
         code == ErrorCode::envelope_unsupported));
  if (code == ErrorCode::envelope_rejected) CHECK(opened.error().detail.empty());
  return std::nullopt;
}

SealOptions with(Suite suite, std::optional<EqualityTag> tag = std::nullopt,
                 Compression compression = Compression::off) {
  SealOptions options;
  options.suite = suite;
  options.tag = tag;
  options.compression = compression;
  return options;
}

EqualityTag some_tag(std::string_view value) { return index_key()->tag("c", ValueType::text, as_bytes(value)); }

std::string random_text(std::size_t size) {
  static std::mt19937 random(99);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

}  // namespace

TEST_CASE("values of every suite, profile, tag and size come back as they were") {
  const auto key = envelope_key();
  for (const Provider provider : providers()) {
    const auto sealer = Sealer::make(provider).value();
    for (const Suite suite : all_suites) {
      for (const std::size_t size : {0, 1, 14, 15, 16, 17, 63, 64, 255, 1024, 4095, 70000}) {
        for (const bool tagged : {false, true}) {
          for (const bool row : {false, true}) {
            const std::string plain = random_text(size);
            const Context where = context(row ? std::optional<std::string>("17") : std::nullopt);
            const auto tag = tagged ? std::optional(some_tag(plain)) : std::nullopt;
            const std::string envelope = seal(*sealer, *key, where, with(suite, tag), plain);
            CHECK(envelope.size() == envelope_size(suite, tagged, size));
            CHECK(looks_like_binary(as_bytes(envelope)));
            CHECK(equality_tag(as_bytes(envelope)) == tag);
            CHECK(open(*sealer, *key, where, envelope) == plain);
          }
        }
      }
    }
  }
}

TEST_CASE("every type comes back and an unknown one is refused") {
  const auto sealer = Sealer::make().value();
  const auto key = envelope_key();
  for (unsigned type = 0; type < 256; ++type) {
    for (const auto compression : {Compression::off, Compression::automatic}) {
      SealOptions options = with(Suite::xaes_256_gcm_commit, std::nullopt, compression);
      options.type = static_cast<ValueType>(type);
      const std::string plain(500, 'a');
      const std::string envelope = seal(*sealer, *key, context(), options, plain);
      const bool known = (type >= 1 && type <= 9) || type == 0x7F;
      CHECK(open(*sealer, *key, context(), envelope) == (known ? std::optional(plain) : std::nullopt));
    }
  }
}

TEST_CASE("no bit of an envelope can be flipped and no byte cut off or added") {
  const auto sealer = Sealer::make().value();
  const auto key = envelope_key();
  for (const Suite suite : all_suites) {
    for (const auto compression : {Compression::off, Compression::automatic}) {
      const std::string plain(200, 'p');
      const Context where = context("row-1");
      const std::string envelope = seal(*sealer, *key, where, with(suite, some_tag(plain), compression), plain);
      for (std::size_t i = 0; i < envelope.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
          std::string changed = envelope;
          changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
          REQUIRE_FALSE(open(*sealer, *key, where, changed).has_value());
        }
        REQUIRE_FALSE(open(*sealer, *key, where, envelope.substr(0, i)).has_value());
      }
      CHECK_FALSE(open(*sealer, *key, where, envelope + '\0').has_value());
      CHECK(open(*sealer, *key, where, envelope) == plain);
    }
  }
}

TEST_CASE("an envelope opens only where it belongs") {
  const auto sealer = Sealer::make().value();
  const auto key = envelope_key();
  for (const Suite suite : all_suites) {
    const std::string bound = seal(*sealer, *key, context("7"), with(suite), "v");
    const std::string loose = seal(*sealer, *key, context(), with(suite), "v");
    const Context others[] = {{TenantId{"other"}, TableId{"t"}, ColumnId{"c"}, "7"},
                              {TenantId{"acme"}, TableId{"u"}, ColumnId{"c"}, "7"},
                              {TenantId{"acme"}, TableId{"t"}, ColumnId{"d"}, "7"},
                              {TenantId{"acme"}, TableId{"t"}, ColumnId{"c"}, "8"},
                              {TenantId{"acme"}, TableId{"t"}, ColumnId{"c"}, ""},
                              // The same bytes cut elsewhere: the length prefixes keep them apart.
                              {TenantId{"acme"}, TableId{"tc"}, ColumnId{""}, "7"},
                              context()};
    for (const Context& other : others) CHECK_FALSE(open(*sealer, *key, other, bound).has_value());
    CHECK_FALSE(open(*sealer, *key, context("7"), loose).has_value());
    CHECK_FALSE(open(*sealer, *envelope_key(2), context(), loose).has_value());      // same id, other key
    CHECK_FALSE(open(*sealer, *envelope_key(1, 43), context(), loose).has_value());  // other id, same key
    CHECK_FALSE(open(*sealer, *envelope_key(1, 42, "other"), others[0], bound).has_value());
    CHECK(open(*sealer, *key, context("7"), bound) == "v");
    CHECK(open(*sealer, *key, context(), loose) == "v");
  }
}

TEST_CASE("an equality tag cannot be moved from one envelope to another") {
  const auto sealer = Sealer::make().value();
  const auto key = envelope_key();
  for (const Suite suite : all_suites) {
    std::string a = seal(*sealer, *key, context(), with(suite, some_tag("a")), "a");
    const std::string b = seal(*sealer, *key, context(), with(suite, some_tag("b")), "b");
    a.replace(header_size, equality_tag_size, b, header_size, equality_tag_size);
    CHECK_FALSE(open(*sealer, *key, context(), a).has_value());
  }
}

TEST_CASE("an envelope of one suite cannot be passed off as another's") {
  const auto sealer = Sealer::make().value();
  const auto key = envelope_key();
  std::string envelope = seal(*sealer, *key, context(), with(Suite::xaes_256_gcm), random_text(100));
  envelope[2] = static_cast<char>(Suite::chacha20_poly1305);
  CHECK_FALSE(open(*sealer, *key, context(), envelope).has_value());
}

TEST_CASE("all providers write and read the same bytes") {
  const auto key = envelope_key();
  Engine openssl(choose_backend(Provider::openssl).value(), NonceSource::pool);
  for (const Provider provider : providers()) {
    Engine engine(choose_backend(provider).value(), NonceSource::pool);
    for (const Suite suite : all_suites) {
      for (std::size_t size = 0; size < 600; size += 1 + size / 7) {
        const std::string plain = random_text(size);
        const std::string nonce = random_text(layout_of(suite).nonce_size);
        std::string ours;
        std::string reference;
        REQUIRE(
            engine.seal_with_nonce(*key, context(), with(suite), as_bytes(plain), as_bytes(nonce), ours).has_value());
        REQUIRE(openssl.seal_with_nonce(*key, context(), with(suite), as_bytes(plain), as_bytes(nonce), reference)
                    .has_value());
        REQUIRE(ours == reference);
        std::string back;
        REQUIRE(engine.open(*key, context(), as_bytes(reference), no_limit, back).has_value());
        REQUIRE(back == plain);
      }
    }
  }
}

TEST_CASE("no two envelopes share a nonce, but the deterministic suite repeats itself") {
  const auto sealer = Sealer::make().value();
  const auto other = Sealer::make(Provider::automatic, NonceSource::getrandom).value();
  const auto key = envelope_key();
  for (const Suite suite : all_suites) {
    std::set<std::string> seen;
    for (int i = 0; i < 300; ++i) {
      seen.insert(seal(*sealer, *key, context(), with(suite), "same"));
      seen.insert(seal(*other, *key, context(), with(suite), "same"));
    }
    CHECK(seen.size() == (suite == Suite::aes_256_siv ? 1U : 600U));
  }
  std::set<std::string> nonces;
  std::set<std::string> prefixes;
  for (int i = 0; i < 1000; ++i) {
    const std::string envelope = seal(*sealer, *key, context(), with(Suite::xaes_256_gcm), "");
    nonces.insert(envelope.substr(header_size, 24));
    prefixes.insert(envelope.substr(header_size, 12));
  }
  CHECK(nonces.size() == 1000);
  CHECK(prefixes.size() == 1);
}

TEST_CASE("a nonce prefix ends after its uses or bytes, and what it sealed still opens") {
  const auto key = envelope_key();
  for (const Suite suite : {Suite::xaes_256_gcm, Suite::xaes_256_gcm_commit, Suite::chacha20_poly1305}) {
    Engine engine(choose_backend(Provider::automatic).value(), NonceSource::pool,
                  {.prefix_uses = 3, .prefix_bytes = 100});
    std::vector<std::string> prefixes;
    std::vector<std::string> envelopes;
    for (const std::size_t size : {1, 1, 1, 1, 98, 1, 200, 1}) {
      std::string envelope;
      REQUIRE(engine.seal(*key, context(), with(suite), as_bytes(std::string(size, 'x')), envelope).has_value());
      prefixes.push_back(envelope.substr(header_size, prefix_size));
      envelopes.push_back(envelope);
    }
    // Three uses; then 1 + 98 + 1 bytes in three uses; then 200 bytes in one.
    const std::size_t group[] = {0, 0, 0, 1, 1, 1, 2, 3};
    for (std::size_t i = 0; i < prefixes.size(); ++i) {
      for (std::size_t j = 0; j < prefixes.size(); ++j) CHECK((prefixes[i] == prefixes[j]) == (group[i] == group[j]));
      std::string out;
      CHECK(engine.open(*key, context(), as_bytes(envelopes[i]), no_limit, out).has_value());
    }
  }
}

TEST_CASE("AES-256-GCM stops at 2^32 uses of a key") {
  const auto sealer = Sealer::make().value();
  const auto key = envelope_key(1, 42, "acme", (std::uint64_t{1} << 32) - 2);
  const std::string first = seal(*sealer, *key, context(), with(Suite::aes_256_gcm), "1");
  seal(*sealer, *key, context(), with(Suite::aes_256_gcm), "2");
  for (int i = 0; i < 3; ++i) {
    std::string out = "kept";
    const auto refused = sealer->seal(*key, context(), with(Suite::aes_256_gcm), as_bytes("3"), out);
    CHECK(refused.error().code == ErrorCode::key_exhausted);
    CHECK(out == "kept");
  }
  CHECK(key->gcm_uses() >= std::uint64_t{1} << 32);
  CHECK(open(*sealer, *key, context(), first) == "1");
  seal(*sealer, *key, context(), with(Suite::xaes_256_gcm), "other suites go on");
}

TEST_CASE("forgetting keys and outgrowing the caches changes nothing but speed") {
  Engine engine(choose_backend(Provider::automatic).value(), NonceSource::pool, {.data_keys = 2, .message_keys = 2});
  std::vector<std::shared_ptr<const EnvelopeKey>> keys;
  std::vector<std::string> envelopes;
  for (std::uint8_t i = 0; i < 5; ++i) {
    keys.push_back(envelope_key(i, i));
    envelopes.emplace_back();
    REQUIRE(engine.seal(*keys[i], context(), {}, as_bytes(std::string(1, static_cast<char>('a' + i))), envelopes[i])
                .has_value());
  }
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      std::string out;
      REQUIRE(engine.open(*keys[i], context(), as_bytes(envelopes[i]), no_limit, out).has_value());
      CHECK(out == std::string(1, static_cast<char>('a' + i)));
      if (round == 1) engine.forget(keys[i]->id());
    }
  }
}

TEST_CASE("sealing under another tenant's key is refused") {
  const auto sealer = Sealer::make().value();
  std::string out = "kept";
  const auto refused = sealer->seal(*envelope_key(1, 42, "other"), context(), {}, as_bytes("v"), out);
  CHECK(refused.error().code == ErrorCode::tenant_denied);
  CHECK(out == "kept");
  const Context long_row = context(std::string(70000, 'r'));
  CHECK(sealer->seal(*envelope_key(), long_row, {}, as_bytes("v"), out).error().code == ErrorCode::value_too_large);
  CHECK(out == "kept");
}

TEST_CASE("keys are refused in a forked child, and fresh ones get fresh nonces") {
  const auto sealer = Sealer::make().value();
  const auto key = envelope_key();
  const std::string before = seal(*sealer, *key, context(), with(Suite::xaes_256_gcm), "v");
  int channel[2];
  REQUIRE(pipe(channel) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::string out;
    const bool refused = sealer->seal(*key, context(), {}, as_bytes("v"), out).has_error() &&
                         sealer->open(*key, context(), as_bytes(before), no_limit, out).has_error();
    const auto fresh = envelope_key();
    const bool sealed = sealer->seal(*fresh, context(), with(Suite::xaes_256_gcm), as_bytes("v"), out).has_value();
    const ssize_t written = write(channel[1], out.data(), out.size());
    _exit(refused && sealed && written == static_cast<ssize_t>(out.size()) ? 0 : 1);
  }
  close(channel[1]);
  std::string from_child(envelope_size(Suite::xaes_256_gcm, false, 1), '\0');
  CHECK(read(channel[0], from_child.data(), from_child.size()) == static_cast<ssize_t>(from_child.size()));
  close(channel[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(from_child.substr(header_size, 12) != before.substr(header_size, 12));
  CHECK(open(*sealer, *key, context(), from_child) == "v");
  CHECK(open(*sealer, *key, context(), before) == "v");
}
