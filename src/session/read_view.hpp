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
  // Columns whose envelopes may stand in the i-th cell; `direct`: the cell is such a column's own value.
  struct At {
    std::span<const plan::ColumnIndex> readable;
    bool direct = false;
  };
  [[nodiscard]] At at(std::size_t i) const noexcept {
    if (outputs->kind != plan::Outputs::Kind::columns) return {outputs->readable, false};
    return {outputs->columns[i].readable, outputs->columns[i].direct};
  }
  // The result has the columns that were planned.
  [[nodiscard]] bool fits(std::size_t columns) const noexcept {
    return outputs->kind != plan::Outputs::Kind::columns || outputs->columns.size() == columns;
  }
};

[[nodiscard]] Result<> may_read(const ReadView& view, TenantResolver& tenants, std::uint64_t settings,
                                const policy::ProtectedTable& table, const TenantId& owner);
[[nodiscard]] Error shape_changed();

}  // namespace sealrow::session
