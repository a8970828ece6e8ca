#include "crypto/nonce.hpp"

#include "sealrow/base/secret.hpp"
#include "sealrow/crypto/keys.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace sealrow::crypto {
namespace {

constexpr std::size_t pool_size = 2040;  // a multiple of 12 within one block of secret memory

Error no_randomness() { return {ErrorCode::crypto_failure, "no randomness for a nonce"}; }

#if defined(__x86_64__)
__attribute__((target("rdrnd"))) bool rdrand(std::uint64_t& out) noexcept {
  constexpr int attempts = 10;  // Intel's DRNG guide, section 5.2.1
  unsigned long long value = 0;
  for (int i = 0; i < attempts; ++i) {
    if (_rdrand64_step(&value) != 0) {
      out = value;
      return true;
    }
  }
  return false;
}

bool rdrand_works() noexcept {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0 || (ecx & bit_RDRND) == 0) return false;
  // Some AMD CPUs "succeed" with all ones for ever after a resume from suspend.
  std::array<std::uint64_t, 4> drawn{};
  for (std::uint64_t& value : drawn) {
    if (!rdrand(value)) return false;
  }
  std::ranges::sort(drawn);
  return std::ranges::adjacent_find(drawn) == drawn.end();
}
#else
bool rdrand(std::uint64_t&) noexcept { return false; }
bool rdrand_works() noexcept { return false; }
#endif

bool from_kernel(std::uint64_t& out) noexcept {
  for (;;) {
    if (getrandom(&out, sizeof out, 0) == static_cast<ssize_t>(sizeof out)) return true;
    if (errno != EINTR) return false;
  }
}

}  // namespace

NonceGenerator::NonceGenerator(NonceSource source) : pool_(pool_size), used_(pool_size) {
  static const bool have_rdrand = rdrand_works();
  use_rdrand_ = source == NonceSource::pool && have_rdrand;
}

bool NonceGenerator::fresh_entropy(std::uint64_t& out) noexcept {
  return (use_rdrand_ && rdrand(out)) || from_kernel(out);
}

Result<AeadNonce> NonceGenerator::random() {
  if (used_ == pool_.size()) {
    SEALROW_CHECK(random_bytes(pool_.reveal_mutable()));
    used_ = 0;
  }
  std::uint64_t entropy = 0;
  if (!fresh_entropy(entropy)) return no_randomness();
  AeadNonce nonce;
  std::uint8_t* const from = pool_.reveal_mutable().data() + used_;
  std::copy_n(from, nonce.size(), nonce.begin());
  wipe(from, nonce.size());
  used_ += nonce.size();
  store_u64(nonce.data(), load_u64(nonce.data()) ^ entropy);
  return nonce;
}

Result<AeadNonce> NonceGenerator::tail(std::uint32_t counter) {
  AeadNonce nonce;
  std::uint64_t entropy = 0;
  if (!fresh_entropy(entropy)) return no_randomness();
  store_u32(nonce.data(), counter);
  store_u64(nonce.data() + 4, entropy);
  return nonce;
}

}  // namespace sealrow::crypto
