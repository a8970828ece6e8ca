// Logging facade over spdlog. What a log line may say is decided here: names, ids, codes and counts. Secrets have no
// formatter (compile error), statements and values must never be passed; `redacted()` shows only a length.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/base/secret.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

template <>
struct fmt::formatter<sealrow::SecretBytes> {
  formatter() = delete;  // a secret cannot be formatted
};

namespace sealrow::log {

enum class Level : std::uint8_t { trace, debug, info, warn, error };
enum class Format : std::uint8_t { text, json };

// Start-up only. `file` empty: standard error.
void configure(Level level, Format format, const std::string& file);
[[nodiscard]] bool enabled(Level level) noexcept;
void write(Level level, std::string_view component, std::string_view message);
// An error with its code, object and hint.
void write(Level level, std::string_view component, const Error& error);

// "<redacted, 42 bytes>"
[[nodiscard]] std::string redacted(std::string_view value);

template <class... Args>
void info(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::info)) write(Level::info, component, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warn(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::warn)) write(Level::warn, component, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void debug(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::debug)) write(Level::debug, component, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace sealrow::log
