// Section `keys` of the server configuration: where wrapped keys are kept, and which provider wraps them.
// docs/configuration.md is the reference, docs/key-management.md the guide.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/base/secret.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace sealrow::policy {

// Where a secret is to be found. The configuration never holds one itself.
struct SecretInFile {
  std::string path;
};  // the first line, without its end
struct SecretInEnvironment {
  std::string variable;
};
using SecretSource = std::variant<SecretInFile, SecretInEnvironment>;

// Reads the secret into locked memory. Errors name the source, never its content.
[[nodiscard]] Result<SecretBytes> read_secret(const SecretSource& source);

struct LocalKeys {  // a key-encryption key in the key directory, under a passphrase
  SecretSource passphrase;
};

struct HttpsService {
  std::string endpoint;  // empty: the provider's own; http:// to a loopback address only, for tests
  std::string ca;        // PEM file; empty: the system's store
  std::string proxy;     // empty: none
};

struct AwsKeys {
  std::string key;              // ARN, key id, alias/NAME
  std::string region, profile;  // empty: found as AWS's own tools do
  HttpsService service;
  std::string sts_endpoint;  // empty: the region's
};

struct GcpKeys {
  std::string key;               // projects/P/locations/L/keyRings/R/cryptoKeys/K
  std::string credentials_file;  // empty: found as Google's own tools do
  HttpsService service;
};

struct VaultToken {
  SecretSource token;
};
struct VaultAppRole {
  std::string role_id;
  SecretSource secret_id;
  std::string mount = "approle";
};
struct VaultKubernetes {
  std::string role;
  std::string token_file;  // empty: the pod's own
  std::string mount = "kubernetes";
};
struct VaultKeys {  // transit engine of Vault or OpenBao
  HttpsService service;
  std::string key;
  std::string mount = "transit";
  std::string name_space;
  std::variant<VaultToken, VaultAppRole, VaultKubernetes> login;
};

enum class Pkcs11Mode : std::uint8_t { gcm, kwp };
enum class Pkcs11Nonce : std::uint8_t { sent, returned, prepended };
struct Pkcs11Keys {
  std::string module, uri;
  SecretSource pin;
  Pkcs11Mode mode = Pkcs11Mode::gcm;
  Pkcs11Nonce nonce = Pkcs11Nonce::sent;
  std::uint32_t mechanism = 0;  // zero: the standard's for the mode
};

struct Keys {
  std::variant<LocalKeys, AwsKeys, GcpKeys, VaultKeys, Pkcs11Keys> provider;
  std::string directory;
  std::string deployment = "default";  // bound to every key
  bool production = false;             // refuses providers and endpoints that are meant for trying out
};

}  // namespace sealrow::policy
