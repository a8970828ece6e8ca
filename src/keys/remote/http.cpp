#include "keys/remote/http.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <algorithm>
#include <array>

namespace sealrow::keys {

namespace {

// The addresses at which clouds offer metadata and credentials; none of them can be routed (RFC 3927, RFC 4193).
constexpr std::array<std::string_view, 6> metadata_hosts = {
    "169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23", "metadata.google.internal"};

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;  // libcurl never asks a resolver for it
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool may_be_clear(const std::string& host, ClearText clear_text) {
  if (clear_text == ClearText::never) return false;
  if (is_loopback(host)) return true;
  return clear_text == ClearText::metadata && std::ranges::find(metadata_hosts, host) != metadata_hosts.end();
}

Error bad_url(std::string_view url, std::string detail, std::string hint = {}) {
  return {ErrorCode::config_value, "address of the key service cannot be used", std::move(detail), std::move(hint),
          std::string(url.substr(0, 200))};
}

// User information, control characters and fragments have no place in an address that gets our credentials.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7F && c != '@' && c != '#'; });
}

}  // namespace

std::string_view name_of(HttpMethod method) noexcept {
  switch (method) {
    case HttpMethod::get:
      return "GET";
    case HttpMethod::post:
      return "POST";
    case HttpMethod::put:
      return "PUT";
  }
  return "GET";
}

HttpRequest::~HttpRequest() {
  wipe(url);
  for (auto& [name, value] : headers) wipe(value);
}

std::string_view HttpResponse::header(std::string_view name) const noexcept {
  for (const auto& [known, value] : headers)
    if (known == name) return value;
  return {};
}

std::optional<WallTime> HttpResponse::date() const {
  const std::string text(header("date"));
  const std::time_t seconds = text.empty() ? -1 : curl_getdate(text.c_str(), nullptr);
  if (seconds < 0) return std::nullopt;
  return WallTime::clock::from_time_t(seconds);
}

Result<HttpUrl> parse_url(std::string_view url, ClearText clear_text) {
  HttpUrl out;
  out.tls = url.starts_with("https://");
  if (!out.tls && !url.starts_with("http://")) return bad_url(url, "it does not start with https://");
  if (!is_plain(url) || url.size() > 2048) return bad_url(url, "it is not a plain URL");
  std::string_view rest = url.substr(out.tls ? 8 : 7);
  const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
  out.authority = rest.substr(0, slash);
  out.path = rest.substr(slash);
  if (!out.path.starts_with('/')) out.path.insert(0, "/");
  const std::string_view authority = out.authority;
  const std::size_t close = authority.starts_with('[') ? authority.find(']') : std::string_view::npos;
  const std::size_t colon = close == std::string_view::npos ? authority.find(':') : authority.find(':', close);
  out.host = close == std::string_view::npos ? authority.substr(0, colon) : authority.substr(1, close - 1);
  if (out.host.empty()) return bad_url(url, "it names no host");
  if (!out.tls && !may_be_clear(out.host, clear_text))
    return bad_url(url, "clear text is allowed to a loopback address only, outside of production", "use https://");
  return out;
}

}  // namespace sealrow::keys
