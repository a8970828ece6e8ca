// Memory for secrets: locked (mlock), left out of core dumps and forks (MADV_DONTDUMP, MADV_WIPEONFORK), wiped on
// release. A secret cannot be copied, printed, compared with == or formatted by accident.
#pragma once

#include "sealrow/base/bytes.hpp"
#include "sealrow/base/result.hpp"

#include <cstddef>
#include <ostream>
#include <string>
#include <utility>

namespace sealrow {

// Owner of secret bytes. Moves, never copies. Thread rule: like a plain container.
class SecretBytes {
 public:
  SecretBytes() noexcept = default;
  explicit SecretBytes(std::size_t size);  // zero-filled; throws std::bad_alloc when no memory can be had
  ~SecretBytes();
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;

  [[nodiscard]] static SecretBytes copy_of(ByteView bytes);
  [[nodiscard]] SecretBytes clone() const { return copy_of(reveal()); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  // The only ways to the bytes; greppable.
  [[nodiscard]] ByteView reveal() const noexcept { return {data_, size_}; }
  [[nodiscard]] MutableBytes reveal_mutable() noexcept { return {data_, size_}; }
  // Constant time for equal sizes.
  [[nodiscard]] bool equals(ByteView other) const noexcept;

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

std::ostream& operator<<(std::ostream&, const SecretBytes&) = delete;

// For tags and secrets: takes as long wherever they differ. Sizes are not secret.
[[nodiscard]] bool constant_time_equal(ByteView a, ByteView b) noexcept;

// Overwrites memory in a way that the compiler may not drop.
void wipe(void* data, std::size_t size) noexcept;
inline void wipe(std::string& text) noexcept {
  wipe(text.data(), text.size());
  text.clear();
}

// False once the kernel has refused to lock a page for secrets (RLIMIT_MEMLOCK): they may then be swapped.
[[nodiscard]] bool secrets_are_locked() noexcept;

enum class MemoryLock : std::uint8_t { best_effort, required };
// Called once at start-up: mlockall, no core dumps, not dumpable. With `required` a refusal by the kernel is an
// error; otherwise the reason comes back as a warning text (empty: all in force).
[[nodiscard]] Result<std::string> harden_process_memory(MemoryLock lock);

}  // namespace sealrow
