// Keys, contexts and hex for the crypto tests.
#pragma once

#include "sealrow/crypto/sealer.hpp"

#include <algorithm>
#include <stdexcept>

namespace sealrow::crypto::test {

inline constexpr Suite all_suites[] = {Suite::aes_256_gcm, Suite::xaes_256_gcm, Suite::xaes_256_gcm_commit,
                                       Suite::chacha20_poly1305, Suite::aes_256_siv};

inline SecretBytes key_of(std::uint8_t fill) {
  SecretBytes key(key_size);
  std::ranges::fill(key.reveal_mutable(), fill);
  return key;
}

inline std::shared_ptr<const EnvelopeKey> envelope_key(std::uint8_t fill = 1, std::uint64_t id = 42,
                                                       std::string tenant = "acme", std::uint64_t gcm_uses = 0) {
  return EnvelopeKey::make(KeyId{id}, TenantId{std::move(tenant)}, DomainId{"general"}, key_of(fill), gcm_uses).value();
}

inline std::shared_ptr<const IndexKey> index_key(std::uint16_t version = 1, std::uint8_t fill = 9) {
  return IndexKey::make(version, TenantId{"acme"}, DomainId{"general"}, key_of(fill)).value();
}

inline Context context(std::optional<std::string> row = std::nullopt) {
  return {TenantId{"acme"}, TableId{"t"}, ColumnId{"c"}, std::move(row)};
}

inline std::string unhex(std::string_view text) {
  std::string bytes;
  if (!decode_hex(text, bytes)) throw std::runtime_error("bad hex in a test");
  return bytes;
}

inline std::string hex(std::string_view bytes) {
  std::string text;
  append_hex(text, as_bytes(bytes));
  return text;
}

}  // namespace sealrow::crypto::test
