#include "keys/file_store.hpp"

#include "keys/json_reader.hpp"
#include "sealrow/base/log.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace sealrow::keys {

namespace {

std::string root_path(const std::string& directory) { return directory + "/root.json"; }
std::string manifest_path(const std::string& directory) { return directory + "/manifest.json"; }
std::string keys_path(const std::string& directory) { return directory + "/keys"; }
std::string document_name(KeyId id, std::uint64_t epoch) { return hex_of(id) + "-" + std::to_string(epoch) + ".json"; }
std::string document_path(const std::string& directory, KeyId id, std::uint64_t epoch) {
  return keys_path(directory) + "/" + document_name(id, epoch);
}

struct DocumentName {
  KeyId id;
  std::uint64_t epoch = 0;
};
std::optional<DocumentName> parse_document_name(std::string_view name) {
  const auto id = parse_id(name.substr(0, 16));
  if (!id || name.size() < 17) return std::nullopt;
  std::uint64_t epoch = 0;
  std::from_chars(name.data() + 17, name.data() + name.size(), epoch);
  if (name != document_name(KeyId(*id), epoch)) return std::nullopt;
  return DocumentName{KeyId(*id), epoch};
}

bool is_same_place(const std::string& a, const std::string& b) {
  struct stat first {
  }, second{};
  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}
bool is_same_file(const FileHandle& handle, const std::string& path) {
  struct stat held {
  }, there{};
  return handle.valid() && ::fstat(handle.get(), &held) == 0 && ::stat(path.c_str(), &there) == 0 &&
         held.st_dev == there.st_dev && held.st_ino == there.st_ino;
}

Error corrupt(std::string detail, std::string path) {
  return Error{ErrorCode::key_store_corrupt, "key store failed its integrity check", std::move(detail),
               "restore the key store from a backup", std::move(path)};
}
Error conflict(std::string message, std::string object) {
  return Error{ErrorCode::key_conflict, std::move(message), "", "", std::move(object)};
}
Error at(Error error, const std::string& path) {
  error.object = path;
  return error;
}

// A new directory appears under its name only when it is whole.
std::string incoming(const std::string& target) { return target + ".incoming"; }

}  // namespace

std::size_t FileStore::SlotHash::operator()(const KeySlot& slot) const noexcept {
  const std::size_t tenant = std::hash<TenantId>{}(slot.tenant);
  return (tenant * 31 + std::hash<DomainId>{}(slot.domain)) * 31 + static_cast<std::size_t>(slot.purpose);
}

FileStore::FileStore(std::string directory, StoreRoot root, std::shared_ptr<const StoreMac> mac, Access access,
                     Files files)
    : directory_(std::move(directory)),
      root_(std::move(root)),
      mac_(std::move(mac)),
      access_(access),
      files_(std::move(files)) {}

// --- opening ------------------------------------------------------------------------------------------------------

Result<StoreRoot> FileStore::read_root(const std::string& directory) {
  SEALROW_TRY(const OpenFile file, read_file(root_path(directory), max_document_size));
  auto root = parse_root(file.content);
  if (root.has_error()) return at(root.error(), root_path(directory));
  return root;
}

Result<> FileStore::create(const std::string& directory, const StoreRoot& root, const StoreMac& mac,
                           const Files& files) {
  const std::string fresh = incoming(directory);
  SEALROW_CHECK(files.remove_tree(fresh));
  SEALROW_CHECK(files.make_directory(fresh));
  SEALROW_CHECK(files.make_directory(keys_path(fresh)));
  SEALROW_CHECK(files.write(root_path(fresh), to_json(root), Overwrite::no));
  Manifest manifest{root.store_id, 1, {}, {}};
  manifest.mac = mac.manifest(manifest);
  SEALROW_CHECK(files.write(manifest_path(fresh), to_json(manifest), Overwrite::no));
  return files.move_new(fresh, directory);
}

