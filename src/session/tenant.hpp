// Whose data a statement writes or reads (DESIGN 7). The one place where tenant sources are weighed.
#pragma once

#include "settings.hpp"

#include "sealrow/base/ids.hpp"
#include "sealrow/base/result.hpp"
#include "sealrow/policy/policy.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sealrow::session {

// Trimmed; a uuid in lower case. Empty, over-long or unprintable identifiers are errors.
[[nodiscard]] Result<TenantId> canonical_tenant(std::string_view text);

[[nodiscard]] Error null_tenant(const policy::ProtectedTable& table);

class TenantResolver {
 public:
  TenantResolver(const SettingsTracker& settings, std::string user) : settings_(settings), user_(std::move(user)) {}

  // Of the sources outside the statement: constant, settings, user. None: no source has a value.
  [[nodiscard]] Result<std::optional<TenantId>> of_session(const policy::ProtectedTable& table);
  // For a value that is to be sealed or searched: the statement's own inputs and the session's sources must agree.
  [[nodiscard]] Result<TenantId> for_write(const policy::ProtectedTable& table, std::span<const TenantId> inputs);
  // May a value of `owner` be shown? `named`: tenants that the statement itself names for the table.
  [[nodiscard]] Result<> for_read(const policy::ProtectedTable& table, std::span<const TenantId> named,
                                  const TenantId& owner);

 private:
  [[nodiscard]] std::optional<std::string> of_user(const std::string& pattern);

  const SettingsTracker& settings_;
  std::string user_;
  std::vector<std::pair<std::string, std::optional<std::string>>> by_pattern_;  // one or two in a policy
};

}  // namespace sealrow::session
