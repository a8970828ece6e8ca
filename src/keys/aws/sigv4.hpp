// AWS Signature Version 4: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
// For requests without a query string, which is all that KMS and STS need.
#pragma once

#include "keys/aws/credentials.hpp"
#include "keys/remote/http.hpp"

#include <string>
#include <string_view>

namespace sealrow::keys::aws {

struct SigningScope {
  std::string region;
  std::string service;  // "kms"
};

// Adds X-Amz-Date, X-Amz-Security-Token (with a session) and Authorization; signs every header and the body. `host`
// is what header Host will say.
[[nodiscard]] Result<> sign(HttpRequest& request, std::string_view host, const Credentials& credentials,
                            const SigningScope& scope, WallTime now);

}  // namespace sealrow::keys::aws
