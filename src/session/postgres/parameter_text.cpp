#include "parameter_text.hpp"

#include "session/values.hpp"

namespace sealrow::session::postgres {

std::optional<std::string> binary_text(Oid type, std::string_view value) {
  switch (type) {
    case oid::text:
    case oid::varchar:
    case oid::bpchar:
    case oid::unknown:
    case oid::name:
      return std::string(value);
    case oid::int2:
      if (value.size() == 2) return std::to_string(static_cast<std::int16_t>(load_u16(value.data())));
      break;
    case oid::int4:
      if (value.size() == 4) return std::to_string(static_cast<std::int32_t>(load_u32(value.data())));
      break;
    case oid::int8:
      if (value.size() == 8) return std::to_string(static_cast<std::int64_t>(load_u64(value.data())));
      break;
    case oid::uuid: {
      if (value.size() != 16) break;
      std::string text;
      append_hex(text, as_bytes(value));
      for (const std::size_t at : {8u, 13u, 18u, 23u}) text.insert(at, 1, '-');
      return text;
    }
    default:
      break;
  }
  return std::nullopt;
}

}  // namespace sealrow::session::postgres
