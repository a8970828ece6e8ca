// The compressed protocol: after authentication the packet stream travels in frames of its own, with a header of
// seven bytes (compressed length, sequence id, length before) and sequence ids of their own. Packets may span frames.
#pragma once

#include "sealrow/base/bytes.hpp"
#include "sealrow/base/result.hpp"
#include "sealrow/wire/mysql/frame.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace sealrow::wire::mysql {

enum class Algorithm : std::uint8_t { zlib, zstd };

// Opens one direction. Works in pieces of bounded size, so that a small frame that opens into 16 MiB costs no memory;
// a frame that does not open into exactly the length it claims is malformed.
class Decompressor {
 public:
  [[nodiscard]] static Result<Decompressor> make(Algorithm algorithm);
  ~Decompressor();
  Decompressor(Decompressor&&) noexcept;
  Decompressor& operator=(Decompressor&&) noexcept;

  // Takes bytes from the front of `chunk` and gives the next piece of packets, valid until the next call and no longer
  // than `chunk`'s bytes live; empty: all of `chunk` is taken and more is needed. Call it until then; a caller that
  // must wait keeps what is left of `chunk`.
  [[nodiscard]] Result<ByteView> pull(ByteView& chunk);
  // Sequence id of the frame opened last: the answer's frames begin one behind it. It is not checked here: where a
  // command ends and the ids begin anew, only the packets inside tell.
  [[nodiscard]] std::uint8_t last_sequence() const noexcept;

 private:
  struct State;
  explicit Decompressor(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

class Compressor {
 public:
  // `level`: 0 is the algorithm's default; zstd 1-22, zlib 1-9.
  [[nodiscard]] static Result<Compressor> make(Algorithm algorithm, int level);
  ~Compressor();
  Compressor(Compressor&&) noexcept;
  Compressor& operator=(Compressor&&) noexcept;

  // Appends frames that hold `packets`; what is short or does not shrink travels as it is.
  [[nodiscard]] Result<> append(std::string& out, ByteView packets, Sequence& sequence);

 private:
  struct State;
  explicit Compressor(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace sealrow::wire::mysql
