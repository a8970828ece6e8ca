#include "parameter_text.hpp"

#include "sealrow/wire/mysql/values.hpp"

#include <fmt/format.h>

namespace sealrow::session::mysql {

using wire::mysql::ColumnType;
using wire::mysql::ParameterType;

namespace {

std::string fraction(std::uint32_t microsecond) {
  return microsecond == 0 ? std::string() : fmt::format(".{:06}", microsecond);
}

std::optional<std::string> temporal_text(ColumnType type, std::string_view value) {
  const auto t = wire::mysql::load_temporal(type, value);
  if (!t) return std::nullopt;
  if (type == ColumnType::time) {
    return fmt::format("{}{:02}:{:02}:{:02}{}", t->negative ? "-" : "", t->days * 24 + t->hour, t->minute, t->second,
                       fraction(t->microsecond));
  }
  std::string text = fmt::format("{:04}-{:02}-{:02}", t->year, t->month, t->day);
  if (type != ColumnType::date)
    text += fmt::format(" {:02}:{:02}:{:02}{}", t->hour, t->minute, t->second, fraction(t->microsecond));
  return text;
}

}  // namespace

std::optional<std::string> parameter_text(const ParameterType& type, std::string_view value) {
  switch (type.type) {
    case ColumnType::tiny:
    case ColumnType::int16:
    case ColumnType::int24:
    case ColumnType::int32:
    case ColumnType::int64:
    case ColumnType::year:
      return type.is_unsigned ? std::to_string(wire::mysql::load_unsigned(value))
                              : std::to_string(wire::mysql::load_signed(value));
    case ColumnType::date:
    case ColumnType::time:
    case ColumnType::datetime:
    case ColumnType::timestamp:
      return temporal_text(type.type, value);
    case ColumnType::decimal:
    case ColumnType::newdecimal:
    case ColumnType::varchar:
    case ColumnType::var_string:
    case ColumnType::string:
    case ColumnType::tiny_blob:
    case ColumnType::medium_blob:
    case ColumnType::long_blob:
    case ColumnType::blob:
    case ColumnType::json:
    case ColumnType::enumeration:
    case ColumnType::set:
      return std::string(value);
    default:
      return std::nullopt;
  }
}

}  // namespace sealrow::session::mysql
