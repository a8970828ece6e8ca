// Tells whether this process is still the one that made an object. Secret memory reads as zeros after a fork
// (base/secret.hpp) and random state is shared with the parent, so that nothing made before may be used.
#pragma once

#include <cstdint>

namespace sealrow::crypto {

// Differs between a process and its forked children; never 0. One load when nothing happened.
[[nodiscard]] std::uint64_t fork_generation() noexcept;

}  // namespace sealrow::crypto
