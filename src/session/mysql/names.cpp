#include "names.hpp"

#include "sealrow/base/bytes.hpp"
#include "sealrow/wire/mysql/charset.hpp"
#include "sealrow/wire/mysql/constants.hpp"

#include <array>
#include <charconv>

namespace sealrow::session::mysql {
namespace {

namespace status = wire::mysql::status;

constexpr std::size_t fixed_columns = 9;
constexpr std::string_view fixed_question =
    "SELECT HEX(CONVERT(DATABASE() USING utf8mb4)), @@sql_mode, @@character_set_client, @@character_set_connection, "
    "@@character_set_results, @@version, @@lower_case_table_names, @@character_set_database, @@max_allowed_packet";

bool decode_hex_text(std::string_view hex, std::string& out) {
  const auto nibble = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
  };
  if (hex.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = nibble(hex[i]), low = nibble(hex[i + 1]);
    if (high < 0 || low < 0) return false;
    out.push_back(static_cast<char>(high * 16 + low));
  }
  return true;
}

bool fits(std::string_view charset_name) {
  const auto charset = wire::mysql::charset_named(charset_name);
  return charset && wire::mysql::is_readable(charset->kind);
}

bool is_user_variable(std::string_view name) noexcept { return name.starts_with('@'); }

}  // namespace

Names::Names(const Agreed& agreed) {
  is_mariadb_ = agreed.server_version.find("MariaDB") != std::string::npos;
  auto& names = change();
  names.lexer = sql::mysql::LexerOptions{};
  names.user = agreed.user;
  names.search_path.clear();
  if (!agreed.database.empty()) names.search_path = {agreed.database};
  read_version(agreed.server_version);
}

// ---- the question ---------------------------------------------------------------------------------------------------

std::size_t Names::columns() const noexcept { return fixed_columns + tenant_settings().size(); }

std::string Names::question() const {
  std::string text(fixed_question);
  for (const auto& setting : tenant_settings()) {
    text += ", HEX(CONVERT(";
    if (is_user_variable(setting)) {
      text += "@`";
      for (const char c : setting.substr(1)) text.append(c == '`' ? 2 : 1, c);
      text += '`';
    } else {
      text += "NULL";  // a system variable holds nobody's tenant
    }
    text += " USING utf8mb4))";
  }
  return text;
}

bool Names::answer(const std::vector<wire::mysql::Cell>& row) {
  if (row.size() != columns()) return false;
  for (const std::size_t i : {1u, 2u, 3u, 5u, 6u, 7u, 8u}) {
    if (!row[i]) return false;
  }
  std::string database;
  if (row[0] && !decode_hex_text(*row[0], database)) return false;
  std::vector<std::optional<std::string>> tenants(tenant_settings().size());
  for (std::size_t i = 0; i < tenants.size(); ++i) {
    const auto& cell = row[fixed_columns + i];
    if (cell && !decode_hex_text(*cell, tenants[i].emplace())) return false;
  }
  read_version(*row[5]);
  lexer().table_names = *row[6] == "0" ? sql::mysql::TableNameCase::sensitive : sql::mysql::TableNameCase::insensitive;
  if (!read_modes(*row[1])) return false;
  if (std::from_chars(row[8]->data(), row[8]->data() + row[8]->size(), max_packet_).ec != std::errc{}) return false;
  read_charsets(*row[2], *row[3], row[4]);
  use_database(database);
  files_are_utf8_ = fits(*row[7]);
  for (std::size_t i = 0; i < tenants.size(); ++i)
    settings_.reported(tenant_settings()[i], std::move(tenants[i]), SettingsTracker::Origin::later);
  settings_.refreshed();
  return true;
}

bool Names::read_modes(std::string_view modes) {
  sql::mysql::LexerOptions options;
  auto& mine = lexer();
  options.flavour = mine.flavour;
  options.table_names = mine.table_names;
  options.version = mine.version;
  if (!sql::mysql::apply_sql_mode(modes, options)) return false;
  mine = options;
  no_backslash_escapes_ = options.no_backslash_escapes;
  ansi_quotes_ = options.ansi_quotes;
  return true;
}

// Values are sealed in UTF-8; bytes and 7-bit text are part of it. Results without a set come as they are stored.
void Names::read_charsets(std::string_view client, std::string_view connection,
                          const std::optional<std::string_view>& results) {
  const auto charset = wire::mysql::charset_named(client);
  readable_ = charset && charset->kind != wire::mysql::CharsetKind::unsafe;
  change().utf8 = fits(client) && fits(connection) && (!results || results->empty() || fits(*results));
}

// "8.4.6-log", "10.11.19-MariaDB-…", "5.5.5-10.11.19-MariaDB".
void Names::read_version(std::string_view version) {
  is_mariadb_ = is_mariadb_ || version.find("MariaDB") != std::string_view::npos;
  if (is_mariadb_ && version.starts_with("5.5.5-")) version.remove_prefix(6);
  std::array<std::uint32_t, 3> parts{};
  const char* p = version.data();
  const char* end = p + version.size();
  for (auto& part : parts) {
    const auto [next, error] = std::from_chars(p, end, part);
    if (error != std::errc{} || part > 999) return;
    p = next;
    if (p == end || *p != '.') break;
    ++p;
  }
  auto& options = lexer();
  options.flavour = is_mariadb_ ? sql::mysql::Flavour::mariadb : sql::mysql::Flavour::mysql;
  options.version = parts[0] * 10000 + parts[1] * 100 + parts[2];
}

// ---- changes --------------------------------------------------------------------------------------------------------

void Names::set(const std::string& name, const std::optional<std::string>& value) {
  if (is_user_variable(name)) {
    settings_.set(name, value, SettingsTracker::Span::session);
  } else if (name == "database") {
    use_database(value.value_or(""));
  } else {
    settings_.make_stale();  // character sets and sql_mode, in words of their own
  }
}

void Names::use_database(std::string_view database) {
  std::vector<std::string> path;
  if (!database.empty()) path.emplace_back(database);
  if (change().search_path != path) change().search_path = std::move(path);
  files_are_utf8_.reset();
}

void Names::saw_variable(std::string_view name) {
  if (name == "sql_mode" || name.starts_with("character_set_") || name == "collation_connection")
    settings_.make_stale();
}

void Names::saw_status(std::uint16_t seen) {
  const bool backslash = ((seen & status::no_backslash_escapes) != 0) != no_backslash_escapes_;
  const bool quotes = is_mariadb_ && ((seen & status::ansi_quotes) != 0) != ansi_quotes_;
  if (backslash || quotes) settings_.make_stale();
}

}  // namespace sealrow::session::mysql
