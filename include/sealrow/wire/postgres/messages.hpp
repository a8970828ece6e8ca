// Views of PostgreSQL messages. Nothing is copied; every count and length is checked against the body, so that a
// hostile message can neither be read past its end nor make a reader allocate more than the message's own size.
#pragma once

#include "sealrow/base/bytes.hpp"
#include "sealrow/base/ids.hpp"
#include "sealrow/wire/cursor.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::wire::postgres {

// Cursor over a message body, integers in network order.
class Reader : public Cursor {
 public:
  using Cursor::Cursor;
  [[nodiscard]] std::uint16_t u16() noexcept;
  [[nodiscard]] std::uint32_t u32() noexcept;
  [[nodiscard]] std::int16_t i16() noexcept { return static_cast<std::int16_t>(u16()); }
  [[nodiscard]] std::int32_t i32() noexcept { return static_cast<std::int32_t>(u32()); }
  [[nodiscard]] std::uint64_t u64() noexcept;
};

// A value on the wire: absent is NULL (length -1).
using Cell = std::optional<std::string_view>;

struct Parse {
  std::string_view name, text;
  std::vector<Oid> types;
};
[[nodiscard]] bool read(ByteView body, Parse& out);

struct Bind {
  std::string_view portal, statement;
  std::vector<std::int16_t> formats;  // as sent: 0, 1 or N of them
  std::vector<Cell> values;
  std::vector<std::int16_t> result_formats;  // as sent
  ByteView result_part;                      // the result formats as bytes, with their count
  // 0, 1 or N codes; the server answers anything else with 08P01.
  [[nodiscard]] bool formats_fit() const noexcept;
  [[nodiscard]] std::int16_t format(std::size_t parameter) const noexcept;
};
[[nodiscard]] bool read(ByteView body, Bind& out);

struct Target {     // Describe and Close
  char kind = 'S';  // 'S' statement, 'P' portal
  std::string_view name;
};
[[nodiscard]] bool read(ByteView body, Target& out);

struct Execute {
  std::string_view portal;
  std::uint32_t limit = 0;
};
[[nodiscard]] bool read(ByteView body, Execute& out);

// Query, PasswordMessage, CopyFail, CommandComplete: one zero-terminated string and nothing behind it.
[[nodiscard]] std::optional<std::string_view> read_string(ByteView body);

struct Field {
  std::string_view name;
  Oid table = 0;
  std::int16_t attribute = 0;
  Oid type = 0;
  std::int16_t size = 0;
  std::int32_t modifier = -1;
  std::int16_t format = 0;
};
[[nodiscard]] bool read(ByteView body, std::vector<Field>& out);      // RowDescription
[[nodiscard]] bool read_row(ByteView body, std::vector<Cell>& out);   // DataRow
[[nodiscard]] bool read_types(ByteView body, std::vector<Oid>& out);  // ParameterDescription

// One field of an ErrorResponse or NoticeResponse; absent fields give no value (fields may come in any order).
[[nodiscard]] std::optional<std::string_view> error_field(ByteView body, char field);

}  // namespace sealrow::wire::postgres
