// Writes a statement from its template: literals come back as they were, or as what takes their place.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/plan/plan.hpp"
#include "sealrow/sql/postgres.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace sealrow::session {

// `replacement` gives the token for an edit with a destination. Comments are gone in the result: they may carry values.
[[nodiscard]] Result<std::string> edit_text(std::string_view text, const sql::Template& shape,
                                            const std::vector<plan::Edit>& edits,
                                            const std::function<std::string(const plan::Edit&)>& replacement);

}  // namespace sealrow::session
