#include "net/cancel_registry.hpp"

#include "sealrow/base/bytes.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace sealrow::net {
namespace {

constexpr std::size_t shortest_key = 8;       // protocol 3.0: process id and 4 bytes
constexpr std::size_t longest_key = 4 + 256;  // protocol 3.2

bool well_formed(std::string_view key) { return key.size() >= shortest_key && key.size() <= longest_key; }

}  // namespace

bool CancelRegistry::add(std::string_view our_key, CancelTarget target) {
  if (!well_formed(our_key) || !well_formed(target.backend_key)) return false;
  const std::lock_guard lock(mutex_);
  entries_.emplace(load_u32(our_key.data()), Entry{std::string(our_key.substr(4)), std::move(target)});
  return true;
}

CancelRegistry::Entries::const_iterator CancelRegistry::locate(std::string_view our_key) const {
  const std::string_view secret = our_key.substr(4);
  const auto [first, last] = entries_.equal_range(load_u32(our_key.data()));
  const auto found = std::find_if(first, last, [&](const auto& entry) {
    const std::string& kept = entry.second.secret;
    return kept.size() == secret.size() && CRYPTO_memcmp(kept.data(), secret.data(), secret.size()) == 0;
  });
  return found == last ? entries_.end() : found;
}

void CancelRegistry::remove(std::string_view our_key) {
  if (!well_formed(our_key)) return;
  const std::lock_guard lock(mutex_);
  if (const auto found = locate(our_key); found != entries_.end()) entries_.erase(found);
}

std::optional<CancelTarget> CancelRegistry::find(std::string_view our_key) const {
  if (!well_formed(our_key)) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found = locate(our_key);
  if (found == entries_.end()) return std::nullopt;
  return found->second.target;
}

std::size_t CancelRegistry::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace sealrow::net
