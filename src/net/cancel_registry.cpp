#include "net/cancel_registry.hpp"

#include "sealrow/base/bytes.hpp"

#include <openssl/crypto.h>

namespace sealrow::net {
namespace {

constexpr std::size_t shortest_key = 8;       // protocol 3.0: process id and 4 bytes
constexpr std::size_t longest_key = 4 + 256;  // protocol 3.2

bool well_formed(std::string_view key) { return key.size() >= shortest_key && key.size() <= longest_key; }

}  // namespace

bool CancelRegistry::add(std::string_view our_key, CancelTarget target) {
  if (!well_formed(our_key) || !well_formed(target.backend_key)) return false;
  const std::lock_guard lock(mutex_);
  return entries_.try_emplace(load_u32(our_key.data()), Entry{std::string(our_key.substr(4)), std::move(target)})
      .second;
}

void CancelRegistry::remove(std::string_view our_key) {
  if (!well_formed(our_key)) return;
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(load_u32(our_key.data()));
  if (found != entries_.end() && found->second.secret == our_key.substr(4)) entries_.erase(found);
}

std::optional<CancelTarget> CancelRegistry::find(std::string_view our_key) const {
  if (!well_formed(our_key)) return std::nullopt;
  const std::string_view secret = our_key.substr(4);
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(load_u32(our_key.data()));
  if (found == entries_.end() || found->second.secret.size() != secret.size() ||
      CRYPTO_memcmp(found->second.secret.data(), secret.data(), secret.size()) != 0)
    return std::nullopt;
  return found->second.target;
}

std::size_t CancelRegistry::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace sealrow::net
