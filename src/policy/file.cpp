#include "policy/file.hpp"

#include "policy/yaml/document.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace sealrow::policy {

Result<std::string> read_config_file(const std::string& path) {
  // A pipe or device could block or never end.
  if (std::error_code code; !std::filesystem::is_regular_file(path, code)) {
    return Error{ErrorCode::config_io, code ? code.message() : "not a regular file", "", "", path};
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(yaml::max_file_size + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    return Error{ErrorCode::config_io, errno != 0 ? std::strerror(errno) : "cannot be read", "", "", path};
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace sealrow::policy
