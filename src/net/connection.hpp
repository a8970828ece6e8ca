// One session and its two legs: moves bytes between them, carries out the session's requests, keeps its deadlines.
// Lives on one worker and is touched by that thread only.
#pragma once

#include "net/address.hpp"
#include "net/cancel_registry.hpp"
#include "net/leg.hpp"
#include "net/timers.hpp"
#include "sealrow/session/io.hpp"

#include <memory>
#include <string>

namespace sealrow::net {

class Worker;

class Connection final : private Timer {
 public:
  Connection(Worker& worker, ConnectionId id, FileDescriptor client, std::unique_ptr<session::Session> session);
  ~Connection() override;

  void start();
  void on_leg_events(Leg& leg, std::uint32_t events);

  // Answers to requests, back on the worker's thread.
  void answered(std::uint32_t request);
  void verifier_fetched(std::uint32_t request, Result<std::string> verifier);
  void cancel_now(const Address& backend);  // the target is busy: send the cancel request
  void cancel_is_moot();                    // it is not, or has gone

  void drain();      // shuts down if nothing is under way
  void shut_down();  // tells the client, then closes
  [[nodiscard]] bool busy() const noexcept { return !closing_ && !session_->idle(); }

 private:
  struct ConnectAttempt {
    std::shared_ptr<const AddressList> addresses;
    std::size_t next = 0;
    Error failure;
  };

  void close(std::string_view reason);  // flush, FIN, wait a moment for the peer's

  template <class Call>
  void drive(Call&& call);  // one call of the session, then what it asked for
  [[nodiscard]] session::Output& output() noexcept;
  void apply(session::Output& out);
  void carry_out(std::uint32_t id, session::Request& request);
  void settle();  // interest and deadline after each event; may retire this

  void read(Leg& leg);
  void deliver(Leg& leg, ByteView bytes);
  void deliver_tls(Leg& leg, ByteView ciphertext);
  [[nodiscard]] TlsStatus continue_handshake(Leg& leg);
  void tls_failed(Leg& leg);
  [[nodiscard]] bool wants(Leg& leg) noexcept;
  void leg_ended(Leg& leg);

  void start_tls(Leg& leg);
  void start_direct_tls(ByteView bytes);
  void connect_backend(std::shared_ptr<const AddressList> addresses);
  void connect_next();
  void connect_failed(const char* reason);
  void connect_ready();
  void connected();
  void register_cancel(session::RegisterCancel& request);
  void begin_cancel(const std::string& our_key);

  void on_timer(Instant now) override;
  void arm();
  [[nodiscard]] Leg& other(const Leg& leg) noexcept { return &leg == &client_ ? server_ : client_; }

  Worker& worker_;
  const ConnectionId id_;
  std::unique_ptr<session::Session> session_;
  std::unique_ptr<ConnectAttempt> attempt_;     // while connecting
  std::shared_ptr<const AddressList> backend_;  // addresses of the server leg, and which
  std::size_t backend_index_ = 0;
  std::string cancel_key_;  // as registered
  Instant authentication_deadline_ = never;
  Instant step_deadline_ = never;  // of a connect or of closing
  Instant last_activity_{};
  Leg client_, server_;
  bool untouched_ = true;  // no byte of the client was seen
  bool direct_tls_ = false;
  bool closing_ = false;
};

template <class Call>
void Connection::drive(Call&& call) {
  if (closing_) return;
  session::Output& out = output();
  call(*session_, out);
  apply(out);
}

}  // namespace sealrow::net
