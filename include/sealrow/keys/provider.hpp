// Who holds the key-encryption key (KEK). Calls may block for seconds: they run on the key service's own threads or at
// start-up, never on the data path's. Implementations are thread-safe and give up on their own within about 3 s.
//
// Failures are told apart by code, see failure_class():
//   denied       key_provider_denied            the provider says no: never retried blindly, never served stale
//   missing      key_encryption_key_missing     the KEK (version) is unknown there, disabled or destroyed
//   throttled    key_provider_throttled         ask again later
//   unavailable  key_provider_unavailable       no answer, or a 5xx
//   corrupt      key_wrap_rejected              the wrapped bytes or their context are not what was wrapped
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/base/secret.hpp"
#include "sealrow/keys/model.hpp"

#include <cstdint>
#include <string>

namespace sealrow::keys {

enum class FailureClass : std::uint8_t { denied, missing, throttled, unavailable, corrupt };
inline constexpr std::size_t failure_class_count = 5;
[[nodiscard]] FailureClass failure_class(ErrorCode code) noexcept;
// Only then may a key that was fetched before be used a little longer.
[[nodiscard]] inline bool is_unreachable(FailureClass failure) noexcept {
  return failure == FailureClass::throttled || failure == FailureClass::unavailable;
}

// Bound to the wrapped bytes as associated data (encryption context) by every provider that can.
struct WrapContext {
  std::string deployment;
  KeySlot slot;
  KeyId key_id;
  std::uint32_t version = 1;
};
[[nodiscard]] std::string canonical(const WrapContext& context);

struct GeneratedKey {
  SecretBytes plain;  // 32 bytes
  WrappedKey wrapped;
};

struct ProviderInfo {
  std::string name;  // "local"
  std::string kek_id;
  std::string kek_version;  // the version that wraps now
  std::string note;         // one line for the operator, e.g. that the KEK is for development only
};

class KeyProvider {
 public:
  virtual ~KeyProvider() = default;
  // A fresh random data key and its wrapped form.
  [[nodiscard]] virtual Result<GeneratedKey> generate(const WrapContext& context) = 0;
  [[nodiscard]] virtual Result<WrappedKey> wrap(const WrapContext& context, const SecretBytes& key) = 0;
  [[nodiscard]] virtual Result<SecretBytes> unwrap(const WrapContext& context, const WrappedKey& wrapped) = 0;
  // The same key under the KEK's current version; server-side where the provider can.
  [[nodiscard]] virtual Result<WrappedKey> rewrap(const WrapContext& context, const WrappedKey& wrapped) = 0;
  [[nodiscard]] virtual Result<ProviderInfo> describe() = 0;
  // Is the KEK usable right now?
  [[nodiscard]] virtual Result<> probe() = 0;
};

}  // namespace sealrow::keys
