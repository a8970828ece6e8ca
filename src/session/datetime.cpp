#include "datetime.hpp"

#include <array>
#include <cstdio>

namespace sealrow::session {
namespace {

constexpr std::int64_t second = 1'000'000, day = 86'400 * second;
constexpr std::int64_t epoch_days = 10957;  // 1970-01-01 to 2000-01-01

// Proleptic Gregorian calendar, days since 1970-01-01.
std::int64_t days_from_civil(std::int64_t y, unsigned m, unsigned d) {
  y -= m <= 2;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const auto yoe = static_cast<unsigned>(y - era * 400);
  const unsigned doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
  const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + static_cast<std::int64_t>(doe) - 719468;
}

struct Civil {
  std::int64_t year;
  unsigned month, day;
};

Civil civil_from_days(std::int64_t z) {
  z += 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const auto doe = static_cast<unsigned>(z - era * 146097);
  const unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const unsigned mp = (5 * doy + 2) / 153;
  const unsigned m = mp < 10 ? mp + 3 : mp - 9;
  return {static_cast<std::int64_t>(yoe) + era * 400 + (m <= 2), m, doy - (153 * mp + 2) / 5 + 1};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {}
  bool skip(char c) {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  // Between `least` and `most` digits.
  std::optional<std::int64_t> number(std::size_t least, std::size_t most) {
    std::int64_t v = 0;
    std::size_t n = 0;
    while (n < most && n < text_.size() && is_digit(text_[n])) v = v * 10 + (text_[n++] - '0');
    if (n < least) return std::nullopt;
    text_.remove_prefix(n);
    return v;
  }
  // Digits behind the point, as microseconds.
  std::optional<std::int64_t> fraction() {
    std::int64_t v = 0;
    std::size_t n = 0;
    for (; n < 6 && n < text_.size() && is_digit(text_[n]); ++n) v = v * 10 + (text_[n] - '0');
    if (n == 0) return std::nullopt;
    text_.remove_prefix(n);
    for (; n < 6; ++n) v *= 10;
    return v;
  }
  [[nodiscard]] bool done() const { return text_.empty(); }
  [[nodiscard]] char peek() const { return text_.empty() ? '\0' : text_[0]; }

 private:
  std::string_view text_;
};

std::optional<std::int64_t> scan_date(Scan& s) {
  const auto y = s.number(4, 6);
  if (!y || !s.skip('-')) return std::nullopt;
  const auto m = s.number(2, 2);
  if (!m || !s.skip('-')) return std::nullopt;
  const auto d = s.number(2, 2);
  if (!d || *y < 1 || *y > 294276 || *m < 1 || *m > 12 || *d < 1) return std::nullopt;
  const std::int64_t days = days_from_civil(*y, static_cast<unsigned>(*m), static_cast<unsigned>(*d));
  const Civil back = civil_from_days(days);
  if (back.month != *m || back.day != *d) return std::nullopt;  // 31 February
  return days - epoch_days;
}

std::optional<std::int64_t> scan_clock(Scan& s) {
  const auto h = s.number(2, 2);
  if (!h || !s.skip(':')) return std::nullopt;
  const auto m = s.number(2, 2);
  if (!m) return std::nullopt;
  std::int64_t sec = 0, micro = 0;
  if (s.skip(':')) {
    const auto v = s.number(2, 2);
    if (!v) return std::nullopt;
    sec = *v;
    if (s.skip('.')) {
      const auto f = s.fraction();
      if (!f) return std::nullopt;
      micro = *f;
    }
  }
  if (*h > 24 || *m > 59 || sec > 59 || (*h == 24 && (*m > 0 || sec > 0 || micro > 0))) return std::nullopt;
  return ((*h * 60 + *m) * 60 + sec) * second + micro;
}

// Z, +HH, +HHMM, +HH:MM[:SS]. East is positive.
std::optional<std::int64_t> scan_zone(Scan& s) {
  if (s.skip('Z') || s.skip('z')) return 0;
  const bool west = s.peek() == '-';
  if (!west && s.peek() != '+') return std::nullopt;
  (void)s.skip(west ? '-' : '+');
  const auto h = s.number(2, 2);
  if (!h || *h > 15) return std::nullopt;
  std::int64_t seconds = *h * 3600;
  const bool colon = s.skip(':');
  if (colon || is_digit(s.peek())) {
    const auto m = s.number(2, 2);
    if (!m || *m > 59) return std::nullopt;
    seconds += *m * 60;
    if (s.skip(':')) {
      const auto sec = s.number(2, 2);
      if (!sec || *sec > 59) return std::nullopt;
      seconds += *sec;
    }
  }
  return (west ? -seconds : seconds) * second;
}

std::optional<std::int64_t> scan_timestamp(Scan& s, TimeKind kind) {
  const auto date = scan_date(s);
  if (!date) return std::nullopt;
  std::int64_t count = *date * day;
  if (s.skip(' ') || s.skip('T')) {
    const auto clock = scan_clock(s);
    if (!clock) return std::nullopt;
    count += *clock;
  }
  (void)s.skip(' ');
  if (s.done()) return kind == TimeKind::timestamptz ? std::nullopt : std::optional(count);
  const auto zone = scan_zone(s);
  if (!zone) return std::nullopt;
  return kind == TimeKind::timestamptz ? count - *zone : count;  // timestamp ignores a zone, as PostgreSQL does
}

std::string clock_text(std::int64_t micros) {
  std::array<char, 32> b{};
  const std::int64_t s = micros / second, f = micros % second;
  int n = std::snprintf(b.data(), b.size(), "%02d:%02d:%02d", static_cast<int>(s / 3600), static_cast<int>(s / 60 % 60),
                        static_cast<int>(s % 60));
  if (f != 0) {
    n += std::snprintf(b.data() + n, b.size() - static_cast<std::size_t>(n), ".%06d", static_cast<int>(f));
    while (b[static_cast<std::size_t>(n) - 1] == '0') --n;
  }
  return {b.data(), static_cast<std::size_t>(n)};
}

std::string date_text(std::int64_t days) {
  const Civil c = civil_from_days(days + epoch_days);
  const bool before_christ = c.year < 1;
  std::array<char, 40> b{};
  const int n = std::snprintf(b.data(), b.size(), "%04lld-%02u-%02u",
                              static_cast<long long>(before_christ ? 1 - c.year : c.year), c.month, c.day);
  return {b.data(), static_cast<std::size_t>(n)};
}

bool is_before_christ(std::int64_t days) { return civil_from_days(days + epoch_days).year < 1; }

}  // namespace

std::optional<std::int64_t> parse_time(TimeKind kind, std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (kind != TimeKind::time) {
    if (text == "infinity") return time_infinity;
    if (text == "-infinity") return time_minus_infinity;
  }
  Scan s(text);
  std::optional<std::int64_t> count;
  switch (kind) {
    case TimeKind::date:
      count = scan_date(s);
      break;
    case TimeKind::time:
      count = scan_clock(s);
      break;
    case TimeKind::timestamp:
    case TimeKind::timestamptz:
      count = scan_timestamp(s, kind);
      break;
  }
  return s.done() ? count : std::nullopt;
}

std::string format_time(TimeKind kind, std::int64_t count) {
  if (kind != TimeKind::time && count == time_infinity) return "infinity";
  if (kind != TimeKind::time && count == time_minus_infinity) return "-infinity";
  if (kind == TimeKind::time) return clock_text(count);
  const std::int64_t days = kind == TimeKind::date ? count : count / day - (count % day < 0);
  std::string text = date_text(days);
  if (kind != TimeKind::date) {
    text.push_back(' ');
    text += clock_text(count - days * day);
    if (kind == TimeKind::timestamptz) text += "+00";
  }
  if (is_before_christ(days)) text += " BC";
  return text;
}

}  // namespace sealrow::session
