// From section `keys` of the configuration to the keys room's own description of a provider.
#include "cli/wiring.hpp"

namespace sealrow::cli {
namespace {

keys::HttpsService service(const policy::HttpsService& from) { return {from.endpoint, from.ca, from.proxy}; }

keys::PassphraseSource passphrase(const policy::SecretSource& from) {
  if (const auto* file = std::get_if<policy::SecretInFile>(&from)) return keys::PassphraseFromFile{file->path};
  return keys::PassphraseFromEnvironment{std::get<policy::SecretInEnvironment>(from).variable};
}

keys::SecretReader reader(policy::SecretSource from) {
  return [from = std::move(from)] { return policy::read_secret(from); };
}

struct ToLogin {
  keys::VaultLogin operator()(const policy::VaultToken& from) const { return keys::VaultToken{reader(from.token)}; }
  keys::VaultLogin operator()(const policy::VaultAppRole& from) const {
    return keys::VaultAppRole{from.role_id, reader(from.secret_id), from.mount};
  }
  keys::VaultLogin operator()(const policy::VaultKubernetes& from) const {
    return keys::VaultKubernetes{from.role, from.token_file, from.mount};
  }
};

keys::Pkcs11Mode mode_of(policy::Pkcs11Mode mode) {
  switch (mode) {
    case policy::Pkcs11Mode::gcm:
      return keys::Pkcs11Mode::gcm;
    case policy::Pkcs11Mode::kwp:
      return keys::Pkcs11Mode::kwp;
  }
  return keys::Pkcs11Mode::gcm;
}

keys::Pkcs11Nonce nonce_of(policy::Pkcs11Nonce nonce) {
  switch (nonce) {
    case policy::Pkcs11Nonce::sent:
      return keys::Pkcs11Nonce::sent;
    case policy::Pkcs11Nonce::returned:
      return keys::Pkcs11Nonce::returned;
    case policy::Pkcs11Nonce::prepended:
      return keys::Pkcs11Nonce::prepended;
  }
  return keys::Pkcs11Nonce::sent;
}

struct ToProvider {
  using Config = keys::ProviderConfig;
  Config operator()(const policy::LocalKeys& from) const { return keys::LocalKek{passphrase(from.passphrase)}; }
  Config operator()(const policy::AwsKeys& from) const {
    return keys::AwsKms{from.key, from.region, from.profile, service(from.service), from.sts_endpoint};
  }
  Config operator()(const policy::GcpKeys& from) const {
    return keys::GcpKms{from.key, from.credentials_file, service(from.service)};
  }
  Config operator()(const policy::VaultKeys& from) const {
    return keys::VaultTransit{service(from.service), from.key, from.mount, from.name_space,
                              std::visit(ToLogin{}, from.login)};
  }
  Config operator()(const policy::Pkcs11Keys& from) const {
    return keys::Pkcs11Token{from.module,          from.uri,      reader(from.pin), mode_of(from.mode),
                             nonce_of(from.nonce), from.mechanism};
  }
};

}  // namespace

keys::KeysConfig keys_config(const policy::ServerConfig& config) {
  return {config.keys.directory, std::visit(ToProvider{}, config.keys.provider),
          config.keys.production ? keys::Environment::production : keys::Environment::development,
          config.keys.deployment};
}

}  // namespace sealrow::cli
