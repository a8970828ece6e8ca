#include "names.hpp"

#include "session/json.hpp"

#include <algorithm>

namespace sealrow::session::postgres {
namespace {

constexpr std::size_t fixed_columns = 4;

bool is_utf8(std::string_view encoding) {
  return encoding == "UTF8" || encoding == "UNICODE" || encoding == "SQL_ASCII";
}

// A JSON array of strings, as array_to_json() writes a name[].
bool read_names(std::string_view text, std::vector<std::string>& out) {
  out.clear();
  bool ok = true;
  const bool valid = scan_json(text, [&](const JsonString& s) {
    std::string name;
    ok = ok && decode_json_string(text.substr(s.begin, s.end - s.begin), name);
    out.push_back(std::move(name));
  });
  std::erase_if(out, [](const std::string& n) { return n == "pg_catalog" || n.starts_with("pg_temp"); });
  return valid && ok;
}

}  // namespace

Names::Names(std::string user, std::string database) : user_(std::move(user)) {
  change().user = user_;
  change().database = std::move(database);
}

std::string Names::question() const {
  std::string text =
      "SELECT pg_catalog.array_to_json(pg_catalog.current_schemas(false))::pg_catalog.text, "
      "pg_catalog.current_setting('standard_conforming_strings'), pg_catalog.current_setting('client_encoding'), "
      "session_user::pg_catalog.text";
  for (const auto& setting : tenant_settings()) {
    text += ", pg_catalog.current_setting(";
    // The policy's names are checked there; quoted all the same.
    sql::postgres::append_string_literal(text, setting, {});
    text += ", true)";
  }
  return text;
}

bool Names::answer(const std::vector<wire::postgres::Cell>& row) {
  if (row.size() != fixed_columns + tenant_settings().size()) return false;
  if (!row[0] || !row[1] || !row[2] || !row[3] || !read_names(*row[0], change().search_path)) return false;
  lexer().standard_conforming_strings = *row[1] == "on";
  change().utf8 = is_utf8(*row[2]);
  user_ = *row[3];
  change().user = user_;
  const auto origin = asked_before_ ? SettingsTracker::Origin::later : SettingsTracker::Origin::start;
  for (std::size_t i = 0; i < tenant_settings().size(); ++i) {
    std::optional<std::string> value;
    if (row[fixed_columns + i]) value = std::string(*row[fixed_columns + i]);
    settings_.reported(tenant_settings()[i], std::move(value), origin);
  }
  asked_before_ = true;
  settings_.refreshed();
  return true;
}

void Names::parameter_status(std::string_view name, std::string_view value) {
  if (name == "standard_conforming_strings")
    lexer().standard_conforming_strings = value == "on";
  else if (name == "client_encoding")
    change().utf8 = is_utf8(value);
  else if (name == "search_path" || name == "session_authorization")
    settings_.make_stale();
}

}  // namespace sealrow::session::postgres
