#include "crypto/compress.hpp"

#include "crypto/nonce.hpp"
#include "unit/crypto/support.hpp"

#include <zstd.h>
#include <catch2/catch_test_macros.hpp>

#include <set>

using namespace sealrow;
using namespace sealrow::crypto;
using namespace sealrow::crypto::test;

TEST_CASE("values are compressed only where it pays") {
  const auto sealer = Sealer::make().value();
  const auto key = envelope_key();
  std::string noise(4000, '\0');
  REQUIRE(random_bytes({reinterpret_cast<std::uint8_t*>(noise.data()), noise.size()}).has_value());
  const std::tuple<std::string, Compression, bool> cases[] = {{std::string(63, 'a'), Compression::automatic, false},
                                                              {std::string(64, 'a'), Compression::automatic, true},
                                                              {std::string(5000, 'a'), Compression::off, false},
                                                              {std::string(5000, 'a'), Compression::automatic, true},
                                                              {noise, Compression::automatic, false},
                                                              {"", Compression::automatic, false}};
  for (const auto& [plain, compression, expected] : cases) {
    SealOptions options;
    options.compression = compression;
    std::string envelope;
    REQUIRE(sealer->seal(*key, context(), options, as_bytes(plain), envelope).has_value());
    CHECK(parse_header(as_bytes(envelope))->compressed == expected);
    CHECK((envelope.size() < envelope_size(options.suite, false, plain.size())) == expected);
    std::string out;
    REQUIRE(sealer->open(*key, context(), as_bytes(envelope), plain.size(), out).has_value());
    CHECK(out == plain);
  }
}

TEST_CASE("decompression has a limit") {
  const auto sealer = Sealer::make().value();
  const auto key = envelope_key();
  SealOptions options;
  options.compression = Compression::automatic;
  std::string bomb;
  REQUIRE(sealer->seal(*key, context(), options, as_bytes(std::string(50U << 20, '0')), bomb).has_value());
  CHECK(bomb.size() < 20000);
  std::string out = "kept";
  CHECK(sealer->open(*key, context(), as_bytes(bomb), 1U << 20, out).error().code == ErrorCode::value_too_large);
  CHECK(out == "kept");
  CHECK(out.capacity() < 100);
}

TEST_CASE("only one whole frame that states its size is taken") {
  Compressor compressor;
  const std::string plain(1000, 'x');
  std::string good;
  REQUIRE(compressor.compress(as_bytes(plain), good));
  std::string unsized(2000, '\0');
  ZSTD_CCtx* stream = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(stream, ZSTD_c_contentSizeFlag, 0);
  unsized.resize(ZSTD_compress2(stream, unsized.data(), unsized.size(), plain.data(), plain.size()));
  ZSTD_freeCCtx(stream);
  std::string wrong_size = good;
  wrong_size[5] = static_cast<char>(wrong_size[5] ^ 1);  // frame content size field
  const std::string skippable(
      "\x50\x2A\x4D\x18\x04\x00\x00\x00"
      "abcd",
      12);
  for (const std::string& bad : {std::string(), std::string("\x28\xB5\x2F\xFD"), unsized, good + good, good + "x",
                                 good.substr(0, good.size() - 1), wrong_size, skippable, skippable + good}) {
    std::string out = "kept";
    CHECK(compressor.decompress(as_bytes(bad), 100000, out) == Compressor::Outcome::hostile);
    CHECK(out == "kept");
  }
  std::string out = "kept";
  CHECK(compressor.decompress(as_bytes(good), 999, out) == Compressor::Outcome::too_large);
  CHECK(compressor.decompress(as_bytes(good), 1000, out) == Compressor::Outcome::done);
  CHECK(out == "kept" + plain);
}

TEST_CASE("tails count and carry fresh entropy, random nonces do not repeat") {
  for (const NonceSource source : {NonceSource::pool, NonceSource::getrandom}) {
    NonceGenerator generator(source);
    std::set<AeadNonce> seen;
    std::set<std::uint64_t> entropy;
    for (std::uint32_t i = 0; i < 500; ++i) {
      const AeadNonce tail = generator.tail(i).value();
      CHECK(load_u32(tail.data()) == i);
      entropy.insert(load_u64(tail.data() + 4));
      seen.insert(generator.random().value());
    }
    CHECK(entropy.size() == 500);
    CHECK(seen.size() == 500);
  }
}
