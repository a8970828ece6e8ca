#include "sealrow/keys/providers.hpp"

#include "keys/aws/provider.hpp"
#include "keys/gcp/provider.hpp"
#include "keys/pkcs11/provider.hpp"
#include "keys/vault/provider.hpp"

namespace sealrow::keys {

namespace {

struct Maker {
  Environment environment;
  const Clock& clock;
  using Made = Result<std::shared_ptr<KeyProvider>>;

  Made operator()(const LocalKek&) const {
    return Error{ErrorCode::internal, "the local provider is opened with its key directory"};
  }
  Made operator()(const AwsKms& config) const { return aws::make(config, environment, clock, process_environment()); }
  Made operator()(const GcpKms& config) const { return gcp::make(config, environment, clock, process_environment()); }
  Made operator()(const VaultTransit& config) const { return vault::make(config, environment, clock); }
  Made operator()(const Pkcs11Token& config) const { return pkcs11::make(config); }
};

}  // namespace

Result<std::shared_ptr<KeyProvider>> make_provider(const ProviderConfig& config, Environment environment,
                                                   const Clock& clock) {
  return std::visit(Maker{environment, clock}, config);
}

}  // namespace sealrow::keys
