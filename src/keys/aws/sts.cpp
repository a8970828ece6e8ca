// Roles: docs.aws.amazon.com/STS/latest/APIReference. A POST form; AssumeRoleWithWebIdentity is not signed, its token
// is the proof.
#include "keys/aws/credentials.hpp"
#include "keys/aws/failures.hpp"
#include "keys/aws/regions.hpp"
#include "keys/aws/sigv4.hpp"
#include "keys/remote/bearer.hpp"

namespace sealrow::keys::aws {

namespace {

SecretBytes form_of(const RoleRequest& request) {
  const bool web = request.web_identity_token != nullptr;
  const std::string_view token = web ? as_text(request.web_identity_token->reveal()) : std::string_view();
  std::vector<FormField> fields{{"Action", web ? "AssumeRoleWithWebIdentity" : "AssumeRole"},
                                {"Version", "2011-06-15"},
                                {"RoleArn", request.role_arn},
                                {"RoleSessionName", request.session_name}};
  if (web) fields.emplace_back("WebIdentityToken", token);
  if (!request.external_id.empty()) fields.emplace_back("ExternalId", request.external_id);
  return form_body(fields);
}

}  // namespace

Result<Credentials> assume_role(const SourceContext& context, const RoleRequest& request, std::string source) {
  const std::string& region = context.options.region;
  const std::string endpoint =
      context.options.sts_endpoint.empty() ? service_url("sts", region) : context.options.sts_endpoint;
  SEALROW_TRY(const HttpUrl url, parse_url(endpoint, ClearText::loopback));
  const auto prepare = [&]() -> Result<HttpRequest> {
    HttpRequest http(HttpMethod::post, endpoint, {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
                     form_of(request));
    if (request.signer != nullptr)
      SEALROW_CHECK(sign(http, url.authority, *request.signer, {region, "sts"}, context.service.wall()));
    return http;
  };
  SEALROW_TRY(const HttpResponse answer, context.service.call(prepare, [&](const HttpResponse& response) {
    return explain(response, context.service.wall(), "sts");
  }));
  const std::string_view id = xml_text(answer.text(), "AccessKeyId"),
                         secret = xml_text(answer.text(), "SecretAccessKey");
  const std::string_view token = xml_text(answer.text(), "SessionToken");
  const auto expires = parse_time(xml_text(answer.text(), "Expiration"));
  if (id.empty() || secret.empty() || token.empty() || !expires) return malformed_answer("sts", "no credentials in it");
  return Credentials{std::string(id), SecretBytes::copy_of(as_bytes(secret)), SecretBytes::copy_of(as_bytes(token)),
                     expires, std::move(source)};
}

}  // namespace sealrow::keys::aws
