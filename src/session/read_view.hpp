// What rows of a result are read under.
#pragma once

#include "open.hpp"
#include "statement_text.hpp"

namespace sealrow::session {

// The last value that was allowed to be shown: values of one result mostly share table and tenant.
struct ReadGrant {
  const policy::ProtectedTable* table = nullptr;
  const NamedTenants* named = nullptr;
  std::uint64_t settings = 0;  // SettingsTracker::version()
  TenantId owner;
};

struct ReadView {
  const plan::Plan* plan = nullptr;
  const plan::Outputs* outputs = nullptr;
  const NamedTenants* named = nullptr;
  ReadGrant* granted = nullptr;
  [[nodiscard]] bool any() const noexcept { return outputs != nullptr && outputs->any(); }
  // What was planned for the i-th of `count` cells; null: nothing is opened there. Asked only if fits().
  [[nodiscard]] const plan::OutputColumn* at(std::size_t i, std::size_t count) const noexcept {
    return outputs->at(i, count);
  }
  // The result has the columns that were planned.
  [[nodiscard]] bool fits(std::size_t count) const noexcept { return outputs->fits(count); }
};

[[nodiscard]] Result<> may_read(const ReadView& view, TenantResolver& tenants, std::uint64_t settings,
                                const policy::ProtectedTable& table, const TenantId& owner);
[[nodiscard]] Error shape_changed();

}  // namespace sealrow::session
