// Environment variables and small files as parameters, so that tests own them.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/base/secret.hpp"

#include <functional>
#include <optional>
#include <string>

namespace sealrow::keys {

// Nothing when not set or empty.
using EnvironmentReader = std::function<std::optional<std::string>(const char* name)>;
[[nodiscard]] EnvironmentReader process_environment();

// A token or document that is mounted as a file; a trailing line end is not part of it. Read anew at each use: files
// are replaced under a running process. key_provider_credentials with the path when it cannot be read.
[[nodiscard]] Result<SecretBytes> read_token_file(const std::string& path);

}  // namespace sealrow::keys
