#include "sealrow/wire/mysql/compression.hpp"

#include "sealrow/wire/mysql/codec.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <optional>

namespace sealrow::wire::mysql {
namespace {

constexpr std::size_t frame_header_size = 7;
constexpr std::size_t piece_size = 64u << 10;
// What is shorter is not worth a frame's compression (my_compress.h, MIN_COMPRESS_LENGTH).
constexpr std::size_t min_compressed = 50;
// A frame opens into less than 16 MiB, so no honest sender needs a larger window.
constexpr int max_window_log = 24;

Error malformed() { return Error{ErrorCode::protocol_violation, "malformed compressed packet"}; }
Error out_of_memory() { return Error{ErrorCode::internal, "no memory for packet compression"}; }

struct Piece {
  std::size_t taken = 0, given = 0;
  bool failed = false;
};

// One compressed block after the other, in pieces.
class Inflater {
 public:
  virtual ~Inflater() = default;
  [[nodiscard]] virtual bool begin() = 0;
  [[nodiscard]] virtual Piece step(ByteView in, MutableBytes out) = 0;
  // The block is closed in itself, nothing of it is missing.
  [[nodiscard]] virtual bool ended() const = 0;
};

class ZlibInflater final : public Inflater {
 public:
  ZlibInflater() { ready_ = inflateInit(&stream_) == Z_OK; }
  ~ZlibInflater() override {
    if (ready_) inflateEnd(&stream_);
  }
  ZlibInflater(const ZlibInflater&) = delete;
  ZlibInflater& operator=(const ZlibInflater&) = delete;
  [[nodiscard]] bool ready() const { return ready_; }
  bool begin() override {
    ended_ = false;
    return inflateReset(&stream_) == Z_OK;
  }
  Piece step(ByteView in, MutableBytes out) override {
    if (ended_) return {0, 0, !in.empty()};
    stream_.next_in = const_cast<Bytef*>(in.data());  // zlib's interface is not const-correct; it only reads
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = out.data();
    stream_.avail_out = static_cast<uInt>(out.size());
    const int status = inflate(&stream_, Z_NO_FLUSH);
    ended_ = status == Z_STREAM_END;
    const bool failed = status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR;
    return {in.size() - stream_.avail_in, out.size() - stream_.avail_out, failed};
  }
  bool ended() const override { return ended_; }

 private:
  z_stream stream_{};
  bool ready_ = false, ended_ = false;
};

class ZstdInflater final : public Inflater {
 public:
  ZstdInflater() : context_(ZSTD_createDCtx()) {
    if (context_ != nullptr) ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, max_window_log);
  }
  ~ZstdInflater() override { ZSTD_freeDCtx(context_); }
  ZstdInflater(const ZstdInflater&) = delete;
  ZstdInflater& operator=(const ZstdInflater&) = delete;
  [[nodiscard]] bool ready() const { return context_ != nullptr; }
  bool begin() override {
    ended_ = false;
    return ZSTD_isError(ZSTD_DCtx_reset(context_, ZSTD_reset_session_only)) == 0;
  }
  Piece step(ByteView in, MutableBytes out) override {
    if (ended_) return {0, 0, !in.empty()};
    ZSTD_inBuffer source{in.data(), in.size(), 0};
    ZSTD_outBuffer target{out.data(), out.size(), 0};
    const std::size_t status = ZSTD_decompressStream(context_, &target, &source);
    ended_ = status == 0;
    return {source.pos, target.pos, ZSTD_isError(status) != 0};
  }
  bool ended() const override { return ended_; }

 private:
  ZSTD_DCtx* context_;
  bool ended_ = false;
};

template <class Codec, class Interface>
std::unique_ptr<Interface> ready_or_null(std::unique_ptr<Codec> codec) {
  return codec->ready() ? std::unique_ptr<Interface>(std::move(codec)) : nullptr;
}

}  // namespace