Result<std::unique_ptr<FileStore>> FileStore::open(const std::string& directory, StoreRoot root,
                                                   std::shared_ptr<const StoreMac> mac, Access access, Files files) {
  std::unique_ptr<FileStore> store(new FileStore(directory, std::move(root), std::move(mac), access, std::move(files)));
  if (access == Access::read_only) {
    SEALROW_CHECK(store->refresh());
    return store;
  }
  SEALROW_CHECK(check_private(directory));
  SEALROW_TRY(const FileHandle held, store->lock(LockKind::exclusive));
  SEALROW_CHECK(store->refresh());
  SEALROW_CHECK(store->tidy());
  return store;
}

Result<FileHandle> FileStore::lock(LockKind kind) const {
  if (access_ == Access::read_only) {
    if (kind == LockKind::shared) return FileHandle();
    return Error{ErrorCode::key_store_io, "key store is open for reading only", "", "", directory_};
  }
  return lock_file(directory_ + ".lock", kind);
}

Result<> FileStore::refresh() {
  const std::string path = manifest_path(directory_);
  if (is_same_file(manifest_handle_, path)) return {};
  SEALROW_TRY(OpenFile file, read_file(path, max_manifest_size));
  if (auto loaded = load(std::move(file)); loaded.has_error()) {
    Error error = std::move(loaded).error();
    if (error.object.empty()) error.object = path;
    return error;
  }
  return {};
}

Result<> FileStore::load(OpenFile manifest_file) {
  SEALROW_TRY(Manifest manifest, parse_manifest(manifest_file.content));
  SEALROW_CHECK(mac_->check(manifest));
  // The MAC key is bound to the store id, the epoch is what shows an old copy put back while we were looking.
  if (manifest.epoch < manifest_.epoch)
    return corrupt(
        "its epoch went back from " + std::to_string(manifest_.epoch) + " to " + std::to_string(manifest.epoch), "");
  Records records;
  for (const ManifestEntry& entry : manifest.keys) {
    const auto known = records_.find(entry.id);
    if (known != records_.end() && known->second->epoch == entry.epoch && known->second->row_mac == entry.row_mac) {
      records.emplace_hint(records.end(), *known);
      continue;
    }
    SEALROW_TRY(auto record, load_record(entry));
    records.emplace_hint(records.end(), entry.id, std::move(record));
  }
  SEALROW_TRY(slots_, index(records));
  records_ = std::move(records);
  manifest_ = std::move(manifest);
  manifest_handle_ = std::move(manifest_file.handle);
  return {};
}

Result<std::shared_ptr<const KeyRecord>> FileStore::load_record(const ManifestEntry& entry) const {
  const std::string path = document_path(directory_, entry.id, entry.epoch);
  if (what_is(path) == Found::nothing) return corrupt("a key that the manifest names is missing", path);
  SEALROW_TRY(const OpenFile file, read_file(path, max_document_size));
  auto record = parse_record(file.content);
  if (record.has_error()) return at(record.error(), path);
  if (auto genuine = mac_->check(*record); genuine.has_error()) return at(genuine.error(), path);
  if (record->id != entry.id || record->epoch != entry.epoch || record->row_mac != entry.row_mac)
    return corrupt("document is not the one that the manifest names", path);
  return std::make_shared<const KeyRecord>(std::move(*record));
}

Result<FileStore::Slots> FileStore::index(const Records& records) {
  Slots slots;
  for (const auto& [id, record] : records) {
    SlotIndex& slot = slots[record->slot];
    ++slot.versions;
    if (record->state != KeyState::active) continue;
    if (slot.active) return corrupt("two active keys for one tenant and domain", "key " + hex_of(id));
    slot.active = record;
  }
  return slots;
}

// What a crash may have left behind; only under the exclusive lock.
Result<> FileStore::tidy() {
  SEALROW_CHECK(files_.remove(manifest_path(directory_) + ".tmp"));
  SEALROW_TRY(const auto names, list_directory(keys_path(directory_)));
  for (const std::string& name : names) {
    const auto document = parse_document_name(name);
    const auto known = document ? records_.find(document->id) : records_.end();
    if (known != records_.end() && document->epoch == known->second->epoch) continue;
    const bool superseded = known != records_.end() && document->epoch < known->second->epoch;
    SEALROW_CHECK(superseded ? files_.remove(keys_path(directory_) + "/" + name) : put_aside(name));
  }
  return {};
}

