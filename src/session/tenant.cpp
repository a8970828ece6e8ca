#include "tenant.hpp"

#include "sealrow/base/bytes.hpp"

#include <algorithm>
#include <regex>

namespace sealrow::session {
namespace {

constexpr std::size_t max_tenant = 512;

bool is_uuid(std::string_view t) {
  if (t.size() != 36) return false;
  for (std::size_t i = 0; i < t.size(); ++i) {
    const char c = t[i];
    const bool hex = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

std::string name_of(const policy::ProtectedTable& table) { return table.schema + "." + table.name; }

Error conflict(const policy::ProtectedTable& table) {
  return Error{ErrorCode::tenant_conflict,
               "tenant sources of the table disagree",
               {},
               "let the session's tenant and the tenant in the statement be the same",
               name_of(table)};
}

Error missing(const policy::ProtectedTable& table) {
  return Error{ErrorCode::tenant_missing,
               "no tenant is known for this statement",
               {},
               "name the tenant in the statement, or set the session's tenant first",
               name_of(table)};
}

bool may_come_from_row(const policy::ProtectedTable& table) {
  return std::ranges::any_of(table.tenant,
                             [](const auto& s) { return std::holds_alternative<policy::ColumnTenant>(s); });
}

}  // namespace

Error null_tenant(const policy::ProtectedTable& table) {
  return Error{ErrorCode::tenant_missing, "the statement's tenant is NULL", {}, {}, name_of(table)};
}

Result<TenantId> canonical_tenant(std::string_view text) {
  constexpr std::string_view blanks = " \t\n\r\f\v";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return Error{ErrorCode::tenant_invalid, "tenant identifier is empty"};
  std::string id(text.substr(begin, text.find_last_not_of(blanks) - begin + 1));
  const bool control =
      std::ranges::any_of(id, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (id.size() > max_tenant || control || !is_valid_utf8(id)) {
    return Error{ErrorCode::tenant_invalid, "tenant identifier is malformed"};
  }
  if (is_uuid(id))
    std::ranges::transform(id, id.begin(), [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  return TenantId(std::move(id));
}

std::optional<std::string> TenantResolver::of_user(const std::string& pattern) {
  const auto known = std::ranges::find(
      by_pattern_, pattern, [](const auto& entry) -> auto& { return entry.first; });
  if (known != by_pattern_.end()) return known->second;
  std::optional<std::string> found;
  try {  // third-party wall: std::regex throws on bad patterns and depth
    std::smatch match;
    if (std::regex_match(user_, match, std::regex(pattern)) && match.size() > 1) found = match[1].str();
  } catch (const std::regex_error&) {
    found.reset();
  }
  by_pattern_.emplace_back(pattern, found);
  return found;
}

Result<std::optional<TenantId>> TenantResolver::of_session(const policy::ProtectedTable& table) {
  std::optional<TenantId> found;
  for (const auto& source : table.tenant) {
    std::optional<std::string> text;
    if (const auto* constant = std::get_if<policy::ConstantTenant>(&source))
      text = constant->tenant.value();
    else if (const auto* setting = std::get_if<policy::SessionTenant>(&source))
      text = settings_.get(setting->setting);
    else if (const auto* user = std::get_if<policy::UserTenant>(&source))
      text = of_user(user->pattern);
    // A custom setting that was SET LOCAL once reads as '' afterwards: that is "not set".
    if (!text || text->empty()) continue;
    SEALROW_TRY(TenantId tenant, canonical_tenant(*text));
    if (found && *found != tenant) return conflict(table);
    found = std::move(tenant);
  }
  return found;
}

Result<TenantId> TenantResolver::for_write(const policy::ProtectedTable& table, std::span<const TenantId> inputs) {
  SEALROW_TRY(std::optional<TenantId> tenant, of_session(table));
  for (const auto& input : inputs) {
    if (tenant && *tenant != input) return conflict(table);
    tenant = input;
  }
  if (!tenant) return missing(table);
  return std::move(*tenant);
}

Result<> TenantResolver::for_read(const policy::ProtectedTable& table, std::span<const TenantId> named,
                                  const TenantId& owner) {
  SEALROW_TRY(const std::optional<TenantId> tenant, of_session(table));
  if (tenant) {
    if (*tenant == owner) return {};
  } else if (!named.empty()) {
    if (std::ranges::find(named, owner) != named.end()) return {};
  } else if (may_come_from_row(table)) {
    return {};  // nobody but the row names a tenant: the envelope is its own
  } else {
    return missing(table);
  }
  return Error{ErrorCode::tenant_denied, "a value belongs to another tenant", {}, {}, name_of(table)};
}

}  // namespace sealrow::session
