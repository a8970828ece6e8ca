// Unicode normalisation of text before its equality tag is made.
#pragma once

#include "sealrow/policy/policy.hpp"

#include <string>
#include <string_view>

namespace sealrow::policy {

// trim: the Unicode property White_Space at both ends. lower: default case folding (Unicode 3.13, not a language's own
// rules). nfc: canonical composition; with `lower` together this is canonical caseless matching (D145), so that two
// spellings of one text give one result. Idempotent. Text that is not valid UTF-8 is returned as it came: it cannot be
// a value of a text column, and the caller refuses it.
[[nodiscard]] std::string normalize(std::string_view utf8, const Normalization& steps);

}  // namespace sealrow::policy
