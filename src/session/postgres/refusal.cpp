#include "refusal.hpp"

#include <algorithm>

namespace sealrow::session::postgres {

std::uint32_t character_position(std::string_view text, std::uint32_t offset) {
  const auto head = text.substr(0, offset);
  return 1 + static_cast<std::uint32_t>(
                 std::ranges::count_if(head, [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }));
}

Refusal refusal_for(const Error& error, std::string_view text) {
  Refusal refusal{error, {}, 0};
  if (error.offset && *error.offset < text.size()) refusal.position = character_position(text, *error.offset);
  // Named only where a prepared statement is not known (client_execute.cpp).
  if (error.code == ErrorCode::name_unresolved && error.object.empty() &&
      error.message.starts_with("prepared statement")) {
    refusal.state = unknown_statement_state;
  }
  return refusal;
}

void append_refusal(std::string& out, const Refusal& refusal, Severity severity) {
  const Error& e = refusal.error;
  const char* word = severity == Severity::fatal ? "FATAL" : "ERROR";
  wire::postgres::ErrorFields fields{{'S', word}, {'V', word}};
  fields.emplace_back('C', refusal.state.empty() ? std::string(sqlstate(e.code)) : refusal.state);
  const std::string text = e.message.empty() ? std::string(title(e.code)) : e.message;
  const bool servers_own = !refusal.state.empty();
  fields.emplace_back('M', servers_own ? text : error_slug(e.code) + ": " + text);
  std::string detail = e.detail;
  if (!e.object.empty()) detail += (detail.empty() ? "" : "; ") + std::string("object: ") + e.object;
  if (!detail.empty()) fields.emplace_back('D', detail);
  if (!e.hint.empty()) fields.emplace_back('H', e.hint);
  if (refusal.position != 0) fields.emplace_back('P', std::to_string(refusal.position));
  // A zero byte inside a field would end it early and put the client out of step.
  for (auto& field : fields) std::erase(field.second, '\0');
  wire::postgres::append_error(out, fields);
}

}  // namespace sealrow::session::postgres
