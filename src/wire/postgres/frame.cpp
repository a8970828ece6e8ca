#include "sealrow/wire/postgres/frame.hpp"

#include <algorithm>

namespace sealrow::wire::postgres {
namespace {
constexpr std::size_t kept_capacity = 16u << 10;

// A length field counts itself; PostgreSQL's own limit is 1 GiB - 2 (libpq.h, PQ_LARGE_MESSAGE_LIMIT).
bool length_is_sane(std::uint32_t length) { return length >= 4 && length <= 0x3FFFFFFFu; }
}  // namespace

FeedStatus FrameWalker::feed(ByteView chunk, FrameSink& sink) {
  if (suspended_ || !held_.empty()) {
    hold(chunk);
    return FeedStatus::suspended;
  }
  return walk(chunk, Lifetime::chunk, sink);
}

FeedStatus FrameWalker::resume(FrameSink& sink) {
  suspended_ = false;
  const std::string kept = std::move(held_);
  held_.clear();
  return walk(as_bytes(kept), Lifetime::call, sink);
}

void FrameWalker::hold(ByteView chunk) { held_.append(as_text(chunk)); }

// Everything unread goes to held_: first a begun message, then the rest of the chunk.
FeedStatus FrameWalker::keep(ByteView chunk) {
  held_.insert(0, as_text(chunk));
  held_.insert(0, carry_);
  carry_.clear();
  suspended_ = true;
  return FeedStatus::suspended;
}

std::size_t FrameWalker::hand_on(ByteView chunk, Lifetime lifetime, FrameSink& sink) {
  const std::size_t n = std::min<std::size_t>(remaining_, chunk.size());
  if (!dropping_) sink.pass(chunk.first(n), lifetime);
  remaining_ -= static_cast<std::uint32_t>(n);
  return n;
}

FeedStatus FrameWalker::start(ByteView available, Lifetime lifetime, FrameSink& sink, Decision& decision,
                              std::uint32_t& body) {
  const std::uint32_t length = load_u32(available.data() + 1);
  if (!length_is_sane(length)) return FeedStatus::malformed;
  body = length - 4;
  decision = sink.decide(static_cast<char>(available[0]), body);
  if (decision == Decision::look) return body > max_body_ ? FeedStatus::too_large : FeedStatus::ok;
  dropping_ = decision == Decision::drop;
  if (!dropping_) sink.pass(available.first(header_size), lifetime);
  remaining_ = body;
  return FeedStatus::ok;
}

FeedStatus FrameWalker::walk(ByteView chunk, Lifetime lifetime, FrameSink& sink) {
  while (!chunk.empty()) {
    if (remaining_ > 0) {
      chunk = chunk.subspan(hand_on(chunk, lifetime, sink));
      continue;
    }
    const bool carried = !carry_.empty();
    if (carried && carry_.size() < header_size) {
      const std::size_t n = std::min(header_size - carry_.size(), chunk.size());
      carry_.append(as_text(chunk.first(n)));
      chunk = chunk.subspan(n);
    }
    const ByteView head = carried ? as_bytes(carry_) : chunk;
    if (head.size() < header_size) {
      if (!carried) carry_.assign(as_text(chunk));
      return FeedStatus::ok;
    }
    Decision decision = Decision::pass;
    std::uint32_t body = 0;
    // A carried header was decided when it became complete, unless this very chunk completed it.
    if (!carried || carry_.size() == header_size) {
      const auto status = start(head, carried ? Lifetime::call : lifetime, sink, decision, body);
      if (status != FeedStatus::ok) return status;
      if (decision != Decision::look) {
        if (carried)
          carry_.clear();
        else
          chunk = chunk.subspan(header_size);
        continue;
      }
    } else {
      body = load_u32(carry_.data() + 1) - 4;
    }
    const std::size_t total = header_size + body;
    ByteView whole = chunk;
    if (carried) {
      const std::size_t n = std::min(total - carry_.size(), chunk.size());
      carry_.append(as_text(chunk.first(n)));
      chunk = chunk.subspan(n);
      whole = as_bytes(carry_);
    }
    if (whole.size() < total) {
      if (!carried) carry_.assign(as_text(chunk));
      return FeedStatus::ok;
    }
    whole = whole.first(total);
    const Frame frame{static_cast<char>(whole[0]), whole.subspan(header_size), whole};
    const Progress progress = sink.look(frame, carried ? Lifetime::call : lifetime);
    if (progress == Progress::again) return keep(chunk);
    if (progress == Progress::stop) return FeedStatus::stopped;
    if (carried)
      shrink();
    else
      chunk = chunk.subspan(total);
  }
  return FeedStatus::ok;
}

// A large message must not leave its memory with an idle session.
void FrameWalker::shrink() {
  if (carry_.capacity() > kept_capacity)
    carry_ = {};
  else
    carry_.clear();
}

}  // namespace sealrow::wire::postgres
