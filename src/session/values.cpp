#include "values.hpp"

#include "datetime.hpp"
#include "json.hpp"
#include "jsonb.hpp"
#include "numeric.hpp"

#include "sealrow/base/secret.hpp"
#include "sealrow/policy/normalize.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

namespace sealrow::session {

using crypto::ValueType;
using plan::BoundColumn;
using plan::Storage;
using policy::LogicalType;

Plain::~Plain() { wipe(bytes); }

namespace {

Error bad_value(const BoundColumn& column, std::string reason) {
  return Error{
      ErrorCode::value_syntax, "value is not valid for a sealed column", std::move(reason), {}, column.display};
}

std::string big_endian(std::uint64_t v) {
  std::string bytes;
  append_u64(bytes, v);
  return bytes;
}

Oid oid_of(LogicalType type) {
  switch (type) {
    case LogicalType::physical:
      return oid::text;
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
  return oid::text;
}

std::string_view trim(std::string_view t) {
  while (!t.empty() && (t.front() == ' ' || (t.front() >= '\t' && t.front() <= '\r'))) t.remove_prefix(1);
  while (!t.empty() && (t.back() == ' ' || (t.back() >= '\t' && t.back() <= '\r'))) t.remove_suffix(1);
  return t;
}

template <class T>
std::optional<T> number(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  T v{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return v;
}

std::optional<std::string> uuid_bytes(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && text.front() == '{' && text.back() == '}') text = text.substr(1, text.size() - 2);
  std::string digits, bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    // A hyphen may stand behind every four digits (uuid.c).
    if (text[i] == '-' && !digits.empty() && digits.size() % 4 == 0 && i + 1 < text.size() && text[i - 1] != '-')
      continue;
    digits.push_back(text[i]);
  }
  if (digits.size() != 32 || !decode_hex(digits, bytes)) return std::nullopt;
  return bytes;
}

std::optional<bool> truth(std::string_view text) {
  std::string w;
  for (const char c : trim(text)) w.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  const auto prefix_of = [&](std::string_view whole, std::size_t least) {
    return w.size() >= least && w.size() <= whole.size() && whole.substr(0, w.size()) == w;
  };
  if (prefix_of("true", 1) || prefix_of("yes", 1) || w == "on" || w == "1") return true;
  if (prefix_of("false", 1) || prefix_of("no", 1) || prefix_of("off", 2) || w == "0") return false;
  return std::nullopt;
}

// ---- a number of any declared type as decimal text -------------------------------------------------------------

std::optional<std::string> decimal_from_binary(Oid source, std::string_view b) {
  const auto text = [](auto v) {
    std::array<char, 64> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), v).ptr;
    return std::string(buffer.data(), end);
  };
  switch (source) {
    case oid::int2:
      if (b.size() == 2) return text(static_cast<std::int16_t>(load_u16(b.data())));
      break;
    case oid::int4:
      if (b.size() == 4) return text(static_cast<std::int32_t>(load_u32(b.data())));
      break;
    case oid::int8:
      if (b.size() == 8) return text(static_cast<std::int64_t>(load_u64(b.data())));
      break;
    case oid::float4:
      if (b.size() == 4) return text(std::bit_cast<float>(load_u32(b.data())));
      break;
    case oid::float8:
      if (b.size() == 8) return text(std::bit_cast<double>(load_u64(b.data())));
      break;
    case oid::numeric:
      return numeric_from_binary(b);
    case oid::text:
    case oid::varchar:
    case oid::bpchar:
    case oid::unknown:
      return std::string(b);
    default:
      break;
  }
  return std::nullopt;
}

std::optional<double> real(std::string_view text) {
  const auto plain = parse_numeric(text);
  if (plain == "NaN") return std::nan("");
  if (plain == "Infinity") return HUGE_VAL;
  if (plain == "-Infinity") return -HUGE_VAL;
  return number<double>(text);
}

