#include "sealrow/base/secret.hpp"

#include "base/secret_arena.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace sealrow {

SecretBytes::SecretBytes(std::size_t size) : data_(size == 0 ? nullptr : secret_arena::allocate(size)), size_(size) {}

SecretBytes::~SecretBytes() {
  if (data_ != nullptr) secret_arena::release(data_, size_);
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  SecretBytes moved(std::move(other));
  std::swap(data_, moved.data_);
  std::swap(size_, moved.size_);
  return *this;
}

SecretBytes SecretBytes::copy_of(ByteView bytes) {
  SecretBytes copy(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.data_);
  return copy;
}

bool SecretBytes::equals(ByteView other) const noexcept {
  if (other.size() != size_) return false;
  return size_ == 0 || CRYPTO_memcmp(data_, other.data(), size_) == 0;
}

void wipe(void* data, std::size_t size) noexcept {
  if (size != 0) OPENSSL_cleanse(data, size);
}

}  // namespace sealrow
