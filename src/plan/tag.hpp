// Where the equality tag stands in a stored envelope, as SQL. One place: an index over another expression finds
// nothing.
#pragma once

#include "plan/types.hpp"

#include <string>
#include <string_view>

namespace sealrow::plan {

struct TagExpression {
  std::string before, after;  // the column's name stands between them
};
[[nodiscard]] TagExpression tag_expression(const BoundColumn& column, const sql::Dialect& dialect);
// An expression of the catalog, as MySQL or MariaDB prints it, that is `column`'s tag.
[[nodiscard]] bool is_tag_expression(std::string_view expression, const BoundColumn& column,
                                     const sql::Dialect& dialect);

}  // namespace sealrow::plan
