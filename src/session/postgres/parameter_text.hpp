// Tenants' identifiers in binary format.
#pragma once

#include "sealrow/base/ids.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sealrow::session::postgres {

// Text of a binary value of a text, integer or uuid type. None: another type or a wrong size.
[[nodiscard]] std::optional<std::string> binary_text(Oid type, std::string_view value);

}  // namespace sealrow::session::postgres
