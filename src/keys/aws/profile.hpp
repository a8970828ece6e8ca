// The profile files of AWS's command line and SDKs.
#pragma once

#include "keys/remote/environment.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::keys::aws {

class ProfileFiles {
 public:
  void add(SecretBytes text, bool is_config);
  [[nodiscard]] bool has(const std::string& profile) const { return values_.contains(profile); }
  [[nodiscard]] std::string_view text(const std::string& profile, std::string_view key) const;  // empty: absent

 private:
  std::vector<SecretBytes> texts_;  // what the views below point into
  std::map<std::string, std::map<std::string_view, std::string_view>> values_;
};
// Missing files are empty ones.
[[nodiscard]] ProfileFiles read_profile_files(const EnvironmentReader& environment);

}  // namespace sealrow::keys::aws
