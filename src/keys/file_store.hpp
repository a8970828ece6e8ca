// Key store in a directory (0700) of JSON documents (0600); the embedded default, meant for up to some ten thousand
// keys. Crash rule: a document's name carries its epoch, so new documents are written beside the old ones, and the
// rename of the manifest is the one moment at which a change happens. What the manifest does not name is a leftover:
// superseded documents are removed at opening, anything else is moved to orphans/, never deleted.
// All files are found by path at each operation, under the lock <directory>.lock: a restore may put another directory
// in place meanwhile.
#pragma once

#include "keys/documents.hpp"
#include "keys/files.hpp"
#include "sealrow/keys/store.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace sealrow::keys {

enum class Access : std::uint8_t { read_write, read_only };  // read-only: no lock, no repair (a backup)

class FileStore final : public KeyStore {
 public:
  // Needs no key: what must be unwrapped before the store can be opened.
  [[nodiscard]] static Result<StoreRoot> read_root(const std::string& directory);
  // An empty store, whole or not at all; key_conflict if anything is there.
  [[nodiscard]] static Result<> create(const std::string& directory, const StoreRoot& root, const StoreMac& mac,
                                       const Files& files = Files());
  // Verifies every document and tidies up after a crash.
  [[nodiscard]] static Result<std::unique_ptr<FileStore>> open(const std::string& directory, StoreRoot root,
                                                               std::shared_ptr<const StoreMac> mac, Access access,
                                                               Files files = Files());

  [[nodiscard]] const StoreRoot& root() const noexcept override { return root_; }
  [[nodiscard]] Result<SlotContent> slot(const KeySlot& slot) override;
  [[nodiscard]] Result<std::optional<KeyRecord>> find(KeyId id) override;
  [[nodiscard]] Result<std::vector<KeyRecord>> list(KeyId after, std::size_t limit) override;
  [[nodiscard]] Result<KeyRecord> insert_if_absent(const KeyRecord& first) override;
  [[nodiscard]] Result<std::vector<KeyRecord>> compare_and_swap(std::span<const KeyRecord> changed) override;
  [[nodiscard]] Result<StoreHead> head() override;
  [[nodiscard]] Result<StoreHead> backup(const std::string& directory) override;

 private:
  using Records = std::map<KeyId, std::shared_ptr<const KeyRecord>>;
  struct SlotHash {
    std::size_t operator()(const KeySlot& slot) const noexcept;
  };
  struct SlotIndex {
    std::shared_ptr<const KeyRecord> active;
    std::uint32_t versions = 0;
  };
  using Slots = std::unordered_map<KeySlot, SlotIndex, SlotHash>;

  FileStore(std::string directory, StoreRoot root, std::shared_ptr<const StoreMac> mac, Access access, Files files);
  [[nodiscard]] Result<FileHandle> lock(LockKind kind) const;
  [[nodiscard]] Result<> refresh();
  [[nodiscard]] Result<> load(OpenFile manifest_file);
  [[nodiscard]] Result<std::shared_ptr<const KeyRecord>> load_record(const ManifestEntry& entry) const;
  [[nodiscard]] static Result<Slots> index(const Records& records);
  [[nodiscard]] SlotContent content_of(const KeySlot& slot) const;
  [[nodiscard]] Result<std::vector<KeyRecord>> commit(std::vector<KeyRecord> changed);
  [[nodiscard]] Result<> write_change(const std::vector<KeyRecord>& changed);
  [[nodiscard]] Result<> tidy();
  [[nodiscard]] Result<> put_aside(const std::string& name) const;
  [[nodiscard]] Result<> check_replaceable(const std::string& target) const;
  [[nodiscard]] Result<> write_copy(const std::string& target) const;

  const std::string directory_;
  const StoreRoot root_;
  const std::shared_ptr<const StoreMac> mac_;
  const Access access_;
  const Files files_;

  std::mutex mutex_;            // guards all below and serialises this object's operations
  FileHandle manifest_handle_;  // held open, so that its inode number cannot be given to a newer manifest
  Manifest manifest_;
  Records records_;
  Slots slots_;
};

}  // namespace sealrow::keys
