#include "numeric.hpp"

#include "sealrow/base/bytes.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <vector>

namespace sealrow::session {
namespace {

constexpr std::uint16_t sign_minus = 0x4000, sign_nan = 0xC000, sign_infinity = 0xD000, sign_minus_infinity = 0xF000;
constexpr int max_digits = 131072;  // numeric's own limit ahead of the point

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  const auto digits = text.substr(0, n);
  text.remove_prefix(n);
  return digits;
}

std::string assemble(bool negative, std::string whole, std::string fraction) {
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  if (whole.empty()) whole = "0";
  std::string text = whole;
  if (!fraction.empty()) text += '.' + fraction;
  const bool zero = text.find_first_not_of("0.") == std::string::npos;
  return negative && !zero ? '-' + text : text;
}

std::string lower(std::string_view text) {
  std::string folded(text);
  std::ranges::transform(folded, folded.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return folded;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\n\r\v\f";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

// Moves the point by `exponent` places.
bool shift(std::string& whole, std::string& fraction, int exponent) {
  if (exponent > max_digits || exponent < -16383) return false;
  const auto places = static_cast<std::size_t>(exponent < 0 ? -exponent : exponent);
  if (exponent > 0) {
    if (fraction.size() < places) fraction.append(places - fraction.size(), '0');
    whole += fraction.substr(0, places);
    fraction.erase(0, places);
  } else if (exponent < 0) {
    if (whole.size() < places) whole.insert(0, places - whole.size(), '0');
    fraction.insert(0, whole.substr(whole.size() - places));
    whole.erase(whole.size() - places);
  }
  return true;
}

}  // namespace

std::optional<std::string> parse_numeric(std::string_view text) {
  text = trim(text);
  const std::string word = lower(text);
  if (word == "nan") return "NaN";
  if (word == "infinity" || word == "inf" || word == "+infinity" || word == "+inf") return "Infinity";
  if (word == "-infinity" || word == "-inf") return "-Infinity";
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::string whole(take_digits(text)), fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  if (!text.empty() && (text[0] == 'e' || text[0] == 'E')) {
    text.remove_prefix(1);
    if (text.starts_with('+')) text.remove_prefix(1);
    int exponent = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), exponent);
    if (ec != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!shift(whole, fraction, exponent)) return std::nullopt;
  }
  if (!text.empty() || whole.size() > max_digits || fraction.size() > 16383) return std::nullopt;
  return assemble(negative, std::move(whole), std::move(fraction));
}

std::optional<std::string> numeric_from_binary(std::string_view b) {
  if (b.size() < 8) return std::nullopt;
  const std::size_t count = load_u16(b.data());
  const auto weight = static_cast<std::int16_t>(load_u16(b.data() + 2));
  const std::uint16_t sign = load_u16(b.data() + 4), scale = load_u16(b.data() + 6);
  if (b.size() != 8 + 2 * count || scale > 16383) return std::nullopt;
  if (sign == sign_nan) return "NaN";
  if (sign == sign_infinity) return "Infinity";
  if (sign == sign_minus_infinity) return "-Infinity";
  if (sign != 0 && sign != sign_minus) return std::nullopt;
  std::string whole, fraction;
  const auto digit = [&](int i) -> std::optional<int> {
    if (i < 0 || static_cast<std::size_t>(i) >= count) return 0;
    const int v = load_u16(b.data() + 8 + 2 * i);
    return v > 9999 ? std::nullopt : std::optional(v);
  };
  const auto put = [&](std::string& to, int i) {
    const auto v = digit(i);
    if (!v) return false;
    const std::string four = std::to_string(10000 + *v);
    to.append(four, 1, 4);
    return true;
  };
  for (int i = 0; i <= weight; ++i) {
    if (!put(whole, i)) return std::nullopt;
  }
  for (int i = weight + 1; fraction.size() < scale; ++i) {
    if (!put(fraction, i)) return std::nullopt;
  }
  fraction.resize(scale);
  return assemble(sign == sign_minus, std::move(whole), std::move(fraction));
}

void append_numeric_binary(std::string& out, std::string_view text) {
  const auto special = [&](std::uint16_t sign) {
    append_u16(out, 0);
    append_u16(out, 0);
    append_u16(out, sign);
    append_u16(out, 0);
  };
  if (text == "NaN") return special(sign_nan);
  if (text == "Infinity") return special(sign_infinity);
  if (text == "-Infinity") return special(sign_minus_infinity);
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  std::string whole(text.substr(0, point));
  std::string fraction(point == std::string_view::npos ? std::string_view{} : text.substr(point + 1));
  const auto scale = static_cast<std::uint16_t>(fraction.size());
  whole.insert(0, (4 - whole.size() % 4) % 4, '0');
  fraction.append((4 - fraction.size() % 4) % 4, '0');
  const std::string all = whole + fraction;
  std::vector<std::uint16_t> digits;
  for (std::size_t i = 0; i < all.size(); i += 4) {
    digits.push_back(static_cast<std::uint16_t>((all[i] - '0') * 1000 + (all[i + 1] - '0') * 100 +
                                                (all[i + 2] - '0') * 10 + (all[i + 3] - '0')));
  }
  int weight = static_cast<int>(whole.size() / 4) - 1;
  const auto first = std::ranges::find_if(digits, [](std::uint16_t d) { return d != 0; });
  weight -= static_cast<int>(first - digits.begin());
  digits.erase(digits.begin(), first);
  while (!digits.empty() && digits.back() == 0) digits.pop_back();
  if (digits.empty()) weight = 0;
  append_u16(out, static_cast<std::uint16_t>(digits.size()));
  append_u16(out, static_cast<std::uint16_t>(weight));
  append_u16(out, negative && !digits.empty() ? sign_minus : std::uint16_t{0});
  append_u16(out, scale);
  for (const auto d : digits) append_u16(out, d);
}

std::string numeric_key(std::string_view text) {
  std::string key(text);
  if (key.find('.') == std::string::npos) return key;
  while (key.back() == '0') key.pop_back();
  if (key.back() == '.') key.pop_back();
  return key == "-0" ? "0" : key;
}

}  // namespace sealrow::session
