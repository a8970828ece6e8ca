// Reading of tenant sources.
#pragma once

#include "policy/yaml/document.hpp"
#include "policy/yaml/report.hpp"
#include "sealrow/policy/policy.hpp"

#include <string>
#include <vector>

namespace sealrow::policy {

// One source or a list of them, in order. Contradictions are reported.
[[nodiscard]] std::vector<TenantSource> read_tenant_sources(yaml::Report& report, const yaml::Node& node);
// "column tenant_id", "session app.tenant_id", …
[[nodiscard]] std::string describe(const TenantSource& source);
// Why the pattern of a UserTenant cannot be used; empty if it can.
[[nodiscard]] std::string user_pattern_fault(const std::string& pattern);

}  // namespace sealrow::policy
