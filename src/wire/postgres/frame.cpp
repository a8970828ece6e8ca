#include "sealrow/wire/postgres/frame.hpp"

namespace sealrow::wire::postgres {
namespace {
// A length field counts itself; PostgreSQL's own limit is 1 GiB - 2 (libpq.h, PQ_LARGE_MESSAGE_LIMIT).
bool length_is_sane(std::uint32_t length) { return length >= 4 && length <= 0x3FFFFFFFu; }
}  // namespace

FeedStatus Layout::open(ByteView head, Sink& sink, bool, Opened& out) {
  const std::uint32_t length = load_u32(head.data() + 1);
  if (!length_is_sane(length)) return FeedStatus::malformed;
  out.body = length - 4;
  out.decision = sink.decide(static_cast<char>(head[0]), out.body);
  return FeedStatus::ok;
}

std::size_t Layout::extent(ByteView front) noexcept {
  return front.size() < header_size ? header_size : 1 + std::size_t{load_u32(front.data() + 1)};
}

FeedStatus Layout::look(ByteView whole, Lifetime lifetime, Sink& sink, Progress& out) {
  out = sink.look({static_cast<char>(whole[0]), whole.subspan(header_size), whole}, lifetime);
  return FeedStatus::ok;
}

}  // namespace sealrow::wire::postgres
