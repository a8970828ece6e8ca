// A KEK inside an HSM. Two ways to wrap, each marked in the wrapped key so that either can be opened later:
//   gcm  C_Encrypt with AES-GCM; the WrapContext is the associated data
//   kwp  C_WrapKey with AES-KWP (RFC 5649), which binds nothing: the row's MAC does
// What vendors do differently (mechanism number, who makes the nonce and where it is found) is configuration.
#pragma once

#include "keys/pkcs11/token.hpp"
#include "sealrow/keys/provider.hpp"

namespace sealrow::keys::pkcs11 {

class Provider final : public KeyProvider {
 public:
  Provider(Pkcs11Token config, std::unique_ptr<Token> token) : config_(std::move(config)), token_(std::move(token)) {}

  [[nodiscard]] Result<GeneratedKey> generate(const WrapContext& context) override;
  [[nodiscard]] Result<WrappedKey> wrap(const WrapContext& context, const SecretBytes& key) override;
  [[nodiscard]] Result<SecretBytes> unwrap(const WrapContext& context, const WrappedKey& wrapped) override;
  [[nodiscard]] Result<WrappedKey> rewrap(const WrapContext& context, const WrappedKey& wrapped) override;
  [[nodiscard]] Result<ProviderInfo> describe() override;
  [[nodiscard]] Result<> probe() override;

 private:
  [[nodiscard]] Result<std::string> wrap_gcm(const WrapContext& context, const SecretBytes& key);
  [[nodiscard]] Result<std::string> wrap_kwp(const SecretBytes& key);
  [[nodiscard]] Result<SecretBytes> unwrap_gcm(const WrapContext& context, const std::string& blob);
  [[nodiscard]] Result<SecretBytes> unwrap_kwp(const std::string& blob);
  [[nodiscard]] CK_MECHANISM_TYPE mechanism(Pkcs11Mode mode) const;

  const Pkcs11Token config_;
  const std::unique_ptr<Token> token_;
};

[[nodiscard]] Result<std::shared_ptr<KeyProvider>> make(const Pkcs11Token& config);

}  // namespace sealrow::keys::pkcs11
