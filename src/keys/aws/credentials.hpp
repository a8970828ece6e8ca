// Where AWS credentials come from: environment → web identity → profile files → container → IMDSv2, as AWS's own SDKs
// look. The first source that is set up is used for good; if it fails, that is the error: a silent step to the next
// one would act under another identity.
#pragma once

#include "keys/remote/caller.hpp"
#include "keys/remote/environment.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace sealrow::keys::aws {

struct Credentials {
  std::string access_key_id;
  SecretBytes secret;
  SecretBytes session_token;  // empty: long-term credentials
  std::optional<WallTime> expires;
  std::string source;  // "environment", for messages
};
using SharedCredentials = std::shared_ptr<const Credentials>;

struct CredentialOptions {
  std::string profile;       // empty: AWS_PROFILE, else "default"
  std::string region;        // for STS
  std::string sts_endpoint;  // empty: the region's
  EnvironmentReader environment = process_environment();
};

// What each source needs to do its work.
struct SourceContext {
  const CredentialOptions& options;
  const Caller& service;   // TLS
  const Caller& metadata;  // clear, to metadata addresses
};
// Nothing: not set up here.
using SourceAnswer = Result<std::optional<Credentials>>;
[[nodiscard]] SourceAnswer from_environment(const SourceContext& context);
[[nodiscard]] SourceAnswer from_web_identity(const SourceContext& context);
[[nodiscard]] SourceAnswer from_profile(const SourceContext& context);
[[nodiscard]] SourceAnswer from_container(const SourceContext& context);
[[nodiscard]] SourceAnswer from_instance_metadata(const SourceContext& context);

// STS calls (sts.cpp); `signer` absent: AssumeRoleWithWebIdentity with `token`.
struct RoleRequest {
  std::string role_arn;
  std::string session_name;
  const SecretBytes* web_identity_token = nullptr;
  const Credentials* signer = nullptr;
  std::string external_id;
};
[[nodiscard]] Result<Credentials> assume_role(const SourceContext& context, const RoleRequest& request,
                                              std::string source);
// The members of a container's or instance's credential document.
[[nodiscard]] Result<Credentials> parse_credential_document(std::string_view text, std::string source);
// "2026-11-24T12:00:00Z", fractions ignored.
[[nodiscard]] std::optional<WallTime> parse_time(std::string_view text);

// Keeps credentials and gets new ones before they expire. Thread-safe; one refresh at a time.
class CredentialChain {
 public:
  CredentialChain(CredentialOptions options, Caller service, Caller metadata);
  [[nodiscard]] Result<SharedCredentials> get();
  // The service did not accept these: the next get() asks the source again.
  void forget(const SharedCredentials& refused);

 private:
  [[nodiscard]] Result<SharedCredentials> refresh();
  const CredentialOptions options_;
  const Caller service_, metadata_;
  std::mutex mutex_;
  std::optional<std::size_t> source_;
  SharedCredentials current_;
  WallTime next_try_{};
};

}  // namespace sealrow::keys::aws
