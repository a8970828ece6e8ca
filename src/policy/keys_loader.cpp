#include "policy/keys_loader.hpp"

#include "policy/keys_vocabulary.hpp"

#include <algorithm>
#include <utility>

namespace sealrow::policy {
namespace {

namespace words = keys_vocabulary;
using yaml::Fields;

class KeysLoader {
 public:
  KeysLoader(yaml::Report& report, const std::filesystem::path& folder) : report_(report), folder_(folder) {}

  Keys load(const yaml::Node& node) {
    const Fields fields(report_, node, words::keys);
    if (!fields.usable()) return std::move(keys_);
    auto provider = words::Provider::local;
    fields.choice("provider", provider, words::providers, words::providers_later);
    fields.flag("production", keys_.production);
    fields.text("deployment", keys_.deployment);
    if (fields.require("directory")) fields.path("directory", folder_, keys_.directory);
    refuse_other_sections(fields, provider);
    switch (provider) {
      case words::Provider::local:
        read_local(fields, node);
        break;
      case words::Provider::aws:
        if (const auto* section = fields.require("aws")) read_aws(*section);
        break;
      case words::Provider::gcp:
        if (const auto* section = fields.require("gcp")) read_gcp(*section);
        break;
      case words::Provider::vault:
        if (const auto* section = fields.require("vault")) read_vault(*section);
        break;
      case words::Provider::pkcs11:
        if (const auto* section = fields.require("pkcs11")) read_pkcs11(*section);
        break;
    }
    return std::move(keys_);
  }

 private:
  void value_error(yaml::Position at, std::string message, std::string hint = {}) {
    report_.add(ErrorCode::config_value, at, std::move(message), std::move(hint));
  }
  void conflict(yaml::Position at, std::string message, std::string hint = {}) {
    report_.add(ErrorCode::config_conflict, at, std::move(message), std::move(hint));
  }

  // A section has the name of its provider.
  void refuse_other_sections(const Fields& fields, words::Provider provider) {
    const auto name = yaml::name_of(provider, words::providers);
    for (const auto& other : words::providers) {
      if (other.value != provider && fields.has(other.name))
        conflict(fields.place(other.name),
                 std::string(other.name) + " has no effect with provider '" + std::string(name) + "'",
                 "add 'provider: " + std::string(other.name) + "'");
    }
    if (provider == words::Provider::local) return;
    for (const char* key : {"passphrase_file", "passphrase_env"})
      if (fields.has(key))
        conflict(fields.place(key), std::string(key) + " has no effect with provider '" + std::string(name) + "'");
  }

  void read_local(const Fields& fields, const yaml::Node& node) {
    LocalKeys local;
    const bool named = fields.has("passphrase_file") || fields.has("passphrase_env");
    if (auto source = read_secret_source(report_, fields, folder_, "passphrase")) {
      local.passphrase = std::move(*source);
    } else if (!named) {
      value_error(node.at, "keys needs passphrase_file or passphrase_env");
    }
    if (keys_.production) {
      conflict(fields.place("production"), "provider 'local' is refused in production",
               "its key is only as safe as this machine's disk; use a KMS or HSM");
    }
    keys_.provider = std::move(local);
  }

  void read_aws(const yaml::Node& node) {
    const Fields fields(report_, node, words::aws);
    AwsKeys aws;
    if (fields.require("key")) fields.text("key", aws.key);
    fields.text("region", aws.region);
    fields.text("profile", aws.profile);
    read_service(fields, aws.service);
    read_endpoint(fields, "sts_endpoint", aws.sts_endpoint);
    keys_.provider = std::move(aws);
  }

  void read_gcp(const yaml::Node& node) {
    const Fields fields(report_, node, words::gcp);
    GcpKeys gcp;
    if (fields.require("key")) fields.text("key", gcp.key);
    fields.path("credentials_file", folder_, gcp.credentials_file);
    read_service(fields, gcp.service);
    keys_.provider = std::move(gcp);
  }

  void read_vault(const yaml::Node& node) {
    const Fields fields(report_, node, words::vault);
    if (!fields.usable()) return;
    VaultKeys vault;
    static_cast<void>(fields.require("endpoint"));
    read_service(fields, vault.service);
    if (fields.require("key")) fields.text("key", vault.key);
    fields.text("mount", vault.mount);
    fields.text("namespace", vault.name_space);
    const bool token = fields.has("token_file") || fields.has("token_env");
    if (int{token} + int{fields.has("approle")} + int{fields.has("kubernetes")} != 1)
      value_error(node.at, "keys.vault needs one way to log in", "token_file, token_env, approle or kubernetes");
    if (auto source = read_secret_source(report_, fields, folder_, "token"))
      vault.login = VaultToken{std::move(*source)};
    if (const auto* section = fields.find("approle")) vault.login = read_approle(*section);
    if (const auto* section = fields.find("kubernetes")) vault.login = read_kubernetes(*section);
    keys_.provider = std::move(vault);
  }

