// Google Cloud KMS: cloud.google.com/kms/docs/reference/rest. The WrapContext is additional authenticated data; every
// field that carries bytes goes with its CRC32C both ways, as Google advises (data integrity guidelines).
#pragma once

#include "keys/remote/bearer.hpp"
#include "keys/remote/environment.hpp"
#include "sealrow/keys/provider.hpp"
#include "sealrow/keys/providers.hpp"

namespace sealrow::keys::gcp {

// Application default credentials: credentials file (service account, workload identity federation) → metadata server.
[[nodiscard]] Result<BearerToken> fetch_token(const GcpKms& config, const Caller& service, const Caller& metadata,
                                              const EnvironmentReader& environment);

// RFC 3720 appendix B.4 (Castagnoli).
[[nodiscard]] std::uint32_t crc32c(ByteView bytes) noexcept;

class Provider final : public KeyProvider {
 public:
  Provider(GcpKms config, std::shared_ptr<BearerTokens> tokens, Caller caller);

  [[nodiscard]] Result<GeneratedKey> generate(const WrapContext& context) override;
  [[nodiscard]] Result<WrappedKey> wrap(const WrapContext& context, const SecretBytes& key) override;
  [[nodiscard]] Result<SecretBytes> unwrap(const WrapContext& context, const WrappedKey& wrapped) override;
  [[nodiscard]] Result<WrappedKey> rewrap(const WrapContext& context, const WrappedKey& wrapped) override;
  [[nodiscard]] Result<ProviderInfo> describe() override;
  [[nodiscard]] Result<> probe() override;

 private:
  [[nodiscard]] Result<SecretJson> call(HttpMethod method, std::string_view operation, const SecretJson& body) const;
  const GcpKms config_;
  const std::shared_ptr<BearerTokens> tokens_;
  const Caller caller_;
};

[[nodiscard]] Result<std::shared_ptr<KeyProvider>> make(const GcpKms& config, Environment environment,
                                                        const Clock& clock, EnvironmentReader reader);

}  // namespace sealrow::keys::gcp