struct Decompressor::State {
  std::unique_ptr<Inflater> inflater;
  std::uint8_t sequence = 0;
  std::array<std::uint8_t, frame_header_size> header{};
  std::size_t header_seen = 0;
  std::uint32_t compressed_left = 0;  // bytes of the open frame still to come
  std::uint32_t clear_left = 0;       // bytes that it must still give
  bool open = false, stored = false;
  bool pending = false;  // the inflater had no room left: it may give more without further input
  std::array<std::uint8_t, piece_size> piece;

  [[nodiscard]] bool open_frame();
  [[nodiscard]] Result<ByteView> pull_piece(ByteView& chunk);
};

Result<Decompressor> Decompressor::make(Algorithm algorithm) {
  auto state = std::make_unique<State>();
  state->inflater = algorithm == Algorithm::zlib
                        ? ready_or_null<ZlibInflater, Inflater>(std::make_unique<ZlibInflater>())
                        : ready_or_null<ZstdInflater, Inflater>(std::make_unique<ZstdInflater>());
  if (state->inflater == nullptr) return out_of_memory();
  return Decompressor(std::move(state));
}

Decompressor::Decompressor(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Decompressor::~Decompressor() = default;
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor& Decompressor::operator=(Decompressor&&) noexcept = default;
std::uint8_t Decompressor::last_sequence() const noexcept { return state_->sequence; }

// A length of 0 before compression says that the frame's bytes stand as they are.
bool Decompressor::State::open_frame() {
  Reader r(header);
  compressed_left = r.u24();
  sequence = r.u8();
  clear_left = r.u24();
  header_seen = 0;
  stored = clear_left == 0;
  open = true;
  pending = false;
  if (compressed_left == 0) return false;
  if (stored) {
    clear_left = compressed_left;
    return true;
  }
  return inflater->begin();
}

Result<ByteView> Decompressor::State::pull_piece(ByteView& chunk) {
  const std::size_t n = std::min<std::size_t>(compressed_left, chunk.size());
  if (stored) {
    const ByteView clear = chunk.first(n);
    chunk = chunk.subspan(n);
    compressed_left -= static_cast<std::uint32_t>(n);
    open = compressed_left > 0;
    return clear;
  }
  const std::size_t room = std::min<std::size_t>(piece.size(), clear_left);
  const Piece step = inflater->step(chunk.first(n), MutableBytes(piece).first(room));
  chunk = chunk.subspan(step.taken);
  compressed_left -= static_cast<std::uint32_t>(step.taken);
  clear_left -= static_cast<std::uint32_t>(step.given);
  pending = step.given == room && room > 0;
  // All that was claimed must come out, and nothing else. A step that has all it can get and moves nothing lacks input
  // that will not come, or has more output than was claimed.
  const bool waits = n == 0 && compressed_left > 0;
  const bool stuck = step.taken == 0 && step.given == 0 && !inflater->ended() && !waits;
  if (step.failed || stuck) return malformed();
  if (inflater->ended()) {
    if (compressed_left != 0 || clear_left != 0) return malformed();
    open = false;
  }
  return ByteView(piece).first(step.given);
}

Result<ByteView> Decompressor::pull(ByteView& chunk) {
  auto& s = *state_;
  for (;;) {
    if (!s.open) {
      const std::size_t n = std::min(frame_header_size - s.header_seen, chunk.size());
      std::copy_n(chunk.begin(), n, s.header.begin() + static_cast<std::ptrdiff_t>(s.header_seen));
      chunk = chunk.subspan(n);
      s.header_seen += n;
      if (s.header_seen < frame_header_size) return ByteView{};
      if (!s.open_frame()) return malformed();
    }
    if (chunk.empty() && s.compressed_left > 0 && !s.pending) return ByteView{};
    SEALROW_TRY(const ByteView piece, s.pull_piece(chunk));
    if (!piece.empty()) return piece;
  }
}

namespace {

// One frame's bytes, compressed in one call.
class Deflater {
 public:
  virtual ~Deflater() = default;
  // Bytes written to `out`, which has bound() bytes; none on failure.
  [[nodiscard]] virtual std::optional<std::size_t> compress(ByteView in, MutableBytes out) = 0;
  [[nodiscard]] virtual std::size_t bound(std::size_t size) = 0;
};

class ZlibDeflater final : public Deflater {
 public:
  explicit ZlibDeflater(int level) {
    ready_ = deflateInit(&stream_, level == 0 ? Z_DEFAULT_COMPRESSION : std::clamp(level, 1, 9)) == Z_OK;
  }
  ~ZlibDeflater() override {
    if (ready_) deflateEnd(&stream_);
  }
  ZlibDeflater(const ZlibDeflater&) = delete;
  ZlibDeflater& operator=(const ZlibDeflater&) = delete;
  [[nodiscard]] bool ready() const { return ready_; }
  std::size_t bound(std::size_t size) override { return deflateBound(&stream_, static_cast<uLong>(size)); }
  std::optional<std::size_t> compress(ByteView in, MutableBytes out) override {
    if (deflateReset(&stream_) != Z_OK) return std::nullopt;
    stream_.next_in = const_cast<Bytef*>(in.data());
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = out.data();
    stream_.avail_out = static_cast<uInt>(out.size());
    if (deflate(&stream_, Z_FINISH) != Z_STREAM_END) return std::nullopt;
    return out.size() - stream_.avail_out;
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

class ZstdDeflater final : public Deflater {
 public:
  explicit ZstdDeflater(int level)
      : context_(ZSTD_createCCtx()), level_(level == 0 ? ZSTD_CLEVEL_DEFAULT : std::clamp(level, 1, 22)) {}
  ~ZstdDeflater() override { ZSTD_freeCCtx(context_); }
  ZstdDeflater(const ZstdDeflater&) = delete;
  ZstdDeflater& operator=(const ZstdDeflater&) = delete;
  [[nodiscard]] bool ready() const { return context_ != nullptr; }
  std::size_t bound(std::size_t size) override { return ZSTD_compressBound(size); }
  std::optional<std::size_t> compress(ByteView in, MutableBytes out) override {
    const std::size_t n = ZSTD_compressCCtx(context_, out.data(), out.size(), in.data(), in.size(), level_);
    if (ZSTD_isError(n) != 0) return std::nullopt;
    return n;
  }

 private:
  ZSTD_CCtx* context_;
  int level_;
};

// Frames of this size keep the buffer small and the receiver busy; larger ones compress little better.
constexpr std::size_t frame_size = 256u << 10;

}  // namespace

struct Compressor::State {
  std::unique_ptr<Deflater> deflater;
};

Result<Compressor> Compressor::make(Algorithm algorithm, int level) {
  auto state = std::make_unique<State>();
  state->deflater = algorithm == Algorithm::zlib
                        ? ready_or_null<ZlibDeflater, Deflater>(std::make_unique<ZlibDeflater>(level))
                        : ready_or_null<ZstdDeflater, Deflater>(std::make_unique<ZstdDeflater>(level));
  if (state->deflater == nullptr) return out_of_memory();
  return Compressor(std::move(state));
}

Compressor::Compressor(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Compressor::~Compressor() = default;
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor& Compressor::operator=(Compressor&&) noexcept = default;

Result<> Compressor::append(std::string& out, ByteView packets, Sequence& sequence) {
  while (!packets.empty()) {
    const ByteView block = packets.first(std::min(packets.size(), frame_size));
    packets = packets.subspan(block.size());
    const std::size_t start = out.size();
    std::size_t size = block.size(), before = 0;
    if (block.size() >= min_compressed) {
      const std::size_t room = state_->deflater->bound(block.size());
      out.resize(start + frame_header_size + room);
      auto* target = reinterpret_cast<std::uint8_t*>(out.data() + start + frame_header_size);
      const auto n = state_->deflater->compress(block, {target, room});
      if (!n) return Error{ErrorCode::internal, "packet compression failed"};
      if (*n < block.size()) {
        size = *n;
        before = block.size();
      }
    }
    std::string header;
    append_little(header, size, 3);
    append_little(header, sequence.take(), 1);
    append_little(header, before, 3);
    out.resize(start + frame_header_size + size);
    out.replace(start, frame_header_size, header);
    if (before == 0) out.replace(start + frame_header_size, size, as_text(block));
  }
  return {};
}

}  // namespace sealrow::wire::mysql
