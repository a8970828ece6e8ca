// Access tokens (RFC 6750) that a cloud's identity service gives out for about an hour: kept, and renewed before they
// end.
#pragma once

#include "keys/remote/caller.hpp"
#include "keys/remote/secret_json.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace sealrow::keys {

struct BearerToken {
  SecretBytes token;
  WallTime expires;
};
using SharedBearer = std::shared_ptr<const BearerToken>;

// Thread-safe; one fetch at a time.
class BearerTokens {
 public:
  using Fetch = std::function<Result<BearerToken>()>;
  BearerTokens(Fetch fetch, const Clock& clock) : fetch_(std::move(fetch)), clock_(clock) {}
  [[nodiscard]] Result<SharedBearer> get();
  // The service did not accept this one: the next get() fetches another.
  void forget(const SharedBearer& refused);

 private:
  const Fetch fetch_;
  const Clock& clock_;
  std::mutex mutex_;
  SharedBearer current_;
  WallTime next_try_{};
};

// {"access_token": …, "expires_in": seconds} (RFC 6749 section 5.1); some services give the number as text.
[[nodiscard]] Result<BearerToken> parse_bearer(const HttpResponse& response, WallTime now, const std::string& service);
// {"error": "invalid_grant", "error_description": …} (RFC 6749 section 5.2): no credentials, unless it will pass.
[[nodiscard]] Failure explain_token_refusal(const HttpResponse& response, WallTime now, const std::string& service);
// application/x-www-form-urlencoded; everything but RFC 3986's unreserved characters is escaped.
using FormField = std::pair<std::string_view, std::string_view>;
[[nodiscard]] SecretBytes form_body(const std::vector<FormField>& fields);

// A JSON Web Token (RFC 7519) signed with RS256 (RFC 7518 section 3.3) by a PEM key.
[[nodiscard]] Result<SecretBytes> sign_jwt(const SecretJson& header, const SecretJson& claims, const SecretBytes& pem);

}  // namespace sealrow::keys