Result<Plain> canonical_number(const BoundColumn& column, const std::string& text) {
  const auto integer = [&](std::int64_t least, std::int64_t most) -> Result<Plain> {
    const auto v = number<std::int64_t>(text);
    if (!v || *v < least || *v > most) return bad_value(column, "not an integer of the column's range");
    return Plain{ValueType::int64, big_endian(static_cast<std::uint64_t>(*v))};
  };
  switch (column.column->type) {
    case LogicalType::int2:
      return integer(INT16_MIN, INT16_MAX);
    case LogicalType::int4:
      return integer(INT32_MIN, INT32_MAX);
    case LogicalType::int8:
      return integer(INT64_MIN, INT64_MAX);
    case LogicalType::float4:
    case LogicalType::float8: {
      auto v = real(text);
      if (!v) return bad_value(column, "not a number");
      if (column.column->type == LogicalType::float4) v = static_cast<float>(*v);
      return Plain{ValueType::float64, big_endian(std::bit_cast<std::uint64_t>(*v))};
    }
    default: {
      auto v = parse_numeric(text);
      if (!v) return bad_value(column, "not a number");
      return Plain{ValueType::decimal, std::move(*v)};
    }
  }
}

// ---- date and time ------------------------------------------------------------------------------------------------

TimeKind time_kind(LogicalType type) {
  switch (type) {
    case LogicalType::date:
      return TimeKind::date;
    case LogicalType::time:
      return TimeKind::time;
    case LogicalType::timestamp:
      return TimeKind::timestamp;
    default:
      return TimeKind::timestamptz;
  }
}

Plain time_plain(TimeKind kind, std::int64_t count) {
  return {ValueType::datetime, std::string(1, static_cast<char>(kind)) + format_time(kind, count)};
}

