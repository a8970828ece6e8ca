// What a worker asks of the outside on behalf of its sessions. One host per worker.
#pragma once

#include "sealrow/session/io.hpp"

#include <functional>
#include <memory>
#include <string>

namespace sealrow::net {

// make_session is called on the worker's thread. The others may call `done` on any thread, once; the worker brings the
// answer back to its own thread and drops it when the session is gone.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  [[nodiscard]] virtual std::unique_ptr<session::Session> make_session() = 0;
  virtual void fetch_key(const keys::KeyRequest& request, std::function<void()> done) = 0;
  virtual void fetch_verifier(const std::string& user, std::function<void(Result<std::string>)> done) = 0;
  // The worker's thread has handled a batch of events: what was kept for it alone may go.
  virtual void after_batch() noexcept {}
  virtual void refresh_catalog(const std::string& database, std::function<void()> done) = 0;
};

using SessionHostFactory = std::function<Result<std::unique_ptr<SessionHost>>(unsigned worker)>;

}  // namespace sealrow::net
