#include "sealrow/wire/postgres/builder.hpp"

namespace sealrow::wire::postgres {

Message& Message::cell(const Cell& c) {
  if (!c) return u32(0xFFFFFFFFu);
  return u32(static_cast<std::uint32_t>(c->size())).bytes(*c);
}

void append_error(std::string& out, const ErrorFields& fields) {
  Message m(out, 'E');
  for (const auto& [code, value] : fields) m.u8(static_cast<std::uint8_t>(code)).cstring(value);
  m.u8(0);
}

void append_row_description(std::string& out, const std::vector<Field>& fields) {
  Message m(out, 'T');
  m.u16(static_cast<std::uint16_t>(fields.size()));
  for (const auto& f : fields) {
    m.cstring(f.name).u32(f.table).u16(static_cast<std::uint16_t>(f.attribute)).u32(f.type);
    m.u16(static_cast<std::uint16_t>(f.size)).u32(static_cast<std::uint32_t>(f.modifier));
    m.u16(static_cast<std::uint16_t>(f.format));
  }
}

void append_parse(std::string& out, std::string_view name, std::string_view text, const std::vector<Oid>& types) {
  Message m(out, 'P');
  m.cstring(name).cstring(text).u16(static_cast<std::uint16_t>(types.size()));
  for (const Oid type : types) m.u32(type);
}

void append_target(std::string& out, char type, char kind, std::string_view name) {
  Message(out, type).u8(static_cast<std::uint8_t>(kind)).cstring(name);
}

void append_execute(std::string& out, std::string_view portal, std::uint32_t limit) {
  Message(out, 'E').cstring(portal).u32(limit);
}

void append_query(std::string& out, std::string_view text) { Message(out, 'Q').cstring(text); }

void append_empty(std::string& out, char type) { Message(out, type); }

void append_ready(std::string& out, char status) { Message(out, 'Z').u8(static_cast<std::uint8_t>(status)); }

}  // namespace sealrow::wire::postgres
