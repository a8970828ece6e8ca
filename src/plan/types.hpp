// PostgreSQL's type OIDs as far as a plan depends on them, and how an envelope is spelled in each physical type.
#pragma once

#include "sealrow/plan/plan.hpp"
#include "sealrow/sql/ast.hpp"
#include "sealrow/sql/dialect.hpp"

#include <optional>
#include <string_view>

namespace sealrow::plan {

// src/include/catalog/pg_type.dat
namespace oid {
inline constexpr Oid boolean = 16, bytea = 17, int8 = 20, int2 = 21, int4 = 23, text = 25, json = 114, float4 = 700,
                     float8 = 701, unknown = 705, bpchar = 1042, varchar = 1043, date = 1082, time = 1083,
                     timestamp = 1114, timestamptz = 1184, numeric = 1700, uuid = 2950, jsonb = 3802, text_array = 1009,
                     bytea_array = 1001, varchar_array = 1015;
}

[[nodiscard]] std::optional<Storage> storage_of(Oid type);
[[nodiscard]] Oid physical_oid(Storage storage);
[[nodiscard]] Oid logical_oid(policy::LogicalType type);    // 0 for `physical`
[[nodiscard]] std::string_view type_name(Storage storage);  // "text", "bytea", …
[[nodiscard]] std::string_view type_name(policy::LogicalType type);
[[nodiscard]] inline bool is_character(Storage s) { return s == Storage::text || s == Storage::varchar; }
[[nodiscard]] inline bool is_json(Storage s) { return s == Storage::json || s == Storage::jsonb; }
[[nodiscard]] inline bool is_logical(const BoundColumn& column) {
  return column.column->type != policy::LogicalType::physical;
}
[[nodiscard]] inline bool has_tag(const BoundColumn& column) {
  return column.column->search == policy::Search::equality;
}
// False: no value of the type can spell an envelope.
[[nodiscard]] bool may_hold_text(Oid type);
[[nodiscard]] bool is_array(Oid type);    // of one of the ones above
[[nodiscard]] Oid array_of(Oid element);  // 0 if it is none of the ones above
// OID of a type named in a cast or definition, 0 if it is none of the ones above. MySQL's types are those of
// PostgreSQL that hold the same values, as in the catalog snapshot.
[[nodiscard]] Oid named_oid(const sql::TypeName& type, const sql::Dialect& dialect);

// What a client's cast between a value and a protected column (or its tag) does to the spelling.
enum class CastFit : std::uint8_t {
  keep,     // the envelope passes the cast as it is
  replace,  // the cast names the logical type: it has to name the physical one
  refuse,   // would change, truncate or reject the envelope
};
[[nodiscard]] CastFit fit_of_value_cast(const sql::TypeName& type, const BoundColumn& column,
                                        const sql::Dialect& dialect);
[[nodiscard]] CastFit fit_of_tag_cast(const sql::TypeName& type, const BoundColumn& column,
                                      const sql::Dialect& dialect);

}  // namespace sealrow::plan
