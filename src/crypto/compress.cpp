#include "crypto/compress.hpp"

#include "sealrow/base/secret.hpp"

#include <zstd.h>

#include <new>

namespace sealrow::crypto {
namespace {

// Level 1: on values of a few kilobytes the higher levels win a few per cent and cost a multiple.
constexpr int level = 1;

// A value must shrink by an eighth, else the processor time on both ways buys nothing.
bool pays(std::size_t plain, std::size_t packed) { return packed <= plain - plain / 8; }

// A skippable frame (RFC 8878 section 3.1.2) would pass every other check as an empty value.
bool is_zstd_frame(ByteView frame) {
  return frame.size() >= 4 && __builtin_bswap32(load_u32(frame.data())) == ZSTD_MAGICNUMBER;
}

}  // namespace

void Compressor::Free::operator()(ZSTD_CCtx_s* context) const noexcept { ZSTD_freeCCtx(context); }
void Compressor::Free::operator()(ZSTD_DCtx_s* context) const noexcept { ZSTD_freeDCtx(context); }

Compressor::Compressor() : compressor_(ZSTD_createCCtx()), decompressor_(ZSTD_createDCtx()) {
  if (compressor_ == nullptr || decompressor_ == nullptr) throw std::bad_alloc();
}
Compressor::~Compressor() = default;

bool Compressor::compress(ByteView plain, std::string& frame) {
  if (plain.size() < shortest_compressed) return false;
  frame.resize(ZSTD_compressBound(plain.size()));
  // One pass with a known size: the frame header states it, which decompress() insists on.
  const std::size_t size =
      ZSTD_compressCCtx(compressor_.get(), frame.data(), frame.size(), plain.data(), plain.size(), level);
  if (ZSTD_isError(size) != 0 || !pays(plain.size(), size)) {
    wipe(frame);
    return false;
  }
  wipe(frame.data() + size, frame.size() - size);  // zstd uses the room behind its output for drafts
  frame.resize(size);
  return true;
}

Compressor::Outcome Compressor::decompress(ByteView frame, std::size_t max_size, std::string& out) {
  if (!is_zstd_frame(frame)) return Outcome::hostile;
  const unsigned long long stated = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (stated == ZSTD_CONTENTSIZE_UNKNOWN || stated == ZSTD_CONTENTSIZE_ERROR) return Outcome::hostile;
  if (ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size()) return Outcome::hostile;
  if (stated > max_size) return Outcome::too_large;
  const std::size_t before = out.size();
  out.resize(before + stated);
  const std::size_t size =
      ZSTD_decompressDCtx(decompressor_.get(), out.data() + before, stated, frame.data(), frame.size());
  if (ZSTD_isError(size) == 0 && size == stated) return Outcome::done;
  wipe(out.data() + before, stated);
  out.resize(before);
  return Outcome::hostile;
}

}  // namespace sealrow::crypto
