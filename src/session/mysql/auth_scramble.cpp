#include "auth_math.hpp"
#include "digest.hpp"

#include "sealrow/crypto/keys.hpp"

#include <algorithm>

namespace sealrow::session::mysql {
namespace {

constexpr std::size_t nonce_size = 20;

Error failed() { return Error{ErrorCode::authentication_failed, "password authentication failed"}; }

const EVP_MD* hash_of(Scramble kind) { return kind == Scramble::native ? EVP_sha1() : EVP_sha256(); }

// The mask over stage 1. The order of its parts is all that differs but the hash.
Result<SecretBytes> mask(Scramble kind, const SecretBytes& verifier, std::string_view nonce) {
  const ByteView n = as_bytes(nonce);
  const ByteView v = verifier.reveal();
  Digest hash(hash_of(kind));
  return (kind == Scramble::native ? hash.add(n).add(v) : hash.add(v).add(n)).finish();
}

void xor_into(MutableBytes target, ByteView with) {
  for (std::size_t i = 0; i < target.size(); ++i) target[i] ^= with[i];
}

}  // namespace

Result<std::string> fresh_nonce() {
  std::string nonce(nonce_size, '\0');
  SEALROW_CHECK(crypto::random_bytes({reinterpret_cast<std::uint8_t*>(nonce.data()), nonce.size()}));
  for (char& c : nonce) {
    c = static_cast<char>(c & 0x7F);
    if (c == '\0' || c == '$') ++c;
  }
  return nonce;
}

Result<SecretBytes> scramble_stage1(Scramble kind, const SecretBytes& password) {
  return Digest(hash_of(kind)).add(password.reveal()).finish();
}

Result<SecretBytes> scramble_verifier(Scramble kind, const SecretBytes& stage1) {
  return Digest(hash_of(kind)).add(stage1.reveal()).finish();
}

Result<std::string> scramble_answer(Scramble kind, const SecretBytes& stage1, std::string_view nonce) {
  SEALROW_TRY(const SecretBytes verifier, scramble_verifier(kind, stage1));
  SEALROW_TRY(SecretBytes answer, mask(kind, verifier, nonce));
  if (stage1.size() != answer.size()) return failed();
  xor_into(answer.reveal_mutable(), stage1.reveal());
  return std::string(as_text(answer.reveal()));
}

Result<SecretBytes> check_scramble(Scramble kind, const SecretBytes& verifier, std::string_view nonce,
                                   std::string_view answer) {
  SEALROW_TRY(SecretBytes stage1, mask(kind, verifier, nonce));
  if (answer.size() != stage1.size()) return failed();
  xor_into(stage1.reveal_mutable(), as_bytes(answer));
  SEALROW_TRY(const SecretBytes shown, scramble_verifier(kind, stage1));
  if (!shown.equals(verifier.reveal())) return failed();
  return stage1;
}

std::optional<SecretBytes> parse_native_verifier(std::string_view text) {
  if (text.size() != 41 || text[0] != '*') return std::nullopt;
  std::string hex(text.substr(1)), bytes;
  std::ranges::transform(hex, hex.begin(), [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  const bool valid = decode_hex(hex, bytes);
  auto verifier = SecretBytes::copy_of(as_bytes(bytes));
  wipe(hex);
  wipe(bytes);
  if (!valid) return std::nullopt;
  return verifier;
}

}  // namespace sealrow::session::mysql
