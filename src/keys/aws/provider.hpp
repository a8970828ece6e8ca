// AWS KMS: docs.aws.amazon.com/kms/latest/APIReference. The WrapContext is the EncryptionContext: KMS binds it to the
// ciphertext and writes it to CloudTrail.
#pragma once

#include "keys/aws/credentials.hpp"
#include "keys/remote/caller.hpp"
#include "keys/remote/secret_json.hpp"
#include "sealrow/keys/provider.hpp"
#include "sealrow/keys/providers.hpp"

#include <mutex>

namespace sealrow::keys::aws {

class Provider final : public KeyProvider {
 public:
  // `key` as configured; the ARN that it means is asked for at first need.
  Provider(std::string key, std::string region, std::string endpoint, std::shared_ptr<CredentialChain> credentials,
           Caller caller);

  [[nodiscard]] Result<GeneratedKey> generate(const WrapContext& context) override;
  [[nodiscard]] Result<WrappedKey> wrap(const WrapContext& context, const SecretBytes& key) override;
  [[nodiscard]] Result<SecretBytes> unwrap(const WrapContext& context, const WrappedKey& wrapped) override;
  [[nodiscard]] Result<WrappedKey> rewrap(const WrapContext& context, const WrappedKey& wrapped) override;
  [[nodiscard]] Result<ProviderInfo> describe() override;
  [[nodiscard]] Result<> probe() override;

 private:
  [[nodiscard]] Result<SecretJson> call(std::string_view operation, const SecretJson& request) const;
  [[nodiscard]] Result<std::string> arn();
  [[nodiscard]] Result<WrappedKey> wrapped_from(const SecretJson& answer);
  [[nodiscard]] Result<> check_wrapped(const WrappedKey& wrapped);

  const std::string key_, region_, endpoint_;
  const std::shared_ptr<CredentialChain> credentials_;
  const Caller caller_;
  std::mutex mutex_;
  std::string arn_;  // under the mutex
};

[[nodiscard]] Result<std::shared_ptr<KeyProvider>> make(const AwsKms& config, Environment environment,
                                                        const Clock& clock, EnvironmentReader reader);

}  // namespace sealrow::keys::aws
