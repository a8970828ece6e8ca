// One canonical plaintext per value, whatever spelling a client chose, so that text and binary writers seal (and tag)
// the same bytes; and back into the spelling a client asked for.
//
// Canonical forms: text UTF-8 · bytes raw · json its text · int64 8 bytes big-endian · decimal "-12.50" (scale kept) ·
// float64 8 bytes IEEE 754 big-endian · boolean 1 byte · uuid 16 bytes · date/time one kind letter (d date, t time,
// s timestamp, z timestamptz in UTC), then ISO 8601 text.
#pragma once

#include "sealrow/base/bytes.hpp"
#include "sealrow/base/ids.hpp"
#include "sealrow/base/result.hpp"
#include "sealrow/crypto/envelope.hpp"
#include "sealrow/plan/plan.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sealrow::session {

enum class Format : std::int16_t { text = 0, binary = 1 };

namespace oid {
inline constexpr Oid boolean = 16, bytea = 17, name = 19, int8 = 20, int2 = 21, int4 = 23, text = 25, json = 114,
                     float4 = 700, float8 = 701, unknown = 705, bpchar = 1042, varchar = 1043, date = 1082, time = 1083,
                     timestamp = 1114, timestamptz = 1184, numeric = 1700, uuid = 2950, jsonb = 3802, record = 2249;
}

struct Plain {
  crypto::ValueType type = crypto::ValueType::text;
  std::string bytes;
  Plain() = default;
  Plain(crypto::ValueType t, std::string b) : type(t), bytes(std::move(b)) {}
  Plain(Plain&&) = default;
  Plain& operator=(Plain&&) = default;
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;
  ~Plain();  // wiped
};

// `source`: type that the client declared for the value, 0 where it leaves it to the column.
[[nodiscard]] Result<Plain> canonical_value(const plan::BoundColumn& column, Format format, Oid source,
                                            std::string_view value);
// What the equality tag is made of: normalised text; numbers without trailing zeros or a negative zero.
[[nodiscard]] std::string tag_input(const policy::SealedColumn& column, const Plain& plain);

// Spellings of an opened value. `type`: what the client is told (RowDescription); only logical types look at it.
enum class ByteaOutput : std::uint8_t { hex, escape };
// The canonical form is the text spelling.
[[nodiscard]] constexpr bool is_own_text(crypto::ValueType value, policy::LogicalType type) noexcept {
  return type == policy::LogicalType::physical &&
         (value == crypto::ValueType::text || value == crypto::ValueType::json);
}
[[nodiscard]] Result<> append_text(std::string& out, const Plain& value, policy::LogicalType type, ByteaOutput bytea);
[[nodiscard]] Result<> append_binary(std::string& out, const Plain& value, policy::LogicalType type);
[[nodiscard]] Result<> append_json(std::string& out, const Plain& value, policy::LogicalType type);

// bytea text input in either form.
[[nodiscard]] bool decode_bytea(std::string_view text, std::string& out);
void append_bytea(std::string& out, std::string_view bytes, ByteaOutput form);

}  // namespace sealrow::session
