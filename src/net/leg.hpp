// One socket of a session: receive, send at once, keep what the kernel did not take, TLS in between. Knows nothing of
// the other leg; Connection decides when to read.
#pragma once

#include "net/counters.hpp"
#include "net/reactor.hpp"
#include "net/tls_stream.hpp"
#include "sealrow/session/io.hpp"

#include <sys/uio.h>

#include <memory>
#include <string>
#include <vector>

namespace sealrow::net {

class Connection;

// Scratch memory of one worker, empty between two events: no buffer stays with an idle session.
struct Buffers {
  // A hundred rows of sealed texts (about 80 KiB) come in one read and leave in one write.
  static constexpr std::size_t receive_size = 128u << 10;
  // A read may also complete a record of 16 KiB that an earlier one had begun.
  static constexpr std::size_t plain_size = receive_size + (32u << 10);
  std::vector<std::uint8_t> receive = std::vector<std::uint8_t>(receive_size);
  std::vector<std::uint8_t> plain = std::vector<std::uint8_t>(plain_size);
  std::string cipher;  // what TLS streams write
  std::string gather;  // pieces joined
  std::vector<session::OutBuffer::Piece> pieces;
  std::vector<iovec> vectors;
  void join();  // the pieces into one
  void trim();  // after a large message
};

enum class ReadInterest : std::uint8_t { none, read };

class Leg final : public EventSource {
 public:
  enum class Received : std::uint8_t { bytes, nothing, end, broken };
  enum class State : std::uint8_t { closed, connecting, open };

  Leg(Connection& owner, session::Leg side) noexcept : owner_(owner), side_(side) {}

  void open(FileDescriptor fd, State state) noexcept;
  void connected() noexcept { state_ = State::open; }
  void close(Reactor& reactor) noexcept;
  void on_events(std::uint32_t events) override;

  // One recv into the worker's buffer.
  [[nodiscard]] Received receive(Buffers& buffers, std::size_t& got) noexcept;
  // Encrypts where TLS is on, sends what the kernel takes, keeps the rest. Clears `out`.
  void send(session::OutBuffer& out, Buffers& buffers, Counters& counters);
  void send_cipher(Buffers& buffers, Counters& counters);  // what the TLS stream has written
  void flush() noexcept;                                   // the queue, when the socket is writable
  // Once everything is sent: close_notify and FIN.
  void finish(Buffers& buffers, Counters& counters);
  void watch(Reactor& reactor, ReadInterest interest) noexcept;

  void start_tls(std::unique_ptr<TlsStream> tls) noexcept { tls_ = std::move(tls); }
  [[nodiscard]] TlsStream* tls() noexcept { return tls_.get(); }
  [[nodiscard]] session::Leg side() const noexcept { return side_; }
  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] bool is_open() const noexcept { return state_ != State::closed; }
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] std::size_t pending() const noexcept { return queue_ ? queue_->bytes.size() - queue_->sent : 0; }
  [[nodiscard]] bool ended() const noexcept { return ended_; }                   // the peer sends nothing more
  [[nodiscard]] bool finished() const noexcept { return finished_ || broken_; }  // nor do we

 private:
  struct Queue {
    std::string bytes;
    std::size_t sent = 0;
  };
  void send_now(Counters& counters, Buffers& buffers, std::size_t size);
  void enqueue(const Buffers& buffers, std::size_t skip);
  void encrypt(session::OutBuffer& out, Buffers& buffers);
  void write_failed() noexcept;
  void shut_down_if_flushed() noexcept;

  Connection& owner_;
  std::unique_ptr<TlsStream> tls_;
  std::unique_ptr<Queue> queue_;
  FileDescriptor fd_;
  std::uint32_t registered_ = 0;
  const session::Leg side_;
  State state_ = State::closed;
  bool ended_ = false;
  bool broken_ = false;  // a send failed: what follows is dropped
  bool finish_wanted_ = false;
  bool finished_ = false;
};

}  // namespace sealrow::net
