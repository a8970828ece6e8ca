#include "keys/remote/environment.hpp"

#include "keys/files.hpp"

#include <cstdlib>

namespace sealrow::keys {

namespace {
constexpr std::size_t max_token_size = 64u << 10;
}

EnvironmentReader process_environment() {
  return [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
  };
}

Result<SecretBytes> read_token_file(const std::string& path) {
  auto content = read_secret_file(path, max_token_size);
  if (content.has_error())
    return Error{ErrorCode::key_provider_credentials, "file with credentials cannot be read", content.error().detail,
                 "check that it is mounted and that Sealrow's user may read it", path};
  std::string_view text = as_text(content->reveal());
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty()) return Error{ErrorCode::key_provider_credentials, "file with credentials is empty", "", "", path};
  return SecretBytes::copy_of(as_bytes(text));
}

}  // namespace sealrow::keys
