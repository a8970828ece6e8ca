// Is this whole value an envelope? Shared by sealing, opening text and opening binary.
#pragma once

#include "sealrow/crypto/envelope.hpp"

#include <string>
#include <string_view>

namespace sealrow::session {

// Containers inside containers.
inline constexpr int max_depth = 16;

inline bool decode_envelope_text(std::string_view text, std::string& envelope) {
  return crypto::looks_like_text(text) && crypto::decode_text_spelling(text, envelope).has_value() &&
         crypto::parse_header(as_bytes(envelope)).has_value();
}

inline bool is_envelope_binary(std::string_view bytes) {
  return crypto::looks_like_binary(as_bytes(bytes)) && crypto::parse_header(as_bytes(bytes)).has_value();
}

}  // namespace sealrow::session
