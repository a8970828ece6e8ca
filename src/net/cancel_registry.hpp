// Which session a cancel key belongs to. One map for all workers; touched once per login and per cancel.
#pragma once

#include "net/mailbox.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sealrow::net {

using ConnectionId = std::uint64_t;  // slot and generation, unique in its worker

// The server leg that a cancel request is for. Keys: 4 bytes process id, then the secret (4 to 256 bytes).
struct CancelTarget {
  std::string backend_key;
  unsigned worker = 0;
  ConnectionId connection = 0;
};

class CancelRegistry {
 public:
  // False: the key is malformed. Process ids need not differ: several servers, or one that has used an id again.
  [[nodiscard]] bool add(std::string_view our_key, CancelTarget target);
  void remove(std::string_view our_key);
  // Constant time in the secret.
  [[nodiscard]] std::optional<CancelTarget> find(std::string_view our_key) const;
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    std::string secret;
    CancelTarget target;
  };
  using Entries = std::unordered_multimap<std::uint32_t, Entry>;  // by process id
  [[nodiscard]] Entries::const_iterator locate(std::string_view our_key) const;

  mutable std::mutex mutex_;
  Entries entries_;
};

}  // namespace sealrow::net
