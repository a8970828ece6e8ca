// CellOpener: cells in binary format.
#include "envelope_forms.hpp"
#include "open.hpp"

#include "sealrow/base/secret.hpp"

#include <array>

namespace sealrow::session {

namespace {

bool is_text_oid(Oid type) {
  return type == oid::text || type == oid::varchar || type == oid::bpchar || type == oid::json || type == oid::name ||
         type == oid::unknown;
}

}  // namespace

Cell CellOpener::open_binary(Oid type, std::string_view bytes, const Places* where, std::string& out, int depth) {
  if ((where != nullptr && !where->any_sealed) || !worth_reading(bytes)) return Cell::unchanged;
  const bool leaf = where == nullptr || where->parts.empty();
  if (leaf && (type == oid::bytea || type == 0)) {
    if (const EnvelopeHeader header = envelope_header(bytes)) return open_as_binary({*header, bytes}, out);
    if (type == oid::bytea) return Cell::unchanged;
  }
  if (is_text_oid(type)) {
    // A logical type that is stored as text is shown in its own binary form.
    envelope_.clear();
    const EnvelopeHeader header = leaf ? decode_envelope_text(bytes, envelope_) : std::nullopt;
    if (header) return open_as_binary({*header, envelope_}, out);
    return open_text(bytes, Place::text, where, out, depth);
  }
  if (type == oid::jsonb) {
    if (bytes.front() != '\x01') return Cell::unchanged;
    out.push_back('\x01');
    return open_text(bytes.substr(1), Place::text, where, out, depth);
  }
  return open_unknown_binary(bytes, where, out, depth);
}

Cell CellOpener::open_unknown_binary(std::string_view bytes, const Places* where, std::string& out, int depth) {
  if (depth >= max_depth) return leftover(bytes);
  bool fits = false;
  Cell result = open_binary_array(bytes, where, out, depth, fits);
  if (!fits) result = open_binary_record(bytes, where, out, depth, fits);
  if (fits) return result;
  // A parameter of unknown type may be jsonb (version 1 and the text).
  if (only_looks_ && bytes.starts_with('\x01')) bytes.remove_prefix(1);
  if (is_valid_utf8(bytes)) return open_text(bytes, Place::text, where, out, depth);
  return leftover(bytes);
}

namespace {

// A length-prefixed value (-1: NULL) at `at`.
struct Part {
  bool null = false;
  std::string_view bytes;
};
bool take_part(std::string_view from, std::size_t& at, Part& part) {
  if (from.size() - at < 4) return false;
  const std::uint32_t size = load_u32(from.data() + at);
  at += 4;
  part = {size == 0xFFFFFFFFu, {}};
  if (part.null) return true;
  if (size > from.size() - at) return false;
  part.bytes = from.substr(at, size);
  at += size;
  return true;
}

void append_part(std::string& out, std::string_view bytes) {
  append_u32(out, static_cast<std::uint32_t>(bytes.size()));
  out += bytes;
}

struct TypedPart {
  std::size_t type_at;  // composites: where the field's type stands; arrays: 0
  Oid type;
  Part part;
};

// Positions in all dimensions of an element, elements standing in row-major order.
std::vector<std::uint32_t> path_of(std::string_view array, std::size_t number) {
  std::vector<std::uint32_t> path(load_u32(array.data()));
  for (std::size_t d = path.size(); d-- > 0;) {
    const std::uint32_t length = load_u32(array.data() + 12 + 8 * d);
    path[d] = static_cast<std::uint32_t>(number % length);
    number /= length;
  }
  return path;
}

bool take_array(std::string_view b, std::vector<TypedPart>& parts, std::size_t& header) {
  if (b.size() < 12) return false;
  const std::uint32_t dimensions = load_u32(b.data()), flag = load_u32(b.data() + 4);
  if (dimensions == 0 || dimensions > 6 || flag > 1 || b.size() < 12 + 8 * dimensions) return false;
  const Oid type = load_u32(b.data() + 8);
  std::uint64_t count = 1;
  for (std::uint32_t d = 0; d < dimensions; ++d) {
    count *= load_u32(b.data() + 12 + 8 * d);
    if (count > b.size()) return false;
  }
  header = 12 + 8 * dimensions;
  std::size_t at = header;
  for (std::uint64_t i = 0; i < count; ++i) {
    Part part;
    if (!take_part(b, at, part)) return false;
    parts.push_back({0, type, part});
  }
  return at == b.size();
}

bool take_record(std::string_view b, std::vector<TypedPart>& parts) {
  if (b.size() < 4) return false;
  const std::uint32_t count = load_u32(b.data());
  if (count == 0 || count > 1664 || b.size() < 4 + 8 * std::size_t{count}) return false;
  std::size_t at = 4;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (b.size() - at < 8) return false;
    TypedPart p{at, load_u32(b.data() + at), {}};
    at += 4;
    if (!take_part(b, at, p.part)) return false;
    parts.push_back(p);
  }
  return at == b.size();
}

}  // namespace

Cell CellOpener::open_binary_array(std::string_view bytes, const Places* where, std::string& out, int depth,
                                   bool& is_array) {
  std::vector<TypedPart> parts;
  std::size_t header = 0;
  is_array = take_array(bytes, parts, header);
  if (!is_array) return Cell::unchanged;
  std::string made(bytes.substr(0, header)), value;
  bool changed = false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const TypedPart& p = parts[i];
    value.clear();
    const Cell cell =
        p.part.null ? Cell::unchanged
                    : open_binary(p.type, p.part.bytes,
                                  where == nullptr ? where : places_along(where, path_of(bytes, i)), value, depth + 1);
    if (cell == Cell::failed) return cell;
    changed = changed || cell == Cell::opened;
    if (p.part.null)
      append_u32(made, 0xFFFFFFFFu);
    else
      append_part(made, cell == Cell::opened ? std::string_view(value) : p.part.bytes);
  }
  if (!changed) return Cell::unchanged;
  out += made;
  wipe(made);
  return Cell::opened;
}

Cell CellOpener::open_binary_record(std::string_view bytes, const Places* where, std::string& out, int depth,
                                    bool& is_record) {
  std::vector<TypedPart> parts;
  is_record = take_record(bytes, parts);
  if (!is_record) return Cell::unchanged;
  std::string made(bytes.substr(0, 4)), value;
  bool changed = false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const TypedPart& p = parts[i];
    value.clear();
    const Cell cell =
        p.part.null ? Cell::unchanged
                    : open_binary(p.type, p.part.bytes, places_along(where, std::array{static_cast<std::uint32_t>(i)}),
                                  value, depth + 1);
    if (cell == Cell::failed) return cell;
    changed = changed || cell == Cell::opened;
    made.append(bytes.substr(p.type_at, 4));
    if (p.part.null)
      append_u32(made, 0xFFFFFFFFu);
    else
      append_part(made, cell == Cell::opened ? std::string_view(value) : p.part.bytes);
  }
  if (!changed) return Cell::unchanged;
  out += made;
  wipe(made);
  return Cell::opened;
}

}  // namespace sealrow::session
