#include "keys/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <thread>

namespace sealrow::keys {

namespace {

constexpr auto lock_patience = std::chrono::seconds(3);
constexpr auto lock_pause = std::chrono::milliseconds(5);

Result<> write_all(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return io_error("cannot write", path);
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

// Reads into [data, data + size); the number of bytes read.
Result<std::size_t> read_all(int fd, char* data, std::size_t size, const std::string& path) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::read(fd, data + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error("cannot read", path);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

Result<FileHandle> open_regular(const std::string& path, int extra_flags, std::size_t max_size) {
  FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | extra_flags));
  struct stat info {};
  if (!file.valid() || ::fstat(file.get(), &info) != 0) return io_error("cannot open", path);
  if (!S_ISREG(info.st_mode) || info.st_size < 0 || static_cast<std::uint64_t>(info.st_size) > max_size)
    return Error{ErrorCode::key_store_corrupt, "not a regular file of plausible size", "", "", path};
  return file;
}

}  // namespace

FileHandle::~FileHandle() {
  if (fd_ >= 0) ::close(fd_);
}

Error io_error(std::string_view what, const std::string& path) {
  return Error{ErrorCode::key_store_io, std::string(what), std::generic_category().message(errno), "", path};
}

Result<> Files::write(const std::string& path, std::string_view content, Overwrite overwrite) const {
  const std::string temporary = path + ".tmp";
  SEALROW_CHECK(step("create"));
  FileHandle file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  if (!file.valid()) return io_error("cannot create", temporary);
  SEALROW_CHECK(step("write first half"));
  SEALROW_CHECK(write_all(file.get(), content.substr(0, content.size() / 2), temporary));
  SEALROW_CHECK(step("write second half"));
  SEALROW_CHECK(write_all(file.get(), content.substr(content.size() / 2), temporary));
  SEALROW_CHECK(step("sync file"));
  if (::fsync(file.get()) != 0) return io_error("cannot sync", temporary);
  if (overwrite == Overwrite::no) return move_new(temporary, path);
  SEALROW_CHECK(step("rename"));
  if (::rename(temporary.c_str(), path.c_str()) != 0) return io_error("cannot rename", path);
  return sync_directory(parent_of(path));
}

Result<> Files::make_directory(const std::string& path) const {
  SEALROW_CHECK(step("make directory"));
  if (::mkdir(path.c_str(), S_IRWXU) != 0) return io_error("cannot create directory", path);
  return sync_directory(parent_of(path));
}

Result<> Files::remove(const std::string& path) const {
  SEALROW_CHECK(step("remove"));
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return io_error("cannot remove", path);
  return {};
}

Result<> Files::remove_tree(const std::string& path) const {
  if (what_is(path) == Found::nothing) return {};
  if (what_is(path) != Found::directory) return remove(path);
  SEALROW_TRY(const auto names, list_directory(path));
  for (const std::string& name : names) SEALROW_CHECK(remove_tree(path + "/" + name));
  SEALROW_CHECK(step("remove directory"));
  if (::rmdir(path.c_str()) != 0) return io_error("cannot remove directory", path);
  return {};
}

Result<> Files::move_new(const std::string& from, const std::string& to) const {
  SEALROW_CHECK(step("move"));
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST) return Error{ErrorCode::key_conflict, "refusing to overwrite", "it exists already", "", to};
    return io_error("cannot rename", to);
  }
  return sync_directory(parent_of(to));
}

Result<> Files::move_over_empty(const std::string& from, const std::string& to) const {
  SEALROW_CHECK(step("move over empty"));
  // rename(2) replaces a directory only if it is empty.
  if (::rename(from.c_str(), to.c_str()) != 0) {
    if (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR)
      return Error{ErrorCode::key_conflict, "refusing to overwrite", "it exists already", "", to};
    return io_error("cannot rename", to);
  }
  return sync_directory(parent_of(to));
}

Result<> Files::exchange(const std::string& a, const std::string& b) const {
  SEALROW_CHECK(step("exchange"));
  if (::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) != 0)
    return io_error("cannot exchange directories", b);
  return sync_directory(parent_of(b));
}

Result<> Files::sync_directory(const std::string& path) const {
  SEALROW_CHECK(step("sync directory"));
  const FileHandle directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid() || ::fsync(directory.get()) != 0) return io_error("cannot sync directory", path);
  return {};
}

Found what_is(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return errno == ENOENT || errno == ENOTDIR ? Found::nothing : Found::other;
  if (S_ISREG(info.st_mode)) return Found::file;
  return S_ISDIR(info.st_mode) ? Found::directory : Found::other;
}

std::string parent_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<std::vector<std::string>> list_directory(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), &::closedir);
  if (!directory) return io_error("cannot list", path);
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<OpenFile> read_file(const std::string& path, std::size_t max_size) {
  SEALROW_TRY(FileHandle file, open_regular(path, O_NOFOLLOW, max_size));
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return io_error("cannot read", path);
  std::string content(static_cast<std::size_t>(info.st_size), '\0');
  SEALROW_TRY(const std::size_t size, read_all(file.get(), content.data(), content.size(), path));
  content.resize(size);
  return OpenFile{std::move(file), std::move(content)};
}

Result<SecretBytes> read_secret_file(const std::string& path, std::size_t max_size) {
  SEALROW_TRY(const FileHandle file, open_regular(path, 0, max_size));
  SecretBytes buffer(max_size);
  SEALROW_TRY(const std::size_t size,
              read_all(file.get(), reinterpret_cast<char*>(buffer.reveal_mutable().data()), buffer.size(), path));
  return SecretBytes::copy_of(buffer.reveal().first(size));
}

Result<> check_private(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return io_error("cannot examine", path);
  const bool own = info.st_uid == ::geteuid() || info.st_uid == 0;
  if (own && !S_ISLNK(info.st_mode) && (info.st_mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  return Error{ErrorCode::config_value, "key files must belong to Sealrow's user alone",
               "owner, group or mode gives others access", "chown it to the service's user and chmod go= it", path};
}

Result<FileHandle> lock_file(const std::string& path, LockKind kind) {
  FileHandle file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  if (!file.valid()) return io_error("cannot open lock file", path);
  const int operation = (kind == LockKind::shared ? LOCK_SH : LOCK_EX) | LOCK_NB;
  const auto deadline = std::chrono::steady_clock::now() + lock_patience;
  while (::flock(file.get(), operation) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return io_error("cannot lock", path);
    if (std::chrono::steady_clock::now() > deadline)
      return Error{ErrorCode::key_store_io, "key store is locked by another process", "", "", path};
    std::this_thread::sleep_for(lock_pause);
  }
  return file;
}

}  // namespace sealrow::keys
