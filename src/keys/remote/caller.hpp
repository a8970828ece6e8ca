// Calls of a key service with one policy of retries: capped exponential back-off with full jitter inside a deadline.
// What may be repeated, each service says for its own answers.
#pragma once

#include "keys/remote/http.hpp"

#include <functional>

namespace sealrow::keys {

enum class Retry : std::uint8_t { never, later, with_new_credentials };

// What a refusal of the service means.
struct Failure {
  Error error;
  Retry retry = Retry::never;
};

struct RetryPolicy {
  int attempts = 3;
  std::chrono::milliseconds base{200};
  std::chrono::milliseconds cap{1000};
  std::chrono::milliseconds total{3000};  // from the first attempt to the last answer
};

class Caller {
 public:
  // A request is made anew for each attempt: signatures carry the time.
  using Prepare = std::function<Result<HttpRequest>()>;
  using Explain = std::function<Failure(const HttpResponse&)>;
  using Renew = std::function<void()>;  // the credentials were refused: get others
  using Sleep = std::function<void(std::chrono::milliseconds)>;

  Caller(std::shared_ptr<Http> http, RetryPolicy policy = {}, const Clock& clock = system_clock(), Sleep sleep = {});

  // A response of the 200 family, or why there is none.
  [[nodiscard]] Result<HttpResponse> call(const Prepare& prepare, const Explain& explain,
                                          const Renew& renew = {}) const;
  [[nodiscard]] WallTime wall() const { return clock_.wall(); }

 private:
  [[nodiscard]] std::chrono::milliseconds pause_before(int attempt) const;
  std::shared_ptr<Http> http_;
  RetryPolicy policy_;
  const Clock& clock_;
  Sleep sleep_;
};

// For a service's own table of explanations: what the status alone says (RFC 9110, RFC 6585).
[[nodiscard]] Failure explain_status(const HttpResponse& response, std::string service);
// A message of the service, fit for ours: printable, short.
[[nodiscard]] std::string told(std::string_view text);
// "this host's clock is 412 s behind", when the answer's date shows more than the tolerance; else empty.
[[nodiscard]] std::string clock_difference(const HttpResponse& response, WallTime now,
                                           std::chrono::seconds tolerance = std::chrono::minutes(4));
[[nodiscard]] Error malformed_answer(std::string service, std::string detail = {});

}  // namespace sealrow::keys
