#include "keys/remote/caller.hpp"

#include "sealrow/crypto/keys.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <thread>

namespace sealrow::keys {

namespace {

using std::chrono::milliseconds;

// Retry-After in seconds (RFC 9110 section 10.2.3); the form with a date is not used by any of the services.
milliseconds asked_pause(const HttpResponse& response) {
  const std::string_view text = response.header("retry-after");
  unsigned seconds = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || status != std::errc{} || end != text.data() + text.size() || seconds > 3600) return {};
  return std::chrono::seconds(seconds);
}

bool is_worth_repeating(const Error& error) { return error.code == ErrorCode::key_provider_unavailable; }

}  // namespace

Caller::Caller(std::shared_ptr<Http> http, RetryPolicy policy, const Clock& clock, Sleep sleep)
    : http_(std::move(http)), policy_(policy), clock_(clock), sleep_(std::move(sleep)) {
  if (!sleep_) sleep_ = [](milliseconds pause) { std::this_thread::sleep_for(pause); };
}

milliseconds Caller::pause_before(int attempt) const {
  const auto ceiling = std::min(policy_.cap, policy_.base * (1 << std::min(attempt - 1, 10)));
  std::array<std::uint8_t, 4> random{};
  if (crypto::random_bytes(random).has_error()) return ceiling;
  return milliseconds(load_u32(random.data()) % (static_cast<std::uint64_t>(ceiling.count()) + 1));
}

Result<HttpResponse> Caller::call(const Prepare& prepare, const Explain& explain, const Renew& renew) const {
  const Instant deadline = clock_.now() + policy_.total;
  bool renewed = false;
  for (int attempt = 1;; ++attempt) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - clock_.now());
    SEALROW_TRY(const HttpRequest request, prepare());
    auto answer = http_->send(request, left);
    if (answer.has_value() && answer->ok()) return answer;
    Failure failure;
    milliseconds asked{};
    if (answer.has_value()) {
      failure = explain(*answer);
      asked = asked_pause(*answer);
    } else {
      failure.error = std::move(answer).error();
      failure.retry = is_worth_repeating(failure.error) ? Retry::later : Retry::never;
    }
    if (failure.retry == Retry::with_new_credentials && renew && !renewed) {
      renewed = true;
      renew();
      continue;
    }
    const milliseconds pause = std::max(pause_before(attempt), asked);
    const bool time_left = clock_.now() + pause + policy_.base < deadline;
    if (failure.retry != Retry::later || attempt >= policy_.attempts || !time_left) return std::move(failure.error);
    sleep_(pause);
  }
}

Failure explain_status(const HttpResponse& response, std::string service) {
  const std::string status = "HTTP status " + std::to_string(response.status);
  const auto error = [&](ErrorCode code, const char* message, std::string hint = {}) {
    return Error{code, message, status, std::move(hint), service};
  };
  switch (response.status) {
    case 429:
    case 509:
      return {error(ErrorCode::key_provider_throttled, "key provider asks for fewer requests"), Retry::later};
    case 408:
    case 500:
    case 502:
    case 503:
    case 504:
      return {error(ErrorCode::key_provider_unavailable, "key provider reports a failure of its own"), Retry::later};
    case 401:
      return {error(ErrorCode::key_provider_credentials, "key provider did not accept the credentials"),
              Retry::with_new_credentials};
    case 403:
      return {error(ErrorCode::key_provider_denied, "key provider denied the request",
                    "grant Sealrow's identity the use of the key")};
    case 404:
      return {error(ErrorCode::key_encryption_key_missing, "key-encryption key is not at the provider",
                    "check the key's name and the service's address")};
    default:
      if (response.status >= 300 && response.status < 400)
        return {error(ErrorCode::key_provider_answer, "key provider's answer is a redirect, which is not followed",
                      "give the address that it should lead to")};
      return {error(ErrorCode::key_provider_answer, "key provider's answer is not understood",
                    "check that the address is that of the key service")};
  }
}

std::string told(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 300)) out += c >= 0x20 && c < 0x7F ? c : ' ';
  return out;
}

std::string clock_difference(const HttpResponse& response, WallTime now, std::chrono::seconds tolerance) {
  const auto theirs = response.date();
  if (!theirs) return {};
  const auto ahead = std::chrono::duration_cast<std::chrono::seconds>(now - *theirs);
  if (ahead > tolerance) return "this host's clock is " + std::to_string(ahead.count()) + " s ahead";
  if (-ahead > tolerance) return "this host's clock is " + std::to_string(-ahead.count()) + " s behind";
  return {};
}

Error malformed_answer(std::string service, std::string detail) {
  return {ErrorCode::key_provider_answer, "key provider's answer is malformed", std::move(detail),
          "check that nothing between Sealrow and the service changes its answers", std::move(service)};
}

}  // namespace sealrow::keys
