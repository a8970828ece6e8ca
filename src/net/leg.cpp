#include "net/leg.hpp"

#include "net/connection.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace sealrow::net {
namespace {

constexpr std::size_t keep_scratch = 256u << 10;
constexpr std::size_t cheap_copy = 4u << 10;  // up to here sendmsg costs more than a copy and send

bool would_block() noexcept { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

template <class Scratch>
void trim_one(Scratch& scratch) {
  scratch.clear();
  if (scratch.capacity() > keep_scratch) scratch.shrink_to_fit();
}

}  // namespace

void Buffers::join() {
  gather.clear();
  for (const auto& piece : pieces) gather.append(piece.data, piece.size);
  pieces.assign(1, {gather.data(), gather.size()});
}

void Buffers::trim() {
  trim_one(cipher);
  trim_one(gather);
}

void Leg::open(FileDescriptor fd, State state) noexcept {
  fd_ = std::move(fd);
  state_ = state;
}

void Leg::close(Reactor& reactor) noexcept {
  if (state_ == State::closed) return;
  reactor.watch(fd_.get(), *this, registered_, 0);
  registered_ = 0;
  fd_.reset();
  tls_.reset();
  queue_.reset();
  state_ = State::closed;
}

void Leg::on_events(std::uint32_t events) { owner_.on_leg_events(*this, events); }

Leg::Received Leg::receive(Buffers& buffers, std::size_t& got) noexcept {
  const ssize_t count = ::recv(fd_.get(), buffers.receive.data(), buffers.receive.size(), 0);
  if (count > 0) {
    got = static_cast<std::size_t>(count);
    return Received::bytes;
  }
  if (count < 0 && would_block()) return Received::nothing;
  ended_ = true;
  if (count == 0) return Received::end;
  write_failed();
  return Received::broken;
}

void Leg::send(session::OutBuffer& out, Buffers& buffers, Counters& counters) {
  if (out.empty()) return;
  if (state_ != State::closed && !broken_ && !finish_wanted_) {
    if (tls_ != nullptr) {
      encrypt(out, buffers);
      send_cipher(buffers, counters);
    } else {
      buffers.pieces.clear();
      out.pieces(buffers.pieces);
      send_now(counters, buffers, out.size());
    }
  }
  out.clear();
}

void Leg::encrypt(session::OutBuffer& out, Buffers& buffers) {
  buffers.pieces.clear();
  out.pieces(buffers.pieces);
  if (buffers.pieces.size() > 1) buffers.join();  // so that they share records
  const auto& whole = buffers.pieces.front();
  // The sink takes everything, so a write can only fail for good.
  if (tls_->write(as_bytes({whole.data, whole.size})) != TlsStatus::done) write_failed();
}

void Leg::send_cipher(Buffers& buffers, Counters& counters) {
  if (buffers.cipher.empty()) return;
  if (!broken_) {
    buffers.pieces.assign(1, {buffers.cipher.data(), buffers.cipher.size()});
    send_now(counters, buffers, buffers.cipher.size());
  }
  buffers.trim();
}

void Leg::send_now(Counters& counters, Buffers& buffers, std::size_t size) {
  std::size_t sent = 0;
  if (queue_ == nullptr && state_ == State::open) {
    if (buffers.pieces.size() > 1 && size <= cheap_copy) buffers.join();
    const std::size_t count = std::min<std::size_t>(buffers.pieces.size(), IOV_MAX);
    ssize_t taken = 0;
    if (count == 1) {
      taken = ::send(fd_.get(), buffers.pieces[0].data, buffers.pieces[0].size, MSG_NOSIGNAL | MSG_DONTWAIT);
    } else {
      buffers.vectors.clear();
      for (std::size_t i = 0; i < count; ++i)
        buffers.vectors.push_back({const_cast<char*>(buffers.pieces[i].data), buffers.pieces[i].size});
      msghdr message{};
      message.msg_iov = buffers.vectors.data();
      message.msg_iovlen = count;
      taken = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    if (taken < 0 && !would_block()) return write_failed();
    sent = taken > 0 ? static_cast<std::size_t>(taken) : 0;
    if (sent == size) return;
    counters.short_sends.add();
  }
  enqueue(buffers, sent);
}

void Leg::enqueue(const Buffers& buffers, std::size_t skip) {
  if (queue_ == nullptr) queue_ = std::make_unique<Queue>();
  if (queue_->sent > 0) {
    queue_->bytes.erase(0, queue_->sent);
    queue_->sent = 0;
  }
  for (const auto& piece : buffers.pieces) {
    const std::size_t passed = std::min(skip, piece.size);
    skip -= passed;
    queue_->bytes.append(piece.data + passed, piece.size - passed);
  }
}

void Leg::flush() noexcept {
  if (queue_ == nullptr || state_ != State::open) return;
  const ssize_t taken = ::send(fd_.get(), queue_->bytes.data() + queue_->sent, pending(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (taken < 0) {
    if (!would_block()) write_failed();
    return;
  }
  queue_->sent += static_cast<std::size_t>(taken);
  if (pending() == 0) queue_.reset();
  shut_down_if_flushed();
}

// Not the end of the leg: what the peer sent before it went is still to be read, and reading reports the end.
void Leg::write_failed() noexcept {
  broken_ = true;
  queue_.reset();
}

void Leg::finish(Buffers& buffers, Counters& counters) {
  if (finish_wanted_ || state_ != State::open) return;
  if (tls_ != nullptr && tls_->established() && !broken_) {
    tls_->close_notify();
    send_cipher(buffers, counters);
  }
  finish_wanted_ = true;
  shut_down_if_flushed();
}

void Leg::shut_down_if_flushed() noexcept {
  if (!finish_wanted_ || finished_ || pending() != 0) return;
  finished_ = true;
  ::shutdown(fd_.get(), SHUT_WR);
}

void Leg::watch(Reactor& reactor, ReadInterest interest) noexcept {
  if (state_ == State::closed) return;
  std::uint32_t wanted = 0;
  if (state_ == State::connecting || pending() != 0) wanted |= EPOLLOUT;
  if (state_ == State::open && interest == ReadInterest::read && !ended_) wanted |= EPOLLIN;
  reactor.watch(fd_.get(), *this, registered_, wanted);
  registered_ = wanted;
}

}  // namespace sealrow::net
