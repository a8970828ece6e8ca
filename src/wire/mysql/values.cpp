#include "sealrow/wire/mysql/values.hpp"

#include <algorithm>

namespace sealrow::wire::mysql {
namespace {

constexpr std::size_t row_offset = 2;  // two bits at the front of a row's bitmap are not used

bool is_temporal(ColumnType type) {
  return type == ColumnType::date || type == ColumnType::datetime || type == ColumnType::timestamp ||
         type == ColumnType::time || type == ColumnType::newdate;
}

// Trailing fields that are zero are left out.
bool is_temporal_size(ColumnType type, std::size_t size) {
  if (type == ColumnType::time) return size == 0 || size == 8 || size == 12;
  return size == 0 || size == 4 || size == 7 || size == 11;
}

}  // namespace

Shape shape_of(ColumnType type) noexcept {
  using Kind = Shape::Kind;
  switch (type) {
    case ColumnType::tiny:
    case ColumnType::boolean:
      return {Kind::fixed, 1};
    case ColumnType::int16:
    case ColumnType::year:
      return {Kind::fixed, 2};
    case ColumnType::int32:
    case ColumnType::int24:
    case ColumnType::float32:
      return {Kind::fixed, 4};
    case ColumnType::int64:
    case ColumnType::float64:
      return {Kind::fixed, 8};
    case ColumnType::null:
      return {Kind::absent, 0};
    case ColumnType::decimal:
    case ColumnType::timestamp:
    case ColumnType::date:
    case ColumnType::time:
    case ColumnType::datetime:
    case ColumnType::newdate:
    case ColumnType::varchar:
    case ColumnType::bit:
    case ColumnType::vector:
    case ColumnType::json:
    case ColumnType::newdecimal:
    case ColumnType::enumeration:
    case ColumnType::set:
    case ColumnType::tiny_blob:
    case ColumnType::medium_blob:
    case ColumnType::long_blob:
    case ColumnType::blob:
    case ColumnType::var_string:
    case ColumnType::string:
    case ColumnType::geometry:
      return {Kind::prefixed, 0};
    case ColumnType::timestamp2:
    case ColumnType::datetime2:
    case ColumnType::time2:
    case ColumnType::typed_array:
    case ColumnType::invalid:
      break;  // never on the wire
  }
  return {};
}

bool read_binary_value(Reader& reader, ColumnType type, std::string_view& out) {
  const Shape shape = shape_of(type);
  switch (shape.kind) {
    case Shape::Kind::fixed:
      out = reader.bytes(shape.size);
      break;
    case Shape::Kind::prefixed:
      out = reader.lenenc_string();
      break;
    case Shape::Kind::absent:
      out = {};
      break;
    case Shape::Kind::unknown:
      reader.fail();
      break;
  }
  if (is_temporal(type) && !is_temporal_size(type, out.size())) reader.fail();
  return reader.ok();
}

void append_binary_value(std::string& out, ColumnType type, std::string_view value) {
  if (shape_of(type).kind == Shape::Kind::prefixed)
    append_lenenc_string(out, value);
  else
    out.append(value);
}

bool is_null(std::string_view bitmap, std::size_t i, std::size_t offset) noexcept {
  const std::size_t bit = i + offset;
  return (static_cast<std::uint8_t>(bitmap[bit / 8]) >> (bit % 8) & 1) != 0;
}

bool read_text_row(ByteView payload, std::size_t columns, std::vector<Cell>& out) {
  Reader r(payload);
  out.clear();
  if (columns > r.left()) return false;  // every cell takes a byte at least
  out.reserve(columns);
  for (std::size_t i = 0; i < columns && r.ok(); ++i) out.push_back(r.lenenc_cell());
  return r.done();
}

void append_text_row(std::string& out, Sequence& sequence, std::span<const Cell> cells) {
  Packet packet(out, sequence);
  for (const auto& cell : cells) packet.lenenc_cell(cell);
}

bool read_binary_row(ByteView payload, std::span<const ColumnType> types, std::vector<Cell>& out) {
  Reader r(payload);
  out.clear();
  if (r.u8() != 0) return false;
  const auto bitmap = r.bytes(null_bitmap_size(types.size(), row_offset));
  if (!r.ok()) return false;
  out.reserve(types.size());
  for (std::size_t i = 0; i < types.size() && r.ok(); ++i) {
    std::string_view value;
    if (is_null(bitmap, i, row_offset))
      out.emplace_back();
    else if (read_binary_value(r, types[i], value))
      out.emplace_back(value);
  }
  return r.done();
}

void append_binary_row(std::string& out, Sequence& sequence, std::span<const ColumnType> types,
                       std::span<const Cell> cells) {
  Packet packet(out, sequence);
  packet.u8(0);
  const std::size_t bitmap = out.size();
  packet.zeros(null_bitmap_size(cells.size(), row_offset));
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t bit = i + row_offset;
    if (cells[i])
      append_binary_value(out, types[i], *cells[i]);
    else
      out[bitmap + bit / 8] = static_cast<char>(out[bitmap + bit / 8] | 1 << (bit % 8));
  }
}

std::uint64_t load_unsigned(std::string_view value) noexcept {
  std::uint64_t v = 0;
  for (std::size_t i = std::min<std::size_t>(value.size(), 8); i-- > 0;)
    v = v << 8 | static_cast<std::uint8_t>(value[i]);
  return v;
}

std::int64_t load_signed(std::string_view value) noexcept {
  const std::size_t unused = 64 - 8 * std::min<std::size_t>(value.size(), 8);
  if (unused == 64) return 0;
  return static_cast<std::int64_t>(load_unsigned(value) << unused) >> unused;
}

std::optional<Temporal> load_temporal(ColumnType type, std::string_view value) noexcept {
  if (!is_temporal(type) || !is_temporal_size(type, value.size())) return std::nullopt;
  Reader r(as_bytes(value));
  Temporal t;
  if (value.empty()) return t;
  if (type == ColumnType::time) {
    t.negative = r.u8() != 0;
    t.days = r.u32();
  } else {
    t.year = r.u16();
    t.month = r.u8();
    t.day = r.u8();
  }
  if (r.left() > 0) {
    t.hour = r.u8();
    t.minute = r.u8();
    t.second = r.u8();
  }
  if (r.left() > 0) t.microsecond = r.u32();
  return t;
}

std::string store_temporal(ColumnType type, const Temporal& value) {
  const bool is_time = type == ColumnType::time;
  const bool day = is_time ? value.days != 0 : value.year != 0 || value.month != 0 || value.day != 0;
  const bool clock = value.hour != 0 || value.minute != 0 || value.second != 0;
  std::string out;
  if (!day && !clock && value.microsecond == 0) return out;
  if (is_time) {
    out.push_back(value.negative ? 1 : 0);
    append_little(out, value.days, 4);
  } else {
    append_little(out, value.year, 2);
    append_little(out, value.month, 1);
    append_little(out, value.day, 1);
  }
  if (is_time || clock || value.microsecond != 0) {
    append_little(out, value.hour, 1);
    append_little(out, value.minute, 1);
    append_little(out, value.second, 1);
  }
  if (value.microsecond != 0) append_little(out, value.microsecond, 4);
  return out;
}

}  // namespace sealrow::wire::mysql
