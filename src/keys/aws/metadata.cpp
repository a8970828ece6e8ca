// Credentials of the machine or container that Sealrow runs in.
#include "keys/aws/credentials.hpp"

namespace sealrow::keys::aws {

namespace {

constexpr const char* container_host = "http://169.254.170.2";
constexpr const char* instance_host = "http://169.254.169.254";

Failure explain(const HttpResponse& response, const char* source, std::string hint) {
  Failure failure = explain_status(response, source);
  if (failure.retry == Retry::later) return failure;
  failure.error.code = ErrorCode::key_provider_credentials;
  failure.error.message = "no AWS credentials from the metadata service";
  failure.error.hint = std::move(hint);
  return {std::move(failure.error), Retry::never};
}

// Not there at all is the usual case outside of EC2: then this source is not set up.
bool is_absent(const Error& error) { return error.code == ErrorCode::key_provider_unavailable; }

}  // namespace

// ECS tasks and EKS Pod Identity: docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
SourceAnswer from_container(const SourceContext& context) {
  const auto& read = context.options.environment;
  const auto relative = read("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const auto full = read("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!relative && !full) return std::optional<Credentials>();
  const std::string url = relative ? container_host + *relative : *full;
  const auto prepare = [&]() -> Result<HttpRequest> {
    HttpRequest request(HttpMethod::get, url);
    if (const auto file = read("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
      SEALROW_TRY(const SecretBytes token, read_token_file(*file));
      request.headers.emplace_back("Authorization", as_text(token.reveal()));
    } else if (const auto token = read("AWS_CONTAINER_AUTHORIZATION_TOKEN")) {
      request.headers.emplace_back("Authorization", *token);
    }
    return request;
  };
  SEALROW_TRY(const HttpResponse answer, context.metadata.call(prepare, [](const HttpResponse& response) {
    return explain(response, "container", "check the task's role or the pod identity association");
  }));
  SEALROW_TRY(Credentials found, parse_credential_document(answer.text(), "container"));
  return std::optional(std::move(found));
}

// IMDSv2: docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
SourceAnswer from_instance_metadata(const SourceContext& context) {
  const auto& read = context.options.environment;
  if (read("AWS_EC2_METADATA_DISABLED").value_or("") == "true") return std::optional<Credentials>();
  const std::string host = read("AWS_EC2_METADATA_SERVICE_ENDPOINT").value_or(instance_host);
  const auto refuse = [](const HttpResponse& response) {
    return explain(response, "instance metadata",
                   "attach an instance profile; in a container the hop limit must be 2 or more");
  };
  const auto ask_token = [&]() -> Result<HttpRequest> {
    return HttpRequest(HttpMethod::put, host + "/latest/api/token",
                       {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}});
  };
  const auto token = context.metadata.call(ask_token, refuse);
  if (token.has_error()) {
    if (is_absent(token.error())) return std::optional<Credentials>();
    return token.error();
  }
  const auto fetch = [&](const std::string& path) {
    return context.metadata.call(
        [&]() -> Result<HttpRequest> {
          return HttpRequest(HttpMethod::get, host + path, {{"X-aws-ec2-metadata-token", std::string(token->text())}});
        },
        refuse);
  };
  const std::string list = "/latest/meta-data/iam/security-credentials/";
  SEALROW_TRY(const HttpResponse roles, fetch(list));
  const std::string_view role = roles.text().substr(0, roles.text().find('\n'));
  SEALROW_TRY(const HttpResponse answer, fetch(list + std::string(role)));
  SEALROW_TRY(Credentials found, parse_credential_document(answer.text(), "instance metadata"));
  return std::optional(std::move(found));
}

}  // namespace sealrow::keys::aws
