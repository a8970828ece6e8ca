// Where nonces come from.
//
// A 24-byte nonce is a 12-byte prefix, which selects the message key, and a 12-byte tail under it. The tail is a
// 4-byte counter followed by 8 bytes drawn from the hardware or the kernel for this one value. The counter alone makes
// tails unique within a process. The 8 bytes are for the case that the process is not the only one with this counter:
// a virtual machine that was snapshotted and started twice has the same memory twice, and any pool of random bytes in
// user space with it, so that both copies would go on with the same nonces. RDRAND is not part of the memory; it costs
// 20 to 150 ns, getrandom(2) 250 to 450 ns, RAND_bytes 600 ns. CPUs without RDRAND, and NonceSource::getrandom, take
// the kernel's generator, which a cloned machine reseeds by its generation id.
//
// What a tail tells: the order in which one worker sealed the values of one prefix. docs/envelope.md says so.
#pragma once

#include "crypto/suite.hpp"
#include "crypto/xaes.hpp"
#include "sealrow/crypto/sealer.hpp"

#include <array>

namespace sealrow::crypto {

using AeadNonce = std::array<std::uint8_t, aead_nonce_size>;

class NonceGenerator {
 public:
  explicit NonceGenerator(NonceSource source);
  // 12 random bytes: a prefix, or the nonce of a suite without one.
  [[nodiscard]] Result<AeadNonce> random();
  [[nodiscard]] Result<AeadNonce> tail(std::uint32_t counter);
  // After a fork: what is in the pool belongs to the parent.
  void reset() noexcept { used_ = pool_.size(); }

 private:
  [[nodiscard]] bool fresh_entropy(std::uint64_t& out) noexcept;

  bool use_rdrand_;
  SecretBytes pool_;
  std::size_t used_;
};

}  // namespace sealrow::crypto
