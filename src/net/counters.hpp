// Figures of one worker: written by its thread only, read by anybody.
#pragma once

#include <atomic>
#include <cstdint>

namespace sealrow::net {

class Counter {
 public:
  // One writer: a plain load and store, no locked instruction.
  void add(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct Counters {
  Counter authentication_timeouts, backend_failures, resets, cancels, tls_handshakes, tls_failures;
  Counter client_bytes, server_bytes, short_sends;
};

}  // namespace sealrow::net
