#include "sealrow/policy/server_config.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace sealrow::policy {
namespace {

constexpr std::size_t max_secret_size = 4096;

Error failure(const std::string& source, std::string message, std::string hint = {}) {
  return {ErrorCode::config_io, std::move(message), "", std::move(hint), source};
}

// Straight from the file into locked memory: no stream, whose buffer would keep a copy.
Result<std::size_t> read_into(int descriptor, const std::string& path, MutableBytes buffer) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return failure(path, "not a regular file");
  if ((status.st_mode & (S_IRWXO | S_IWGRP | S_IXGRP)) != 0) {
    return failure(path, "file with a secret is open to others", "chmod 600, or 640 for a group of its own");
  }
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got = read(descriptor, buffer.data() + size, buffer.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure(path, std::strerror(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  return size;
}

Result<SecretBytes> from_file(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return failure(path, std::strerror(errno));
  SecretBytes buffer(max_secret_size + 1);
  const auto size = read_into(descriptor, path, buffer.reveal_mutable());
  close(descriptor);
  if (size.has_error()) return size.error();
  std::string_view line = as_text(buffer.reveal().first(*size));
  line = line.substr(0, line.find('\n'));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.empty()) return failure(path, "first line is empty");
  if (line.size() > max_secret_size) return failure(path, "first line is too long");
  return SecretBytes::copy_of(as_bytes(line));
}

Result<SecretBytes> from_environment(const std::string& variable) {
  const char* value = std::getenv(variable.c_str());
  if (!value || *value == '\0') return failure("$" + variable, "environment variable is not set");
  return SecretBytes::copy_of(as_bytes(value));
}

}  // namespace

Result<SecretBytes> read_secret(const SecretSource& source) {
  if (const auto* file = std::get_if<SecretInFile>(&source)) return from_file(file->path);
  return from_environment(std::get<SecretInEnvironment>(source).variable);
}

}  // namespace sealrow::policy
