#include "catalog/mysql/types.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace sealrow::catalog::mysql {
namespace {

// pg_type.dat
constexpr Oid bytea = 17, int8 = 20, int2 = 21, int4 = 23, text = 25, float4 = 700, float8 = 701, inet = 869,
              varchar = 1043, date = 1082, time = 1083, timestamp = 1114, timestamptz = 1184, bit = 1560,
              numeric = 1700, uuid = 2950, anyenum = 3500;

enum class Length : std::uint8_t { none, characters, bytes };
struct Known {
  std::string_view name;
  Oid oid;
  Length length = Length::none;
  Oid when_unsigned = 0;
};
constexpr std::array known_types = {
    Known{"varchar", varchar, Length::characters},
    Known{"char", varchar, Length::characters},
    Known{"tinytext", text, Length::bytes},
    Known{"text", text, Length::bytes},
    Known{"mediumtext", text, Length::bytes},
    Known{"longtext", text, Length::bytes},
    Known{"json", json_type.oid},
    Known{"binary", bytea, Length::bytes},
    Known{"varbinary", bytea, Length::bytes},
    Known{"tinyblob", bytea, Length::bytes},
    Known{"blob", bytea, Length::bytes},
    Known{"mediumblob", bytea, Length::bytes},
    Known{"longblob", bytea, Length::bytes},
    Known{"tinyint", int2},
    Known{"smallint", int2, Length::none, int4},
    Known{"mediumint", int4},
    Known{"int", int4, Length::none, int8},
    Known{"bigint", int8, Length::none, numeric},
    Known{"year", int2},
    Known{"decimal", numeric},
    Known{"float", float4},
    Known{"double", float8},
    Known{"bit", bit},
    Known{"date", date},
    Known{"time", time},
    Known{"datetime", timestamp},
    Known{"timestamp", timestamptz},
    Known{"enum", anyenum},
    Known{"set", anyenum},
    Known{"uuid", uuid},
    Known{"inet4", inet},
    Known{"inet6", inet},
};

std::int32_t modifier(std::uint64_t length) {
  constexpr std::uint64_t header = 4;  // PostgreSQL's atttypmod counts VARHDRSZ
  return length > std::numeric_limits<std::int32_t>::max() - header ? -1 : static_cast<std::int32_t>(length + header);
}

}  // namespace

ColumnType column_type(std::string_view data_type, std::string_view full_type, std::uint64_t characters,
                       std::uint64_t bytes) {
  const auto found = std::ranges::find(known_types, data_type, &Known::name);
  if (found == known_types.end()) return {};
  const bool is_unsigned = found->when_unsigned != 0 && full_type.find("unsigned") != full_type.npos;
  ColumnType type{is_unsigned ? found->when_unsigned : found->oid, -1};
  if (found->length != Length::none) type.modifier = modifier(found->length == Length::bytes ? bytes : characters);
  return type;
}

}  // namespace sealrow::catalog::mysql
