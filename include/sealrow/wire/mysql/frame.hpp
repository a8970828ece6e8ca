// Packets of the MySQL and MariaDB protocol (MySQL internals manual, "MySQL Packets"): three bytes of length, one of
// sequence id. A payload of 0xFFFFFF bytes or more is split; its last packet is shorter, if need be empty.
#pragma once

#include "sealrow/wire/frame.hpp"

#include <cstdint>
#include <string>

namespace sealrow::wire::mysql {

using wire::Decision;
using wire::FeedStatus;
using wire::Lifetime;
using wire::Progress;

inline constexpr std::size_t header_size = 4;
inline constexpr std::uint32_t max_packet = 0xFFFFFF;

// Sequence ids of one side of one command: they start at 0 with each command, go on over both directions of it and
// wrap at 256. With pipelined commands each one needs its own.
class Sequence {
 public:
  Sequence() noexcept = default;
  explicit Sequence(std::uint8_t next) noexcept : next_(next) {}
  [[nodiscard]] std::uint8_t next() const noexcept { return next_; }
  std::uint8_t take() noexcept { return next_++; }
  void reset(std::uint8_t next = 0) noexcept { next_ = next; }

 private:
  std::uint8_t next_ = 0;
};

// What is known of a logical packet when its first fragment opens. What a packet is, state decides, never its first
// byte alone: with a row it may be anything (facts: MY-9).
struct Head {
  std::uint32_t size = 0;     // payload of this fragment; max_packet: a further one follows
  std::uint8_t sequence = 0;  // of the first fragment
  std::uint8_t first = 0;     // first payload byte, 0 if there is none
  [[nodiscard]] bool continues() const noexcept { return size == max_packet; }
  [[nodiscard]] bool empty() const noexcept { return size == 0; }
};

struct Frame {
  ByteView body;                   // the whole payload, fragments joined
  ByteView whole;                  // as it came, with all headers
  std::uint8_t sequence = 0;       // of the first fragment
  std::uint8_t last_sequence = 0;  // of the last one: the answer begins one behind it
};

class FrameSink {
 public:
  virtual ~FrameSink() = default;
  // Once per logical packet, when its head and first byte are there; again after every `Progress::again`. The sink
  // compares `head.sequence` with what it expects and answers Decision::refuse if it must agree and does not.
  [[nodiscard]] virtual Decision decide(const Head& head) = 0;
  // The whole logical packet, for Decision::look. `lifetime` tells whether `frame` may be borrowed.
  [[nodiscard]] virtual Progress look(const Frame& frame, Lifetime lifetime) = 0;
  // Bytes of passed packets, headers included.
  virtual void pass(ByteView bytes, Lifetime lifetime) = 0;
  // A passed logical packet's further fragment begins; `sequence` is its id (before any shift).
  virtual void fragment(std::uint8_t sequence) { (void)sequence; }
};

// Inside the compressed protocol only the outer sequence ids bind: a server sets the inner counter to the outer one at
// each flush (net_serv.cc), so inner ids may jump.
enum class Continuity : std::uint8_t { checked, unchecked };

class Layout {
 public:
  using Sink = FrameSink;

  // Added to the sequence ids of packets that are passed from now on: one leg has had a packet more than the other
  // (a TLS request, a packet inserted or taken out). 0 passes headers without a copy.
  void shift(std::uint8_t by) noexcept { shift_ = by; }
  [[nodiscard]] std::uint8_t shift() const noexcept { return shift_; }
  void continuity(Continuity rule) noexcept { continuity_ = rule; }

  static std::size_t head_size(ByteView front) noexcept;
  FeedStatus open(ByteView head, Sink& sink, bool inherit, Opened& out);
  static std::size_t extent(ByteView front) noexcept;
  static std::size_t held_limit(std::uint32_t max_held) noexcept;
  FeedStatus look(ByteView whole, Lifetime lifetime, Sink& sink, Progress& out) const;
  void pass_head(ByteView head, Lifetime lifetime, Sink& sink) const;

 private:
  std::uint8_t shift_ = 0;
  std::uint8_t last_ = 0;  // sequence id of the fragment opened last
  Continuity continuity_ = Continuity::checked;
};

using FrameWalker = wire::FrameWalker<Layout>;

// One logical packet in a buffer at hand (a handshake before the walker runs): false if it is cut short, continued
// or followed by other bytes.
[[nodiscard]] bool read_single(ByteView bytes, Frame& out);

// Appends packets as they came, with every sequence id taken from `sequence`. `whole` is a Frame's.
void append_renumbered(std::string& out, ByteView whole, Sequence& sequence);

}  // namespace sealrow::wire::mysql
