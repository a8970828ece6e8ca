#include "sealrow/policy/policy.hpp"

#include <algorithm>

namespace sealrow::policy {

// Linear on purpose: asked once per statement template (plans are cached), and comparing a few hundred short strings,
// most of which differ in length, costs less than building a key for a hash table.
const SealedColumn* ProtectedTable::find(std::string_view column) const noexcept {
  const auto hit =
      std::find_if(columns.begin(), columns.end(), [&](const SealedColumn& c) { return c.name == column; });
  return hit == columns.end() ? nullptr : &*hit;
}

const ProtectedTable* Policy::find(std::string_view schema, std::string_view name) const noexcept {
  const auto hit = std::find_if(tables.begin(), tables.end(),
                                [&](const ProtectedTable& t) { return t.name == name && t.schema == schema; });
  return hit == tables.end() ? nullptr : &*hit;
}

bool Policy::names_table(std::string_view name) const noexcept {
  return std::any_of(tables.begin(), tables.end(), [&](const ProtectedTable& t) { return t.name == name; });
}

}  // namespace sealrow::policy
