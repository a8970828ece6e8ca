// numeric: PostgreSQL's binary form (base 10000 digits, numeric.c) and decimal text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sealrow::session {

// Plain decimal text, scale kept, no exponent, no leading zeros or plus sign; NaN, Infinity, -Infinity.
[[nodiscard]] std::optional<std::string> parse_numeric(std::string_view text);
[[nodiscard]] std::optional<std::string> numeric_from_binary(std::string_view bytes);
// `text` as parse_numeric() gives it.
void append_numeric_binary(std::string& out, std::string_view text);
// Equal numbers become equal texts: "1.50" → "1.5", "-0.0" → "0".
[[nodiscard]] std::string numeric_key(std::string_view text);

}  // namespace sealrow::session
