// YAML → Policy. Errors carry "file:line:column" in Error::object and a suggestion in Error::hint.
#pragma once

#include "sealrow/policy/policy.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::policy {

// Parses and validates. All problems found, not only the first (never empty on failure).
struct LoadOutcome {
  std::shared_ptr<const Policy> policy;  // null if there are errors
  std::vector<Error> errors;
};
[[nodiscard]] LoadOutcome load(std::string_view yaml, const std::string& file_name);
[[nodiscard]] LoadOutcome load_file(const std::string& path);

// JSON Schema (draft 2020-12) of the policy file, for editors.
[[nodiscard]] std::string_view json_schema();
// Human-readable changes from one policy to another (reload log), one line each.
[[nodiscard]] std::vector<std::string> diff(const Policy& before, const Policy& after);

}  // namespace sealrow::policy
