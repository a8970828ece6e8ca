// Incremental framing of one leg: finds message boundaries in arbitrary chunks. Bytes of messages that nobody looks at
// are handed on as ranges of the chunk itself; only a message that is looked at is ever held whole.
#pragma once

#include "sealrow/base/bytes.hpp"

#include <cstdint>
#include <string>

namespace sealrow::wire::postgres {

// Type byte, then a length that counts itself (PostgreSQL 18 manual, section 54.7).
inline constexpr std::size_t header_size = 5;

struct Frame {
  char type = 0;
  ByteView body;
  ByteView whole;  // header and body
};

enum class Decision : std::uint8_t { pass, look, drop };
// taken: go on with the next message. again: the message cannot be handled yet, keep it and everything behind it.
// stop: the leg is finished, drop the rest.
enum class Progress : std::uint8_t { taken, again, stop };
// How long passed bytes live: in the caller's chunk, or only until the call returns.
enum class Lifetime : std::uint8_t { chunk, call };

class FrameSink {
 public:
  virtual ~FrameSink() = default;
  // Once per message, when its header is complete; again after every `Progress::again`.
  [[nodiscard]] virtual Decision decide(char type, std::uint32_t body_size) = 0;
  // The whole message, for Decision::look. `lifetime` tells whether `frame` may be borrowed.
  [[nodiscard]] virtual Progress look(const Frame& frame, Lifetime lifetime) = 0;
  virtual void pass(ByteView bytes, Lifetime lifetime) = 0;
};

enum class FeedStatus : std::uint8_t { ok, suspended, stopped, malformed, too_large };

class FrameWalker {
 public:
  // `max_body`: largest message that may be held whole.
  explicit FrameWalker(std::uint32_t max_body) noexcept : max_body_(max_body) {}

  [[nodiscard]] FeedStatus feed(ByteView chunk, FrameSink& sink);
  // After `again`: offers the kept message once more, then what came behind it.
  [[nodiscard]] FeedStatus resume(FrameSink& sink);
  // Keeps bytes without looking at them (the leg is not to be handled now).
  void hold(ByteView chunk);
  [[nodiscard]] std::size_t held() const noexcept { return held_.size() + carry_.size(); }
  [[nodiscard]] bool suspended() const noexcept { return suspended_; }
  // No message has been begun but not ended.
  [[nodiscard]] bool at_boundary() const noexcept { return carry_.empty() && remaining_ == 0; }

 private:
  FeedStatus walk(ByteView chunk, Lifetime lifetime, FrameSink& sink);
  FeedStatus keep(ByteView chunk);
  std::size_t hand_on(ByteView chunk, Lifetime lifetime, FrameSink& sink);
  FeedStatus start(ByteView available, Lifetime lifetime, FrameSink& sink, Decision& decision, std::uint32_t& body);
  void shrink();

  std::uint32_t max_body_;
  std::uint32_t remaining_ = 0;  // bytes of a passed or dropped message still to come
  bool dropping_ = false;
  bool suspended_ = false;
  std::string carry_;  // begun message: part of a header, or all so far of a message to look at
  std::string held_;   // unread bytes while suspended
};

}  // namespace sealrow::wire::postgres
