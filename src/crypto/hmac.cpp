// The low-level SHA-256 interface is deprecated but is the only one whose state can be copied without an allocation:
// two pre-hashed blocks copied by hand cost 180 ns per tag, EVP_MAC 500 ns. It is used in this file only.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/hmac.hpp"

#include "sealrow/crypto/keys.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <new>

namespace sealrow::crypto {
namespace {

constexpr std::size_t block_size = SHA256_CBLOCK;

struct States {
  SHA256_CTX inner;
  SHA256_CTX outer;
};
static_assert(std::is_trivially_copyable_v<States>);

void hash_padded(SHA256_CTX& state, std::array<std::uint8_t, block_size> key, std::uint8_t pad) {
  for (std::uint8_t& byte : key) byte ^= pad;
  SHA256_Init(&state);
  SHA256_Update(&state, key.data(), key.size());
  wipe(key.data(), key.size());
}

}  // namespace

HmacSha256::HmacSha256(ByteView key) : states_(sizeof(States)) {
  std::array<std::uint8_t, block_size> block{};
  if (key.size() > block_size) {
    SHA256(key.data(), key.size(), block.data());
  } else {
    std::ranges::copy(key, block.begin());
  }
  auto* states = new (states_.reveal_mutable().data()) States;
  hash_padded(states->inner, block, 0x36);
  hash_padded(states->outer, block, 0x5C);
  wipe(block.data(), block.size());
}

Digest HmacSha256::compute(std::initializer_list<ByteView> parts) const {
  States states;
  std::memcpy(&states, states_.reveal().data(), sizeof states);
  for (const ByteView part : parts) SHA256_Update(&states.inner, part.data(), part.size());
  Digest digest;
  SHA256_Final(digest.data(), &states.inner);
  SHA256_Update(&states.outer, digest.data(), digest.size());
  SHA256_Final(digest.data(), &states.outer);
  wipe(&states, sizeof states);
  return digest;
}

void HmacSha256::expand(ByteView info, MutableBytes out) const {
  Digest block{};
  std::size_t have = 0;  // T(0) is empty
  for (std::uint8_t counter = 1; !out.empty(); ++counter) {
    block = compute({ByteView(block).first(have), info, ByteView(&counter, 1)});
    have = block.size();
    const std::size_t take = std::min(have, out.size());
    std::copy_n(block.begin(), take, out.begin());
    out = out.subspan(take);
  }
  wipe(block.data(), block.size());
}

std::array<std::uint8_t, 32> hmac_sha256(ByteView key, ByteView message) { return HmacSha256(key).compute({message}); }

Result<SecretBytes> hkdf_expand(const SecretBytes& key, std::string_view info) {
  if (key.empty()) return Error{ErrorCode::crypto_failure, "key derivation from an empty key"};
  SecretBytes derived(key_size);
  HmacSha256(key.reveal()).expand(as_bytes(info), derived.reveal_mutable());
  return derived;
}

}  // namespace sealrow::crypto
