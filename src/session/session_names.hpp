// How names resolve in a session and what its settings are; asked of the server at safe points, because neither can be
// followed from statement texts alone. What both protocols share; the question and its answer are theirs.
#pragma once

#include "settings.hpp"

#include "sealrow/plan/planner.hpp"

#include <string>
#include <vector>

namespace sealrow::session {

class SessionNames {
 public:
  [[nodiscard]] SettingsTracker& settings() noexcept { return settings_; }
  // Settings that hold tenants; a change makes everything stale.
  void follow(const policy::Policy& policy);
  [[nodiscard]] bool stale() const noexcept { return settings_.stale(); }
  // For planning now. While stale, unqualified names are not known.
  [[nodiscard]] const plan::SessionNames& now();
  [[nodiscard]] const std::string& key();
  [[nodiscard]] const std::string& database() const noexcept { return names_.database; }

 protected:
  SessionNames() = default;
  ~SessionNames() = default;
  SessionNames(SessionNames&&) = default;
  SessionNames& operator=(SessionNames&&) = default;
  [[nodiscard]] const std::vector<std::string>& tenant_settings() const noexcept { return tenant_settings_; }
  [[nodiscard]] plan::SessionNames& change() noexcept {
    key_is_current_ = false;
    return names_;
  }
  SettingsTracker settings_;

 private:
  plan::SessionNames names_;
  std::string key_;
  bool key_is_current_ = false;
  std::vector<std::string> tenant_settings_;
  std::uint64_t policy_generation_ = 0;
};

}  // namespace sealrow::session
