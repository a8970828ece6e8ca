#include "sealrow/crypto/envelope.hpp"

#include "crypto/suite.hpp"
#include "crypto/wire_format.hpp"

#include <algorithm>

namespace sealrow::crypto {
namespace {

constexpr SuiteLayout layouts[] = {
    // by id: layout_slots
    {Suite::aes_256_gcm, "aes-256-gcm", 32, 12, 0, false},
    {Suite::xaes_256_gcm, "xaes-256-gcm", 32, 24, 0, false},
    {Suite::xaes_256_gcm_commit, "xaes-256-gcm-commit", 32, 24, commitment_size, false},
    {Suite::chacha20_poly1305, "chacha20-poly1305", 32, 24, 0, false},
    {Suite::aes_256_siv, "aes-256-siv", 64, 0, 0, true},
};

constexpr std::uint8_t no_slot = 0xFF;

// Asked for every cell of every row: one load in place of a search.
constexpr auto layout_slots = [] {
  std::array<std::uint8_t, 256> slots{};
  slots.fill(no_slot);
  for (std::uint8_t i = 0; i < std::size(layouts); ++i) slots[static_cast<std::uint8_t>(layouts[i].suite)] = i;
  return slots;
}();

Error malformed(const char* detail) {
  return {ErrorCode::envelope_malformed, "stored value is not a well-formed envelope", detail};
}
Error unsupported(const char* detail) {
  return {ErrorCode::envelope_unsupported, "envelope format is not supported", detail};
}

}  // namespace

const SuiteLayout* find_layout(std::uint8_t id) noexcept {
  return layout_slots[id] == no_slot ? nullptr : &layouts[layout_slots[id]];
}

const SuiteLayout& layout_of(Suite suite) noexcept { return *find_layout(static_cast<std::uint8_t>(suite)); }

namespace {

// What is wrong with an envelope's front; `none` has filled in the header.
enum class Fault : std::uint8_t { none, short_front, first_byte, version, profile, flags, row_flag, suite, short_body };

Fault read_front(ByteView envelope, Header& header) noexcept {
  if (envelope.size() < header_size) return Fault::short_front;
  if (envelope[0] != magic) return Fault::first_byte;
  if (envelope[1] >> 4 != format_version) return Fault::version;
  const std::uint8_t profile = envelope[1] & 0x0F;
  const std::uint8_t flags = envelope[3];
  if (profile != static_cast<std::uint8_t>(AadProfile::column) && profile != static_cast<std::uint8_t>(AadProfile::row))
    return Fault::profile;
  if ((flags & ~flag_all) != 0) return Fault::flags;
  const bool row_bound = profile == static_cast<std::uint8_t>(AadProfile::row);
  if (row_bound != ((flags & flag_row_bound) != 0)) return Fault::row_flag;
  const SuiteLayout* layout = find_layout(envelope[2]);
  if (layout == nullptr) return Fault::suite;

  header.profile = static_cast<AadProfile>(profile);
  header.suite = layout->suite;
  header.has_tag = (flags & flag_tag) != 0;
  header.compressed = (flags & flag_compressed) != 0;
  header.key = KeyId{load_u64(envelope.data() + key_id_offset)};
  return Fault::none;
}

Fault read_whole(ByteView envelope, Header& header) noexcept {
  const Fault fault = read_front(envelope, header);
  if (fault != Fault::none) return fault;
  return envelope.size() < envelope_size(header.suite, header.has_tag, 0) ? Fault::short_body : Fault::none;
}

Error error_of(Fault fault) {
  switch (fault) {
    case Fault::none:
      break;
    case Fault::short_front:
      return malformed("shorter than the header");
    case Fault::first_byte:
      return malformed("first byte");
    case Fault::version:
      return unsupported("version");
    case Fault::profile:
      return unsupported("associated-data profile");
    case Fault::flags:
      return unsupported("flags");
    case Fault::row_flag:
      return malformed("profile and row flag disagree");
    case Fault::suite:
      return unsupported("suite");
    case Fault::short_body:
      return malformed("shorter than its suite's fields");
  }
  return malformed("");
}

Result<Header> result_of(Fault fault, const Header& header) {
  if (fault != Fault::none) return error_of(fault);
  return header;
}

}  // namespace

Result<Header> read_header(ByteView front) {
  Header header;
  return result_of(read_front(front, header), header);
}

Result<Header> parse_header(ByteView envelope) {
  Header header;
  return result_of(read_whole(envelope, header), header);
}

std::optional<Header> header_of(ByteView envelope) noexcept {
  Header header;
  if (read_whole(envelope, header) != Fault::none) return std::nullopt;
  return header;
}

std::optional<EqualityTag> equality_tag(ByteView envelope) {
  const std::optional<Header> header = header_of(envelope);
  if (!header || !header->has_tag) return std::nullopt;
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

std::size_t envelope_size(Suite suite, bool tagged, std::size_t plaintext_size) noexcept {
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
