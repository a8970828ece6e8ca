#include "crypto/wire_format.hpp"

namespace sealrow::crypto {

namespace {

constexpr std::string_view aad_label("SRAAD\x01");

std::uint8_t* put_part(std::uint8_t* to, std::string_view part) noexcept {
  store_u16(to, static_cast<std::uint16_t>(part.size()));
  return put(to + sizeof(std::uint16_t), as_bytes(part));
}

}  // namespace

bool assemble_aad(std::string& out, ByteView front, const ContextView& context) {
  const std::string_view names[] = {context.tenant.value(), context.table.value(), context.column.value()};
  std::size_t size = aad_label.size() + front.size();
  for (const std::string_view part : names) {
    if (part.size() > longest_part) return false;
    size += sizeof(std::uint16_t) + part.size();
  }
  if (context.row) {
    if (context.row->size() > longest_part) return false;
    size += sizeof(std::uint16_t) + context.row->size();
  }
  out.resize(size);
  std::uint8_t* to = put(reinterpret_cast<std::uint8_t*>(out.data()), as_bytes(aad_label));
  to = put(to, front.first(header_size));
  for (const std::string_view part : names) to = put_part(to, part);
  to = put(to, front.subspan(header_size));  // so that a tag cannot be moved from row to row to steer equality search
  if (context.row) put_part(to, *context.row);
  return true;
}

Result<std::string> key_label(std::string_view purpose, std::initializer_list<std::string_view> parts) {
  using namespace std::string_view_literals;
  std::string label("sealrow/v1\0"sv);
  label += purpose;
  for (const std::string_view part : parts) {
    if (part.size() > longest_part) return Error{ErrorCode::value_too_large, "identifier is too long for a key label"};
    append_part(label, part);
  }
  return label;
}

}  // namespace sealrow::crypto
