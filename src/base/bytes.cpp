#include "sealrow/base/bytes.hpp"

#include "base/codec.hpp"

namespace sealrow {
namespace {

std::uint8_t* byte_end(std::string& out, std::size_t size) {
  return reinterpret_cast<std::uint8_t*>(out.data() + size);
}

constexpr std::uint64_t high_bits = 0x8080808080808080ULL;

// Length of the well-formed multi-byte sequence at p, 0 if there is none (Unicode table 3-7).
std::size_t sequence_length(const std::uint8_t* p, std::size_t left) noexcept {
  const auto follows = [&](std::size_t i, std::uint8_t low, std::uint8_t high) { return p[i] >= low && p[i] <= high; };
  const std::uint8_t lead = p[0];
  if (lead >= 0xC2 && lead <= 0xDF) return left >= 2 && follows(1, 0x80, 0xBF) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const std::uint8_t low = lead == 0xE0 ? 0xA0 : 0x80;
    const std::uint8_t high = lead == 0xED ? 0x9F : 0xBF;
    return left >= 3 && follows(1, low, high) && follows(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const std::uint8_t low = lead == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = lead == 0xF4 ? 0x8F : 0xBF;
    return left >= 4 && follows(1, low, high) && follows(2, 0x80, 0xBF) && follows(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

}  // namespace

void append_hex(std::string& out, ByteView bytes) {
  const std::size_t before = out.size();
  out.resize(before + 2 * bytes.size());
  char* to = out.data() + before;
  const std::size_t bulk = codec::have_avx2() ? codec::encode_hex_avx2(bytes.data(), bytes.size(), to) : 0;
  codec::encode_hex_scalar(bytes.data() + bulk, bytes.size() - bulk, to + 2 * bulk);
}

bool decode_hex(std::string_view text, std::string& out) {
  if (text.size() % 2 != 0) return false;
  const std::size_t before = out.size();
  out.resize(before + text.size() / 2);
  std::uint8_t* to = byte_end(out, before);
  const std::size_t bulk = codec::have_avx2() ? codec::decode_hex_avx2(text.data(), text.size(), to) : 0;
  if (codec::decode_hex_scalar(text.data() + bulk, text.size() - bulk, to + bulk / 2)) return true;
  out.resize(before);
  return false;
}

void append_base64url(std::string& out, ByteView bytes) {
  const std::size_t before = out.size();
  out.resize(before + (bytes.size() * 4 + 2) / 3);
  char* to = out.data() + before;
  const std::size_t bulk = codec::have_avx2() ? codec::encode_base64url_avx2(bytes.data(), bytes.size(), to) : 0;
  codec::encode_base64url_scalar(bytes.data() + bulk, bytes.size() - bulk, to + bulk / 3 * 4);
}

bool decode_base64url(std::string_view text, std::string& out) {
  if (text.size() % 4 == 1) return false;
  const std::size_t before = out.size();
  out.resize(before + text.size() * 3 / 4);
  std::uint8_t* to = byte_end(out, before);
  const std::size_t bulk = codec::have_avx2() ? codec::decode_base64url_avx2(text.data(), text.size(), to) : 0;
  if (codec::decode_base64url_scalar(text.data() + bulk, text.size() - bulk, to + bulk / 4 * 3)) return true;
  out.resize(before);
  return false;
}

bool is_valid_utf8(std::string_view text) noexcept {
  const ByteView bytes = as_bytes(text);
  std::size_t i = 0;
  while (i < bytes.size()) {
    if (bytes.size() - i >= 8 && (load_u64(bytes.data() + i) & high_bits) == 0) {
      i += 8;
    } else if (bytes[i] < 0x80) {
      i += 1;
    } else {
      const std::size_t length = sequence_length(bytes.data() + i, bytes.size() - i);
      if (length == 0) return false;
      i += length;
    }
  }
  return true;
}

}  // namespace sealrow
