#include "unknown_names.hpp"

#include <algorithm>
#include <chrono>

namespace sealrow::session {

namespace {

constexpr std::size_t max_names = 1000;
constexpr std::chrono::seconds pause{1};

std::string bare(const std::string& name) { return name.substr(name.rfind('.') + 1); }

// A forgotten name costs a reading of the catalog, no more.
void keep(std::unordered_set<std::string>& names, const std::string& name) {
  if (names.size() >= max_names) names.clear();
  names.insert(name);
}

}  // namespace

void UnknownNames::made(const plan::CatalogEffect& effect) {
  for (const auto& relation : effect.created) {
    keep(relation.temporary ? temporary_ : uncommitted_, relation.name);
    if (relation.plain) keep(plain_, relation.name);
    if (!relation.leads_to_protected) continue;
    all_lead_ = all_lead_ || leading_.size() >= max_names;
    if (!all_lead_) leading_.insert(bare(relation.name));
  }
}

bool UnknownNames::worth_reading(const std::vector<std::string>& names, Instant now, bool in_transaction,
                                 bool needs_columns) {
  if (!in_transaction) uncommitted_.clear();
  return std::ranges::any_of(names, [&](const std::string& name) {
    if (temporary_.contains(name) || uncommitted_.contains(name)) return false;
    if (!needs_columns && plain_.contains(name)) return false;
    const auto asked = asked_.find(name);
    return asked == asked_.end() || now - asked->second >= pause;
  });
}

void UnknownNames::still_unknown(const std::vector<std::string>& names, Instant now) {
  if (asked_.size() >= max_names) asked_.clear();
  for (const std::string& name : names) asked_[name] = now;
}

bool UnknownNames::lead_to_protected(const std::vector<std::string>& names) const {
  return std::ranges::any_of(names,
                             [&](const std::string& name) { return all_lead_ || leading_.contains(bare(name)); });
}

}  // namespace sealrow::session
