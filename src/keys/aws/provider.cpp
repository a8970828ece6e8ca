#include "keys/aws/provider.hpp"

#include "keys/aws/failures.hpp"
#include "keys/aws/profile.hpp"
#include "keys/aws/regions.hpp"
#include "keys/aws/sigv4.hpp"
#include "keys/json_reader.hpp"
#include "sealrow/crypto/keys.hpp"

namespace sealrow::keys::aws {

namespace {

// KMS does not say which version of its key material it used, and needs none told.
constexpr const char* opaque_version = "managed";

boost::json::object encryption_context(const WrapContext& context) {
  boost::json::object out;
  const auto add = [&out](const char* name, std::string_view value) {
    if (!value.empty()) out[name] = boost::json::string_view(value.data(), value.size());
  };
  add("sealrow:deployment", context.deployment);
  add("sealrow:tenant", context.slot.tenant.value());  // the store's own key has neither tenant nor domain
  add("sealrow:domain", context.slot.domain.value());
  add("sealrow:purpose", name_of(context.slot.purpose));
  add("sealrow:key", hex_of(context.key_id));
  add("sealrow:version", std::to_string(context.version));
  return out;
}

Error config_error(std::string message, std::string detail, std::string hint) {
  return {ErrorCode::config_value, std::move(message), std::move(detail), std::move(hint), "keys.aws"};
}

Result<std::string> choose_region(const AwsKms& config, const EnvironmentReader& read) {
  const std::string of_key = region_of(config.key);
  std::string region = config.region.empty() ? of_key : config.region;
  if (!of_key.empty() && region != of_key)
    return Error{ErrorCode::config_conflict, "KMS key and region do not fit together",
                 "the key is in " + of_key + ", the configuration says " + region,
                 "KMS keys live in one region: remove `region`, or name a key (or multi-Region replica) of " + region,
                 "keys.aws.region"};
  for (const char* variable : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (region.empty()) region = read(variable).value_or("");
  if (region.empty()) {
    const std::string profile = config.profile.empty() ? read("AWS_PROFILE").value_or("default") : config.profile;
    region = read_profile_files(read).text(profile, "region");
  }
  if (region.empty())
    return config_error("AWS region is not known", "neither the key's ARN nor configuration or environment name one",
                        "set keys.aws.region, or name the key by its ARN");
  if (!is_region(region)) return config_error("AWS region is malformed", told(region), "such as eu-central-1");
  return region;
}

}  // namespace

Provider::Provider(std::string key, std::string region, std::string endpoint,
                   std::shared_ptr<CredentialChain> credentials, Caller caller)
    : key_(std::move(key)),
      region_(std::move(region)),
      endpoint_(std::move(endpoint)),
      credentials_(std::move(credentials)),
      caller_(std::move(caller)) {}

Result<SecretJson> Provider::call(std::string_view operation, const SecretJson& request) const {
  SEALROW_TRY(const HttpUrl url, parse_url(endpoint_, ClearText::loopback));
  SharedCredentials used;
  const auto prepare = [&]() -> Result<HttpRequest> {
    SEALROW_TRY(used, credentials_->get());
    HttpRequest http(
        HttpMethod::post, endpoint_,
        {{"Content-Type", "application/x-amz-json-1.1"}, {"X-Amz-Target", "TrentService." + std::string(operation)}},
        request.serialize());
    SEALROW_CHECK(sign(http, url.authority, *used, {region_, "kms"}, caller_.wall()));
    return http;
  };
  const auto refused = [&](const HttpResponse& response) {
    Failure failure = explain(response, caller_.wall(), "kms " + region_);
    if (failure.error.code == ErrorCode::key_provider_credentials)
      failure.error.detail += ", credentials from " + used->source;
    return failure;
  };
  SEALROW_TRY(const HttpResponse answer, caller_.call(prepare, refused, [&] { credentials_->forget(used); }));
  auto document = SecretJson::parse(answer.text());
  if (!document) return malformed_answer("kms " + region_, "it is no JSON object");
  return std::move(*document);
}

Result<std::string> Provider::arn() {
  if (key_.starts_with("arn:") && key_.find(":key/") != std::string::npos) return key_;
  const std::lock_guard lock(mutex_);
  if (!arn_.empty()) return arn_;
  SEALROW_TRY(const SecretJson answer, call("DescribeKey", SecretJson().set("KeyId", key_)));
  const std::string_view found = answer.text({"KeyMetadata", "Arn"});
  if (found.empty()) return malformed_answer("kms " + region_, "it names no key");
  arn_ = found;
  return arn_;
}

Result<WrappedKey> Provider::wrapped_from(const SecretJson& answer) {
  const auto blob = answer.base64({"CiphertextBlob"});
  const std::string_view key = answer.text({"KeyId"});
  if (!blob || key.empty()) return malformed_answer("kms " + region_, "no ciphertext or key in it");
  return WrappedKey{std::string(key), opaque_version, WrapAlgorithm::provider_opaque,
                    std::string(as_text(blob->reveal()))};
}

Result<> Provider::check_wrapped(const WrappedKey& wrapped) {
  if (wrapped.algorithm != WrapAlgorithm::provider_opaque)
    return Error{ErrorCode::key_wrap_rejected, "wrapped key failed authentication", "unexpected wrap algorithm"};
  // Whoever can edit the store must not be able to choose the KMS key, which could be in an account of his own.
  SEALROW_TRY(const std::string own, arn());
  if (wrapped.kek_id == own) return {};
  return Error{ErrorCode::key_encryption_key_missing, "key is wrapped under another key-encryption key",
               "the configuration names " + own, "name the KMS key that the key store was made with", wrapped.kek_id};
}

Result<GeneratedKey> Provider::generate(const WrapContext& context) {
  SEALROW_TRY(const std::string key, arn());
  SecretJson request;
  request.set("KeyId", key).set("KeySpec", "AES_256").set("EncryptionContext", encryption_context(context));
  SEALROW_TRY(const SecretJson answer, call("GenerateDataKey", request));
  auto plain = answer.base64({"Plaintext"});
  if (!plain || plain->size() != crypto::key_size)
    return malformed_answer("kms " + region_, "no key of 256 bits in it");
  SEALROW_TRY(WrappedKey wrapped, wrapped_from(answer));
  return GeneratedKey{std::move(*plain), std::move(wrapped)};
}

Result<WrappedKey> Provider::wrap(const WrapContext& context, const SecretBytes& key) {
  SEALROW_TRY(const std::string kek, arn());
  SecretJson request;
  request.set("KeyId", kek).set_base64("Plaintext", key.reveal());
  request.set("EncryptionContext", encryption_context(context));
  SEALROW_TRY(const SecretJson answer, call("Encrypt", request));
  return wrapped_from(answer);
}

Result<SecretBytes> Provider::unwrap(const WrapContext& context, const WrappedKey& wrapped) {
  SEALROW_CHECK(check_wrapped(wrapped));
  SecretJson request;
  request.set("KeyId", wrapped.kek_id).set_base64("CiphertextBlob", as_bytes(wrapped.bytes));
  request.set("EncryptionContext", encryption_context(context));
  SEALROW_TRY(const SecretJson answer, call("Decrypt", request));
  auto plain = answer.base64({"Plaintext"});
  if (!plain) return malformed_answer("kms " + region_, "no plaintext in it");
  return std::move(*plain);
}

Result<WrappedKey> Provider::rewrap(const WrapContext& context, const WrappedKey& wrapped) {
  SEALROW_CHECK(check_wrapped(wrapped));
  SecretJson request;
  request.set("SourceKeyId", wrapped.kek_id).set("DestinationKeyId", wrapped.kek_id);
  request.set_base64("CiphertextBlob", as_bytes(wrapped.bytes));
  request.set("SourceEncryptionContext", encryption_context(context));
  request.set("DestinationEncryptionContext", encryption_context(context));
  SEALROW_TRY(const SecretJson answer, call("ReEncrypt", request));
  return wrapped_from(answer);
}

Result<ProviderInfo> Provider::describe() {
  SEALROW_TRY(const SecretJson answer, call("DescribeKey", SecretJson().set("KeyId", key_)));
  const std::string_view state = answer.text({"KeyMetadata", "KeyState"});
  const std::string_view spec = answer.text({"KeyMetadata", "KeySpec"}),
                         usage = answer.text({"KeyMetadata", "KeyUsage"});
  const std::string id(answer.text({"KeyMetadata", "Arn"}));
  if (id.empty()) return malformed_answer("kms " + region_, "it names no key");
  if (!usage.empty() && (usage != "ENCRYPT_DECRYPT" || spec != "SYMMETRIC_DEFAULT"))
    return Error{ErrorCode::key_encryption_key_unfit, "KMS key is not a symmetric encryption key",
                 told(spec) + ", " + told(usage), "use a key of spec SYMMETRIC_DEFAULT and usage ENCRYPT_DECRYPT", id};
  if (!state.empty() && state != "Enabled")
    return Error{ErrorCode::key_encryption_key_missing, "KMS key cannot be used", "its state is " + told(state),
                 "enable it, or cancel its deletion", id};
  return ProviderInfo{"aws", id, opaque_version, "AWS KMS in " + region_};
}

Result<> Provider::probe() {
  SEALROW_CHECK(describe());
  return {};
}

Result<std::shared_ptr<KeyProvider>> make(const AwsKms& config, Environment environment, const Clock& clock,
                                          EnvironmentReader reader) {
  if (config.key.empty()) return config_error("KMS key is not named", "", "set keys.aws.key to its ARN");
  SEALROW_TRY(const std::string region, choose_region(config, reader));
  const std::string endpoint = config.service.endpoint.empty() ? service_url("kms", region) : config.service.endpoint;
  const ClearText clear = environment == Environment::production ? ClearText::never : ClearText::loopback;
  SEALROW_CHECK(parse_url(endpoint, clear));
  if (!config.sts_endpoint.empty()) SEALROW_CHECK(parse_url(config.sts_endpoint, clear));
  SEALROW_TRY(auto http, make_http({config.service.ca_file, config.service.proxy, clear}));
  HttpOptions near{.clear_text = ClearText::metadata};
  near.connect_timeout = std::chrono::milliseconds(500);
  SEALROW_TRY(auto metadata_http, make_http(std::move(near)));
  RetryPolicy once;
  once.attempts = 2;
  once.total = std::chrono::milliseconds(1500);
  const Caller caller(std::move(http), {}, clock);
  auto chain = std::make_shared<CredentialChain>(
      CredentialOptions{config.profile, region, config.sts_endpoint, std::move(reader)}, caller,
      Caller(std::move(metadata_http), once, clock));
  return std::shared_ptr<KeyProvider>(
      std::make_shared<Provider>(config.key, region, endpoint, std::move(chain), caller));
}

}  // namespace sealrow::keys::aws
