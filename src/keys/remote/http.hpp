// One HTTP exchange with a key service. TLS is never optional: clear text goes only to this machine's own loopback
// addresses where the configuration says so, and to the fixed addresses at which clouds offer metadata. No redirects,
// no proxy that the configuration does not name, bounded time and size.
#pragma once

#include "sealrow/base/clock.hpp"
#include "sealrow/base/result.hpp"
#include "sealrow/base/secret.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sealrow::keys {

enum class HttpMethod : std::uint8_t { get, post, put };
[[nodiscard]] std::string_view name_of(HttpMethod method) noexcept;

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// Headers carry tokens and bodies carry keys: all is wiped with the request.
struct HttpRequest {
  HttpMethod method = HttpMethod::post;
  std::string url;
  HttpHeaders headers;
  SecretBytes body;

  HttpRequest() = default;
  HttpRequest(HttpMethod how, std::string where, HttpHeaders with = {}, SecretBytes what = {})
      : method(how), url(std::move(where)), headers(std::move(with)), body(std::move(what)) {}
  HttpRequest(HttpRequest&&) = default;
  HttpRequest& operator=(HttpRequest&&) = default;
  ~HttpRequest();
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;  // names in lower case
  SecretBytes body;

  [[nodiscard]] bool ok() const noexcept { return status >= 200 && status < 300; }
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;  // empty: absent
  [[nodiscard]] std::string_view text() const noexcept { return as_text(body.reveal()); }
  // Header Date (RFC 9110 section 5.6.7): the peer's clock.
  [[nodiscard]] std::optional<WallTime> date() const;
};

enum class ClearText : std::uint8_t {
  never,
  loopback,  // numeric loopback address or "localhost"
  metadata,  // loopback, and the link-local addresses of cloud metadata services
};

struct HttpUrl {
  bool tls = true;
  std::string authority;  // "host" or "host:port", as in header Host
  std::string host;       // without brackets
  std::string path;       // with the query; at least "/"
};
// config_value when it is no plain http(s) URL, or in clear where that is not allowed.
[[nodiscard]] Result<HttpUrl> parse_url(std::string_view url, ClearText clear_text);

struct HttpOptions {
  std::string ca_file;  // PEM; empty: the system's authorities
  std::string proxy;    // empty: none, whatever the environment says
  ClearText clear_text = ClearText::never;
  std::chrono::milliseconds connect_timeout{1000};
  std::size_t max_response = 64u << 10;
};

// Thread-safe.
class Http {
 public:
  virtual ~Http() = default;
  // Any answer is a response. No answer: key_provider_unavailable, or key_provider_tls.
  [[nodiscard]] virtual Result<HttpResponse> send(const HttpRequest& request, std::chrono::milliseconds timeout) = 0;
};
[[nodiscard]] Result<std::shared_ptr<Http>> make_http(HttpOptions options);

}  // namespace sealrow::keys
