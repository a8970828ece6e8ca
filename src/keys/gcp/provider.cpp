#include "keys/gcp/provider.hpp"

#include "sealrow/crypto/keys.hpp"

#include <algorithm>
#include <array>

namespace sealrow::keys::gcp {

namespace {

constexpr const char* own_endpoint = "https://cloudkms.googleapis.com";

constexpr std::array<std::uint32_t, 256> crc_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0x82F6'3B78u : 0u);
    table[i] = value;
  }
  return table;
}();

// "projects/P/locations/L/keyRings/R/cryptoKeys/K"
bool is_key_name(std::string_view text) {
  for (const std::string_view part : {"projects/", "locations/", "keyRings/", "cryptoKeys/"}) {
    if (!text.starts_with(part)) return false;
    text.remove_prefix(part.size());
    const std::size_t end = std::min(text.find('/'), text.size());
    const bool plain = end != 0 && std::ranges::all_of(text.substr(0, end), [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                c == '-' || c == '_' || c == '.' || c == ':';
                       });
    if (!plain) return false;
    text.remove_prefix(end);
    if (text.starts_with('/')) text.remove_prefix(1);
  }
  return text.empty();
}

Failure explain(const HttpResponse& response, const std::string& key) {
  const auto document = SecretJson::parse(response.text());
  const std::string status(document ? document->text({"error", "status"}) : std::string_view());
  const std::string message = document ? told(document->text({"error", "message"})) : std::string();
  const auto error = [&](ErrorCode code, const char* what, const char* hint) {
    return Failure{{code, what, status + ": " + message, hint, key}, Retry::never};
  };
  if (status == "PERMISSION_DENIED")
    return error(
        ErrorCode::key_provider_denied, "Google Cloud denied the request",
        "grant Sealrow's service account roles/cloudkms.cryptoKeyEncrypterDecrypter on the key, and enable the API");
  if (status == "NOT_FOUND")
    return error(ErrorCode::key_encryption_key_missing, "Cloud KMS key is not there",
                 "check project, location, key ring and key");
  if (status == "FAILED_PRECONDITION")
    return error(ErrorCode::key_encryption_key_missing, "Cloud KMS key's state does not allow its use",
                 "enable the key version, or restore it before its destruction");
  // Decryption fails with INVALID_ARGUMENT, as do malformed requests: what is sent here is well formed.
  if (status == "INVALID_ARGUMENT" && message.find("ecryption failed") != std::string::npos)
    return error(ErrorCode::key_wrap_rejected, "wrapped key failed authentication", "");
  if (status == "INVALID_ARGUMENT")
    return error(ErrorCode::key_encryption_key_unfit, "Cloud KMS rejected the request", "");
  Failure failure = explain_status(response, key);
  if (!status.empty()) failure.error.detail += ", " + told(status);
  return failure;
}

std::string decimal_crc(ByteView bytes) { return std::to_string(crc32c(bytes)); }

Error damaged(const std::string& key) {
  return {ErrorCode::key_provider_answer, "key provider's answer is damaged", "CRC32C does not fit", "try again", key};
}

}  // namespace

std::uint32_t crc32c(ByteView bytes) noexcept {
  std::uint32_t crc = 0xFFFF'FFFF;
  for (const std::uint8_t byte : bytes) crc = (crc >> 8) ^ crc_table[(crc ^ byte) & 0xFF];
  return ~crc;
}

Provider::Provider(GcpKms config, std::shared_ptr<BearerTokens> tokens, Caller caller)
    : config_(std::move(config)), tokens_(std::move(tokens)), caller_(std::move(caller)) {}

Result<SecretJson> Provider::call(HttpMethod method, std::string_view operation, const SecretJson& body) const {
  SharedBearer used;
  const auto prepare = [&]() -> Result<HttpRequest> {
    SEALROW_TRY(used, tokens_->get());
    HttpRequest request(method, config_.service.endpoint + "/v1/" + config_.key + std::string(operation),
                        {{"Content-Type", "application/json"}});
    request.headers.emplace_back("Authorization", "Bearer " + std::string(as_text(used->token.reveal())));
    if (method != HttpMethod::get) request.body = body.serialize();
    return request;
  };
  SEALROW_TRY(const HttpResponse answer,
              caller_.call(
                  prepare, [&](const HttpResponse& response) { return explain(response, config_.key); },
                  [&] { tokens_->forget(used); }));
  auto document = SecretJson::parse(answer.text());
  if (!document) return malformed_answer(config_.key, "it is no JSON object");
  return std::move(*document);
}

