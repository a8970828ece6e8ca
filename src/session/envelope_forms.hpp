// Is this whole value an envelope, or does it resemble one? Shared by sealing, opening text and opening binary.
#pragma once

#include "sealrow/crypto/envelope.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sealrow::session {

// Containers inside containers.
inline constexpr int max_depth = 16;

using EnvelopeHeader = std::optional<crypto::Header>;  // none: not an envelope

inline EnvelopeHeader decode_envelope_text(std::string_view text, std::string& envelope) {
  if (!crypto::looks_like_text(text) || !decode_base64url(text.substr(crypto::text_prefix.size()), envelope))
    return std::nullopt;
  return crypto::header_of(as_bytes(envelope));
}

inline EnvelopeHeader envelope_header(std::string_view bytes) { return crypto::header_of(as_bytes(bytes)); }

// The front of an envelope, whatever follows: what a client may not hand in. Three bytes besides the magic must fit, so
// that ordinary binary data is not taken for one.
inline bool resembles_envelope_binary(std::string_view bytes) {
  return crypto::looks_like_binary(as_bytes(bytes)) && crypto::read_header(as_bytes(bytes)).has_value();
}

inline bool resembles_envelope_text(std::string_view text) {
  if (!crypto::looks_like_text(text)) return false;
  constexpr std::size_t header_characters = crypto::header_size / 3 * 4;
  std::string header;
  return decode_base64url(text.substr(crypto::text_prefix.size(), header_characters), header) &&
         resembles_envelope_binary(header);
}

}  // namespace sealrow::session
