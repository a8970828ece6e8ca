// MySQL's column types as PostgreSQL's, in which the planner thinks.
#pragma once

#include "sealrow/base/ids.hpp"

#include <cstdint>
#include <string_view>

namespace sealrow::catalog::mysql {

struct ColumnType {
  Oid oid = 0;                 // 0: nothing that the planner knows
  std::int32_t modifier = -1;  // n + 4: characters of varchar, bytes of text and bytea
  friend bool operator==(const ColumnType&, const ColumnType&) = default;
};

// DATA_TYPE, COLUMN_TYPE ("int unsigned"), CHARACTER_MAXIMUM_LENGTH and CHARACTER_OCTET_LENGTH.
[[nodiscard]] ColumnType column_type(std::string_view data_type, std::string_view full_type, std::uint64_t characters,
                                     std::uint64_t bytes);
inline constexpr ColumnType json_type{114, -1};

}  // namespace sealrow::catalog::mysql
