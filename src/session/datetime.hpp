// Dates and times: PostgreSQL's counts (days and microseconds since 2000-01-01) and ISO 8601 text.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace sealrow::session {

enum class TimeKind : char { date = 'd', time = 't', timestamp = 's', timestamptz = 'z' };

inline constexpr std::int64_t time_infinity = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t time_minus_infinity = std::numeric_limits<std::int64_t>::min();

// Days for a date, microseconds for the others. ISO 8601 with a blank or T, fractions up to six digits; a
// timestamptz must name its zone, because the session's own is not certain.
[[nodiscard]] std::optional<std::int64_t> parse_time(TimeKind kind, std::string_view text);
// As PostgreSQL prints with DateStyle ISO; timestamptz in UTC ("+00").
[[nodiscard]] std::string format_time(TimeKind kind, std::int64_t count);

}  // namespace sealrow::session
