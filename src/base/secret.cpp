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
  return constant_time_equal({data_, size_}, other);
}

bool constant_time_equal(ByteView a, ByteView b) noexcept {
  if (a.size() != b.size()) return false;
  std::uint64_t difference = 0;
  std::size_t i = 0;
  for (; i + 8 <= a.size(); i += 8) difference |= load_u64(a.data() + i) ^ load_u64(b.data() + i);
  for (; i < a.size(); ++i) difference |= std::uint64_t{a[i]} ^ std::uint64_t{b[i]};
  asm volatile("" : "+r"(difference));  // the compiler must not stop at the first word that differs
  return difference == 0;
}

void wipe(void* data, std::size_t size) noexcept {
  if (size != 0) OPENSSL_cleanse(data, size);
}

}  // namespace sealrow
