// The compressed protocol towards the client. The server's leg is not compressed: each leg is on its own, and on the
// way to a database nearby compression costs more than it saves.
#pragma once

#include "sealrow/session/io.hpp"
#include "sealrow/wire/mysql/compression.hpp"
#include "sealrow/wire/mysql/constants.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace sealrow::session::mysql {

// What a client that is able to do both uses is zlib, as with a MySQL server.
[[nodiscard]] std::optional<wire::mysql::Algorithm> compression_of(wire::mysql::Capabilities agreed) noexcept;

class ClientCompression {
 public:
  [[nodiscard]] static Result<ClientCompression> make(wire::mysql::Algorithm algorithm, int level);

  // Compressed bytes of the client; they are kept until they are pulled.
  void add(ByteView bytes) { held_.append(as_text(bytes)); }
  // The next packets of them, valid until the next call; empty: there is nothing more.
  [[nodiscard]] Result<ByteView> pull();
  [[nodiscard]] bool holds_bytes() const noexcept { return !held_.empty(); }
  // The client's packets so far begin a command, or go on with it: the answer's frames count on from theirs.
  void follow_client() noexcept { next_.reset(static_cast<std::uint8_t>(decompressor_.last_sequence() + 1)); }

  // Packets on their way to the client.
  [[nodiscard]] OutBuffer& packets() noexcept { return packets_; }
  [[nodiscard]] Result<> flush(OutBuffer& to_client);

 private:
  ClientCompression(wire::mysql::Decompressor decompressor, wire::mysql::Compressor compressor) noexcept
      : decompressor_(std::move(decompressor)), compressor_(std::move(compressor)) {}

  wire::mysql::Decompressor decompressor_;
  wire::mysql::Compressor compressor_;
  wire::mysql::Sequence next_;
  std::string held_;
  std::size_t taken_ = 0;  // of `held_`
  OutBuffer packets_;
};

}  // namespace sealrow::session::mysql
