// Application default credentials: cloud.google.com/docs/authentication/application-default-credentials
#include "keys/gcp/provider.hpp"

namespace sealrow::keys::gcp {

namespace {

constexpr const char* scope = "https://www.googleapis.com/auth/cloudkms";
constexpr const char* default_token_uri = "https://oauth2.googleapis.com/token";

Error bad_file(const std::string& path, std::string detail) {
  return {ErrorCode::key_provider_credentials, "file with Google credentials cannot be used", std::move(detail), "",
          path};
}

Result<BearerToken> exchange(const Caller& caller, const Caller::Prepare& prepare, const char* service) {
  SEALROW_TRY(const HttpResponse answer, caller.call(prepare, [&](const HttpResponse& response) {
    return explain_token_refusal(response, caller.wall(), service);
  }));
  return parse_bearer(answer, caller.wall(), service);
}

HttpHeaders form_headers() { return {{"Content-Type", "application/x-www-form-urlencoded"}}; }

// RFC 7523: a token for an assertion signed with the service account's key.
Result<BearerToken> from_service_account(const SecretJson& file, const Caller& caller, const std::string& path) {
  const std::string_view email = file.text({"client_email"}), pem = file.text({"private_key"});
  const std::string given(file.text({"token_uri"})), uri = given.empty() ? default_token_uri : given;
  if (email.empty() || pem.empty()) return bad_file(path, "client_email or private_key is missing");
  const SecretBytes key = SecretBytes::copy_of(as_bytes(pem));
  const auto prepare = [&]() -> Result<HttpRequest> {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(caller.wall().time_since_epoch()).count();
    SecretJson header, claims;
    header.set("alg", "RS256").set("typ", "JWT").set("kid", file.text({"private_key_id"}));
    claims.set("iss", email).set("scope", scope).set("aud", uri);
    claims.set("iat", std::int64_t{now}).set("exp", std::int64_t{now} + 3600);
    SEALROW_TRY(const SecretBytes assertion, sign_jwt(header, claims, key));
    return HttpRequest(HttpMethod::post, uri, form_headers(),
                       form_body({{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                                  {"assertion", as_text(assertion.reveal())}}));
  };
  return exchange(caller, prepare, "google token");
}

// RFC 8693: workload identity federation. The subject's token comes from a file (Kubernetes, Azure, GitHub, …).
Result<BearerToken> from_federation(const SecretJson& file, const Caller& caller, const std::string& path) {
  const std::string source(file.text({"credential_source", "file"})), uri(file.text({"token_url"}));
  if (source.empty() || uri.empty()) return bad_file(path, "only credential_source with a file is supported");
  if (!file.text({"service_account_impersonation_url"}).empty())
    return bad_file(path, "impersonation is not supported: grant the federated identity the key itself");
  const auto prepare = [&]() -> Result<HttpRequest> {
    SEALROW_TRY(const SecretBytes subject, read_token_file(source));
    std::string_view token = as_text(subject.reveal());
    std::optional<SecretJson> document;
    if (const std::string field(file.text({"credential_source", "format", "subject_token_field_name"}));
        !field.empty()) {
      document = SecretJson::parse(token);
      token = document ? document->text({field}) : std::string_view();
    }
    return HttpRequest(HttpMethod::post, uri, form_headers(),
                       form_body({{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                                  {"audience", file.text({"audience"})},
                                  {"scope", scope},
                                  {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
                                  {"subject_token_type", file.text({"subject_token_type"})},
                                  {"subject_token", token}}));
  };
  return exchange(caller, prepare, "google sts");
}

Result<BearerToken> from_metadata(const Caller& metadata, const EnvironmentReader& environment) {
  const std::string host = environment("GCE_METADATA_HOST").value_or("metadata.google.internal");
  const std::string uri = "http://" + host + "/computeMetadata/v1/instance/service-accounts/default/token";
  auto token = exchange(
      metadata,
      [&]() -> Result<HttpRequest> {
        return HttpRequest(HttpMethod::get, uri, {{"Metadata-Flavor", "Google"}});
      },
      "google metadata");
  if (token.has_error() && token.error().code == ErrorCode::key_provider_unavailable)
    return Error{ErrorCode::key_provider_credentials, "no Google credentials were found",
                 "neither a credentials file nor a metadata server",
                 "set keys.gcp.credentials_file or GOOGLE_APPLICATION_CREDENTIALS, or run on Google Cloud with a "
                 "service account"};
  return token;
}

}  // namespace

Result<BearerToken> fetch_token(const GcpKms& config, const Caller& service, const Caller& metadata,
                                const EnvironmentReader& environment) {
  const std::string path = config.credentials_file.empty() ? environment("GOOGLE_APPLICATION_CREDENTIALS").value_or("")
                                                           : config.credentials_file;
  if (path.empty()) return from_metadata(metadata, environment);
  SEALROW_TRY(const SecretBytes text, read_token_file(path));
  const auto file = SecretJson::parse(as_text(text.reveal()));
  if (!file) return bad_file(path, "it is no JSON");
  const std::string_view type = file->text({"type"});
  if (type == "service_account") return from_service_account(*file, service, path);
  if (type == "external_account") return from_federation(*file, service, path);
  return bad_file(path, "type " + told(type) + " is not supported; service_account and external_account are");
}

}  // namespace sealrow::keys::gcp
