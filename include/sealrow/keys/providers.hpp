// Which provider holds the KEK, and how it is reached. Plain structs; docs/key-management.md explains each field.
// make_provider() (and what the providers do later) may block for about 3 s.
#pragma once

#include "sealrow/base/clock.hpp"
#include "sealrow/base/result.hpp"
#include "sealrow/base/secret.hpp"
#include "sealrow/keys/provider.hpp"

#include <functional>
#include <memory>
#include <string>
#include <variant>

namespace sealrow::keys {

// `production` refuses the local provider and services in clear text.
enum class Environment : std::uint8_t { development, production };

// --- local: a file under a passphrase -----------------------------------------------------------------------------
struct NoPassphrase {};  // development only
struct PassphraseFromEnvironment {
  std::string variable;
};
struct PassphraseFromFile {
  std::string path;
};
struct PassphraseFromCredential {
  std::string name;
};  // systemd LoadCredential=, $CREDENTIALS_DIRECTORY
using PassphraseSource =
    std::variant<NoPassphrase, PassphraseFromEnvironment, PassphraseFromFile, PassphraseFromCredential>;
struct LocalKek {
  PassphraseSource passphrase;
};

// A secret of the configuration, read anew at each use: files are replaced under a running process.
using SecretReader = std::function<Result<SecretBytes>()>;

// --- services over HTTPS ------------------------------------------------------------------------------------------
struct HttpsService {
  std::string endpoint;  // empty: the provider's own. http:// to a loopback address only, and not in production
  std::string ca_file;   // PEM; empty: the system's authorities
  std::string proxy;     // empty: none; the environment's variables do not count
};

struct AwsKms {
  std::string key;      // ARN, key id or alias/NAME
  std::string region;   // empty: the ARN's, AWS_REGION, the profile's
  std::string profile;  // empty: AWS_PROFILE, "default"
  HttpsService service;
  std::string sts_endpoint;  // empty: the region's
};

struct VaultToken {
  SecretReader token;
};
struct VaultAppRole {
  std::string role_id;
  SecretReader secret_id;
  std::string mount = "approle";
};
struct VaultKubernetes {
  std::string role;
  std::string token_file;  // empty: the pod's own
  std::string mount = "kubernetes";
};
using VaultLogin = std::variant<VaultToken, VaultAppRole, VaultKubernetes>;
struct VaultTransit {    // HashiCorp Vault, OpenBao
  HttpsService service;  // the endpoint is required
  std::string key;
  std::string mount = "transit";
  std::string name_space;
  VaultLogin login;
};

struct GcpKms {
  std::string key;               // projects/P/locations/L/keyRings/R/cryptoKeys/K
  std::string credentials_file;  // empty: GOOGLE_APPLICATION_CREDENTIALS, then the metadata server
  HttpsService service;
};

// --- HSM ----------------------------------------------------------------------------------------------------------
enum class Pkcs11Mode : std::uint8_t { gcm, kwp };
enum class Pkcs11Nonce : std::uint8_t {
  sent,       // drawn here and given to the token
  returned,   // drawn by the token and written into the parameters (AWS CloudHSM's CKM_AES_GCM)
  prepended,  // drawn by the token and put before the ciphertext (CKM_CLOUDHSM_AES_GCM)
};
struct Pkcs11Token {
  std::string module;  // path of the vendor's library
  std::string uri;     // RFC 7512: token and key, no PIN
  SecretReader pin;
  Pkcs11Mode mode = Pkcs11Mode::gcm;
  Pkcs11Nonce nonce = Pkcs11Nonce::sent;
  std::uint32_t mechanism = 0;  // 0: CKM_AES_GCM or CKM_AES_KEY_WRAP_PAD
};

using ProviderConfig = std::variant<LocalKek, AwsKms, GcpKms, VaultTransit, Pkcs11Token>;

// Any provider but the local one, which lives in a key directory (admin.hpp). Checks the configuration; talks to the
// service only where that is needed to name the KEK.
[[nodiscard]] Result<std::shared_ptr<KeyProvider>> make_provider(const ProviderConfig& config, Environment environment,
                                                                 const Clock& clock = system_clock());

}  // namespace sealrow::keys
