#include "refusal.hpp"

#include "sealrow/session/mysql.hpp"
#include "sealrow/wire/mysql/replies.hpp"

#include <algorithm>

namespace sealrow::session::mysql {
namespace {

// MYSQL_ERRMSG_SIZE: clients cut what is longer.
constexpr std::size_t max_text = 511;

std::string text_of(const Error& e) {
  std::string text = error_slug(e.code) + ": " + (e.message.empty() ? std::string(title(e.code)) : e.message);
  if (!e.object.empty()) text += " (" + e.object + ")";
  if (!e.detail.empty()) text += "; " + e.detail;
  if (!e.hint.empty()) text += ". Hint: " + e.hint;
  return text;
}

void append(std::string& out, wire::mysql::Sequence& sequence, ErrorShape shape, std::string text) {
  std::erase(text, '\0');
  if (text.size() > max_text) {
    text.resize(max_text);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0u) == 0x80u) text.pop_back();
  }
  wire::mysql::append_err(out, sequence, {shape.number, shape.state, text});
}

}  // namespace

// Numbers of MySQL's own errors where drivers act on them; ER_UNKNOWN_ERROR with our SQLSTATE elsewhere.
ErrorShape shape_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::statement_syntax:
      return {1064, "42000"};
    case ErrorCode::tenant_missing:
    case ErrorCode::tenant_conflict:
    case ErrorCode::tenant_denied:
      return {1142, "42000"};
    case ErrorCode::value_too_large:
    case ErrorCode::message_too_large:
      return {1153, "08S01"};
    case ErrorCode::shutting_down:
      return {1053, "08S01"};
    case ErrorCode::too_many_connections:
      return {1040, "08004"};
    case ErrorCode::tls_required:
      return {3159, "HY000"};
    case ErrorCode::authentication_failed:
      return {1045, "28000"};
    default:
      return {1105, sqlstate(code)};
  }
}

void append_refusal(std::string& out, wire::mysql::Sequence& sequence, const Refusal& refusal) {
  const bool servers_own = refusal.shape.number != 0;
  append(out, sequence, servers_own ? refusal.shape : shape_of(refusal.error.code),
         servers_own ? refusal.error.message : text_of(refusal.error));
}

void append_early_refusal(std::string& out, wire::mysql::Sequence& sequence, const Error& error) {
  append(out, sequence, {shape_of(error.code).number, {}}, text_of(error));
}

void append_fatal(OutBuffer& out, const Error& error) {
  wire::mysql::Sequence sequence;
  std::string packet;
  append_early_refusal(packet, sequence, error);
  out.append(packet);
}

}  // namespace sealrow::session::mysql
