#include "crypto/envelope_key.hpp"

#include "crypto/fork_guard.hpp"
#include "crypto/hmac.hpp"
#include "crypto/suite.hpp"
#include "crypto/wire_format.hpp"

namespace sealrow::crypto {
namespace {

constexpr std::array all_suites = {Suite::aes_256_gcm, Suite::xaes_256_gcm, Suite::xaes_256_gcm_commit,
                                   Suite::chacha20_poly1305, Suite::aes_256_siv};

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

// Each suite has a key of its own, so that no key meets two algorithms.
Result<SecretBytes> derive_subkey(const HmacSha256& dek, Suite suite, const EnvelopeKey::Impl& key) {
  std::string purpose = "seal/";
  const std::uint8_t suite_id = static_cast<std::uint8_t>(suite);
  append_hex(purpose, ByteView(&suite_id, 1));
  SEALROW_TRY(std::string label, key_label(purpose, {key.tenant.value(), key.domain.value()}));
  append_u64(label, key.id.value());
  SecretBytes subkey(layout_of(suite).subkey_size);
  dek.expand(as_bytes(label), subkey.reveal_mutable());
  return subkey;
}

}  // namespace

ByteView EnvelopeKey::Impl::subkey(Suite suite) const noexcept {
  for (std::size_t i = 0; i < all_suites.size(); ++i) {
    if (all_suites[i] == suite) return subkeys[i].reveal();
  }
  return {};
}

Result<std::shared_ptr<const EnvelopeKey>> EnvelopeKey::make(KeyId id, TenantId tenant, DomainId domain,
                                                             const SecretBytes& dek, std::uint64_t gcm_uses) {
  if (dek.size() != key_size) return Error{ErrorCode::crypto_failure, "data key does not have 32 bytes"};
  std::unique_ptr<Impl> impl(
      new Impl{id, std::move(tenant), std::move(domain), next_serial(), fork_generation(), {}, gcm_uses});
  const HmacSha256 expander(dek.reveal());
  for (std::size_t i = 0; i < all_suites.size(); ++i) {
    SEALROW_TRY(impl->subkeys[i], derive_subkey(expander, all_suites[i], *impl));
  }
  return std::shared_ptr<const EnvelopeKey>(new EnvelopeKey(std::move(impl)));
}

EnvelopeKey::EnvelopeKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EnvelopeKey::~EnvelopeKey() = default;
KeyId EnvelopeKey::id() const noexcept { return impl_->id; }
const TenantId& EnvelopeKey::tenant() const noexcept { return impl_->tenant; }
const DomainId& EnvelopeKey::domain() const noexcept { return impl_->domain; }
std::uint64_t EnvelopeKey::gcm_uses() const noexcept { return impl_->gcm_uses.load(std::memory_order_relaxed); }

}  // namespace sealrow::crypto