Result<> FileStore::put_aside(const std::string& name) const {
  const std::string orphans = directory_ + "/orphans";
  if (what_is(orphans) == Found::nothing) SEALROW_CHECK(files_.make_directory(orphans));
  log::warn("keys", "a key document that the manifest does not name is moved to orphans/: {}", name);
  std::string target = orphans + "/" + name;
  for (int copy = 2; what_is(target) != Found::nothing; ++copy)
    target = orphans + "/" + name + "." + std::to_string(copy);
  return files_.move_new(keys_path(directory_) + "/" + name, target);
}

// --- reading ------------------------------------------------------------------------------------------------------

SlotContent FileStore::content_of(const KeySlot& slot) const {
  const auto found = slots_.find(slot);
  if (found == slots_.end()) return {};
  const SlotIndex& known = found->second;
  return {known.active ? std::optional(*known.active) : std::nullopt, known.versions};
}

Result<SlotContent> FileStore::slot(const KeySlot& slot) {
  const std::lock_guard guard(mutex_);
  SEALROW_TRY(const FileHandle held, lock(LockKind::shared));
  SEALROW_CHECK(refresh());
  return content_of(slot);
}

Result<std::optional<KeyRecord>> FileStore::find(KeyId id) {
  const std::lock_guard guard(mutex_);
  SEALROW_TRY(const FileHandle held, lock(LockKind::shared));
  SEALROW_CHECK(refresh());
  const auto found = records_.find(id);
  return found == records_.end() ? std::nullopt : std::optional(*found->second);
}

Result<std::vector<KeyRecord>> FileStore::list(KeyId after, std::size_t limit) {
  const std::lock_guard guard(mutex_);
  SEALROW_TRY(const FileHandle held, lock(LockKind::shared));
  SEALROW_CHECK(refresh());
  std::vector<KeyRecord> out;
  for (auto it = records_.upper_bound(after); it != records_.end() && out.size() < limit; ++it)
    out.push_back(*it->second);
  return out;
}

Result<StoreHead> FileStore::head() {
  const std::lock_guard guard(mutex_);
  SEALROW_TRY(const FileHandle held, lock(LockKind::shared));
  SEALROW_CHECK(refresh());
  return head_of(manifest_);
}

// --- changing -----------------------------------------------------------------------------------------------------

Result<KeyRecord> FileStore::insert_if_absent(const KeyRecord& first) {
  const std::lock_guard guard(mutex_);
  SEALROW_TRY(const FileHandle held, lock(LockKind::exclusive));
  SEALROW_CHECK(refresh());
  SEALROW_CHECK(check_record(first));
  if (SlotContent present = content_of(first.slot); present.active) return std::move(*present.active);
  if (slots_.contains(first.slot))
    return Error{ErrorCode::key_unusable, "no key of this tenant and domain may seal",
                 "its keys are suspended, deactivated or destroyed", "activate or rotate the key"};
  if (first.state != KeyState::active || first.version != 1)
    return Error{ErrorCode::internal, "a slot's first key must be active and version 1"};
  if (records_.contains(first.id)) return conflict("key id is in use", "key " + hex_of(first.id));
  if (records_.size() >= max_keys)
    return Error{ErrorCode::key_exhausted, "key store is full", std::to_string(max_keys) + " keys",
                 "close the list of tenants, or use a key store in a database"};
  SEALROW_TRY(auto stored, commit({first}));
  return std::move(stored.front());
}

Result<std::vector<KeyRecord>> FileStore::compare_and_swap(std::span<const KeyRecord> changed) {
  const std::lock_guard guard(mutex_);
  SEALROW_TRY(const FileHandle held, lock(LockKind::exclusive));
  SEALROW_CHECK(refresh());
  for (const KeyRecord& next : changed) {
    const auto current = records_.find(next.id);
    if (current == records_.end()) return Error{ErrorCode::key_missing, "key is not in the key store"};
    if (current->second->epoch != next.epoch)
      return conflict("key was changed by somebody else meanwhile", "key " + hex_of(next.id));
    SEALROW_CHECK(check_update(*current->second, next));
  }
  return commit({changed.begin(), changed.end()});
}