  VaultAppRole read_approle(const yaml::Node& node) {
    const Fields fields(report_, node, words::approle);
    VaultAppRole role;
    if (!fields.usable()) return role;
    if (fields.require("role_id")) fields.text("role_id", role.role_id);
    fields.text("mount", role.mount);
    if (auto source = read_secret_source(report_, fields, folder_, "secret_id"))
      role.secret_id = std::move(*source);
    else
      value_error(node.at, "keys.vault.approle needs secret_id_file or secret_id_env");
    return role;
  }

  VaultKubernetes read_kubernetes(const yaml::Node& node) {
    const Fields fields(report_, node, words::kubernetes);
    VaultKubernetes pod;
    if (fields.require("role")) fields.text("role", pod.role);
    fields.path("jwt_file", folder_, pod.token_file);
    fields.text("mount", pod.mount);
    return pod;
  }

  void read_pkcs11(const yaml::Node& node) {
    const Fields fields(report_, node, words::pkcs11);
    if (!fields.usable()) return;
    Pkcs11Keys hsm;
    if (fields.require("module")) fields.path("module", folder_, hsm.module);
    if (fields.require("uri")) fields.text("uri", hsm.uri);
    if (!hsm.uri.empty() && !hsm.uri.starts_with("pkcs11:"))
      value_error(fields.place("uri"), "uri does not start with pkcs11:", "pkcs11:token=NAME;object=NAME");
    if (hsm.uri.find("pin-value=") != std::string::npos || hsm.uri.find("pin-source=") != std::string::npos)
      conflict(fields.place("uri"), "uri has a PIN", "use pin_file or pin_env");
    fields.choice("mode", hsm.mode, words::pkcs11_modes);
    fields.choice("nonce", hsm.nonce, words::pkcs11_nonces);
    fields.number("mechanism", hsm.mechanism, {1, 0xFFFF'FFFF});
    if (hsm.mode == Pkcs11Mode::kwp && fields.has("nonce"))
      conflict(fields.place("nonce"), "nonce has no effect with mode 'kwp'");
    if (auto source = read_secret_source(report_, fields, folder_, "pin"))
      hsm.pin = std::move(*source);
    else
      value_error(node.at, "keys.pkcs11 needs pin_file or pin_env");
    keys_.provider = std::move(hsm);
  }

  void read_service(const Fields& fields, HttpsService& service) {
    read_endpoint(fields, "endpoint", service.endpoint);
    fields.path("ca", folder_, service.ca);
    fields.text("proxy", service.proxy);
  }

  void read_endpoint(const Fields& fields, std::string_view key, std::string& target) {
    fields.text(key, target);
    if (target.empty() || target.starts_with("https://")) return;
    if (!target.starts_with("http://"))
      return value_error(fields.place(key), std::string(key) + " does not start with https://");
    const auto is_here = [&](std::string_view host) { return std::string_view(target).substr(7).starts_with(host); };
    if (!is_here("127.") && !is_here("localhost") && !is_here("[::1]"))
      return conflict(fields.place(key), std::string(key) + " is in clear text", "use https://");
    if (keys_.production)
      conflict(fields.place(key), std::string(key) + " is in clear text, in production", "use https://");
  }

  yaml::Report& report_;
  const std::filesystem::path& folder_;
  Keys keys_;
};

}  // namespace

Keys read_keys(yaml::Report& report, const yaml::Node& node, const std::filesystem::path& folder) {
  return KeysLoader(report, folder).load(node);
}

std::optional<SecretSource> read_secret_source(yaml::Report& report, const Fields& fields,
                                               const std::filesystem::path& folder, const std::string& name) {
  const std::string file_key = name + "_file", env_key = name + "_env";
  std::string path, variable;
  fields.path(file_key, folder, path);
  fields.text(env_key, variable);
  if (fields.has(file_key) && fields.has(env_key)) {
    report.add(ErrorCode::config_conflict, fields.place(env_key), file_key + " and " + env_key + " exclude each other",
               "keep one");
  }
  if (!path.empty()) return SecretInFile{std::move(path)};
  if (!variable.empty()) return SecretInEnvironment{std::move(variable)};
  return std::nullopt;
}

}  // namespace sealrow::policy
