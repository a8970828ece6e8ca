// Messages of the PostgreSQL protocol for the walker that all protocols share.
#pragma once

#include "sealrow/wire/frame.hpp"

#include <cstdint>

namespace sealrow::wire::postgres {

using wire::Decision;
using wire::FeedStatus;
using wire::Lifetime;
using wire::Progress;

// Type byte, then a length that counts itself (PostgreSQL 18 manual, section 54.7).
inline constexpr std::size_t header_size = 5;

struct Frame {
  char type = 0;
  ByteView body;
  ByteView whole;  // header and body
};

class FrameSink {
 public:
  virtual ~FrameSink() = default;
  // Once per message, when its header is complete; again after every `Progress::again`.
  [[nodiscard]] virtual Decision decide(char type, std::uint32_t body_size) = 0;
  // The whole message, for Decision::look. `lifetime` tells whether `frame` may be borrowed.
  [[nodiscard]] virtual Progress look(const Frame& frame, Lifetime lifetime) = 0;
  virtual void pass(ByteView bytes, Lifetime lifetime) = 0;
};

struct Layout {
  using Sink = FrameSink;
  static std::size_t head_size(ByteView) noexcept { return header_size; }
  static FeedStatus open(ByteView head, Sink& sink, bool inherit, Opened& out);
  static std::size_t extent(ByteView front) noexcept;
  static std::size_t held_limit(std::uint32_t max_held) noexcept { return header_size + max_held; }
  static FeedStatus look(ByteView whole, Lifetime lifetime, Sink& sink, Progress& out);
  static void pass_head(ByteView head, Lifetime lifetime, Sink& sink) { sink.pass(head, lifetime); }
};

using FrameWalker = wire::FrameWalker<Layout>;

}  // namespace sealrow::wire::postgres
