#include "keys/remote/http.hpp"

#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <mutex>

namespace sealrow::keys {

namespace {

constexpr std::size_t max_header_bytes = 16u << 10;
constexpr std::size_t max_idle = 8;

struct CloseEasy {
  void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, CloseEasy>;

// libcurl's list of copied header lines, wiped before it is freed.
class HeaderLines {
 public:
  HeaderLines() = default;
  HeaderLines(const HeaderLines&) = delete;
  HeaderLines& operator=(const HeaderLines&) = delete;
  ~HeaderLines() {
    for (auto* line = list_; line != nullptr; line = line->next) wipe(line->data, std::strlen(line->data));
    curl_slist_free_all(list_);
  }
  [[nodiscard]] bool add(std::string line) {
    curl_slist* longer = curl_slist_append(list_, line.c_str());
    wipe(line);
    if (longer != nullptr) list_ = longer;
    return longer != nullptr;
  }
  [[nodiscard]] curl_slist* get() const noexcept { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

struct Receiver {
  SecretBytes buffer;
  std::size_t size = 0;
  HttpHeaders headers;
  std::size_t header_bytes = 0;
  bool too_large = false;
};

std::size_t receive_body(char* data, std::size_t unit, std::size_t count, void* user) noexcept {
  auto& to = *static_cast<Receiver*>(user);
  const std::size_t size = unit * count;
  if (size > to.buffer.size() - to.size) {
    to.too_large = true;
    return 0;  // libcurl gives up
  }
  std::memcpy(to.buffer.reveal_mutable().data() + to.size, data, size);
  to.size += size;
  return size;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::size_t receive_header(char* data, std::size_t unit, std::size_t count, void* user) {
  auto& to = *static_cast<Receiver*>(user);
  const std::size_t size = unit * count;
  to.header_bytes += size;
  if (to.header_bytes > max_header_bytes) {
    to.too_large = true;
    return 0;
  }
  const std::string_view line(data, size);
  if (line.starts_with("HTTP/")) to.headers.clear();  // after an interim response
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  std::string name(line.substr(0, colon));
  std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  to.headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
  return size;
}

Error tls_error(const std::string& host, std::string detail) {
  return {ErrorCode::key_provider_tls, "TLS towards the key provider failed", std::move(detail),
          "check the certificate's authority (`ca`), its name, its dates and this host's clock", host};
}

Error no_answer(CURLcode code, const std::string& host, const Receiver& received) {
  if (received.too_large) return {ErrorCode::key_provider_answer, "key provider's answer is too large", "", "", host};
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return tls_error(host, curl_easy_strerror(code));
    case CURLE_COULDNT_RESOLVE_HOST:
      return {ErrorCode::key_provider_unavailable, "key provider cannot be reached", "its name cannot be resolved",
              "check region, address and DNS", host};
    case CURLE_COULDNT_CONNECT:
      return {ErrorCode::key_provider_unavailable, "key provider cannot be reached", "no connection",
              "check address, firewall and network policy", host};
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorCode::key_provider_unavailable, "key provider cannot be reached", "no answer in time",
              "check address, firewall and the service's latency", host};
    default:
      return {ErrorCode::key_provider_unavailable, "key provider cannot be reached", curl_easy_strerror(code), "",
              host};
  }
}

class CurlHttp final : public Http {
 public:
  explicit CurlHttp(HttpOptions options) : options_(std::move(options)) {}

  Result<HttpResponse> send(const HttpRequest& request, std::chrono::milliseconds timeout) override {
    SEALROW_TRY(const HttpUrl url, parse_url(request.url, options_.clear_text));
    Easy easy = borrow();
    if (!easy) return Error{ErrorCode::internal, "libcurl cannot be started"};
    Receiver received;
    received.buffer = SecretBytes(options_.max_response);
    HeaderLines lines;
    bool whole = lines.add("Expect:");  // no extra round trip before a body
    for (const auto& [name, value] : request.headers) whole = lines.add(name + ": " + value) && whole;
    if (!whole) return Error{ErrorCode::internal, "libcurl has no memory"};
    set_up(easy.get(), request, received, lines, timeout);
    const CURLcode code = curl_easy_perform(easy.get());
    if (code != CURLE_OK) return no_answer(code, url.host, received);
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    curl_easy_reset(easy.get());  // keeps connections and TLS sessions, forgets everything else
    give_back(std::move(easy));
    HttpResponse response;
    response.status = static_cast<int>(status);
    response.headers = std::move(received.headers);
    response.body = SecretBytes::copy_of(received.buffer.reveal().first(received.size));
    return response;
  }

 private:
  void set_up(CURL* easy, const HttpRequest& request, Receiver& received, const HeaderLines& lines,
              std::chrono::milliseconds timeout) const {
    const auto limit = std::max(timeout, std::chrono::milliseconds(1));  // zero would mean: none
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https,http");  // which of them, parse_url decides
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, options_.proxy.c_str());  // "" also switches the environment's off
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "sealrow");
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(std::min(options_.connect_timeout, limit).count()));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options_.ca_file.empty()) {
      curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
      curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);  // these authorities and no others
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines.get());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &receive_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &received);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &receive_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &received);
    if (request.method == HttpMethod::get) return;
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    if (request.method == HttpMethod::put) curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "PUT");
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                     request.body.empty() ? "" : reinterpret_cast<const char*>(request.body.reveal().data()));
  }

  // A handle keeps its connections: reusing it saves the TLS handshake.
  Easy borrow() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        Easy easy = std::move(idle_.back());
        idle_.pop_back();
        return easy;
      }
    }
    return Easy(curl_easy_init());
  }
  void give_back(Easy easy) {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < max_idle) idle_.push_back(std::move(easy));
  }

  const HttpOptions options_;
  std::mutex mutex_;
  std::vector<Easy> idle_;
};

}  // namespace

Result<std::shared_ptr<Http>> make_http(HttpOptions options) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) return Error{ErrorCode::internal, "libcurl cannot be started"};
  if (!options.ca_file.empty() && ::access(options.ca_file.c_str(), R_OK) != 0)
    return Error{ErrorCode::config_io, "file with authorities cannot be read", "", "", options.ca_file};
  if (!options.proxy.empty()) SEALROW_CHECK(parse_url(options.proxy, ClearText::loopback));
  return std::shared_ptr<Http>(std::make_shared<CurlHttp>(std::move(options)));
}

}  // namespace sealrow::keys