Result<std::vector<KeyRecord>> FileStore::commit(std::vector<KeyRecord> changed) {
  Records after = records_;
  for (KeyRecord& record : changed) {
    ++record.epoch;
    record.row_mac = mac_->row(record);
    after[record.id] = std::make_shared<const KeyRecord>(record);
  }
  if (index(after).has_error()) return conflict("another key of this tenant and domain is active", "");
  std::vector<std::string> superseded;
  for (const KeyRecord& record : changed)
    if (record.epoch > 1) superseded.push_back(document_path(directory_, record.id, record.epoch - 1));

  auto written = write_change(changed);
  manifest_handle_ = FileHandle();  // whatever happened, the disk says what holds now
  if (written.has_error()) return std::move(written).error();
  SEALROW_CHECK(refresh());
  for (const std::string& path : superseded)
    if (files_.remove(path).has_error()) log::warn("keys", "superseded key document stays until the next start");
  return changed;
}

Result<> FileStore::write_change(const std::vector<KeyRecord>& changed) {
  Manifest next = manifest_;
  ++next.epoch;
  for (const KeyRecord& record : changed) {
    SEALROW_CHECK(files_.write(document_path(directory_, record.id, record.epoch), to_json(record), Overwrite::yes));
    const ManifestEntry entry{record.id, record.epoch, record.row_mac};
    const auto place = std::lower_bound(next.keys.begin(), next.keys.end(), record.id,
                                        [](const ManifestEntry& e, KeyId id) { return e.id < id; });
    if (place != next.keys.end() && place->id == record.id)
      *place = entry;
    else
      next.keys.insert(place, entry);
  }
  next.mac = mac_->manifest(next);
  return files_.write(manifest_path(directory_), to_json(next), Overwrite::yes);
}

// --- copies -------------------------------------------------------------------------------------------------------

Result<StoreHead> FileStore::backup(const std::string& target) {
  const std::lock_guard guard(mutex_);
  if (is_same_place(target, directory_)) return conflict("a key store cannot be copied onto itself", target);
  SEALROW_TRY(const FileHandle held, lock(LockKind::shared));
  SEALROW_TRY(const FileHandle target_held, lock_file(target + ".lock", LockKind::exclusive));
  SEALROW_CHECK(refresh());
  const bool replace = what_is(target) != Found::nothing;
  if (replace) SEALROW_CHECK(check_replaceable(target));
  SEALROW_CHECK(files_.remove_tree(incoming(target)));
  SEALROW_CHECK(write_copy(incoming(target)));
  SEALROW_CHECK(replace ? files_.exchange(incoming(target), target) : files_.move_new(incoming(target), target));
  SEALROW_CHECK(files_.remove_tree(incoming(target)));
  return head_of(manifest_);
}

// Only an older state of this very store gives way.
Result<> FileStore::check_replaceable(const std::string& target) const {
  auto file = read_file(manifest_path(target), max_manifest_size);
  auto there = file.has_error() ? Result<Manifest>(file.error()) : parse_manifest(file->content);
  if (there.has_error() || mac_->check(*there).has_error())
    return Error{ErrorCode::key_conflict, "refusing to overwrite", "it is not an intact copy of this key store",
                 "choose another directory or move it away", target};
  if (there->epoch > manifest_.epoch || (there->epoch == manifest_.epoch && there->keys != manifest_.keys))
    return Error{
        ErrorCode::key_conflict, "refusing to overwrite a newer key store",
        "epoch " + std::to_string(there->epoch) + " is there, " + std::to_string(manifest_.epoch) + " would replace it",
        "move it away first if that is what you want", target};
  return {};
}

Result<> FileStore::write_copy(const std::string& target) const {
  SEALROW_CHECK(files_.make_directory(target));
  SEALROW_CHECK(files_.make_directory(keys_path(target)));
  for (const auto& [id, record] : records_)
    SEALROW_CHECK(files_.write(document_path(target, id, record->epoch), to_json(*record), Overwrite::no));
  SEALROW_CHECK(files_.write(root_path(target), to_json(root_), Overwrite::no));
  return files_.write(manifest_path(target), to_json(manifest_), Overwrite::no);
}

}  // namespace sealrow::keys
