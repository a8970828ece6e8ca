// The statements that `sealrow check` asks for: what makes a search by equality tag fast, and unique.
#pragma once

#include "plan/binding.hpp"
#include "plan/tag.hpp"

#include <string>
#include <vector>

namespace sealrow::plan {

struct IndexElement {
  const catalog::Column* column = nullptr;
  const BoundColumn* sealed = nullptr;  // null: indexed as it is
};

[[nodiscard]] std::string quoted(std::string_view name, const sql::Dialect& dialect);
[[nodiscard]] std::string quoted(const catalog::Relation& relation, const sql::Dialect& dialect);
// MariaDB's column for a tag, null if there is none.
[[nodiscard]] const catalog::Column* tag_column_of(const catalog::Relation& relation, const BoundColumn& sealed,
                                                   const sql::Dialect& dialect);
// `name` is for the dialects that want one.
[[nodiscard]] std::string create_index(const catalog::Relation& relation, const std::vector<IndexElement>& elements,
                                       bool unique, std::string_view name, const sql::Dialect& dialect);
[[nodiscard]] std::string drop_index(const catalog::Relation& relation, std::string_view name,
                                     const sql::Dialect& dialect);

}  // namespace sealrow::plan
