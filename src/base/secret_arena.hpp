// Allocator of secret memory. Small blocks share locked pages by size class, so that a 32-byte key does not cost a
// page of the (often small) mlock budget; large ones get a mapping of their own.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sealrow::secret_arena {

// Zero-filled, aligned to at least 32 bytes. Throws std::bad_alloc. Thread-safe.
[[nodiscard]] std::uint8_t* allocate(std::size_t size);
// Wipes and takes back.
void release(std::uint8_t* data, std::size_t size) noexcept;

}  // namespace sealrow::secret_arena
