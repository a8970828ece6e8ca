// Incremental framing of one leg, for every protocol: finds message boundaries in arbitrary chunks. Bytes of messages
// that nobody looks at are handed on as ranges of the chunk itself; only a message that is looked at is ever held
// whole. What a header is, a protocol's Layout says:
//
//   struct Layout {
//     using Sink = …;                       // receives decide(…), look(frame, lifetime) and pass(bytes, lifetime)
//     // Bytes that must be there before a message can be decided; may grow with what is there.
//     static std::size_t head_size(ByteView front);
//     // Reads a complete head. `inherit`: a further fragment of a message that is decided already.
//     FeedStatus open(ByteView head, Sink& sink, bool inherit, Opened& out);
//     // Bytes of the looked-at message at the front that are known of so far; when they are there, it is whole.
//     static std::size_t extent(ByteView front);
//     // What a message with a body of `max_held` bytes takes with its headers.
//     static std::size_t held_limit(std::uint32_t max_held);
//     // Hands a whole message to the sink, its fragments joined and checked.
//     FeedStatus look(ByteView whole, Lifetime lifetime, Sink& sink, Progress& out);
//     void pass_head(ByteView head, Lifetime lifetime, Sink& sink);
//   };
#pragma once

#include "sealrow/base/bytes.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace sealrow::wire {

// refuse: the message has no place here, the leg ends as malformed.
enum class Decision : std::uint8_t { pass, look, drop, refuse };
// taken: go on with the next message. again: the message cannot be handled yet, keep it and everything behind it.
// stop: the leg is finished, drop the rest.
enum class Progress : std::uint8_t { taken, again, stop };
// How long passed bytes live: in the caller's chunk, or only until the call returns.
enum class Lifetime : std::uint8_t { chunk, call };
enum class FeedStatus : std::uint8_t { ok, suspended, stopped, malformed, too_large };

// What a head says about the fragment that it opens.
struct Opened {
  Decision decision = Decision::pass;
  std::uint32_t body = 0;  // bytes behind the head
  bool more = false;       // a further fragment of the same message follows
};

template <class Layout>
class FrameWalker {
 public:
  using Sink = typename Layout::Sink;
  // `max_held`: largest message (without its header) that may be held whole.
  explicit FrameWalker(std::uint32_t max_held) noexcept : max_held_(max_held) {}

  [[nodiscard]] FeedStatus feed(ByteView chunk, Sink& sink) {
    if (suspended_ || !held_.empty()) {
      hold(chunk);
      return FeedStatus::suspended;
    }
    return walk(chunk, Lifetime::chunk, sink);
  }
  // After `again`: offers the kept message once more, then what came behind it.
  [[nodiscard]] FeedStatus resume(Sink& sink) {
    suspended_ = false;
    const std::string kept = std::move(held_);
    held_.clear();
    return walk(as_bytes(kept), Lifetime::call, sink);
  }
  // Keeps bytes without looking at them (the leg is not to be handled now).
  void hold(ByteView chunk) { held_.append(as_text(chunk)); }
  [[nodiscard]] std::size_t held() const noexcept { return held_.size() + carry_.size(); }
  [[nodiscard]] bool suspended() const noexcept { return suspended_; }
  // No message has been begun but not ended.
  [[nodiscard]] bool at_boundary() const noexcept { return carry_.empty() && remaining_ == 0 && !passing_more_; }
  [[nodiscard]] Layout& layout() noexcept { return layout_; }

 private:
  FeedStatus walk(ByteView chunk, Lifetime lifetime, Sink& sink);
  FeedStatus take_head(ByteView& chunk, Lifetime lifetime, Sink& sink);
  FeedStatus take_looked(ByteView& chunk, Lifetime lifetime, Sink& sink);
  FeedStatus keep(ByteView chunk);
  void hand_on(ByteView& chunk, Lifetime lifetime, Sink& sink);
  // Moves bytes from the chunk until the carry has `size` of them; false: the chunk ended first.
  bool fill_carry(ByteView& chunk, std::size_t size);
  void clear_carry();

  static constexpr std::size_t kept_capacity = 16u << 10;

  Layout layout_;
  std::uint32_t max_held_;
  std::uint32_t remaining_ = 0;  // bytes of a passed or dropped fragment still to come
  bool passing_more_ = false;    // that fragment is not its message's last
  bool dropping_ = false;
  bool looking_ = false;  // the message at the front is decided: it is held until it is whole
  bool suspended_ = false;
  std::string carry_;  // begun message: part of a head, or all so far of a message to look at
  std::string held_;   // unread bytes while suspended
};

