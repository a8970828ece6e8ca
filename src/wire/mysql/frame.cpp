#include "sealrow/wire/mysql/frame.hpp"

#include <array>

namespace sealrow::wire::mysql {
namespace {

std::uint32_t payload_size(const std::uint8_t* p) noexcept {
  return static_cast<std::uint32_t>(p[0] | p[1] << 8 | p[2] << 16);
}

// The fragments of one logical packet, one after the other; `front` holds them whole.
template <class Visit>
bool each_fragment(ByteView front, Visit visit) {
  while (!front.empty()) {
    const std::uint32_t size = payload_size(front.data());
    if (!visit(front.first(header_size), front.subspan(header_size, size))) return false;
    front = front.subspan(header_size + size);
  }
  return true;
}

}  // namespace

// With a payload the first byte of it belongs to the head: without it a row cannot be told from an end.
std::size_t Layout::head_size(ByteView front) noexcept {
  if (front.size() < header_size) return header_size;
  return payload_size(front.data()) == 0 ? header_size : header_size + 1;
}

FeedStatus Layout::open(ByteView head, Sink& sink, bool inherit, Opened& out) {
  const std::uint32_t size = payload_size(head.data());
  const std::uint8_t sequence = head[3];
  out.more = size == max_packet;
  out.body = static_cast<std::uint32_t>(size - (head.size() - header_size));
  if (inherit) {
    if (continuity_ == Continuity::checked && sequence != static_cast<std::uint8_t>(last_ + 1))
      return FeedStatus::malformed;
    sink.fragment(sequence);
  } else {
    out.decision = sink.decide({size, sequence, head.size() > header_size ? head[header_size] : std::uint8_t{0}});
  }
  last_ = sequence;
  return FeedStatus::ok;
}

std::size_t Layout::extent(ByteView front) noexcept {
  std::size_t at = 0;
  for (;;) {
    if (front.size() < at + header_size) return at + header_size;
    const std::uint32_t size = payload_size(front.data() + at);
    at += header_size + size;
    if (size != max_packet) return at;
  }
}

std::size_t Layout::held_limit(std::uint32_t max_held) noexcept {
  return std::size_t{max_held} + header_size * (max_held / max_packet + 1);
}

FeedStatus Layout::look(ByteView whole, Lifetime lifetime, Sink& sink, Progress& out) const {
  Frame frame{whole.subspan(header_size), whole, whole[3], whole[3]};
  if (payload_size(whole.data()) != max_packet) {
    out = sink.look(frame, lifetime);
    return FeedStatus::ok;
  }
  std::string joined;
  joined.reserve(whole.size());
  std::uint8_t next = frame.sequence;
  const bool continuous = each_fragment(whole, [&](ByteView head, ByteView part) {
    joined.append(as_text(part));
    frame.last_sequence = head[3];
    return head[3] == next++ || continuity_ == Continuity::unchecked;
  });
  if (!continuous) return FeedStatus::malformed;
  frame.body = as_bytes(joined);
  out = sink.look(frame, Lifetime::call);
  return FeedStatus::ok;
}

void Layout::pass_head(ByteView head, Lifetime lifetime, Sink& sink) const {
  if (shift_ == 0) return sink.pass(head, lifetime);
  std::array<std::uint8_t, header_size + 1> copy{};
  std::copy(head.begin(), head.end(), copy.begin());
  copy[3] = static_cast<std::uint8_t>(copy[3] + shift_);
  sink.pass(ByteView(copy).first(head.size()), Lifetime::call);
}

bool read_single(ByteView bytes, Frame& out) {
  if (bytes.size() < header_size) return false;
  const std::uint32_t size = payload_size(bytes.data());
  if (size == max_packet || bytes.size() != header_size + size) return false;
  out = {bytes.subspan(header_size), bytes, bytes[3], bytes[3]};
  return true;
}

void append_renumbered(std::string& out, ByteView whole, Sequence& sequence) {
  each_fragment(whole, [&](ByteView head, ByteView part) {
    out.append(as_text(head.first(3))).push_back(static_cast<char>(sequence.take()));
    out.append(as_text(part));
    return true;
  });
}

}  // namespace sealrow::wire::mysql
