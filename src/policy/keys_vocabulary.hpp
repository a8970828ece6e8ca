// The words of section `keys` of the server configuration.
#pragma once

#include "policy/yaml/fields.hpp"
#include "sealrow/policy/keys_config.hpp"

#include <string_view>

namespace sealrow::policy::keys_vocabulary {

using std::string_view;
using yaml::Choice;
using yaml::Keys;

inline constexpr string_view keys_known[] = {"provider",       "directory",  "deployment", "passphrase_file",
                                             "passphrase_env", "production", "aws",        "gcp",
                                             "vault",          "pkcs11"};
inline constexpr string_view keys_later[] = {"store", "cache", "rotation", "approvals"};
inline constexpr Keys keys{"keys", keys_known, keys_later};

enum class Provider : std::uint8_t { local, aws, gcp, vault, pkcs11 };
inline constexpr Choice<Provider> providers[] = {{"local", Provider::local},
                                                 {"aws", Provider::aws},
                                                 {"gcp", Provider::gcp},
                                                 {"vault", Provider::vault},
                                                 {"pkcs11", Provider::pkcs11}};
inline constexpr string_view providers_later[] = {"azure", "kmip"};

inline constexpr string_view aws_known[] = {"key", "region", "profile", "endpoint", "sts_endpoint", "ca", "proxy"};
inline constexpr Keys aws{"keys.aws", aws_known};

inline constexpr string_view gcp_known[] = {"key", "credentials_file", "endpoint", "ca", "proxy"};
inline constexpr Keys gcp{"keys.gcp", gcp_known};

inline constexpr string_view vault_known[] = {"endpoint",  "ca",         "proxy",     "key",     "mount",
                                              "namespace", "token_file", "token_env", "approle", "kubernetes"};
inline constexpr Keys vault{"keys.vault", vault_known};
inline constexpr string_view approle_known[] = {"role_id", "secret_id_file", "secret_id_env", "mount"};
inline constexpr Keys approle{"keys.vault.approle", approle_known};
inline constexpr string_view kubernetes_known[] = {"role", "jwt_file", "mount"};
inline constexpr Keys kubernetes{"keys.vault.kubernetes", kubernetes_known};

inline constexpr string_view pkcs11_known[] = {"module", "uri", "pin_file", "pin_env", "mode", "nonce", "mechanism"};
inline constexpr Keys pkcs11{"keys.pkcs11", pkcs11_known};
inline constexpr Choice<Pkcs11Mode> pkcs11_modes[] = {{"gcm", Pkcs11Mode::gcm}, {"kwp", Pkcs11Mode::kwp}};
inline constexpr Choice<Pkcs11Nonce> pkcs11_nonces[] = {
    {"sent", Pkcs11Nonce::sent}, {"returned", Pkcs11Nonce::returned}, {"prepended", Pkcs11Nonce::prepended}};

// For the tests that hold schema and documents to these words.
inline constexpr Keys sections[] = {aws, gcp, vault, approle, kubernetes, pkcs11};

}  // namespace sealrow::policy::keys_vocabulary