// Everything unread goes to held_: first a begun message, then the rest of the chunk.
template <class Layout>
FeedStatus FrameWalker<Layout>::keep(ByteView chunk) {
  held_.insert(0, as_text(chunk));
  held_.insert(0, carry_);
  carry_.clear();
  suspended_ = true;
  return FeedStatus::suspended;
}

template <class Layout>
void FrameWalker<Layout>::hand_on(ByteView& chunk, Lifetime lifetime, Sink& sink) {
  const std::size_t n = std::min<std::size_t>(remaining_, chunk.size());
  if (!dropping_) sink.pass(chunk.first(n), lifetime);
  remaining_ -= static_cast<std::uint32_t>(n);
  chunk = chunk.subspan(n);
}

template <class Layout>
bool FrameWalker<Layout>::fill_carry(ByteView& chunk, std::size_t size) {
  if (carry_.size() >= size) return true;
  const std::size_t n = std::min(size - carry_.size(), chunk.size());
  carry_.append(as_text(chunk.first(n)));
  chunk = chunk.subspan(n);
  return carry_.size() >= size;
}

// A large message must not leave its memory with an idle session.
template <class Layout>
void FrameWalker<Layout>::clear_carry() {
  if (carry_.capacity() > kept_capacity)
    carry_ = {};
  else
    carry_.clear();
}

// A head cut by the chunk's end is carried; its size may become known only byte by byte.
template <class Layout>
FeedStatus FrameWalker<Layout>::take_head(ByteView& chunk, Lifetime lifetime, Sink& sink) {
  const bool carried = !carry_.empty();
  std::size_t size = layout_.head_size(carried ? as_bytes(carry_) : chunk);
  if (!carried && chunk.size() < size) {
    carry_.assign(as_text(chunk));
    chunk = {};
    return FeedStatus::ok;
  }
  while (carried && carry_.size() < size) {
    if (!fill_carry(chunk, size)) return FeedStatus::ok;
    size = layout_.head_size(as_bytes(carry_));
  }
  const ByteView head = (carried ? as_bytes(carry_) : chunk).first(size);
  Opened opened;
  const auto status = layout_.open(head, sink, passing_more_, opened);
  if (status != FeedStatus::ok) return status;
  if (opened.decision == Decision::refuse) return FeedStatus::malformed;
  if (opened.decision == Decision::look) {
    looking_ = true;
    return FeedStatus::ok;
  }
  if (!passing_more_) dropping_ = opened.decision == Decision::drop;
  if (!dropping_) layout_.pass_head(head, carried ? Lifetime::call : lifetime, sink);
  remaining_ = opened.body;
  passing_more_ = opened.more;
  if (carried)
    clear_carry();
  else
    chunk = chunk.subspan(size);
  return FeedStatus::ok;
}

template <class Layout>
FeedStatus FrameWalker<Layout>::take_looked(ByteView& chunk, Lifetime lifetime, Sink& sink) {
  const bool carried = !carry_.empty();
  std::size_t size = 0;
  for (;;) {
    const ByteView front = carried ? as_bytes(carry_) : chunk;
    size = layout_.extent(front);
    if (size > layout_.held_limit(max_held_)) return FeedStatus::too_large;
    if (front.size() >= size) break;
    if (!carried) carry_.assign(as_text(std::exchange(chunk, {})));
    if (!carried || !fill_carry(chunk, size)) return FeedStatus::ok;  // the rest is in a later chunk
  }
  const ByteView whole = (carried ? as_bytes(carry_) : chunk).first(size);
  Progress progress = Progress::taken;
  const auto status = layout_.look(whole, carried ? Lifetime::call : lifetime, sink, progress);
  if (status != FeedStatus::ok) return status;
  looking_ = false;
  if (progress == Progress::again) return keep(chunk);
  if (progress == Progress::stop) return FeedStatus::stopped;
  if (carried)
    clear_carry();
  else
    chunk = chunk.subspan(size);
  return FeedStatus::ok;
}

template <class Layout>
FeedStatus FrameWalker<Layout>::walk(ByteView chunk, Lifetime lifetime, Sink& sink) {
  while (!chunk.empty() || looking_) {
    FeedStatus status = FeedStatus::ok;
    if (looking_) {
      status = take_looked(chunk, lifetime, sink);
      if (status == FeedStatus::ok && looking_) return status;  // more bytes are needed
    } else if (remaining_ > 0) {
      hand_on(chunk, lifetime, sink);
    } else {
      status = take_head(chunk, lifetime, sink);
    }
    if (status != FeedStatus::ok) return status;
  }
  return FeedStatus::ok;
}

}  // namespace sealrow::wire
