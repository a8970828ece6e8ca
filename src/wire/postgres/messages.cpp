#include "sealrow/wire/postgres/messages.hpp"

namespace sealrow::wire::postgres {

std::uint16_t Reader::u16() noexcept {
  const auto b = bytes(2);
  return b.empty() ? std::uint16_t{0} : load_u16(b.data());
}

std::uint32_t Reader::u32() noexcept {
  const auto b = bytes(4);
  return b.empty() ? 0u : load_u32(b.data());
}

std::uint64_t Reader::u64() noexcept {
  const auto b = bytes(8);
  return b.empty() ? 0u : load_u64(b.data());
}

namespace {

// A count of elements that take at least `unit` bytes each; checked before anything is reserved.
std::size_t checked_count(Reader& r, std::size_t unit) {
  const std::size_t n = r.u16();
  if (n * unit > r.left()) r.fail();
  return r.ok() ? n : 0;
}

Cell read_cell(Reader& r) {
  const std::int32_t size = r.i32();
  if (size == -1) return std::nullopt;
  if (size < 0) {
    r.fail();
    return std::nullopt;
  }
  return r.bytes(static_cast<std::size_t>(size));
}

void read_formats(Reader& r, std::vector<std::int16_t>& out) {
  out.clear();
  const std::size_t n = checked_count(r, 2);
  out.reserve(n);
  for (std::size_t i = 0; i < n; ++i) out.push_back(r.i16());
}

void read_cells(Reader& r, std::vector<Cell>& out) {
  out.clear();
  const std::size_t n = checked_count(r, 4);
  out.reserve(n);
  for (std::size_t i = 0; i < n && r.ok(); ++i) out.push_back(read_cell(r));
}

}  // namespace

bool read(ByteView body, Parse& out) {
  Reader r(body);
  out.name = r.cstring();
  out.text = r.cstring();
  out.types.clear();
  const std::size_t n = checked_count(r, 4);
  out.types.reserve(n);
  for (std::size_t i = 0; i < n; ++i) out.types.push_back(r.u32());
  return r.done();
}

bool read(ByteView body, Bind& out) {
  Reader r(body);
  out.portal = r.cstring();
  out.statement = r.cstring();
  read_formats(r, out.formats);
  read_cells(r, out.values);
  out.result_part = r.rest();
  read_formats(r, out.result_formats);
  return r.done();
}

bool Bind::formats_fit() const noexcept { return formats.size() <= 1 || formats.size() == values.size(); }

std::int16_t Bind::format(std::size_t parameter) const noexcept {
  if (formats.empty()) return 0;
  if (formats.size() == 1) return formats[0];
  return parameter < formats.size() ? formats[parameter] : std::int16_t{0};
}

bool read(ByteView body, Target& out) {
  Reader r(body);
  out.kind = static_cast<char>(r.u8());
  out.name = r.cstring();
  return r.done() && (out.kind == 'S' || out.kind == 'P');
}

bool read(ByteView body, Execute& out) {
  Reader r(body);
  out.portal = r.cstring();
  out.limit = r.u32();
  return r.done();
}

std::optional<std::string_view> read_string(ByteView body) {
  Reader r(body);
  const auto text = r.cstring();
  if (!r.done()) return std::nullopt;
  return text;
}

bool read(ByteView body, std::vector<Field>& out) {
  Reader r(body);
  out.clear();
  const std::size_t n = checked_count(r, 19);
  out.reserve(n);
  for (std::size_t i = 0; i < n && r.ok(); ++i) {
    Field f;
    f.name = r.cstring();
    f.table = r.u32();
    f.attribute = r.i16();
    f.type = r.u32();
    f.size = r.i16();
    f.modifier = r.i32();
    f.format = r.i16();
    out.push_back(f);
  }
  return r.done();
}

bool read_row(ByteView body, std::vector<Cell>& out) {
  Reader r(body);
  read_cells(r, out);
  return r.done();
}

bool read_types(ByteView body, std::vector<Oid>& out) {
  Reader r(body);
  out.clear();
  const std::size_t n = checked_count(r, 4);
  out.reserve(n);
  for (std::size_t i = 0; i < n; ++i) out.push_back(r.u32());
  return r.done();
}

std::optional<std::string_view> error_field(ByteView body, char field) {
  Reader r(body);
  while (r.ok() && r.left() > 0) {
    const char code = static_cast<char>(r.u8());
    if (code == '\0') break;
    const auto value = r.cstring();
    if (r.ok() && code == field) return value;
  }
  return std::nullopt;
}

}  // namespace sealrow::wire::postgres