Result<WrappedKey> Provider::wrap(const WrapContext& context, const SecretBytes& key) {
  const std::string bound = canonical(context);
  SecretJson body;
  body.set_base64("plaintext", key.reveal()).set("plaintextCrc32c", decimal_crc(key.reveal()));
  body.set_base64("additionalAuthenticatedData", as_bytes(bound));
  body.set("additionalAuthenticatedDataCrc32c", decimal_crc(as_bytes(bound)));
  SEALROW_TRY(const SecretJson answer, call(HttpMethod::post, ":encrypt", body));
  const bool arrived = answer.flag({"verifiedPlaintextCrc32c"}).value_or(false) &&
                       answer.flag({"verifiedAdditionalAuthenticatedDataCrc32c"}).value_or(false);
  const auto ciphertext = answer.base64({"ciphertext"});
  if (!ciphertext) return malformed_answer(config_.key, "no ciphertext in it");
  if (!arrived || answer.text({"ciphertextCrc32c"}) != decimal_crc(ciphertext->reveal())) return damaged(config_.key);
  const std::string_view name = answer.text({"name"});  // …/cryptoKeyVersions/7
  if (!name.starts_with(config_.key + "/cryptoKeyVersions/"))
    return malformed_answer(config_.key, "it names another key");
  return WrappedKey{config_.key, std::string(name.substr(name.rfind('/') + 1)), WrapAlgorithm::provider_opaque,
                    std::string(as_text(ciphertext->reveal()))};
}

Result<SecretBytes> Provider::unwrap(const WrapContext& context, const WrappedKey& wrapped) {
  if (wrapped.kek_id != config_.key)
    return Error{ErrorCode::key_encryption_key_missing, "key is wrapped under another key-encryption key",
                 "the configuration names " + config_.key, "", wrapped.kek_id};
  if (wrapped.algorithm != WrapAlgorithm::provider_opaque)
    return Error{ErrorCode::key_wrap_rejected, "wrapped key failed authentication", "unexpected wrap algorithm"};
  const std::string bound = canonical(context);
  SecretJson body;
  body.set_base64("ciphertext", as_bytes(wrapped.bytes)).set("ciphertextCrc32c", decimal_crc(as_bytes(wrapped.bytes)));
  body.set_base64("additionalAuthenticatedData", as_bytes(bound));
  body.set("additionalAuthenticatedDataCrc32c", decimal_crc(as_bytes(bound)));
  SEALROW_TRY(const SecretJson answer, call(HttpMethod::post, ":decrypt", body));
  auto plain = answer.base64({"plaintext"});
  if (!plain) return malformed_answer(config_.key, "no plaintext in it");
  if (answer.text({"plaintextCrc32c"}) != decimal_crc(plain->reveal())) return damaged(config_.key);
  return std::move(*plain);
}

// Cloud KMS has neither data keys nor rewrapping: both are made of encrypt and decrypt.
Result<GeneratedKey> Provider::generate(const WrapContext& context) {
  SEALROW_TRY(SecretBytes key, crypto::random_key());
  SEALROW_TRY(WrappedKey wrapped, wrap(context, key));
  return GeneratedKey{std::move(key), std::move(wrapped)};
}

Result<WrappedKey> Provider::rewrap(const WrapContext& context, const WrappedKey& wrapped) {
  SEALROW_TRY(const SecretBytes key, unwrap(context, wrapped));
  return wrap(context, key);
}

Result<ProviderInfo> Provider::describe() {
  SEALROW_TRY(const SecretJson answer, call(HttpMethod::get, "", {}));
  const std::string_view purpose = answer.text({"purpose"}), version = answer.text({"primary", "name"});
  const std::string_view state = answer.text({"primary", "state"});
  if (purpose != "ENCRYPT_DECRYPT")
    return Error{ErrorCode::key_encryption_key_unfit, "Cloud KMS key is of another kind", told(purpose),
                 "use a key with purpose ENCRYPT_DECRYPT", config_.key};
  if (state != "ENABLED")
    return Error{ErrorCode::key_encryption_key_missing, "Cloud KMS key has no enabled primary version", told(state),
                 "enable it, or make a new version", config_.key};
  const std::string_view level = answer.text({"primary", "protectionLevel"});
  return ProviderInfo{"gcp", config_.key, std::string(version.substr(version.rfind('/') + 1)),
                      "Google Cloud KMS" + (level.empty() ? "" : ", " + told(level))};
}

Result<> Provider::probe() {
  SEALROW_CHECK(describe());
  return {};
}

Result<std::shared_ptr<KeyProvider>> make(const GcpKms& config, Environment environment, const Clock& clock,
                                          EnvironmentReader reader) {
  if (!is_key_name(config.key))
    return Error{ErrorCode::config_value, "name of the Cloud KMS key is malformed", "",
                 "projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY", "keys.gcp.key"};
  GcpKms clean = config;
  if (clean.service.endpoint.empty()) clean.service.endpoint = own_endpoint;
  while (clean.service.endpoint.ends_with('/')) clean.service.endpoint.pop_back();
  const ClearText clear = environment == Environment::production ? ClearText::never : ClearText::loopback;
  SEALROW_CHECK(parse_url(clean.service.endpoint, clear));
  SEALROW_TRY(auto http, make_http({config.service.ca_file, config.service.proxy, clear}));
  HttpOptions near{.clear_text = ClearText::metadata};
  near.connect_timeout = std::chrono::milliseconds(500);
  SEALROW_TRY(auto metadata_http, make_http(std::move(near)));
  const Caller caller(std::move(http), {}, clock), metadata(std::move(metadata_http), {}, clock);
  auto tokens = std::make_shared<BearerTokens>(
      [clean, caller, metadata, reader = std::move(reader)] { return fetch_token(clean, caller, metadata, reader); },
      clock);
  return std::shared_ptr<KeyProvider>(std::make_shared<Provider>(std::move(clean), std::move(tokens), caller));
}

}  // namespace sealrow::keys::gcp
