// What a worker asks of the outside on behalf of its sessions. One host per worker.
#pragma once

#include "sealrow/session/io.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace sealrow::net {

enum class TlsOffer : std::uint8_t { none, offered };

// The make_ functions are called on the worker's thread. fetch_… and refresh_… may call `done` on any thread, once; the
// worker brings the answer back to its own thread and drops it when the session is gone.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  [[nodiscard]] virtual std::unique_ptr<session::Session> make_session() = 0;
  // A session that tells its client why it cannot be served, and ends.
  [[nodiscard]] virtual std::unique_ptr<session::Session> make_refusal(Error reason, TlsOffer offer) = 0;
  // Last words to a client that is not authenticated; nothing where the protocol has none at that time.
  virtual void append_fatal(session::OutBuffer&, const Error&) {}
  virtual void fetch_key(const keys::KeyRequest& request, std::function<void()> done) = 0;
  virtual void fetch_verifier(const std::string& user, std::function<void(Result<std::string>)> done) = 0;
  // The worker's thread has handled a batch of events: what was kept for it alone may go.
  virtual void after_batch() noexcept {}
  virtual void refresh_catalog(const std::string& database, std::function<void()> done) = 0;
};

using SessionHostFactory = std::function<Result<std::unique_ptr<SessionHost>>(unsigned worker)>;

}  // namespace sealrow::net