Result<Plain> canonical_time(const BoundColumn& column, Format format, std::string_view value) {
  const TimeKind kind = time_kind(column.column->type);
  if (format == Format::text) {
    const auto count = parse_time(kind, value);
    if (!count) return bad_value(column, "write dates and times in ISO 8601, a timestamptz with its zone");
    return time_plain(kind, *count);
  }
  if (kind == TimeKind::date && value.size() == 4) {
    const auto days = static_cast<std::int32_t>(load_u32(value.data()));
    if (days == INT32_MAX) return time_plain(kind, time_infinity);
    if (days == INT32_MIN) return time_plain(kind, time_minus_infinity);
    return time_plain(kind, days);
  }
  if (kind != TimeKind::date && value.size() == 8) {
    const auto count = static_cast<std::int64_t>(load_u64(value.data()));
    if (kind == TimeKind::time && (count < 0 || count > 86'400'000'000)) return bad_value(column, "not a time of day");
    return time_plain(kind, count);
  }
  return bad_value(column, "wrong size of a binary date or time");
}

// ---- the types without a logical disguise ---------------------------------------------------------------------------

Result<Plain> canonical_text(const BoundColumn& column, std::string_view value) {
  if (!is_valid_utf8(value)) return Error{ErrorCode::encoding, "value is not valid UTF-8", {}, {}, column.display};
  return Plain{ValueType::text, std::string(value)};
}

Result<Plain> canonical_json(const BoundColumn& column, Format format, Oid source, std::string_view value) {
  const bool versioned =
      format == Format::binary && (source == oid::jsonb || (source == 0 && column.storage == Storage::jsonb));
  if (versioned) {
    if (value.empty() || value[0] != '\x01') return bad_value(column, "unknown version of binary jsonb");
    value.remove_prefix(1);
  }
  if (!is_valid_utf8(value)) return Error{ErrorCode::encoding, "value is not valid UTF-8", {}, {}, column.display};
  if (!scan_json(value, [](const JsonString&) {})) return bad_value(column, "not a JSON document");
  // json keeps what was written, jsonb what it understood.
  if (column.storage != Storage::jsonb) return Plain{ValueType::json, std::string(value)};
  Plain plain{ValueType::json, {}};
  if (!append_jsonb(plain.bytes, value))
    return bad_value(column, "jsonb takes neither \\u0000 nor half a surrogate pair nor a number beyond numeric");
  return plain;
}

bool is_text_type(Oid type) {
  return type == oid::text || type == oid::varchar || type == oid::bpchar || type == oid::unknown;
}

Result<Plain> canonical_physical(const BoundColumn& column, Format format, Oid source, std::string_view value) {
  switch (column.storage) {
    case Storage::text:
    case Storage::varchar:
      if (format == Format::binary && source == oid::jsonb) return bad_value(column, "binary jsonb for a text column");
      return canonical_text(column, value);
    case Storage::json:
    case Storage::jsonb:
      return canonical_json(column, format, source, value);
    case Storage::bytea:
      break;
  }
  if (format == Format::binary) return Plain{ValueType::bytes, std::string(value)};
  Plain plain{ValueType::bytes, {}};
  if (!decode_bytea(value, plain.bytes)) return bad_value(column, "not valid bytea text");
  return plain;
}

}  // namespace

Result<Plain> canonical_value(const BoundColumn& column, Format format, Oid source, std::string_view value) {
  const LogicalType type = column.column->type;
  if (type == LogicalType::physical) return canonical_physical(column, format, source, value);
  const Oid from = source != 0 ? source : oid_of(type);
  // Text types are spelled the same in both formats.
  if (is_text_type(from)) format = Format::text;
  switch (type) {
    case LogicalType::boolean: {
      if (format == Format::binary) {
        if (value.size() != 1) return bad_value(column, "wrong size of a binary boolean");
        return Plain{ValueType::boolean, std::string(1, value[0] != 0 ? '\x01' : '\0')};
      }
      const auto v = truth(value);
      if (!v) return bad_value(column, "not a boolean");
      return Plain{ValueType::boolean, std::string(1, *v ? '\x01' : '\0')};
    }
    case LogicalType::uuid: {
      auto v = format == Format::binary ? std::optional(std::string(value)) : uuid_bytes(value);
      if (!v || v->size() != 16) return bad_value(column, "not a uuid");
      return Plain{ValueType::uuid, std::move(*v)};
    }
    case LogicalType::date:
    case LogicalType::time:
    case LogicalType::timestamp:
    case LogicalType::timestamptz:
      if (format == Format::binary && from != oid_of(type)) return bad_value(column, "binary value of another type");
      return canonical_time(column, format, value);
    default: {
      const auto text = format == Format::text ? std::optional(std::string(value)) : decimal_from_binary(from, value);
      if (!text) return bad_value(column, "binary value of another type or size");
      return canonical_number(column, *text);
    }
  }
}

std::string tag_input(const policy::SealedColumn& column, const Plain& plain) {
  switch (plain.type) {
    case ValueType::text:
      return policy::normalize(plain.bytes, column.normalize);
    case ValueType::decimal:
      return numeric_key(plain.bytes);
    case ValueType::float64: {
      double v = std::bit_cast<double>(load_u64(plain.bytes.data()));
      if (v == 0) v = 0;                    // -0 equals 0
      if (std::isnan(v)) v = std::nan("");  // NaN equals NaN in PostgreSQL
      return big_endian(std::bit_cast<std::uint64_t>(v));
    }
    default:
      return plain.bytes;
  }
}

bool decode_bytea(std::string_view text, std::string& out) {
  if (text.starts_with("\\x")) {
    std::string digits;
    for (const char c : text.substr(2)) {
      if (c != ' ' && c != '\n' && c != '\t' && c != '\r') digits.push_back(c);
    }
    return decode_hex(digits, out);
  }
  const auto octal = [&](std::size_t i, char most) { return i < text.size() && text[i] >= '0' && text[i] <= most; };
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      out.push_back(text[i++]);
    } else if (octal(i + 1, '3') && octal(i + 2, '7') && octal(i + 3, '7')) {
      out.push_back(static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0')));
      i += 4;
    } else if (i + 1 < text.size() && text[i + 1] == '\\') {
      out.push_back('\\');
      i += 2;
    } else {
      return false;
    }
  }
  return true;
}

void append_bytea(std::string& out, std::string_view bytes, ByteaOutput form) {
  if (form == ByteaOutput::hex) {
    out += "\\x";
    append_hex(out, as_bytes(bytes));
    return;
  }
  for (const char c : bytes) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '\\') {
      out += "\\\\";
    } else if (u < 0x20 || u > 0x7E) {
      out.push_back('\\');
      out.push_back(static_cast<char>('0' + (u >> 6)));
      out.push_back(static_cast<char>('0' + ((u >> 3) & 7)));
      out.push_back(static_cast<char>('0' + (u & 7)));
    } else {
      out.push_back(c);
    }
  }
}

}  // namespace sealrow::session
