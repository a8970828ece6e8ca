// The text that PostgreSQL's jsonb shows for a document: a sealed jsonb column must read back as a clear one would.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sealrow::session {

// Appends the normal form of `document`, which scan_json has accepted: members ordered by length, then bytes, of their
// names, of equal names the last; numbers as numeric spells them; escapes resolved; ": " and ", ". False: a string that
// jsonb does not take (\u0000, half a surrogate pair), a number beyond numeric's range, or digits without measure.
[[nodiscard]] bool append_jsonb(std::string& out, std::string_view document);

}  // namespace sealrow::session
