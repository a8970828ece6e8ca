#include "keys/aws/credentials.hpp"

#include "keys/remote/secret_json.hpp"
#include "sealrow/base/log.hpp"

#include <array>
#include <ctime>

namespace sealrow::keys::aws {

namespace {

using Source = SourceAnswer (*)(const SourceContext&);
constexpr std::array<Source, 5> sources = {from_environment, from_web_identity, from_profile, from_container,
                                           from_instance_metadata};

// New credentials are asked for this long before the old ones end, and not more often than that when it fails.
constexpr auto refresh_ahead = std::chrono::minutes(5);
constexpr auto refresh_interval = std::chrono::seconds(30);

SecretBytes secret_of(std::string_view text) { return SecretBytes::copy_of(as_bytes(text)); }

Error no_credentials() {
  return {ErrorCode::key_provider_credentials, "no AWS credentials were found",
          "looked at the environment, web identity, profile files, container and instance metadata",
          "give Sealrow's host, pod or task a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"};
}

}  // namespace

SourceAnswer from_environment(const SourceContext& context) {
  const auto& read = context.options.environment;
  const auto id = read("AWS_ACCESS_KEY_ID");
  auto secret = read("AWS_SECRET_ACCESS_KEY"), token = read("AWS_SESSION_TOKEN");
  if (!id && !secret) return std::optional<Credentials>();
  if (!id || !secret)
    return Error{ErrorCode::key_provider_credentials, "AWS credentials in the environment are incomplete",
                 "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together"};
  Credentials found{*id, secret_of(*secret), secret_of(token.value_or("")), {}, "environment"};
  wipe(*secret);
  if (token) wipe(*token);
  return std::optional(std::move(found));
}

SourceAnswer from_web_identity(const SourceContext& context) {
  const auto& read = context.options.environment;
  const auto file = read("AWS_WEB_IDENTITY_TOKEN_FILE"), role = read("AWS_ROLE_ARN");
  if (!file) return std::optional<Credentials>();
  if (!role)
    return Error{ErrorCode::key_provider_credentials, "AWS web identity is incomplete",
                 "AWS_WEB_IDENTITY_TOKEN_FILE is set, AWS_ROLE_ARN is not"};
  SEALROW_TRY(const SecretBytes token, read_token_file(*file));
  RoleRequest request{*role, read("AWS_ROLE_SESSION_NAME").value_or("sealrow"), &token, nullptr, {}};
  SEALROW_TRY(Credentials found, assume_role(context, request, "web identity"));
  return std::optional(std::move(found));
}

Result<Credentials> parse_credential_document(std::string_view text, std::string source) {
  const auto document = SecretJson::parse(text);
  if (!document) return malformed_answer(source, "credentials are no JSON");
  const std::string_view id = document->text({"AccessKeyId"}), secret = document->text({"SecretAccessKey"});
  if (id.empty() || secret.empty())
    return Error{ErrorCode::key_provider_credentials, "no AWS credentials in the answer",
                 told(document->text({"Message"}).empty() ? document->text({"Code"}) : document->text({"Message"})),
                 "check that a role is attached", std::move(source)};
  return Credentials{std::string(id), secret_of(secret), secret_of(document->text({"Token"})),
                     parse_time(document->text({"Expiration"})), std::move(source)};
}

std::optional<WallTime> parse_time(std::string_view text) {
  std::tm parts{};
  const std::string copy(text);
  const char* end = ::strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (end == nullptr || (*end != 'Z' && *end != '.')) return std::nullopt;
  return WallTime::clock::from_time_t(::timegm(&parts));
}

CredentialChain::CredentialChain(CredentialOptions options, Caller service, Caller metadata)
    : options_(std::move(options)), service_(std::move(service)), metadata_(std::move(metadata)) {}

Result<SharedCredentials> CredentialChain::get() {
  const std::lock_guard lock(mutex_);
  const WallTime now = service_.wall();
  const bool fresh = current_ && (!current_->expires || *current_->expires - now > refresh_ahead);
  if (fresh) return current_;
  const bool usable = current_ && *current_->expires > now;
  if (usable && now < next_try_) return current_;
  next_try_ = now + refresh_interval;
  auto renewed = refresh();
  if (renewed.has_value() || !usable) return renewed;
  log::write(log::Level::warn, "keys", renewed.error());  // the old ones still hold
  return current_;
}

Result<SharedCredentials> CredentialChain::refresh() {
  const SourceContext context{options_, service_, metadata_};
  for (std::size_t i = source_.value_or(0); i < sources.size(); ++i) {
    SEALROW_TRY(auto found, sources[i](context));
    if (!found) continue;
    source_ = i;
    current_ = std::make_shared<const Credentials>(std::move(*found));
    log::info("keys", "AWS credentials from {}", current_->source);
    return current_;
  }
  return no_credentials();
}

void CredentialChain::forget(const SharedCredentials& refused) {
  const std::lock_guard lock(mutex_);
  if (current_ == refused) current_.reset();
}

}  // namespace sealrow::keys::aws
