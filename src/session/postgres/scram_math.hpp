#pragma once

#include "scram.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace sealrow::session::postgres {

using Digest = std::array<std::uint8_t, 32>;

[[nodiscard]] Digest sha256(ByteView bytes);
[[nodiscard]] Result<SecretBytes> salted_password(std::string_view password, std::string_view salt,
                                                  std::uint32_t iterations);
[[nodiscard]] SecretBytes keyed(ByteView key, std::string_view label);
[[nodiscard]] Result<std::string> fresh_nonce();
// "x=value" at the front of `rest`, up to the next comma, which is taken as well.
[[nodiscard]] std::optional<std::string_view> take_attribute(std::string_view& rest, char name);
// Printable ASCII without a comma, of a bounded length.
[[nodiscard]] bool is_nonce(std::string_view text);

// Bounds of what the other side chooses (a long nonce once overflowed a pooler's stack, CVE-2026-6665).
inline constexpr std::size_t max_nonce = 1024, max_salt = 1024;
inline constexpr std::uint32_t max_iterations = 10'000'000;

}  // namespace sealrow::session::postgres
