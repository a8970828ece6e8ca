#include "keys/vault/provider.hpp"

#include "sealrow/crypto/keys.hpp"

#include <algorithm>

namespace sealrow::keys::vault {

namespace {

bool is_name(std::string_view text, std::string_view more) {
  return !text.empty() && text.size() <= 256 && std::ranges::all_of(text, [more](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           more.find(c) != std::string_view::npos;
  });
}

// "vault:v3:…" → "3"; empty for anything else.
std::string version_of(std::string_view ciphertext) {
  if (!ciphertext.starts_with("vault:v")) return {};
  ciphertext.remove_prefix(7);
  const std::string_view version = ciphertext.substr(0, ciphertext.find(':'));
  const bool digits = std::ranges::all_of(version, [](char c) { return c >= '0' && c <= '9'; });
  return digits && version.size() < ciphertext.size() ? std::string(version) : std::string();
}

Error bad(std::string message, std::string field) {
  return {ErrorCode::config_value, std::move(message), "", "", "keys.vault." + std::move(field)};
}

std::string kek_id_of(const VaultTransit& config) {
  return "vault:" + (config.name_space.empty() ? "" : config.name_space + "/") + config.mount + "/" + config.key;
}

}  // namespace

Provider::Provider(VaultTransit config, std::shared_ptr<Login> login, Caller caller)
    : config_(std::move(config)), kek_id_(kek_id_of(config_)), login_(std::move(login)), caller_(std::move(caller)) {}

Result<SecretJson> Provider::call(HttpMethod method, const std::string& path, const SecretJson& body) const {
  SharedToken used;
  const auto prepare = [&]() -> Result<HttpRequest> {
    SEALROW_TRY(used, login_->token());
    return HttpRequest(method, config_.service.endpoint + "/v1/" + config_.mount + path,
                       headers(config_.name_space, used.get()),
                       method == HttpMethod::get ? SecretBytes() : body.serialize());
  };
  SEALROW_TRY(const HttpResponse answer,
              caller_.call(
                  prepare, [&](const HttpResponse& response) { return explain(response, kek_id_); },
                  [&] { login_->forget(used); }));
  auto document = SecretJson::parse(answer.text());
  if (!document) return malformed_answer(kek_id_, "it is no JSON object");
  return std::move(*document);
}

Result<Provider::Key> Provider::read_key() const {
  SEALROW_TRY(const SecretJson answer, call(HttpMethod::get, "/keys/" + config_.key, {}));
  Key key;
  const auto version = answer.number({"data", "latest_version"});
  if (!version) return malformed_answer(kek_id_, "it describes no key");
  key.version = *version;
  key.type = answer.text({"data", "type"});
  key.derived = answer.flag({"data", "derived"}).value_or(false);
  const bool fit = key.type == "aes256-gcm96" || key.type == "aes128-gcm96" || key.type == "chacha20-poly1305" ||
                   key.type == "xchacha20-poly1305";
  if (!fit || key.type == "aes128-gcm96")
    return Error{ErrorCode::key_encryption_key_unfit, "transit key is of another kind", told(key.type),
                 "use a key of type aes256-gcm96 or chacha20-poly1305", kek_id_};
  return key;
}

Result<bool> Provider::is_derived() {
  {
    const std::lock_guard lock(mutex_);
    if (derived_) return *derived_;
  }
  SEALROW_TRY(const Key key, read_key());
  const std::lock_guard lock(mutex_);
  derived_ = key.derived;
  return key.derived;
}

Result<SecretJson> Provider::bound(const WrapContext& context) {
  SEALROW_TRY(const bool derived, is_derived());
  SecretJson body;
  body.set_base64(derived ? "context" : "associated_data", as_bytes(canonical(context)));
  return body;
}

Result<WrappedKey> Provider::wrapped_from(const SecretJson& answer) const {
  const std::string_view ciphertext = answer.text({"data", "ciphertext"});
  std::string version = version_of(ciphertext);
  if (version.empty()) return malformed_answer(kek_id_, "no ciphertext in it");
  return WrappedKey{kek_id_, std::move(version), WrapAlgorithm::provider_opaque, std::string(ciphertext)};
}

Result<> Provider::check_wrapped(const WrappedKey& wrapped) const {
  if (wrapped.kek_id != kek_id_)
    return Error{ErrorCode::key_encryption_key_missing, "key is wrapped under another key-encryption key",
                 "the configuration names " + kek_id_, "", wrapped.kek_id};
  if (wrapped.algorithm != WrapAlgorithm::provider_opaque || version_of(wrapped.bytes).empty())
    return Error{ErrorCode::key_wrap_rejected, "wrapped key failed authentication", "it is no ciphertext of Vault's"};
  return {};
}

Result<GeneratedKey> Provider::generate(const WrapContext& context) {
  SEALROW_TRY(const bool derived, is_derived());
  if (!derived) {
    SEALROW_TRY(SecretBytes key, crypto::random_key());
    SEALROW_TRY(WrappedKey wrapped, wrap(context, key));
    return GeneratedKey{std::move(key), std::move(wrapped)};
  }
  SEALROW_TRY(SecretJson body, bound(context));
  body.set("bits", std::int64_t{256});
  SEALROW_TRY(const SecretJson answer, call(HttpMethod::post, "/datakey/plaintext/" + config_.key, body));
  auto plain = answer.base64({"data", "plaintext"});
  if (!plain || plain->size() != crypto::key_size) return malformed_answer(kek_id_, "no key of 256 bits in it");
  SEALROW_TRY(WrappedKey wrapped, wrapped_from(answer));
  return GeneratedKey{std::move(*plain), std::move(wrapped)};
}

Result<WrappedKey> Provider::wrap(const WrapContext& context, const SecretBytes& key) {
  SEALROW_TRY(SecretJson body, bound(context));
  body.set_base64("plaintext", key.reveal());
  SEALROW_TRY(const SecretJson answer, call(HttpMethod::post, "/encrypt/" + config_.key, body));
  return wrapped_from(answer);
}

Result<SecretBytes> Provider::unwrap(const WrapContext& context, const WrappedKey& wrapped) {
  SEALROW_CHECK(check_wrapped(wrapped));
  SEALROW_TRY(SecretJson body, bound(context));
  body.set("ciphertext", wrapped.bytes);
  SEALROW_TRY(const SecretJson answer, call(HttpMethod::post, "/decrypt/" + config_.key, body));
  auto plain = answer.base64({"data", "plaintext"});
  if (!plain) return malformed_answer(kek_id_, "no plaintext in it");
  return std::move(*plain);
}

Result<WrappedKey> Provider::rewrap(const WrapContext& context, const WrappedKey& wrapped) {
  SEALROW_TRY(const bool derived, is_derived());
  if (!derived) {
    SEALROW_TRY(const SecretBytes key, unwrap(context, wrapped));
    return wrap(context, key);
  }
  SEALROW_CHECK(check_wrapped(wrapped));
  SEALROW_TRY(SecretJson body, bound(context));
  body.set("ciphertext", wrapped.bytes);
  SEALROW_TRY(const SecretJson answer, call(HttpMethod::post, "/rewrap/" + config_.key, body));
  return wrapped_from(answer);
}

Result<ProviderInfo> Provider::describe() {
  SEALROW_TRY(const Key key, read_key());
  const char* binding =
      key.derived ? ", derived: datakey and rewrap inside Vault" : ", not derived: rewrapping opens keys here";
  return ProviderInfo{"vault", kek_id_, std::to_string(key.version), key.type + binding};
}

Result<> Provider::probe() {
  SEALROW_CHECK(read_key());
  return {};
}

Result<std::shared_ptr<KeyProvider>> make(const VaultTransit& config, Environment environment, const Clock& clock) {
  if (!is_name(config.key, "_-.")) return bad("name of the transit key is malformed", "key");
  if (!is_name(config.mount, "_-./")) return bad("mount is malformed", "mount");
  if (!config.name_space.empty() && !is_name(config.name_space, "_-./"))
    return bad("namespace is malformed", "namespace");
  VaultTransit clean = config;
  while (clean.service.endpoint.ends_with('/')) clean.service.endpoint.pop_back();
  const ClearText clear = environment == Environment::production ? ClearText::never : ClearText::loopback;
  SEALROW_CHECK(parse_url(clean.service.endpoint, clear));
  SEALROW_TRY(auto http, make_http({config.service.ca_file, config.service.proxy, clear}));
  const Caller caller(std::move(http), {}, clock);
  auto login = std::make_shared<Login>(clean.service.endpoint, clean.name_space, clean.login, caller);
  return std::shared_ptr<KeyProvider>(std::make_shared<Provider>(std::move(clean), std::move(login), caller));
}

}  // namespace sealrow::keys::vault
