// ~/.aws/credentials and ~/.aws/config: docs.aws.amazon.com/sdkref/latest/guide/file-format.html
#include "keys/aws/profile.hpp"

#include "keys/aws/credentials.hpp"

#include <algorithm>

namespace sealrow::keys::aws {

namespace {

constexpr std::size_t max_profile_file = 64u << 10;
constexpr int max_chain = 5;

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::string file_of(const EnvironmentReader& read, const char* variable, const char* name) {
  if (const auto path = read(variable)) return *path;
  const auto home = read("HOME");
  return home ? *home + "/.aws/" + name : std::string();
}

Error bad_profile(const std::string& name, std::string detail, std::string hint = {}) {
  return {ErrorCode::key_provider_credentials, "AWS profile cannot be used", std::move(detail), std::move(hint), name};
}

Result<Credentials> resolve(const SourceContext& context, const ProfileFiles& files, const std::string& name,
                            int depth);

Result<Credentials> resolve_role(const SourceContext& context, const ProfileFiles& files, const std::string& name,
                                 int depth) {
  RoleRequest request;
  request.role_arn = files.text(name, "role_arn");
  request.session_name = files.text(name, "role_session_name");
  if (request.session_name.empty()) request.session_name = "sealrow";
  request.external_id = files.text(name, "external_id");
  if (const std::string_view file = files.text(name, "web_identity_token_file"); !file.empty()) {
    SEALROW_TRY(const SecretBytes token, read_token_file(std::string(file)));
    request.web_identity_token = &token;
    return assume_role(context, request, "profile " + name);
  }
  const std::string source(files.text(name, "source_profile"));
  if (source.empty()) return bad_profile(name, "role_arn without source_profile or web_identity_token_file");
  SEALROW_TRY(const Credentials signer, resolve(context, files, source, depth + 1));
  request.signer = &signer;
  return assume_role(context, request, "profile " + name);
}

Result<Credentials> resolve(const SourceContext& context, const ProfileFiles& files, const std::string& name,
                            int depth) {
  if (depth > max_chain) return bad_profile(name, "its source profiles go round in a circle");
  const std::string_view id = files.text(name, "aws_access_key_id"), secret = files.text(name, "aws_secret_access_key");
  // A profile that is its own source has both: then the role is the outer, the keys the inner one.
  const bool inner = depth > 0 && !id.empty();
  if (!inner && !files.text(name, "role_arn").empty()) return resolve_role(context, files, name, depth);
  if (!id.empty() && !secret.empty())
    return Credentials{std::string(id),
                       SecretBytes::copy_of(as_bytes(secret)),
                       SecretBytes::copy_of(as_bytes(files.text(name, "aws_session_token"))),
                       {},
                       "profile " + name};
  for (const char* foreign : {"credential_process", "sso_session", "sso_start_url"})
    if (!files.text(name, foreign).empty())
      return bad_profile(name, std::string(foreign) + " is not supported", "use a role for a service that runs alone");
  return bad_profile(name, "no credentials in it");
}

}  // namespace

void ProfileFiles::add(SecretBytes text, bool is_config) {
  texts_.push_back(std::move(text));
  std::string_view rest = as_text(texts_.back().reveal());
  std::string section;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty() || line.starts_with('#') || line.starts_with(';')) continue;
    if (line.starts_with('[')) {
      std::string_view name = trimmed(line.substr(1, std::min(line.find(']'), line.size()) - 1));
      // In the config file all sections but "default" are called "profile NAME".
      if (is_config && name.starts_with("profile ")) name = trimmed(name.substr(8));
      section = name;
      values_[section];
      continue;
    }
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos && !section.empty())
      values_[section].emplace(trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
  }
}

std::string_view ProfileFiles::text(const std::string& profile, std::string_view key) const {
  const auto found = values_.find(profile);
  if (found == values_.end()) return {};
  const auto value = found->second.find(key);
  return value == found->second.end() ? std::string_view() : value->second;
}

ProfileFiles read_profile_files(const EnvironmentReader& environment) {
  ProfileFiles files;
  // What is in both counts from the credentials file.
  for (const auto& [variable, name, is_config] : {std::tuple("AWS_SHARED_CREDENTIALS_FILE", "credentials", false),
                                                  std::tuple("AWS_CONFIG_FILE", "config", true)}) {
    const std::string path = file_of(environment, variable, name);
    auto content = path.empty() ? Result<SecretBytes>(Error{}) : read_token_file(path);
    if (content.has_value() && content->size() <= max_profile_file) files.add(std::move(*content), is_config);
  }
  return files;
}

SourceAnswer from_profile(const SourceContext& context) {
  const auto& read = context.options.environment;
  const ProfileFiles files = read_profile_files(read);
  const bool named = !context.options.profile.empty() || read("AWS_PROFILE");
  const std::string name =
      context.options.profile.empty() ? read("AWS_PROFILE").value_or("default") : context.options.profile;
  if (!files.has(name)) {
    if (!named) return std::optional<Credentials>();
    return bad_profile(name, "there is no such profile", "check the files in ~/.aws of Sealrow's user");
  }
  // A default profile often only names a region.
  if (!named && files.text(name, "aws_access_key_id").empty() && files.text(name, "role_arn").empty())
    return std::optional<Credentials>();
  SEALROW_TRY(Credentials found, resolve(context, files, name, 0));
  return std::optional(std::move(found));
}

}  // namespace sealrow::keys::aws
