#include "keys/aws/sigv4.hpp"

#include "keys/json_reader.hpp"
#include "keys/primitives.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <ctime>
#include <map>

namespace sealrow::keys::aws {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

Result<SecretBytes> hmac(const SecretBytes& key, std::string_view message) {
  SecretBytes out(32);
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.reveal().data(), static_cast<int>(key.size()), as_bytes(message).data(), message.size(),
           out.reveal_mutable().data(), &size) == nullptr ||
      size != out.size())
    return Error{ErrorCode::crypto_failure, "cryptographic library reported a failure"};
  return out;
}

Result<std::string> hex_digest(std::string_view message) {
  SEALROW_TRY(const auto digest, sha256(message));
  return hex_of(ByteView(digest));
}

// "20150830T123600Z"; its first eight characters are the date of the scope.
std::string basic_time(WallTime now) {
  const std::time_t seconds = WallTime::clock::to_time_t(now);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[17];
  std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts);
  return text;
}

// Names in lower case, values with runs of spaces made one.
std::map<std::string, std::string> canonical_headers(const HttpRequest& request, std::string_view host) {
  std::map<std::string, std::string> out{{"host", std::string(host)}};
  for (const auto& [name, value] : request.headers) {
    std::string lower(name), clean;
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    for (const char c : value)
      if (c != ' ' || (!clean.empty() && clean.back() != ' ')) clean += c;
    while (clean.ends_with(' ')) clean.pop_back();
    out[std::move(lower)] = std::move(clean);
  }
  return out;
}

std::string path_of(const std::string& url) {
  const std::size_t slash = url.find('/', url.find("://") + 3);
  return slash == std::string::npos ? "/" : url.substr(slash);
}

Result<SecretBytes> signing_key(const Credentials& credentials, std::string_view date, const SigningScope& scope) {
  SecretBytes key(4 + credentials.secret.size());
  std::ranges::copy(as_bytes("AWS4"), key.reveal_mutable().begin());
  std::ranges::copy(credentials.secret.reveal(), key.reveal_mutable().begin() + 4);
  for (const std::string_view part :
       {date, std::string_view(scope.region), std::string_view(scope.service), std::string_view("aws4_request")}) {
    SEALROW_TRY(key, hmac(key, part));
  }
  return key;
}

}  // namespace

Result<> sign(HttpRequest& request, std::string_view host, const Credentials& credentials, const SigningScope& scope,
              WallTime now) {
  const std::string time = basic_time(now), date = time.substr(0, 8);
  request.headers.emplace_back("X-Amz-Date", time);
  if (!credentials.session_token.empty())
    request.headers.emplace_back("X-Amz-Security-Token", as_text(credentials.session_token.reveal()));
  std::string canonical = std::string(name_of(request.method)) + '\n' + path_of(request.url) + "\n\n", names;
  for (const auto& [name, value] : canonical_headers(request, host)) {
    canonical += name + ':' + value + '\n';
    names += (names.empty() ? "" : ";") + name;
  }
  SEALROW_TRY(const std::string body_digest, hex_digest(as_text(request.body.reveal())));
  canonical += '\n' + names + '\n' + body_digest;
  SEALROW_TRY(const std::string request_digest, hex_digest(canonical));
  wipe(canonical);  // it has the session token
  const std::string where = date + '/' + scope.region + '/' + scope.service + "/aws4_request";
  SEALROW_TRY(const SecretBytes key, signing_key(credentials, date, scope));
  SEALROW_TRY(const SecretBytes signature,
              hmac(key, std::string(algorithm) + '\n' + time + '\n' + where + '\n' + request_digest));
  request.headers.emplace_back("Authorization", std::string(algorithm) + " Credential=" + credentials.access_key_id +
                                                    '/' + where + ", SignedHeaders=" + names +
                                                    ", Signature=" + hex_of(signature.reveal()));
  return {};
}

}  // namespace sealrow::keys::aws
