#include "crypto/xaes.hpp"

#include <algorithm>

namespace sealrow::crypto {
namespace {

constexpr std::size_t block = 16;
constexpr std::size_t derived_size = 4 * block;

Error failure() { return {ErrorCode::crypto_failure, "AES-256 failed"}; }

// SP 800-38B section 6.1: L shifted left by one bit, reduced when a bit falls out.
void double_in_field(MutableBytes l) {
  const std::uint8_t reduction = (l[0] & 0x80) != 0 ? 0x87 : 0x00;
  for (std::size_t i = 0; i + 1 < block; ++i) l[i] = static_cast<std::uint8_t>(l[i] << 1 | l[i + 1] >> 7);
  l[block - 1] = static_cast<std::uint8_t>(l[block - 1] << 1 ^ reduction);
}

}  // namespace

Result<XaesKey> XaesKey::make(ByteView key) {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-ECB", nullptr);
  CipherContext ecb(EVP_CIPHER_CTX_new());
  if (cipher == nullptr || ecb == nullptr || EVP_EncryptInit_ex(ecb.get(), cipher, nullptr, key.data(), nullptr) != 1)
    return failure();
  EVP_CIPHER_CTX_set_padding(ecb.get(), 0);
  SecretBytes k1(block);
  int written = 0;
  std::uint8_t* l = k1.reveal_mutable().data();
  if (EVP_EncryptUpdate(ecb.get(), l, &written, l, block) != 1) return failure();
  double_in_field(k1.reveal_mutable());
  return XaesKey(std::move(ecb), std::move(k1));
}

Result<> XaesKey::derive(const Prefix& prefix, MutableBytes out) {
  // M_i = 00 ‖ i ‖ 'X' ‖ 00 ‖ prefix, each CMAC'ed; i = 1, 2 is C2SP's key, i = 3, 4 goes on for the commitment.
  const ByteView k1 = k1_.reveal();
  for (std::size_t i = 0; i < derived_size / block; ++i) {
    std::uint8_t* m = out.data() + i * block;
    m[0] = 0x00;
    m[1] = static_cast<std::uint8_t>(i + 1);
    m[2] = 'X';
    m[3] = 0x00;
    std::ranges::copy(prefix, m + 4);
    for (std::size_t j = 0; j < block; ++j) m[j] ^= k1[j];
  }
  int written = 0;
  if (EVP_EncryptUpdate(ecb_.get(), out.data(), &written, out.data(), derived_size) != 1 || written != derived_size)
    return failure();
  return {};
}

}  // namespace sealrow::crypto
