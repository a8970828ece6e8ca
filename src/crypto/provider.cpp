#include "crypto/aead.hpp"
#include "crypto/suite.hpp"

#include <array>
#include <string>
#include <vector>

namespace sealrow::crypto {
namespace {

// Bytes that differ from place to place; the self-test needs variety, not secrecy.
std::vector<std::uint8_t> pattern(std::size_t size, std::uint8_t seed) {
  std::vector<std::uint8_t> bytes(size);
  std::uint32_t state = seed + 1U;
  for (std::uint8_t& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(state >> 24);
  }
  return bytes;
}

// One message through both: same ciphertext and tag, opens again, a changed tag does not.
bool agree(Aead& reference, Aead& candidate, std::size_t size, std::size_t aad_size) {
  const auto nonce = pattern(aead_nonce_size, 3);
  const auto aad = pattern(aad_size, 5);
  const auto plain = pattern(size, 7);
  auto expected = plain;
  auto got = plain;
  std::array<std::uint8_t, tag_size> expected_tag{};
  std::array<std::uint8_t, tag_size> tag{};
  if (!reference.seal(nonce.data(), aad, expected, expected_tag.data())) return false;
  if (!candidate.seal(nonce.data(), aad, got, tag.data())) return false;
  if (got != expected || tag != expected_tag) return false;
  std::vector<std::uint8_t> opened(size);
  if (!candidate.open(nonce.data(), aad, got, tag.data(), opened.data()) || opened != plain) return false;
  tag[size % tag_size] ^= 0x10;
  return !candidate.open(nonce.data(), aad, got, tag.data(), opened.data());
}

bool ipsec_passes_self_test() {
  const auto key = pattern(32, 11);
  const auto reference = make_gcm_openssl(key);
  const auto candidate = make_gcm_ipsec(key);
  if (reference == nullptr || candidate == nullptr) return false;
  // Sizes around the block and the vector loops' strides.
  for (const std::size_t size :
       {1, 15, 16, 17, 31, 63, 64, 65, 127, 128, 255, 256, 257, 511, 1023, 1025, 4097, 16384}) {
    for (const std::size_t aad_size : {18, 48, 64, 77, 300}) {
      if (!agree(*reference, *candidate, size, aad_size)) return false;
    }
  }
  return true;
}

}  // namespace

Result<Backend> choose_backend(Provider wanted) {
  static const bool ipsec_works = ipsec_passes_self_test();
  const Backend openssl{Provider::openssl, make_gcm_openssl};
  const Backend ipsec{Provider::ipsec_mb, make_gcm_ipsec};
  switch (wanted) {
    case Provider::openssl:
      return openssl;
    case Provider::automatic:
      return ipsec_works ? ipsec : openssl;
    case Provider::ipsec_mb:
      break;
  }
  if (ipsec_works) return ipsec;
  return Error{ErrorCode::crypto_failure, "crypto provider ipsec-mb is not available",
               "not built in, not supported by this CPU, or its self-test failed", "use provider: automatic"};
}

}  // namespace sealrow::crypto
