#include "read_view.hpp"

namespace sealrow::session {

Result<> may_read(const ReadView& view, TenantResolver& tenants, std::uint64_t settings,
                  const policy::ProtectedTable& table, const TenantId& owner) {
  ReadGrant* granted = view.granted;
  if (granted != nullptr && granted->table == &table && granted->named == view.named && granted->settings == settings &&
      granted->owner == owner) {
    return {};
  }
  std::vector<TenantId> named;
  for (std::size_t i = 0; view.named != nullptr && i < view.named->size() && i < view.plan->tenants.size(); ++i) {
    if (view.plan->tenants[i].table != &table) continue;
    named.insert(named.end(), (*view.named)[i].begin(), (*view.named)[i].end());
  }
  SEALROW_CHECK(tenants.for_read(table, named, owner));
  if (granted != nullptr) *granted = {&table, view.named, settings, owner};
  return {};
}

Error shape_changed() {
  return Error{ErrorCode::name_unresolved,
               "the result does not have the columns that the catalog promised",
               {},
               "repeat the statement"};
}

}  // namespace sealrow::session
