// Connection's server side: connecting, and cancel requests on their way to the backend.
#include "net/connection.hpp"
#include "net/small_sessions.hpp"
#include "net/worker.hpp"
#include "sealrow/base/log.hpp"

#include <cerrno>
#include <cstring>

namespace sealrow::net {

void Connection::connect_backend(std::shared_ptr<const AddressList> addresses) {
  if (server_.is_open() || attempt_ != nullptr) return close("second connect");
  attempt_ = std::make_unique<ConnectAttempt>();
  attempt_->failure = addresses->empty() ? worker_.shared().resolver->failure()
                                         : Error{ErrorCode::backend_unreachable, "database server cannot be reached"};
  attempt_->addresses = std::move(addresses);
  connect_next();
}

void Connection::connect_next() {
  while (attempt_->next < attempt_->addresses->size()) {
    const std::size_t index = attempt_->next++;
    const Address& address = (*attempt_->addresses)[index];
    FileDescriptor fd = open_socket(address);
    const bool started = fd && ::connect(fd.get(), address.get(), address.size) == 0;
    if (!started && (!fd || errno != EINPROGRESS)) {
      attempt_->failure.detail = std::strerror(errno);
      continue;
    }
    server_.open(std::move(fd), Leg::State::connecting);
    backend_ = attempt_->addresses;
    backend_index_ = index;
    step_deadline_ = worker_.reactor().now() + worker_.shared().options.backend.connect_timeout;
    if (started) connected();
    return;
  }
  const Error failure = std::move(attempt_->failure);
  attempt_.reset();
  step_deadline_ = never;
  worker_.counters().backend_failures.add();
  worker_.shared().resolver->refresh_soon();
  log::write(log::Level::warn, "net", failure);
  drive([&](session::Session& s, session::Output& out) { s.on_connect_failed(failure, out); });
  if (!closing_) close("backend cannot be reached");
}

void Connection::connect_ready() {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(server_.fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error == 0) return connected();
  connect_failed(std::strerror(error));
}

void Connection::connect_failed(const char* reason) {
  server_.close(worker_.reactor());
  attempt_->failure.detail = reason;
  connect_next();
}

void Connection::connected() {
  server_.connected();
  attempt_.reset();
  step_deadline_ = never;
  drive([](session::Session& s, session::Output& out) { s.on_connected(out); });
}

void Connection::register_cancel(session::RegisterCancel& request) {
  CancelTarget target{std::move(request.backend_key), worker_.index(), id_};
  if (worker_.shared().cancels.add(request.our_key, std::move(target))) cancel_key_ = std::move(request.our_key);
}

// The session of a cancel connection is replaced by one that carries the request to the backend of its target.
void Connection::begin_cancel(const std::string& our_key) {
  auto target = worker_.shared().cancels.find(our_key);
  if (!target) return close("cancel request with an unknown key");
  worker_.counters().cancels.add();
  session_ = make_cancel_session(target->backend_key, worker_.shared().options.backend.tls_start);
  // Only the target's worker may ask whether something is under way there; if not, the request would hit whatever
  // comes next.
  auto reply = worker_.answer_to(id_);
  auto& owner = *worker_.shared().workers[target->worker];
  owner.with_connection(target->connection, [reply](Connection& target_of_it) {
    if (target_of_it.busy())
      reply(
          [address = (*target_of_it.backend_)[target_of_it.backend_index_]](Connection& c) { c.cancel_now(address); });
    else
      reply([](Connection& c) { c.cancel_is_moot(); });
  });
}

void Connection::cancel_now(const Address& backend) {
  if (closing_) return;
  connect_backend(std::make_shared<AddressList>(AddressList{backend}));
  settle();
}

void Connection::cancel_is_moot() {
  close("nothing to cancel");
  settle();
}

}  // namespace sealrow::net
