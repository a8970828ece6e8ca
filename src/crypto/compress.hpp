// zstd in front of the cipher.
#pragma once

#include "sealrow/base/bytes.hpp"

#include <memory>
#include <string>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace sealrow::crypto {

inline constexpr std::size_t shortest_compressed = 64;

// Keeps the library's contexts from value to value.
class Compressor {
 public:
  Compressor();
  ~Compressor();
  // True when a frame that is worth it was written to `frame`.
  [[nodiscard]] bool compress(ByteView plain, std::string& frame);
  enum class Outcome : std::uint8_t { done, hostile, too_large };
  // Appends the content of exactly one frame that states its size; otherwise `out` is as before.
  [[nodiscard]] Outcome decompress(ByteView frame, std::size_t max_size, std::string& out);

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const noexcept;
    void operator()(ZSTD_DCtx_s* context) const noexcept;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> compressor_;
  std::unique_ptr<ZSTD_DCtx_s, Free> decompressor_;
};

}  // namespace sealrow::crypto
