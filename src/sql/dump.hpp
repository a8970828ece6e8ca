// A compact, deterministic text of an AST, for tests and `explain --ast`. Leaves and names are printed as the text
// under their spans, so a wrong span shows.
#pragma once

#include "sealrow/sql/ast.hpp"

#include <string>
#include <string_view>

namespace sealrow::sql {

// One line per statement. Prints literals: never for a log.
[[nodiscard]] std::string dump(const Parsed& parsed, std::string_view text);
[[nodiscard]] std::string dump(const Expr& expr, std::string_view text);

}  // namespace sealrow::sql
