// Spellings of opened values, see values.hpp.
#include "datetime.hpp"
#include "json.hpp"
#include "numeric.hpp"
#include "values.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>

namespace sealrow::session {

using crypto::ValueType;
using policy::LogicalType;

namespace {

Error wrong_content() {
  return Error{ErrorCode::policy_type_mismatch, "a sealed value does not have the type that the policy names"};
}

std::size_t fixed_size(ValueType type) {
  switch (type) {
    case ValueType::int64:
    case ValueType::float64:
      return 8;
    case ValueType::boolean:
      return 1;
    case ValueType::uuid:
      return 16;
    default:
      return 0;
  }
}

bool is_well_formed(const Plain& value) {
  const std::size_t size = fixed_size(value.type);
  return size == 0 || value.bytes.size() == size;
}

// Shortest text that reads back as the same number, as PostgreSQL prints it.
template <class T>
std::string real_text(T v) {
  if (std::isnan(v)) return "NaN";
  if (std::isinf(v)) return v > 0 ? "Infinity" : "-Infinity";
  std::array<char, 64> b{};
  return {b.data(), std::to_chars(b.data(), b.data() + b.size(), v).ptr};
}

std::string float_text(const Plain& value, LogicalType type) {
  const auto v = std::bit_cast<double>(load_u64(value.bytes.data()));
  return type == LogicalType::float4 ? real_text(static_cast<float>(v)) : real_text(v);
}

std::string uuid_text(std::string_view bytes) {
  std::string hex;
  append_hex(hex, as_bytes(bytes));
  for (const std::size_t at : {8u, 13u, 18u, 23u}) hex.insert(at, 1, '-');
  return hex;
}

std::string int_text(const Plain& value) {
  return std::to_string(static_cast<std::int64_t>(load_u64(value.bytes.data())));
}

std::optional<std::int64_t> time_count(const Plain& value, TimeKind kind) {
  if (value.bytes.empty() || value.bytes[0] != static_cast<char>(kind)) return std::nullopt;
  return parse_time(kind, std::string_view(value.bytes).substr(1));
}

Result<> append_integer_binary(std::string& out, const Plain& value, LogicalType type) {
  const auto v = load_u64(value.bytes.data());
  if (type == LogicalType::int2)
    append_u16(out, static_cast<std::uint16_t>(v));
  else if (type == LogicalType::int4)
    append_u32(out, static_cast<std::uint32_t>(v));
  else
    append_u64(out, v);
  return {};
}

Result<> append_float_binary(std::string& out, const Plain& value, LogicalType type) {
  const auto bits = load_u64(value.bytes.data());
  if (type != LogicalType::float4)
    append_u64(out, bits);
  else
    append_u32(out, std::bit_cast<std::uint32_t>(static_cast<float>(std::bit_cast<double>(bits))));
  return {};
}

Result<> append_time_binary(std::string& out, const Plain& value, LogicalType type) {
  const TimeKind kind = type == LogicalType::date        ? TimeKind::date
                        : type == LogicalType::time      ? TimeKind::time
                        : type == LogicalType::timestamp ? TimeKind::timestamp
                                                         : TimeKind::timestamptz;
  const auto count = time_count(value, kind);
  if (!count) return wrong_content();
  if (kind != TimeKind::date) {
    append_u64(out, static_cast<std::uint64_t>(*count));
  } else {
    const std::int64_t days = *count == time_infinity ? INT32_MAX : *count == time_minus_infinity ? INT32_MIN : *count;
    append_u32(out, static_cast<std::uint32_t>(days));
  }
  return {};
}

bool fits(ValueType value, LogicalType type) {
  switch (type) {
    case LogicalType::physical:
      return value == ValueType::text || value == ValueType::bytes || value == ValueType::json;
    case LogicalType::boolean:
      return value == ValueType::boolean;
    case LogicalType::int2:
    case LogicalType::int4:
    case LogicalType::int8:
      return value == ValueType::int64;
    case LogicalType::float4:
    case LogicalType::float8:
      return value == ValueType::float64;
    case LogicalType::numeric:
      return value == ValueType::decimal;
    case LogicalType::date:
    case LogicalType::time:
    case LogicalType::timestamp:
    case LogicalType::timestamptz:
      return value == ValueType::datetime;
    case LogicalType::uuid:
      return value == ValueType::uuid;
  }
  return false;
}

}  // namespace

Result<> append_text(std::string& out, const Plain& value, LogicalType type, ByteaOutput bytea) {
  if (!fits(value.type, type) || !is_well_formed(value)) return wrong_content();
  switch (value.type) {
    case ValueType::text:
    case ValueType::json:
    case ValueType::decimal:
      out += value.bytes;
      break;
    case ValueType::bytes:
      append_bytea(out, value.bytes, bytea);
      break;
    case ValueType::int64:
      out += int_text(value);
      break;
    case ValueType::float64:
      out += float_text(value, type);
      break;
    case ValueType::boolean:
      out.push_back(value.bytes[0] != 0 ? 't' : 'f');
      break;
    case ValueType::datetime:
      if (value.bytes.empty()) return wrong_content();
      out.append(value.bytes, 1);
      break;
    case ValueType::uuid:
      out += uuid_text(value.bytes);
      break;
    case ValueType::null:
      return wrong_content();
  }
  return {};
}

Result<> append_binary(std::string& out, const Plain& value, LogicalType type) {
  if (!fits(value.type, type) || !is_well_formed(value)) return wrong_content();
  switch (value.type) {
    case ValueType::text:
    case ValueType::json:
    case ValueType::bytes:
    case ValueType::uuid:
    case ValueType::boolean:
      out += value.bytes;
      return {};
    case ValueType::int64:
      return append_integer_binary(out, value, type);
    case ValueType::float64:
      return append_float_binary(out, value, type);
    case ValueType::decimal:
      append_numeric_binary(out, value.bytes);
      return {};
    case ValueType::datetime:
      return append_time_binary(out, value, type);
    case ValueType::null:
      break;
  }
  return wrong_content();
}

Result<> append_json(std::string& out, const Plain& value, LogicalType type) {
  if (value.type == ValueType::json) {
    out += value.bytes;
    return {};
  }
  std::string text;
  SEALROW_CHECK(append_text(text, value, type, ByteaOutput::hex));
  const bool number =
      value.type == ValueType::int64 || value.type == ValueType::decimal || value.type == ValueType::float64;
  // json has no NaN and no infinity: PostgreSQL quotes them.
  if (number && text.find_first_of("NI") == std::string::npos)
    out += text;
  else if (value.type == ValueType::boolean)
    out += value.bytes[0] != 0 ? "true" : "false";
  else
    append_json_string(out, text);
  wipe(text);
  return {};
}

}  // namespace sealrow::session
