#include "session_names.hpp"

#include <algorithm>

namespace sealrow::session {

void SessionNames::follow(const policy::Policy& policy) {
  if (policy.generation == policy_generation_) return;
  policy_generation_ = policy.generation;
  std::vector<std::string> wanted;
  for (const auto& table : policy.tables) {
    for (const auto& source : table.tenant) {
      const auto* setting = std::get_if<policy::SessionTenant>(&source);
      if (setting != nullptr && std::ranges::find(wanted, setting->setting) == wanted.end())
        wanted.push_back(setting->setting);
    }
  }
  if (wanted == tenant_settings_) return;
  tenant_settings_ = std::move(wanted);
  settings_.make_stale();
}

const plan::SessionNames& SessionNames::now() {
  if (names_.search_path_known == settings_.stale()) {
    names_.search_path_known = !settings_.stale();
    key_is_current_ = false;
  }
  return names_;
}

const std::string& SessionNames::key() {
  const auto& names = now();
  if (!key_is_current_) key_ = plan::names_key(names);
  key_is_current_ = true;
  return key_;
}

}  // namespace sealrow::session
