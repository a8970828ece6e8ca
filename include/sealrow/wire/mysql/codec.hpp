// The protocol's units, read and written: little-endian integers, length-encoded integers and strings
// (MySQL internals manual, "Protocol Data Types").
#pragma once

#include "sealrow/wire/cursor.hpp"
#include "sealrow/wire/mysql/frame.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sealrow::wire::mysql {

// A value on the wire: absent is NULL.
using Cell = std::optional<std::string_view>;

class Reader : public Cursor {
 public:
  using Cursor::Cursor;
  [[nodiscard]] std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(little(2)); }
  [[nodiscard]] std::uint32_t u24() noexcept { return static_cast<std::uint32_t>(little(3)); }
  [[nodiscard]] std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(little(4)); }
  [[nodiscard]] std::uint64_t u64() noexcept { return little(8); }
  // 0xFB (NULL) and 0xFF are no integers: the read fails.
  [[nodiscard]] std::uint64_t lenenc() noexcept;
  [[nodiscard]] std::string_view lenenc_string() noexcept;
  // A text row's cell: 0xFB is NULL.
  [[nodiscard]] Cell lenenc_cell() noexcept;
  // All that is left.
  [[nodiscard]] std::string_view remainder() noexcept { return bytes(left()); }
  [[nodiscard]] std::uint8_t peek() const noexcept { return rest().empty() ? std::uint8_t{0} : rest()[0]; }

 private:
  std::uint64_t little(std::size_t n) noexcept;
};

void append_little(std::string& out, std::uint64_t value, std::size_t bytes);
void append_lenenc(std::string& out, std::uint64_t value);
void append_lenenc_string(std::string& out, std::string_view text);
// Bytes that `value` takes as a length-encoded integer.
[[nodiscard]] std::size_t lenenc_size(std::uint64_t value) noexcept;

// Writes one logical packet by appending: the header is filled in when the object ends, and a payload of 0xFFFFFF
// bytes or more is split then. Takes as many sequence ids as it needs.
class Packet {
 public:
  Packet(std::string& out, Sequence& sequence);
  ~Packet();
  Packet(const Packet&) = delete;
  Packet& operator=(const Packet&) = delete;

  Packet& u8(std::uint8_t v) {
    out_.push_back(static_cast<char>(v));
    return *this;
  }
  Packet& u16(std::uint16_t v) { return little(v, 2); }
  Packet& u24(std::uint32_t v) { return little(v, 3); }
  Packet& u32(std::uint32_t v) { return little(v, 4); }
  Packet& u64(std::uint64_t v) { return little(v, 8); }
  Packet& lenenc(std::uint64_t v) {
    append_lenenc(out_, v);
    return *this;
  }
  Packet& lenenc_string(std::string_view s) {
    append_lenenc_string(out_, s);
    return *this;
  }
  Packet& lenenc_cell(const Cell& cell);
  Packet& cstring(std::string_view s) {
    out_.append(s).push_back('\0');
    return *this;
  }
  Packet& bytes(std::string_view s) {
    out_.append(s);
    return *this;
  }
  Packet& zeros(std::size_t n) {
    out_.append(n, '\0');
    return *this;
  }
  [[nodiscard]] std::string& out() noexcept { return out_; }

 private:
  Packet& little(std::uint64_t v, std::size_t bytes) {
    append_little(out_, v, bytes);
    return *this;
  }
  std::string& out_;
  Sequence& sequence_;
  std::size_t start_;
};

// A packet with this payload.
void append_packet(std::string& out, Sequence& sequence, std::string_view payload);

}  // namespace sealrow::wire::mysql
