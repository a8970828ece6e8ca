// Parameters of the binary protocol as the text that the server would make of them.
#pragma once

#include "sealrow/wire/mysql/commands.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sealrow::session::mysql {

// No value where the text would be the server's own choice (floating point, bits).
[[nodiscard]] std::optional<std::string> parameter_text(const wire::mysql::ParameterType& type, std::string_view value);

}  // namespace sealrow::session::mysql
