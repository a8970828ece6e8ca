#include "sealrow/crypto/envelope.hpp"

#include "crypto/suite.hpp"
#include "crypto/wire_format.hpp"

#include <algorithm>

namespace sealrow::crypto {
namespace {

constexpr SuiteLayout layouts[] = {
    {Suite::aes_256_gcm, "aes-256-gcm", 32, 12, 0, false},
    {Suite::xaes_256_gcm, "xaes-256-gcm", 32, 24, 0, false},
    {Suite::xaes_256_gcm_commit, "xaes-256-gcm-commit", 32, 24, commitment_size, false},
    {Suite::chacha20_poly1305, "chacha20-poly1305", 32, 24, 0, false},
    {Suite::aes_256_siv, "aes-256-siv", 64, 0, 0, true},
};

Error malformed(const char* detail) {
  return {ErrorCode::envelope_malformed, "stored value is not a well-formed envelope", detail};
}
Error unsupported(const char* detail) {
  return {ErrorCode::envelope_unsupported, "envelope format is not supported", detail};
}

}  // namespace

const SuiteLayout* find_layout(std::uint8_t id) noexcept {
  const auto* found = std::ranges::find(layouts, static_cast<Suite>(id), &SuiteLayout::suite);
  return found == std::end(layouts) ? nullptr : found;
}

const SuiteLayout& layout_of(Suite suite) noexcept { return *find_layout(static_cast<std::uint8_t>(suite)); }

Result<Header> read_header(ByteView envelope) {
  if (envelope.size() < header_size) return malformed("shorter than the header");
  if (envelope[0] != magic) return malformed("first byte");
  if (envelope[1] >> 4 != format_version) return unsupported("version");
  const std::uint8_t profile = envelope[1] & 0x0F;
  const std::uint8_t flags = envelope[3];
  if (profile != static_cast<std::uint8_t>(AadProfile::column) && profile != static_cast<std::uint8_t>(AadProfile::row))
    return unsupported("associated-data profile");
  if ((flags & ~flag_all) != 0) return unsupported("flags");
  const bool row_bound = profile == static_cast<std::uint8_t>(AadProfile::row);
  if (row_bound != ((flags & flag_row_bound) != 0)) return malformed("profile and row flag disagree");
  const SuiteLayout* layout = find_layout(envelope[2]);
  if (layout == nullptr) return unsupported("suite");

  Header header;
  header.profile = static_cast<AadProfile>(profile);
  header.suite = layout->suite;
  header.has_tag = (flags & flag_tag) != 0;
  header.compressed = (flags & flag_compressed) != 0;
  header.key = KeyId{load_u64(envelope.data() + key_id_offset)};
  return header;
}

Result<Header> parse_header(ByteView envelope) {
  Result<Header> header = read_header(envelope);
  if (header && envelope.size() < envelope_size(header->suite, header->has_tag, 0))
    return malformed("shorter than its suite's fields");
  return header;
}

std::optional<EqualityTag> equality_tag(ByteView envelope) {
  const Result<Header> header = parse_header(envelope);
  if (header.has_error() || !header->has_tag) return std::nullopt;
  EqualityTag tag;
  std::copy_n(envelope.begin() + header_size, equality_tag_size, tag.begin());
  return tag;
}

void append_text_spelling(std::string& out, ByteView envelope) {
  out += text_prefix;
  append_base64url(out, envelope);
}

Result<> decode_text_spelling(std::string_view text, std::string& out) {
  if (!text.starts_with(text_prefix)) return malformed("text prefix");
  if (!decode_base64url(text.substr(text_prefix.size()), out)) return malformed("base64url");
  return {};
}

std::size_t envelope_size(Suite suite, bool tagged, std::size_t plaintext_size) {
  constexpr std::size_t type_byte = 1;
  return header_size + (tagged ? equality_tag_size : 0) + layout_of(suite).overhead() + type_byte + plaintext_size;
}

std::size_t text_spelling_size(std::size_t size) { return text_prefix.size() + (size * 4 + 2) / 3; }

std::optional<Suite> suite_from_name(std::string_view wanted) {
  const auto* found = std::ranges::find(layouts, wanted, &SuiteLayout::name);
  return found == std::end(layouts) ? std::nullopt : std::optional(found->suite);
}

std::string_view name(Suite suite) { return layout_of(suite).name; }

}  // namespace sealrow::crypto
