// What the tests of this room share: a throw-away directory, a clock that the test moves, a provider that does what
// the test says, and a store over both.
#pragma once

#include "keys/file_store.hpp"
#include "keys/primitives.hpp"
#include "keys/record_keys.hpp"
#include "sealrow/crypto/keys.hpp"
#include "sealrow/keys/admin.hpp"
#include "sealrow/keys/service.hpp"

#include <catch2/catch_test_macros.hpp>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace sealrow::keys::test {

class TempDirectory {
 public:
  TempDirectory() {
    // Memory where there is some: thousands of fsync calls would only wear the disk, and prove nothing here.
    const std::filesystem::path memory = "/dev/shm";
    const auto parent = ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
    std::string pattern = (parent / "sealrow-keys-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~TempDirectory() { std::filesystem::remove_all(path_); }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

class TestClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return Instant(std::chrono::hours(1)) + Instant::duration(shift_); }
  [[nodiscard]] WallTime wall() const override {
    return WallTime(std::chrono::hours(24 * 20'000)) + now().time_since_epoch();
  }
  void advance(std::chrono::milliseconds by) { shift_ += Instant::duration(by).count(); }

 private:
  std::atomic<Instant::rep> shift_{0};
};

// AES-GCM under a key of its own, with counters, a switch for failures and a gate to hang at.
class TestProvider final : public KeyProvider {
 public:
  explicit TestProvider(std::string kek_id = "test") : kek_id_(std::move(kek_id)), kek_(crypto::random_key().value()) {}

  Result<GeneratedKey> generate(const WrapContext& context) override {
    ++generates;
    SEALROW_CHECK(pass());
    SEALROW_TRY(SecretBytes key, crypto::random_key());
    SEALROW_TRY(WrappedKey wrapped, wrap(context, key));
    return GeneratedKey{std::move(key), std::move(wrapped)};
  }
  Result<WrappedKey> wrap(const WrapContext& context, const SecretBytes& key) override {
    SEALROW_TRY(std::string blob, gcm_wrap(kek_, canonical(context), key));
    return WrappedKey{kek_id_, "1", WrapAlgorithm::aes_256_gcm, std::move(blob)};
  }
  Result<SecretBytes> unwrap(const WrapContext& context, const WrappedKey& wrapped) override {
    ++unwraps;
    SEALROW_CHECK(pass());
    return gcm_unwrap(kek_, canonical(context), wrapped.bytes);
  }
  Result<WrappedKey> rewrap(const WrapContext& context, const WrappedKey& wrapped) override {
    SEALROW_TRY(const SecretBytes key, unwrap(context, wrapped));
    return wrap(context, key);
  }
  Result<ProviderInfo> describe() override { return ProviderInfo{"test", kek_id_, "1", ""}; }
  Result<> probe() override { return pass(); }

  void fail_with(std::optional<ErrorCode> code) {
    const std::lock_guard lock(mutex_);
    failure_ = code;
  }
  void close_gate() {
    const std::lock_guard lock(mutex_);
    open_ = false;
  }
  void open_gate() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  // Returns once `n` calls wait at the gate.
  void await_waiting(int n) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= n; });
  }

  std::atomic<int> generates{0}, unwraps{0};

 private:
  Result<> pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
    --waiting_;
    if (failure_) return Error{*failure_, "the test says no"};
    return {};
  }
  const std::string kek_id_;
  const SecretBytes kek_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<ErrorCode> failure_;
  bool open_ = true;
  int waiting_ = 0;
};

// A store in a directory under a TestProvider; `open()` again gives another instance over the same files.
struct StoreFixture {
  TempDirectory directory;
  std::shared_ptr<TestProvider> provider = std::make_shared<TestProvider>();
  TestClock clock;
  StoreRoot root;
  std::shared_ptr<const StoreMac> mac;

  StoreFixture() {
    auto made = make_root(*provider, "test", clock).value();
    root = made.root;
    mac = std::make_shared<const StoreMac>(StoreMac::make(root, made.store_key).value());
    FileStore::create(path(), root, *mac).value();
  }
  [[nodiscard]] std::string path() const { return directory / "store"; }
  [[nodiscard]] Result<std::unique_ptr<FileStore>> try_open(Files files = Files(),
                                                            Access access = Access::read_write) const {
    return FileStore::open(path(), root, mac, access, std::move(files));
  }
  [[nodiscard]] std::shared_ptr<FileStore> open() const { return try_open().value(); }
  [[nodiscard]] KeyRecord new_record(const std::string& tenant, KeyPurpose purpose = KeyPurpose::data) {
    return make_first_key(*provider, "test", {TenantId(tenant), DomainId("general"), purpose}, clock.wall())
        .value()
        .record;
  }
};

inline std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
inline void spill(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

}  // namespace sealrow::keys::test
