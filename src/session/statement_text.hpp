// A statement's text under its plan: the values of its literals, and the text as it goes to the server.
#pragma once

#include "keys.hpp"
#include "settings.hpp"
#include "tenant.hpp"

#include "sealrow/base/result.hpp"
#include "sealrow/crypto/sealer.hpp"
#include "sealrow/plan/plan.hpp"
#include "sealrow/sql/dialect.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::session {

// By index; only those are there whose value must be known: they name tenants or settings.
using Literals = std::vector<std::optional<std::string>>;
// Per tenant rule of a plan: the tenants that the statement itself names.
using NamedTenants = std::vector<std::vector<TenantId>>;
// Tenants that literals of a text were sealed for.
using SealedFor = std::map<plan::TenantIndex, TenantId>;

struct StatementText {
  std::string_view text;
  const sql::Template& shape;  // of the text
  const sql::Dialect& dialect;
  const plan::Plan& plan;
  [[nodiscard]] Result<std::string> literal(std::uint32_t index) const;
};

// What values are sealed with.
struct Sealing {
  KeyGather& keys;
  crypto::Sealer& sealer;
  TenantResolver& tenants;
};

[[nodiscard]] Result<> keep_literals(const StatementText& statement, Literals& kept);
[[nodiscard]] Result<> name_by_literals(const plan::Plan& plan, const Literals& literals, NamedTenants& named);
// The token that takes a literal's place.
[[nodiscard]] std::string sealed_token(const Sealing& sealing, const sql::Dialect& dialect, const plan::Plan& plan,
                                       const plan::Destination& destination, const TenantId& tenant,
                                       std::string_view value);
// The text with the plan's edits; names the tenants on the way. `sealed_for`: of a text that is sent once and run
// often.
[[nodiscard]] Result<std::string> write_text(const Sealing& sealing, const StatementText& statement,
                                             NamedTenants& named, SealedFor* sealed_for);
// Every run of a text must be for the tenants that its literals were sealed for.
[[nodiscard]] Result<> check_sealed_for(const plan::Plan& plan, const SealedFor& sealed_for, const NamedTenants& named,
                                        TenantResolver& tenants);
// Values of a text are sealed before any of it runs: a tenant that the text itself changes is not known in time.
[[nodiscard]] Result<> check_settings_order(const plan::Plan& plan, const SettingsTracker& settings);

}  // namespace sealrow::session
