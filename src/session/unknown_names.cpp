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

UnknownNames::Memory& UnknownNames::memory() {
  if (!memory_) memory_ = std::make_unique<Memory>();
  return *memory_;
}

void UnknownNames::made(const plan::CatalogEffect& effect) {
  for (const auto& relation : effect.created) {
    Memory& m = memory();
    keep(relation.temporary ? m.temporary : m.uncommitted, relation.name);
    if (relation.plain) keep(m.plain, relation.name);
    if (!relation.leads_to_protected) continue;
    m.all_lead = m.all_lead || m.leading.size() >= max_names;
    if (!m.all_lead) m.leading.insert(bare(relation.name));
  }
}

bool UnknownNames::worth_reading(const std::vector<std::string>& names, Instant now, bool in_transaction,
                                 bool needs_columns) {
  if (!memory_) return !names.empty();
  if (!in_transaction) memory_->uncommitted.clear();
  return std::ranges::any_of(names, [&](const std::string& name) {
    if (memory_->temporary.contains(name) || memory_->uncommitted.contains(name)) return false;
    if (!needs_columns && memory_->plain.contains(name)) return false;
    const auto asked = memory_->asked.find(name);
    return asked == memory_->asked.end() || now - asked->second >= pause;
  });
}

void UnknownNames::still_unknown(const std::vector<std::string>& names, Instant now) {
  auto& asked = memory().asked;
  if (asked.size() >= max_names) asked.clear();
  for (const std::string& name : names) asked[name] = now;
}

bool UnknownNames::lead_to_protected(const std::vector<std::string>& names) const {
  return memory_ && std::ranges::any_of(names, [&](const std::string& name) {
           return memory_->all_lead || memory_->leading.contains(bare(name));
         });
}

}  // namespace sealrow::session
