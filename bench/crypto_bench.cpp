// ns per operation (thread CPU time, median of rounds): seal and open per provider, suite and size; nonces, tags,
// codecs. Run: cmake --build build/release --target bench_crypto && build/release/bin/bench_crypto
#include "crypto/nonce.hpp"
#include "sealrow/crypto/keys.hpp"
#include "sealrow/crypto/sealer.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <string>

using namespace sealrow;
using namespace sealrow::crypto;

namespace {

constexpr int rounds = 11;
constexpr std::size_t sizes[] = {16, 64, 256, 1024, 8192};

double thread_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

template <class Work>
double median_ns(int count, Work work) {
  std::array<double, rounds> results{};
  for (double& result : results) {
    const double start = thread_ns();
    for (int i = 0; i < count; ++i) work();
    result = (thread_ns() - start) / count;
  }
  std::ranges::sort(results);
  return results[rounds / 2];
}

// Words with some repetition, as in prompts.
std::string prose(std::size_t size) {
  static constexpr const char* words[] = {"the ",     "model ", "answers ", "with ", "a ",
                                          "summary ", "of ",    "your ",    "order "};
  std::string text;
  for (unsigned i = 1; text.size() < size; i = i * 1103515245U + 12345U) text += words[i / 65536 % std::size(words)];
  text.resize(size);
  return text;
}

template <class PerSize>
void row(const char* label, PerSize per_size) {
  std::printf("%-44s", label);
  for (const std::size_t size : sizes) std::printf(" %8.0f", per_size(size));
  std::printf("\n");
}

void bench_suite(Sealer& sealer, Suite suite, Compression compression, const EnvelopeKey& key) {
  const Context where{TenantId{"acme"}, TableId{"t_messages"}, ColumnId{"c_body"}, std::nullopt};
  SealOptions options;
  options.suite = suite;
  options.compression = compression;
  const std::string label = std::string(sealer.provider() == Provider::ipsec_mb ? "ipsec-mb " : "openssl ") +
                            std::string(name(suite)) + (compression == Compression::automatic ? " zstd" : "");
  std::string out;
  row((label + " seal").c_str(), [&](std::size_t size) {
    const std::string plain = prose(size);
    return median_ns(2000, [&] {
      out.clear();
      sealer.seal(key, where, options, as_bytes(plain), out).value();
    });
  });
  row((label + " open").c_str(), [&](std::size_t size) {
    std::string envelope;
    sealer.seal(key, where, options, as_bytes(prose(size)), envelope).value();
    return median_ns(2000, [&] {
      out.clear();
      static_cast<void>(sealer.open(key, where, as_bytes(envelope), 1U << 20, out).value());
    });
  });
}

void bench_rest() {
  for (const NonceSource source : {NonceSource::pool, NonceSource::getrandom}) {
    NonceGenerator nonces(source);
    std::printf("%-44s %8.0f\n", source == NonceSource::pool ? "nonce tail, pool" : "nonce tail, getrandom",
                median_ns(2000, [&] { static_cast<void>(nonces.tail(1).value()); }));
  }
  const auto index = IndexKey::make(1, TenantId{"acme"}, DomainId{"general"}, SecretBytes(key_size)).value();
  std::string out;
  row("equality tag", [&](std::size_t size) {
    const std::string value = prose(size);
    return median_ns(2000, [&] { static_cast<void>(index->tag("c_body", ValueType::text, as_bytes(value))); });
  });
  const auto codec = [&](const char* label, auto encode, auto decode) {
    row((std::string(label) + " encode").c_str(), [&](std::size_t size) {
      const std::string bytes = prose(size);
      return median_ns(5000, [&] { out.clear(), encode(out, as_bytes(bytes)); });
    });
    row((std::string(label) + " decode").c_str(), [&](std::size_t size) {
      std::string text;
      encode(text, as_bytes(prose(size)));
      return median_ns(5000, [&] { out.clear(), static_cast<void>(decode(text, out)); });
    });
  };
  codec("hex", append_hex, decode_hex);
  codec("base64url", append_base64url, decode_base64url);
}

}  // namespace

int main() {
  std::printf("%-44s", "ns per operation, bytes:");
  for (const std::size_t size : sizes) std::printf(" %8zu", size);
  std::printf("\n");
  const auto key = EnvelopeKey::make(KeyId{1}, TenantId{"acme"}, DomainId{"general"}, random_key().value()).value();
  for (const Provider provider : {Provider::openssl, Provider::ipsec_mb}) {
    auto sealer = Sealer::make(provider);
    if (!sealer) continue;
    for (const Suite suite : {Suite::xaes_256_gcm_commit, Suite::xaes_256_gcm, Suite::aes_256_gcm,
                              Suite::chacha20_poly1305, Suite::aes_256_siv}) {
      bench_suite(**sealer, suite, Compression::off, *key);
    }
    bench_suite(**sealer, Suite::xaes_256_gcm_commit, Compression::automatic, *key);
  }
  bench_rest();
}
