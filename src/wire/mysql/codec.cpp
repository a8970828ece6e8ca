#include "sealrow/wire/mysql/codec.hpp"

#include <algorithm>

namespace sealrow::wire::mysql {
namespace {
constexpr std::uint8_t null_mark = 0xFB;
}

std::uint64_t Reader::little(std::size_t n) noexcept {
  const auto b = bytes(n);
  std::uint64_t value = 0;
  for (std::size_t i = b.size(); i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(b[i]);
  return value;
}

std::uint64_t Reader::lenenc() noexcept {
  const std::uint8_t first = u8();
  if (first < null_mark) return first;
  switch (first) {
    case 0xFC:
      return little(2);
    case 0xFD:
      return little(3);
    case 0xFE:
      return little(8);
    default:
      fail();
      return 0;
  }
}

std::string_view Reader::lenenc_string() noexcept {
  const std::uint64_t size = lenenc();
  if (size > left()) fail();
  return bytes(static_cast<std::size_t>(size));
}

Cell Reader::lenenc_cell() noexcept {
  if (left() > 0 && peek() == null_mark) {
    (void)u8();
    return std::nullopt;
  }
  return lenenc_string();
}

void append_little(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

std::size_t lenenc_size(std::uint64_t value) noexcept {
  if (value < null_mark) return 1;
  if (value <= 0xFFFF) return 3;
  return value <= 0xFFFFFF ? 4 : 9;
}

void append_lenenc(std::string& out, std::uint64_t value) {
  switch (lenenc_size(value)) {
    case 1:
      return append_little(out, value, 1);
    case 3:
      out.push_back('\xFC');
      return append_little(out, value, 2);
    case 4:
      out.push_back('\xFD');
      return append_little(out, value, 3);
    default:
      out.push_back('\xFE');
      return append_little(out, value, 8);
  }
}

void append_lenenc_string(std::string& out, std::string_view text) {
  append_lenenc(out, text.size());
  out.append(text);
}

Packet::Packet(std::string& out, Sequence& sequence) : out_(out), sequence_(sequence), start_(out.size()) {
  out_.append(header_size, '\0');
}

// The payload stands in one piece; a long one is moved apart, from its end, to make room for the further headers.
Packet::~Packet() {
  const std::size_t payload = out_.size() - start_ - header_size;
  const std::size_t fragments = payload / max_packet + 1;
  out_.append(header_size * (fragments - 1), '\0');
  char* const base = out_.data() + start_ + header_size;
  for (std::size_t i = fragments; i-- > 0;) {
    const std::size_t from = i * max_packet;
    const std::size_t size = std::min<std::size_t>(max_packet, payload - from);
    char* const to = base + from + i * header_size;
    if (i > 0) std::copy_backward(base + from, base + from + size, to + size);
    for (int k = 0; k < 3; ++k) to[k - 4] = static_cast<char>(size >> (8 * k));
    to[-1] = static_cast<char>(sequence_.next() + i);
  }
  for (std::size_t i = 0; i < fragments; ++i) sequence_.take();
}

Packet& Packet::lenenc_cell(const Cell& cell) { return cell ? lenenc_string(*cell) : u8(null_mark); }

void append_packet(std::string& out, Sequence& sequence, std::string_view payload) {
  Packet(out, sequence).bytes(payload);
}

}  // namespace sealrow::wire::mysql
