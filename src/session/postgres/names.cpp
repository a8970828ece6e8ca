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
  names_.user = user_;
  names_.database = std::move(database);
}

void Names::follow(const policy::Policy& policy) {
  if (policy.generation == policy_generation_) return;
  policy_generation_ = policy.generation;
  std::vector<std::string> wanted;
  for (const auto& table : policy.tables) {
    for (const auto& source : table.tenant) {
      const auto* setting = std::get_if<policy::SessionTenant>(&source);
      if (setting != nullptr && std::ranges::find(wanted, setting->setting) == wanted.end())
        wanted.push_back(setting->setting);
    }
  }
  if (wanted == tenant_settings_) return;
  tenant_settings_ = std::move(wanted);
  settings_.make_stale();
}

std::string Names::question() const {
  std::string text =
      "SELECT pg_catalog.array_to_json(pg_catalog.current_schemas(false))::pg_catalog.text, "
      "pg_catalog.current_setting('standard_conforming_strings'), pg_catalog.current_setting('client_encoding'), "
      "session_user::pg_catalog.text";
  for (const auto& setting : tenant_settings_) {
    text += ", pg_catalog.current_setting(";
    // The policy's names are checked there; quoted all the same.
    sql::postgres::append_string_literal(text, setting, {});
    text += ", true)";
  }
  return text;
}

bool Names::answer(const std::vector<wire::postgres::Cell>& row) {
  if (row.size() != fixed_columns + tenant_settings_.size()) return false;
  if (!row[0] || !row[1] || !row[2] || !row[3] || !read_names(*row[0], names_.search_path)) return false;
  lexer().standard_conforming_strings = *row[1] == "on";
  names_.utf8 = is_utf8(*row[2]);
  user_ = *row[3];
  names_.user = user_;
  const auto origin = asked_before_ ? SettingsTracker::Origin::later : SettingsTracker::Origin::start;
  for (std::size_t i = 0; i < tenant_settings_.size(); ++i) {
    std::optional<std::string> value;
    if (row[fixed_columns + i]) value = std::string(*row[fixed_columns + i]);
    settings_.reported(tenant_settings_[i], std::move(value), origin);
  }
  asked_before_ = true;
  settings_.refreshed();
  key_is_current_ = false;
  return true;
}

void Names::parameter_status(std::string_view name, std::string_view value) {
  if (name == "standard_conforming_strings")
    lexer().standard_conforming_strings = value == "on";
  else if (name == "client_encoding")
    names_.utf8 = is_utf8(value);
  else if (name == "search_path" || name == "session_authorization")
    settings_.make_stale();
  else
    return;
  key_is_current_ = false;
}

const plan::SessionNames& Names::now() {
  if (names_.search_path_known == settings_.stale()) {
    names_.search_path_known = !settings_.stale();
    key_is_current_ = false;
  }
  return names_;
}

const std::string& Names::key() {
  const auto& names = now();
  if (!key_is_current_) key_ = plan::names_key(names);
  key_is_current_ = true;
  return key_;
}

}  // namespace sealrow::session::postgres
