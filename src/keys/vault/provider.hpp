// Transit of HashiCorp Vault and OpenBao: developer.hashicorp.com/vault/api-docs/secret/transit.
// How a wrapped key is bound to its context depends on the transit key, which never changes in this respect:
//   derived      the context goes into the derivation of the key: datakey and rewrap work inside Vault
//   not derived  the context is associated data, which Vault takes at encrypt and decrypt but neither at datakey nor at
//                rewrap: the data key is made here, and rewrapping opens it here
#pragma once

#include "keys/vault/login.hpp"
#include "sealrow/keys/provider.hpp"

namespace sealrow::keys::vault {

class Provider final : public KeyProvider {
 public:
  Provider(VaultTransit config, std::shared_ptr<Login> login, Caller caller);

  [[nodiscard]] Result<GeneratedKey> generate(const WrapContext& context) override;
  [[nodiscard]] Result<WrappedKey> wrap(const WrapContext& context, const SecretBytes& key) override;
  [[nodiscard]] Result<SecretBytes> unwrap(const WrapContext& context, const WrappedKey& wrapped) override;
  [[nodiscard]] Result<WrappedKey> rewrap(const WrapContext& context, const WrappedKey& wrapped) override;
  [[nodiscard]] Result<ProviderInfo> describe() override;
  [[nodiscard]] Result<> probe() override;

 private:
  struct Key {
    bool derived = false;
    std::string type;
    std::int64_t version = 0;
  };
  [[nodiscard]] Result<SecretJson> call(HttpMethod method, const std::string& path, const SecretJson& body) const;
  [[nodiscard]] Result<Key> read_key() const;
  [[nodiscard]] Result<bool> is_derived();
  // The body with the context under the name that this key takes it by.
  [[nodiscard]] Result<SecretJson> bound(const WrapContext& context);
  [[nodiscard]] Result<WrappedKey> wrapped_from(const SecretJson& answer) const;
  [[nodiscard]] Result<> check_wrapped(const WrappedKey& wrapped) const;

  const VaultTransit config_;
  const std::string kek_id_;
  const std::shared_ptr<Login> login_;
  const Caller caller_;
  std::mutex mutex_;
  std::optional<bool> derived_;  // under the mutex
};

[[nodiscard]] Result<std::shared_ptr<KeyProvider>> make(const VaultTransit& config, Environment environment,
                                                        const Clock& clock);

}  // namespace sealrow::keys::vault
