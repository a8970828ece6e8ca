#include "client_compression.hpp"

#include <vector>

namespace sealrow::session::mysql {

namespace capability = wire::mysql::capability;
using wire::mysql::Algorithm;

std::optional<Algorithm> compression_of(wire::mysql::Capabilities agreed) noexcept {
  if (wire::mysql::has(agreed, capability::compress)) return Algorithm::zlib;
  if (wire::mysql::has(agreed, capability::zstd_compression)) return Algorithm::zstd;
  return std::nullopt;
}

Result<ClientCompression> ClientCompression::make(Algorithm algorithm, int level) {
  SEALROW_TRY(auto decompressor, wire::mysql::Decompressor::make(algorithm));
  SEALROW_TRY(auto compressor, wire::mysql::Compressor::make(algorithm, level));
  return ClientCompression(std::move(decompressor), std::move(compressor));
}

Result<ByteView> ClientCompression::pull() {
  ByteView rest = as_bytes(held_).subspan(taken_);
  const std::size_t before = rest.size();
  SEALROW_TRY(const ByteView piece, decompressor_.pull(rest));
  taken_ += before - rest.size();
  if (piece.empty()) {
    held_.erase(0, taken_);
    taken_ = 0;
  }
  return piece;
}

Result<> ClientCompression::flush(OutBuffer& to_client) {
  if (packets_.empty()) return {};
  std::vector<OutBuffer::Piece> pieces;
  packets_.pieces(pieces);
  std::string joined;
  joined.reserve(packets_.size());
  for (const auto& piece : pieces) joined.append(piece.data, piece.size);
  packets_.clear();
  std::string frames;
  SEALROW_CHECK(compressor_.append(frames, as_bytes(joined), next_));
  to_client.append(frames);
  return {};
}

}  // namespace sealrow::session::mysql
