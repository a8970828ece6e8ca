// Plans by template. Bounded: the least recently used entry goes first.
#include "sealrow/plan/planner.hpp"

#include <cstring>
#include <list>
#include <unordered_map>

namespace sealrow::plan {

namespace {

// Clients choose the texts, so bytes are bounded beside entries.
constexpr std::size_t max_key = std::size_t{1} << 20;
constexpr std::size_t max_bytes = std::size_t{64} << 20;

void put(std::string& key, const void* data, std::size_t size) {
  const auto length = static_cast<std::uint64_t>(size);
  key.append(reinterpret_cast<const char*>(&length), sizeof length);
  if (size > 0) key.append(static_cast<const char*>(data), size);
}
void put(std::string& key, std::string_view text) { put(key, text.data(), text.size()); }
template <class T>
void put_number(std::string& key, T value) {
  key.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

std::string names_key(const SessionNames& names) {
  std::string key;
  put_number(key, names.search_path.size());
  for (const std::string& schema : names.search_path) put(key, schema);
  put_number(key, names.search_path_known);
  put(key, names.user);
  put(key, names.database);
  sql::append_key(key, names.lexer);
  put_number(key, names.utf8);
  return key;
}

struct PlanCache::Impl {
  struct Entry {
    std::string key;
    std::shared_ptr<const Plan> plan;  // null: literals decide, look up by the full text
  };
  // Keys start with the template's keyed hash; std::hash over them is as hard to attack as that.
  struct Hash {
    std::size_t operator()(std::string_view bytes_of_key) const noexcept {
      std::uint64_t hash = 0;
      std::memcpy(&hash, bytes_of_key.data(), std::min(bytes_of_key.size(), sizeof hash));
      return static_cast<std::size_t>(hash) ^ (std::hash<std::string_view>{}(bytes_of_key.substr(sizeof hash)) << 1);
    }
  };
  std::size_t capacity;
  std::list<Entry> entries;  // most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator, Hash> index;
  std::size_t bytes = 0;  // of all keys
  std::string key;        // reused
  Stats stats;

  void make_key(const Binding& binding, std::string_view names, const PlanRequest& request) {
    key.clear();
    put_number(key, request.shape->hash);
    put_number(key, binding.policy().generation);
    put_number(key, binding.catalog().generation);
    put_number(key, request.protocol);
    put(key, names);
    const auto* types = request.parameter_types;
    put(key, types ? types->data() : nullptr, types ? types->size() * sizeof(Oid) : 0);
    put(key, request.shape->text);
  }
  const Entry* find() {
    const auto found = index.find(key);
    if (found == index.end()) return nullptr;
    entries.splice(entries.begin(), entries, found->second);
    return &*found->second;
  }
  void store(std::shared_ptr<const Plan> plan) {
    if (const auto old = index.find(key); old != index.end()) {
      old->second->plan = std::move(plan);
      return;
    }
    if (key.size() > max_key) return;
    while (!entries.empty() && (entries.size() >= capacity || bytes + key.size() > max_bytes)) {
      bytes -= entries.back().key.size();
      index.erase(entries.back().key);
      entries.pop_back();
      ++stats.evictions;
    }
    bytes += key.size();
    entries.push_front({key, std::move(plan)});
    index.emplace(entries.front().key, entries.begin());
  }
};

PlanCache::PlanCache(std::size_t capacity) : impl_(std::make_unique<Impl>()) {
  impl_->capacity = std::max<std::size_t>(capacity, 2);
}
PlanCache::~PlanCache() = default;
PlanCache::Stats PlanCache::stats() const noexcept { return impl_->stats; }

std::shared_ptr<const Plan> PlanCache::get(const Binding& binding, const SessionNames& names,
                                           std::string_view key_of_names, const PlanRequest& request) {
  Impl& impl = *impl_;
  impl.make_key(binding, key_of_names, request);
  if (const Impl::Entry* entry = impl.find()) {
    if (!entry->plan) {
      put(impl.key, request.text);
      entry = impl.find();
    }
    if (entry && entry->plan) {
      ++impl.stats.hits;
      return entry->plan;
    }
    impl.make_key(binding, key_of_names, request);
  }
  ++impl.stats.misses;
  PlanOutcome outcome = make_plan(binding, names, request);
  impl.store(outcome.exact ? nullptr : outcome.plan);
  if (outcome.exact) {
    put(impl.key, request.text);
    impl.store(outcome.plan);
  }
  return outcome.plan;
}

}  // namespace sealrow::plan
