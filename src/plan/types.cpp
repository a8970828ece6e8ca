#include "plan/types.hpp"

#include <algorithm>
#include <array>

namespace sealrow::plan {

namespace {

struct NamedType {
  std::string_view name;
  Oid oid;
  Oid array;
};
constexpr std::array named_types = {
    NamedType{"bool", oid::boolean, 1000},
    NamedType{"bytea", oid::bytea, 1001},
    NamedType{"int8", oid::int8, 1016},
    NamedType{"int2", oid::int2, 1005},
    NamedType{"int4", oid::int4, 1007},
    NamedType{"text", oid::text, 1009},
    NamedType{"json", oid::json, 199},
    NamedType{"float4", oid::float4, 1021},
    NamedType{"float8", oid::float8, 1022},
    NamedType{"bpchar", oid::bpchar, 1014},
    NamedType{"varchar", oid::varchar, 1015},
    NamedType{"date", oid::date, 1182},
    NamedType{"time", oid::time, 1183},
    NamedType{"timestamp", oid::timestamp, 1115},
    NamedType{"timestamptz", oid::timestamptz, 1185},
    NamedType{"numeric", oid::numeric, 1231},
    NamedType{"uuid", oid::uuid, 2951},
    NamedType{"jsonb", oid::jsonb, 3807},
};

// Casts to CHAR hand text on unchanged; columns of type CHAR are refused where they are bound.
struct MysqlType {
  std::string_view name;
  Oid oid;
};
constexpr std::array mysql_types = {
    MysqlType{"char", oid::text},  MysqlType{"varchar", oid::varchar},  MysqlType{"tinytext", oid::text},
    MysqlType{"text", oid::text},  MysqlType{"mediumtext", oid::text},  MysqlType{"longtext", oid::text},
    MysqlType{"json", oid::json},  MysqlType{"varbinary", oid::bytea},  MysqlType{"tinyblob", oid::bytea},
    MysqlType{"blob", oid::bytea}, MysqlType{"mediumblob", oid::bytea}, MysqlType{"longblob", oid::bytea},
};

bool is_character_type(Oid type) { return type == oid::text || type == oid::varchar; }

}  // namespace

std::optional<Storage> storage_of(Oid type) {
  switch (type) {
    case oid::text:
      return Storage::text;
    case oid::varchar:
      return Storage::varchar;
    case oid::json:
      return Storage::json;
    case oid::jsonb:
      return Storage::jsonb;
    case oid::bytea:
      return Storage::bytea;
    default:
      return std::nullopt;
  }
}

Oid physical_oid(Storage storage) {
  switch (storage) {
    case Storage::text:
      return oid::text;
    case Storage::varchar:
      return oid::varchar;
    case Storage::json:
      return oid::json;
    case Storage::jsonb:
      return oid::jsonb;
    case Storage::bytea:
      return oid::bytea;
  }
  return oid::text;
}

Oid logical_oid(policy::LogicalType type) {
  using policy::LogicalType;
  switch (type) {
    case LogicalType::physical:
      return 0;
    case LogicalType::boolean:
      return oid::boolean;
    case LogicalType::int2:
      return oid::int2;
    case LogicalType::int4:
      return oid::int4;
    case LogicalType::int8:
      return oid::int8;
    case LogicalType::float4:
      return oid::float4;
    case LogicalType::float8:
      return oid::float8;
    case LogicalType::numeric:
      return oid::numeric;
    case LogicalType::date:
      return oid::date;
    case LogicalType::time:
      return oid::time;
    case LogicalType::timestamp:
      return oid::timestamp;
    case LogicalType::timestamptz:
      return oid::timestamptz;
    case LogicalType::uuid:
      return oid::uuid;
  }
  return 0;
}

std::string_view type_name(Storage storage) {
  switch (storage) {
    case Storage::text:
      return "text";
    case Storage::varchar:
      return "varchar";
    case Storage::json:
      return "json";
    case Storage::jsonb:
      return "jsonb";
    case Storage::bytea:
      return "bytea";
  }
  return "text";
}

std::string_view type_name(policy::LogicalType type) {
  const Oid wanted = logical_oid(type);
  for (const NamedType& named : named_types) {
    if (named.oid == wanted) return named.name;
  }
  return "";
}

Oid named_oid(const sql::TypeName& type, const sql::Dialect& dialect) {
  if (sql::is_mysql(dialect)) {
    for (const MysqlType& named : mysql_types) {
      if (named.name == type.name) return named.oid;
    }
    return 0;
  }
  if (!type.schema.empty() && type.schema != "pg_catalog") return 0;
  for (const NamedType& named : named_types) {
    if (named.name == type.name) return named.oid;
  }
  return 0;
}

bool may_hold_text(Oid type) {
  switch (type) {
    case oid::boolean:
    case oid::int2:
    case oid::int4:
    case oid::int8:
    case oid::float4:
    case oid::float8:
    case oid::numeric:
    case oid::date:
    case oid::time:
    case oid::timestamp:
    case oid::timestamptz:
    case oid::uuid:
      return false;
    default:
      return true;
  }
}

bool is_array(Oid type) {
  return std::any_of(named_types.begin(), named_types.end(),
                     [&](const NamedType& named) { return named.array == type; });
}

Oid array_of(Oid element) {
  for (const NamedType& named : named_types) {
    if (named.oid == element) return named.array;
  }
  return 0;
}

CastFit fit_of_value_cast(const sql::TypeName& type, const BoundColumn& column, const sql::Dialect& dialect) {
  // A length or precision would cut an envelope, and dropping it would store what the server would have cut.
  if (type.array || !type.modifiers.empty()) return CastFit::refuse;
  const Oid named = named_oid(type, dialect);
  if (is_logical(column)) return named == column.logical_type ? CastFit::replace : CastFit::refuse;
  if (is_character(column.storage)) return is_character_type(named) ? CastFit::keep : CastFit::refuse;
  if (is_json(column.storage)) {
    return named == oid::json || named == oid::jsonb || is_character_type(named) ? CastFit::keep : CastFit::refuse;
  }
  return named == oid::bytea ? CastFit::keep : CastFit::refuse;
}

CastFit fit_of_tag_cast(const sql::TypeName& type, const BoundColumn& column, const sql::Dialect& dialect) {
  if (!type.modifiers.empty()) return CastFit::refuse;
  const Oid named = named_oid(type, dialect);
  if (is_logical(column)) return named == column.logical_type ? CastFit::replace : CastFit::refuse;
  if (is_character(column.storage)) return is_character_type(named) ? CastFit::keep : CastFit::refuse;
  // The tag of a JSON document is text, not JSON.
  if (is_json(column.storage)) {
    if (is_character_type(named)) return CastFit::keep;
    return named == oid::json || named == oid::jsonb ? CastFit::replace : CastFit::refuse;
  }
  return named == oid::bytea ? CastFit::keep : CastFit::refuse;
}

}  // namespace sealrow::plan
