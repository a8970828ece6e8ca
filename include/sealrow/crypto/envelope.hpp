// Envelope v1 (docs/envelope.md is the format's reference, frozen by tests/vectors/envelope_v1.json).
//
//   off len
//     0   1  magic 0xF5 (never valid UTF-8)
//     1   1  high nibble: version 1; low nibble: associated-data profile (1 tenant+table+column, 2 also row)
//     2   1  suite id
//     3   1  flags: bit0 equality tag, bit1 compressed, bit2 row-bound; others must be zero
//     4   8  key id, big-endian
//    12  18  equality tag, only with flag bit0 (2 bytes index-key version, 16 bytes HMAC)
//     …      nonce, commitment (suite 0x03), ciphertext, authentication tag
//
// 12 and 18 are multiples of three: in the text spelling ("sr1." + base64url without padding) the header is always
// characters 5..20 and the equality tag characters 21..44 (1-based), so SQL can cut them out.
#pragma once

#include "sealrow/base/bytes.hpp"
#include "sealrow/base/ids.hpp"
#include "sealrow/base/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sealrow::crypto {

// Suite ids are never reused. 0x11 (HMAC-SIV) and 0x12 (GCM-SIV) are reserved.
enum class Suite : std::uint8_t {
  aes_256_gcm = 0x01,  // usage-counted per key, stops at 2^32
  xaes_256_gcm = 0x02,
  xaes_256_gcm_commit = 0x03,  // default
  chacha20_poly1305 = 0x04,    // 24-byte nonce form
  aes_256_siv = 0x10,          // deterministic
};

// First byte of the sealed plaintext.
enum class ValueType : std::uint8_t {
  text = 0x01,
  bytes = 0x02,
  int64 = 0x03,
  decimal = 0x04,
  float64 = 0x05,
  boolean = 0x06,
  datetime = 0x07,
  json = 0x08,
  uuid = 0x09,
  null = 0x7F,
};

enum class AadProfile : std::uint8_t { column = 1, row = 2 };

inline constexpr std::uint8_t magic = 0xF5;
inline constexpr std::string_view text_prefix = "sr1.";
inline constexpr std::size_t header_size = 12;
inline constexpr std::size_t equality_tag_size = 18;
inline constexpr std::size_t equality_tag_text_offset = 20;  // 0-based, in the text spelling
inline constexpr std::size_t equality_tag_text_size = 24;

using EqualityTag = std::array<std::uint8_t, equality_tag_size>;

struct Header {
  AadProfile profile = AadProfile::column;
  Suite suite = Suite::xaes_256_gcm_commit;
  bool has_tag = false;
  bool compressed = false;
  KeyId key;
};

// Strict: any unknown version, profile, suite or flag, or a length that cannot hold the suite's fields, is an error.
[[nodiscard]] Result<Header> parse_header(ByteView envelope);
// The same without the reason: asked of every cell.
[[nodiscard]] std::optional<Header> header_of(ByteView envelope) noexcept;
// The header alone, whatever follows it: for what only resembles an envelope.
[[nodiscard]] Result<Header> read_header(ByteView front);
// The equality tag of a well-formed envelope, if it has one.
[[nodiscard]] std::optional<EqualityTag> equality_tag(ByteView envelope);

// Recognition, cheap enough for every cell. True means "looks like": parse_header decides.
[[nodiscard]] inline bool looks_like_binary(ByteView b) noexcept {
  return b.size() >= header_size && b[0] == magic && (b[1] >> 4) == 1;
}
[[nodiscard]] inline bool looks_like_text(std::string_view t) noexcept {
  return t.size() >= text_prefix.size() + 16 && t.substr(0, text_prefix.size()) == text_prefix;
}

// Appends "sr1." + base64url.
void append_text_spelling(std::string& out, ByteView envelope);
// Appends the binary form of a text spelling.
[[nodiscard]] Result<> decode_text_spelling(std::string_view text, std::string& out);

// Bytes of an envelope for a plaintext of n bytes (the type byte not counted, no compression).
[[nodiscard]] std::size_t envelope_size(Suite suite, bool tagged, std::size_t plaintext_size) noexcept;
// Characters of its text spelling.
[[nodiscard]] std::size_t text_spelling_size(std::size_t envelope_size);

[[nodiscard]] std::optional<Suite> suite_from_name(std::string_view name);  // "xaes-256-gcm-commit", …
[[nodiscard]] std::string_view name(Suite suite);

// What an envelope is bound to. "SRAAD" 0x01 header LP(tenant) LP(table) LP(column) [tag] [LP(row)], LP = u16 length.
struct Context {
  TenantId tenant;
  TableId table;
  ColumnId column;
  std::optional<std::string> row;  // row-bound columns only
};

// The same by reference: what lives with the policy and the key is not copied for every value. Must outlive the call
// it is handed to, no longer.
struct ContextView {
  const TenantId& tenant;
  const TableId& table;
  const ColumnId& column;
  std::optional<std::string_view> row;

  ContextView(const TenantId& of_tenant, const TableId& of_table, const ColumnId& of_column) noexcept
      : tenant(of_tenant), table(of_table), column(of_column) {}
  ContextView(const Context& owner) noexcept  // NOLINT(google-explicit-constructor): a view of its argument
      : tenant(owner.tenant), table(owner.table), column(owner.column), row(owner.row) {}
};

}  // namespace sealrow::crypto
