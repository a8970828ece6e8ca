#include "keys/vault/login.hpp"

#include "keys/remote/environment.hpp"
#include "sealrow/base/log.hpp"

namespace sealrow::keys::vault {

namespace {

constexpr const char* kubernetes_token = "/var/run/secrets/kubernetes.io/serviceaccount/token";
constexpr auto retry_interval = std::chrono::seconds(30);

std::string texts_of(const HttpResponse& response) {
  std::string out;
  const auto document = SecretJson::parse(response.text());
  const auto* errors = document ? document->find({"errors"}) : nullptr;
  if (errors == nullptr || !errors->is_array()) return out;
  for (const auto& error : errors->get_array())
    if (const auto* text = error.if_string())
      out += (out.empty() ? "" : "; ") + std::string(text->data(), text->size());
  return out;
}

struct Meaning {
  std::string_view part;  // of Vault's text
  ErrorCode code;
  const char* message;
  const char* hint;
};
constexpr Meaning meanings[] = {
    {"encryption key not found", ErrorCode::key_encryption_key_missing, "transit key is not there",
     "check keys.vault.key and mount; Sealrow makes no keys in Vault"},
    {"no handler for route", ErrorCode::key_encryption_key_missing, "nothing is mounted there",
     "check keys.vault.mount and namespace"},
    {"disallowed by policy", ErrorCode::key_encryption_key_missing, "transit key's version is no longer allowed",
     "lower min_decryption_version until all keys are wrapped anew"},
    {"soft deleted", ErrorCode::key_encryption_key_missing, "transit key is deleted", "restore it"},
    {"message authentication failed", ErrorCode::key_wrap_rejected, "wrapped key failed authentication", ""},
    {"invalid ciphertext", ErrorCode::key_wrap_rejected, "wrapped key failed authentication", ""},
    {"could not decode base64", ErrorCode::key_wrap_rejected, "wrapped key failed authentication", ""},
    {"does not support", ErrorCode::key_encryption_key_unfit, "transit key is of another kind",
     "use a key of type aes256-gcm96 or chacha20-poly1305"},
    {"unsupported key", ErrorCode::key_encryption_key_unfit, "transit key is of another kind",
     "use a key of type aes256-gcm96 or chacha20-poly1305"},
    {"invalid role or secret ID", ErrorCode::key_provider_credentials, "Vault did not accept the login",
     "check role id and secret id; a secret id may have expired or been used up"},
    {"invalid secret id", ErrorCode::key_provider_credentials, "Vault did not accept the login",
     "make a new secret id"},
    {"invalid role", ErrorCode::key_provider_credentials, "Vault did not accept the login", "check the role's name"},
};

}  // namespace

Failure explain(const HttpResponse& response, const std::string& service) {
  const std::string text = texts_of(response);
  const std::string detail = "HTTP status " + std::to_string(response.status) + (text.empty() ? "" : ": " + told(text));
  if (response.status == 403) {
    // An unknown token and a policy that says no look nearly the same; a new token settles which it was.
    const bool token =
        text.find("invalid token") != std::string::npos || text.find("missing client token") != std::string::npos;
    Error error{ErrorCode::key_provider_denied, "Vault denied the request", detail,
                "check the token's policy: docs/key-management.md has the paths it needs", service};
    if (token) {
      error.code = ErrorCode::key_provider_credentials;
      error.message = "Vault did not accept the token";
      error.hint = "it may have expired or been revoked: check the login";
    }
    return {std::move(error), Retry::with_new_credentials};
  }
  if (response.status == 503 && text.find("sealed") != std::string::npos)
    return {{ErrorCode::key_provider_unavailable, "Vault is sealed", detail, "unseal it", service}, Retry::later};
  if (response.status == 412)  // a standby that has not seen the newest state yet
    return {{ErrorCode::key_provider_unavailable, "Vault's node is behind", detail, "", service}, Retry::later};
  if (response.status == 400 || response.status == 404) {
    for (const Meaning& meaning : meanings)
      if (text.find(meaning.part) != std::string::npos)
        return {{meaning.code, meaning.message, detail, meaning.hint, service}, Retry::never};
  }
  Failure failure = explain_status(response, service);
  failure.error.detail = detail;
  return failure;
}

HttpHeaders headers(const std::string& name_space, const SecretBytes* token) {
  HttpHeaders out{{"Content-Type", "application/json"}, {"X-Vault-Request", "true"}};
  if (!name_space.empty()) out.emplace_back("X-Vault-Namespace", name_space);
  if (token != nullptr) out.emplace_back("X-Vault-Token", as_text(token->reveal()));
  return out;
}

Login::Login(std::string address, std::string name_space, VaultLogin how, Caller caller)
    : address_(std::move(address)),
      name_space_(std::move(name_space)),
      how_(std::move(how)),
      caller_(std::move(caller)) {}

Result<SharedToken> Login::token() {
  const std::lock_guard lock(mutex_);
  const WallTime now = caller_.wall();
  if (token_ && (!renew_at_ || now < *renew_at_)) return token_;
  if (token_ && renewable_) {
    const auto renewed = renew();
    if (renewed.has_value()) return token_;
    log::write(log::Level::warn, "keys", renewed.error());
  }
  auto fresh = obtain();
  if (fresh.has_value() || !token_ || now >= *expires_) return fresh;
  log::write(log::Level::warn, "keys", fresh.error());  // the old one still holds
  renew_at_ = now + retry_interval;
  return token_;
}

void Login::forget(const SharedToken& refused) {
  const std::lock_guard lock(mutex_);
  if (token_ == refused) token_.reset();
}

Result<SharedToken> Login::obtain() {
  if (const auto* given = std::get_if<VaultToken>(&how_)) {
    SEALROW_TRY(const SecretBytes token, given->token());
    // How long it lives, only Vault knows; a token that may not look itself up is used as it is.
    const auto path = address_ + "/v1/auth/token/lookup-self";
    const auto found = caller_.call(
        [&]() -> Result<HttpRequest> { return HttpRequest(HttpMethod::get, path, headers(name_space_, &token)); },
        [](const HttpResponse& response) { return explain(response, "vault"); });
    if (found.has_error() && found.error().code == ErrorCode::key_provider_unavailable) return found.error();
    const auto document = found.has_value() ? SecretJson::parse(found->text()) : std::nullopt;
    if (!document) return keep(as_text(token.reveal()), std::nullopt, false);
    return keep(as_text(token.reveal()), document->number({"data", "ttl"}),
                document->flag({"data", "renewable"}).value_or(false));
  }
  if (const auto* role = std::get_if<VaultAppRole>(&how_)) {
    SEALROW_TRY(const SecretBytes secret, role->secret_id());
    SecretJson proof;
    proof.set("role_id", role->role_id).set("secret_id", as_text(secret.reveal()));
    return login(role->mount, proof);
  }
  const auto& pod = std::get<VaultKubernetes>(how_);
  SEALROW_TRY(const SecretBytes jwt, read_token_file(pod.token_file.empty() ? kubernetes_token : pod.token_file));
  SecretJson proof;
  proof.set("role", pod.role).set("jwt", as_text(jwt.reveal()));
  return login(pod.mount, proof);
}

Result<SecretJson> Login::post(const std::string& path, const SecretJson& body, const SecretBytes* token) const {
  const auto prepare = [&]() -> Result<HttpRequest> {
    return HttpRequest(HttpMethod::post, address_ + path, headers(name_space_, token), body.serialize());
  };
  SEALROW_TRY(const HttpResponse answer, caller_.call(prepare, [](const HttpResponse& response) {
    Failure failure = explain(response, "vault login");
    if (failure.error.code == ErrorCode::key_provider_denied || response.status == 400)
      failure.error.code = ErrorCode::key_provider_credentials;
    return failure;
  }));
  auto document = SecretJson::parse(answer.text());
  if (!document) return malformed_answer("vault login", "it is no JSON object");
  return std::move(*document);
}

Result<SharedToken> Login::login(const std::string& mount, const SecretJson& proof) {
  SEALROW_TRY(const SecretJson answer, post("/v1/auth/" + mount + "/login", proof, nullptr));
  const std::string_view token = answer.text({"auth", "client_token"});
  if (token.empty()) return malformed_answer("vault login", "no token in it");
  log::info("keys", "logged in to Vault by {}", mount);
  return keep(token, answer.number({"auth", "lease_duration"}), answer.flag({"auth", "renewable"}).value_or(false));
}

Result<> Login::renew() {
  SEALROW_TRY(const SecretJson answer, post("/v1/auth/token/renew-self", SecretJson(), token_.get()));
  const SharedToken old = token_;
  SEALROW_CHECK(keep(as_text(old->reveal()), answer.number({"auth", "lease_duration"}),
                     answer.flag({"auth", "renewable"}).value_or(false)));
  return {};
}

Result<SharedToken> Login::keep(std::string_view token, std::optional<std::int64_t> seconds, bool renewable) {
  token_ = std::make_shared<const SecretBytes>(SecretBytes::copy_of(as_bytes(token)));
  renewable_ = renewable;
  renew_at_.reset();
  expires_.reset();
  if (seconds.value_or(0) > 0) {  // zero: it never expires
    const WallTime now = caller_.wall();
    renew_at_ = now + std::chrono::seconds(*seconds * 2 / 3);
    expires_ = now + std::chrono::seconds(*seconds);
  }
  return token_;
}

}  // namespace sealrow::keys::vault
