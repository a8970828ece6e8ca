// Rows of both protocols, and values of the binary one (MySQL internals manual, "Binary Protocol Value").
#pragma once

#include "sealrow/wire/mysql/codec.hpp"
#include "sealrow/wire/mysql/constants.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::wire::mysql {

// How a type's values stand in the binary protocol: so many bytes, or a length-encoded string (temporals, too: their
// length byte is one), or nothing at all.
struct Shape {
  enum class Kind : std::uint8_t { fixed, prefixed, absent, unknown } kind = Kind::unknown;
  std::uint8_t size = 0;
};
[[nodiscard]] Shape shape_of(ColumnType type) noexcept;

// A binary value without its length prefix: little-endian integer or float, temporal fields, or the string itself.
// False: cut short, a type that has no binary form, or a temporal of an impossible length.
[[nodiscard]] bool read_binary_value(Reader& reader, ColumnType type, std::string_view& out);
void append_binary_value(std::string& out, ColumnType type, std::string_view value);

[[nodiscard]] constexpr std::size_t null_bitmap_size(std::size_t n, std::size_t offset) noexcept {
  return (n + 7 + offset) / 8;
}
// Bit of item `i`; offset 0 in parameters, 2 in rows.
[[nodiscard]] bool is_null(std::string_view bitmap, std::size_t i, std::size_t offset) noexcept;

// The row has exactly `columns` cells.
[[nodiscard]] bool read_text_row(ByteView payload, std::size_t columns, std::vector<Cell>& out);
void append_text_row(std::string& out, Sequence& sequence, std::span<const Cell> cells);
[[nodiscard]] bool read_binary_row(ByteView payload, std::span<const ColumnType> types, std::vector<Cell>& out);
void append_binary_row(std::string& out, Sequence& sequence, std::span<const ColumnType> types,
                       std::span<const Cell> cells);

// Integers as the binary protocol holds them (1, 2, 4 or 8 bytes), with or without a sign.
[[nodiscard]] std::int64_t load_signed(std::string_view value) noexcept;
[[nodiscard]] std::uint64_t load_unsigned(std::string_view value) noexcept;

// A temporal value; fields that are not sent are zero.
struct Temporal {
  std::uint16_t year = 0;
  std::uint8_t month = 0, day = 0, hour = 0, minute = 0, second = 0;
  std::uint32_t microsecond = 0;
  std::uint32_t days = 0;  // TIME only
  bool negative = false;   // TIME only
};
// `value` as read_binary_value() gave it, of type date, datetime, timestamp or time.
[[nodiscard]] std::optional<Temporal> load_temporal(ColumnType type, std::string_view value) noexcept;
// Shortest form, as servers and clients write it.
[[nodiscard]] std::string store_temporal(ColumnType type, const Temporal& value);

}  // namespace sealrow::wire::mysql
