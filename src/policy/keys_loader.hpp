// Reading of section `keys`.
#pragma once

#include "policy/yaml/fields.hpp"
#include "sealrow/policy/keys_config.hpp"

#include <filesystem>
#include <optional>

namespace sealrow::policy {

[[nodiscard]] Keys read_keys(yaml::Report& report, const yaml::Node& node, const std::filesystem::path& folder);

// NAME_file or NAME_env; nothing if neither is there.
[[nodiscard]] std::optional<SecretSource> read_secret_source(yaml::Report& report, const yaml::Fields& fields,
                                                             const std::filesystem::path& folder,
                                                             const std::string& name);

}  // namespace sealrow::policy
