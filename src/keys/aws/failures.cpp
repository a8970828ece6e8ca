#include "keys/aws/failures.hpp"

#include "keys/remote/secret_json.hpp"

namespace sealrow::keys::aws {

namespace {

enum class Tell : std::uint8_t { no, yes };  // signature messages repeat headers, session token included

struct Meaning {
  std::string_view type;
  ErrorCode code;
  Retry retry;
  Tell tell;
  const char* message;
  const char* hint;
};

constexpr const char* denied_hint =
    "allow Sealrow's role kms:GenerateDataKey, kms:Encrypt, kms:Decrypt, kms:ReEncrypt* and kms:DescribeKey on the "
    "key, "
    "in its IAM policy and in the key's policy";
constexpr const char* missing_hint = "check the key's id and region; enable it, or cancel its deletion";
constexpr const char* credentials_hint =
    "check which role or access key Sealrow runs under, and that it is still active";
constexpr const char* clock_hint = "synchronise this host's clock (NTP)";

// docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html and the Errors section of each operation; those of
// STS in the other spelling.
constexpr Meaning meanings[] = {
    {"AccessDeniedException", ErrorCode::key_provider_denied, Retry::never, Tell::yes, "AWS denied the request",
     denied_hint},
    {"AccessDenied", ErrorCode::key_provider_denied, Retry::never, Tell::yes, "AWS denied the request",
     "check the role's trust policy and permissions"},
    {"NotAuthorized", ErrorCode::key_provider_denied, Retry::never, Tell::yes, "AWS denied the request", denied_hint},
    {"InvalidGrantTokenException", ErrorCode::key_provider_denied, Retry::never, Tell::no, "AWS denied the request",
     denied_hint},
    {"OptInRequired", ErrorCode::key_provider_denied, Retry::never, Tell::yes,
     "the AWS account may not use this service", ""},
    {"NotFoundException", ErrorCode::key_encryption_key_missing, Retry::never, Tell::yes, "KMS key is not there",
     missing_hint},
    {"DisabledException", ErrorCode::key_encryption_key_missing, Retry::never, Tell::yes, "KMS key is disabled",
     missing_hint},
    {"KMSInvalidStateException", ErrorCode::key_encryption_key_missing, Retry::never, Tell::yes,
     "KMS key's state does not allow its use", missing_hint},
    {"InvalidKeyUsageException", ErrorCode::key_encryption_key_unfit, Retry::never, Tell::yes,
     "KMS key is not a symmetric encryption key", "use a key of spec SYMMETRIC_DEFAULT and usage ENCRYPT_DECRYPT"},
    {"InvalidArnException", ErrorCode::key_encryption_key_unfit, Retry::never, Tell::yes, "KMS key's name is malformed",
     ""},
    {"ValidationException", ErrorCode::key_encryption_key_unfit, Retry::never, Tell::yes, "KMS rejected the request",
     ""},
    {"InvalidCiphertextException", ErrorCode::key_wrap_rejected, Retry::never, Tell::no,
     "wrapped key failed authentication", ""},
    {"IncorrectKeyException", ErrorCode::key_wrap_rejected, Retry::never, Tell::no,
     "wrapped key belongs to another KMS key", ""},
    {"ThrottlingException", ErrorCode::key_provider_throttled, Retry::later, Tell::no, "AWS asks for fewer requests",
     ""},
    {"Throttling", ErrorCode::key_provider_throttled, Retry::later, Tell::no, "AWS asks for fewer requests", ""},
    {"TooManyRequestsException", ErrorCode::key_provider_throttled, Retry::later, Tell::no,
     "AWS asks for fewer requests", ""},
    {"RequestLimitExceeded", ErrorCode::key_provider_throttled, Retry::later, Tell::no, "AWS asks for fewer requests",
     ""},
    {"LimitExceededException", ErrorCode::key_provider_throttled, Retry::never, Tell::yes, "a quota of AWS is exceeded",
     ""},
    {"KeyUnavailableException", ErrorCode::key_provider_unavailable, Retry::later, Tell::no,
     "KMS key is not available just now", ""},
    {"DependencyTimeoutException", ErrorCode::key_provider_unavailable, Retry::later, Tell::no, "KMS timed out", ""},
    {"KMSInternalException", ErrorCode::key_provider_unavailable, Retry::later, Tell::no,
     "KMS reports a failure of its own", ""},
    {"IDPCommunicationError", ErrorCode::key_provider_unavailable, Retry::later, Tell::no,
     "STS cannot reach the identity provider", ""},
    {"ExpiredTokenException", ErrorCode::key_provider_credentials, Retry::with_new_credentials, Tell::no,
     "AWS credentials have expired", credentials_hint},
    {"ExpiredToken", ErrorCode::key_provider_credentials, Retry::with_new_credentials, Tell::no,
     "AWS credentials have expired", credentials_hint},
    {"InvalidIdentityToken", ErrorCode::key_provider_credentials, Retry::never, Tell::no,
     "AWS did not accept the web identity token",
     "check the identity provider and its audience in the role's trust policy"},
    {"UnrecognizedClientException", ErrorCode::key_provider_credentials, Retry::with_new_credentials, Tell::no,
     "AWS does not know the access key", credentials_hint},
    {"InvalidClientTokenId", ErrorCode::key_provider_credentials, Retry::with_new_credentials, Tell::no,
     "AWS does not know the access key", credentials_hint},
    {"MissingAuthenticationToken", ErrorCode::key_provider_credentials, Retry::never, Tell::no, "AWS saw no signature",
     "check that nothing between Sealrow and AWS removes headers"},
    {"IncompleteSignature", ErrorCode::key_provider_credentials, Retry::never, Tell::no, "AWS saw no whole signature",
     "check that nothing between Sealrow and AWS changes headers"},
    {"InvalidSignatureException", ErrorCode::key_provider_credentials, Retry::with_new_credentials, Tell::no,
     "AWS did not accept the signature", credentials_hint},
    {"SignatureDoesNotMatch", ErrorCode::key_provider_credentials, Retry::with_new_credentials, Tell::no,
     "AWS did not accept the signature", credentials_hint},
    {"RequestTimeTooSkewed", ErrorCode::key_provider_clock, Retry::never, Tell::no, "clock differs too much from AWS's",
     clock_hint},
    {"RequestExpired", ErrorCode::key_provider_clock, Retry::never, Tell::no, "clock differs too much from AWS's",
     clock_hint},
};

struct Refusal {
  std::string type, message;
};

// JSON: {"__type": "NotFoundException" or "com.amazonaws.kms#NotFoundException", "message": …}. XML: <Code>, <Message>.
Refusal read_refusal(const HttpResponse& response) {
  Refusal out;
  if (const auto document = SecretJson::parse(response.text())) {
    out.type = document->text({"__type"});
    out.message = document->text({"message"});
    if (out.message.empty()) out.message = document->text({"Message"});
  } else {
    out.type = xml_text(response.text(), "Code");
    out.message = xml_text(response.text(), "Message");
  }
  if (out.type.empty()) out.type = response.header("x-amzn-errortype");
  if (const std::size_t hash = out.type.find('#'); hash != std::string::npos) out.type.erase(0, hash + 1);
  if (const std::size_t colon = out.type.find(':'); colon != std::string::npos) out.type.erase(colon);
  return out;
}

bool is_about_time(const Refusal& refusal) {
  return refusal.message.find("Signature expired") != std::string::npos ||
         refusal.message.find("Signature not yet current") != std::string::npos;
}

}  // namespace

Failure explain(const HttpResponse& response, WallTime now, const std::string& service) {
  const Refusal refusal = read_refusal(response);
  for (const Meaning& meaning : meanings) {
    if (meaning.type != refusal.type) continue;
    Error error{meaning.code, meaning.message, refusal.type, meaning.hint, service};
    if (meaning.tell == Tell::yes && !refusal.message.empty()) error.detail += ": " + told(refusal.message);
    const bool signature = meaning.code == ErrorCode::key_provider_credentials;
    const std::string difference = clock_difference(response, now);
    if (meaning.code != ErrorCode::key_provider_clock &&
        !(signature && (is_about_time(refusal) || !difference.empty())))
      return {std::move(error), meaning.retry};
    error = {ErrorCode::key_provider_clock, "clock differs too much from AWS's", difference, clock_hint, service};
    return {std::move(error), Retry::never};
  }
  Failure failure = explain_status(response, service);
  if (!refusal.type.empty()) failure.error.detail += ", " + told(refusal.type);
  return failure;
}

std::string_view xml_text(std::string_view document, std::string_view name) {
  const std::string open = "<" + std::string(name) + ">", close = "</" + std::string(name) + ">";
  const std::size_t begin = document.find(open);
  if (begin == std::string_view::npos) return {};
  const std::size_t end = document.find(close, begin);
  if (end == std::string_view::npos) return {};
  return document.substr(begin + open.size(), end - begin - open.size());
}

}  // namespace sealrow::keys::aws
