// What the data path sees of keys. All functions are thread-safe; none of the look-ups blocks, locks for long, does
// I/O or calls a provider. A miss is fetched on the service's own threads.
#pragma once

#include "sealrow/base/ids.hpp"
#include "sealrow/base/result.hpp"
#include "sealrow/crypto/keys.hpp"

#include <functional>
#include <memory>
#include <variant>

namespace sealrow::keys {

struct SealingKeyRequest {
  TenantId tenant;
  DomainId domain;
  friend bool operator==(const SealingKeyRequest&, const SealingKeyRequest&) = default;
};
struct OpeningKeyRequest {
  KeyId id;
  friend bool operator==(const OpeningKeyRequest&, const OpeningKeyRequest&) = default;
};
struct IndexKeyRequest {
  TenantId tenant;
  DomainId domain;
  friend bool operator==(const IndexKeyRequest&, const IndexKeyRequest&) = default;
};
using KeyRequest = std::variant<SealingKeyRequest, OpeningKeyRequest, IndexKeyRequest>;

struct Pending {};  // not in the cache: call fetch(), try again when it reports

template <class Key>
using Lookup = std::variant<std::shared_ptr<const Key>, Pending, Error>;

class KeyService {
 public:
  virtual ~KeyService() = default;

  // The active data key of (tenant, domain); made on first use unless the policy's tenants are a closed list.
  [[nodiscard]] virtual Lookup<crypto::EnvelopeKey> sealing_key(const TenantId&, const DomainId&) = 0;
  // Any key whose state allows opening. Unknown ids are looked up in the store only, never at the provider.
  [[nodiscard]] virtual Lookup<crypto::EnvelopeKey> opening_key(KeyId) = 0;
  [[nodiscard]] virtual Lookup<crypto::IndexKey> index_key(const TenantId&, const DomainId&) = 0;

  // Starts (or joins) the fetch of a missing key. `done` is called exactly once, on a thread of the service, also on
  // failure, time-out and shutdown; afterwards the look-up gives the key or the error.
  virtual void fetch(const KeyRequest&, std::function<void()> done) = 0;
};

}  // namespace sealrow::keys
