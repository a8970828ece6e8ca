#include "crypto/wire_format.hpp"

namespace sealrow::crypto {

bool assemble_aad(std::string& out, ByteView front, const Context& context) {
  using namespace std::string_view_literals;
  const std::string_view header = as_text(front.first(header_size));
  const std::string_view tag = as_text(front.subspan(header_size));
  for (const std::string* part : {&context.tenant.value(), &context.table.value(), &context.column.value()}) {
    if (part->size() > longest_part) return false;
  }
  out = "SRAAD\x01"sv;
  out += header;
  append_part(out, context.tenant.value());
  append_part(out, context.table.value());
  append_part(out, context.column.value());
  out += tag;  // so that a tag cannot be moved from row to row to steer equality search
  if (!context.row) return true;
  if (context.row->size() > longest_part) return false;
  append_part(out, *context.row);
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
