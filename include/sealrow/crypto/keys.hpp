// Key objects of the data path. Immutable after construction, shared between threads by shared_ptr<const T>.
#pragma once

#include "sealrow/base/ids.hpp"
#include "sealrow/base/result.hpp"
#include "sealrow/base/secret.hpp"
#include "sealrow/crypto/envelope.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace sealrow::crypto {

inline constexpr std::size_t key_size = 32;

// Subkeys of one data key (DEK): HKDF-Expand-SHA256(dek, "sealrow/v1" 0x00 purpose LP(tenant) LP(domain) key_id).
class EnvelopeKey {
 public:
  // `dek` has 32 bytes. Derives the subkeys of all suites once. `gcm_uses`: values that suite AES-256-GCM has sealed
  // under this key so far, as the key store remembers them.
  [[nodiscard]] static Result<std::shared_ptr<const EnvelopeKey>> make(KeyId id, TenantId tenant, DomainId domain,
                                                                       const SecretBytes& dek,
                                                                       std::uint64_t gcm_uses = 0);
  ~EnvelopeKey();
  [[nodiscard]] KeyId id() const noexcept;
  [[nodiscard]] const TenantId& tenant() const noexcept;
  [[nodiscard]] const DomainId& domain() const noexcept;
  // Uses of AES-256-GCM, those given to make() included. At 2^32 sealing fails with key_exhausted.
  [[nodiscard]] std::uint64_t gcm_uses() const noexcept;

  struct Impl;
  [[nodiscard]] const Impl& impl() const noexcept { return *impl_; }

 private:
  explicit EnvelopeKey(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Root of equality tags for one (tenant, domain), with a version of its own life.
class IndexKey {
 public:
  [[nodiscard]] static Result<std::shared_ptr<const IndexKey>> make(std::uint16_t version, TenantId tenant,
                                                                    DomainId domain, const SecretBytes& root);
  ~IndexKey();
  [[nodiscard]] std::uint16_t version() const noexcept;
  [[nodiscard]] const TenantId& tenant() const noexcept;
  // 2 bytes version ‖ HMAC-SHA256(K_column, type ‖ canonical)[0:16], K_column derived for `index_group`
  // (the column id unless the policy joins several columns into one group). Any number of threads at once. Throws in a
  // forked child, where the key is wiped.
  [[nodiscard]] EqualityTag tag(std::string_view index_group, ValueType type, ByteView canonical) const;

  struct Impl;

 private:
  explicit IndexKey(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// "sealrow/v1" 0x00 purpose … ; info parts are length-prefixed by the caller. 32 bytes.
[[nodiscard]] Result<SecretBytes> hkdf_expand(const SecretBytes& key, std::string_view info);
// Fresh random key from the library's private generator.
[[nodiscard]] Result<SecretBytes> random_key();
// Random bytes for ids and salts.
[[nodiscard]] Result<> random_bytes(MutableBytes out);
[[nodiscard]] std::array<std::uint8_t, 32> hmac_sha256(ByteView key, ByteView message);

}  // namespace sealrow::crypto
