// The only file access of this room.
#pragma once

#include "sealrow/base/result.hpp"

#include <string>

namespace sealrow::policy {

// A regular file of at most 1 MiB and one byte (so that a larger one is seen to be too large).
[[nodiscard]] Result<std::string> read_config_file(const std::string& path);

}  // namespace sealrow::policy
