// Files that must survive a crash and must not be read by others. Every system call that changes the disk is preceded
// by a step of the FaultPlan, so that tests can fail or kill the process at each of them.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/base/secret.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sealrow::keys {

// Called with the name of the step to come; an error stops the operation there.
using FaultPlan = std::function<Result<>(std::string_view step)>;

// Owner of a file descriptor.
class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int fd) : fd_(fd) {}
  ~FileHandle();
  FileHandle(FileHandle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileHandle& operator=(FileHandle&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool valid() const noexcept { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// key_store_io with the path and the system's reason.
[[nodiscard]] Error io_error(std::string_view what, const std::string& path);

enum class Overwrite : bool { no, yes };

class Files {
 public:
  explicit Files(FaultPlan plan = {}) : plan_(std::move(plan)) {}

  // Temporary file in the same directory → fsync → rename → fsync of the directory. Mode 0600. With Overwrite::no an
  // existing file is left alone and reported as key_conflict.
  [[nodiscard]] Result<> write(const std::string& path, std::string_view content, Overwrite overwrite) const;
  [[nodiscard]] Result<> make_directory(const std::string& path) const;  // mode 0700; an existing one is an error
  [[nodiscard]] Result<> remove(const std::string& path) const;          // a missing one is fine
  [[nodiscard]] Result<> remove_tree(const std::string& path) const;     // flat directories inside directories
  [[nodiscard]] Result<> move_new(const std::string& from, const std::string& to) const;  // never overwrites
  [[nodiscard]] Result<> move_over_empty(const std::string& from,
                                         const std::string& to) const;  // to: nothing, or empty
  [[nodiscard]] Result<> exchange(const std::string& a, const std::string& b) const;
  [[nodiscard]] Result<> sync_directory(const std::string& path) const;

 private:
  [[nodiscard]] Result<> step(std::string_view name) const { return plan_ ? plan_(name) : Result<>{}; }
  FaultPlan plan_;
};

enum class Found : std::uint8_t { nothing, file, directory, other };
[[nodiscard]] Found what_is(const std::string& path);
[[nodiscard]] std::string parent_of(const std::string& path);
// Names without "." and "..", sorted.
[[nodiscard]] Result<std::vector<std::string>> list_directory(const std::string& path);
// A regular file (no symbolic link) of at most `max_size` bytes; the handle stays open.
struct OpenFile {
  FileHandle handle;
  std::string content;
};
[[nodiscard]] Result<OpenFile> read_file(const std::string& path, std::size_t max_size);
// The same into secret memory, with links followed (systemd and Kubernetes mount secrets as links).
[[nodiscard]] Result<SecretBytes> read_secret_file(const std::string& path, std::size_t max_size);
// config_value unless it belongs to this user (or root) and nobody else may touch it.
[[nodiscard]] Result<> check_private(const std::string& path);

// Advisory lock on a file of its own, waited for at most 3 s.
enum class LockKind : std::uint8_t { shared, exclusive };
[[nodiscard]] Result<FileHandle> lock_file(const std::string& path, LockKind kind);

}  // namespace sealrow::keys
