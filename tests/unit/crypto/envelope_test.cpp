#include "sealrow/crypto/envelope.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace sealrow;
using namespace sealrow::crypto;

namespace {

std::string envelope(std::uint8_t version_profile, std::uint8_t suite, std::uint8_t flags, std::size_t size) {
  std::string bytes(size, '\x11');
  const std::uint8_t head[] = {magic, version_profile, suite, flags};
  for (std::size_t i = 0; i < std::min(size, sizeof head); ++i) bytes[i] = static_cast<char>(head[i]);
  return bytes;
}

ErrorCode code_of(const std::string& bytes) {
  const auto header = parse_header(as_bytes(bytes));
  return header ? ErrorCode{} : header.error().code;
}

}  // namespace

TEST_CASE("each suite's shortest envelope is accepted and one byte less is not") {
  const std::pair<std::uint8_t, std::size_t> cases[] = {{0x01, 41}, {0x02, 53}, {0x03, 85}, {0x04, 53}, {0x10, 29}};
  for (const auto& [suite, shortest] : cases) {
    CHECK(envelope_size(static_cast<Suite>(suite), false, 0) == shortest);
    CHECK(code_of(envelope(0x11, suite, 0, shortest)) == ErrorCode{});
    CHECK(code_of(envelope(0x11, suite, 0, shortest - 1)) == ErrorCode::envelope_malformed);
    CHECK(code_of(envelope(0x11, suite, 1, shortest + 18)) == ErrorCode{});
    CHECK(code_of(envelope(0x11, suite, 1, shortest + 17)) == ErrorCode::envelope_malformed);
  }
}

TEST_CASE("every value of version, profile, suite and flags is judged") {
  for (unsigned version_profile = 0; version_profile < 256; ++version_profile) {
    const bool known = version_profile == 0x11 || version_profile == 0x12;
    const std::uint8_t flags = version_profile == 0x12 ? 4 : 0;
    CHECK((code_of(envelope(static_cast<std::uint8_t>(version_profile), 3, flags, 200)) == ErrorCode{}) == known);
  }
  for (unsigned suite = 0; suite < 256; ++suite) {
    const bool known = (suite >= 1 && suite <= 4) || suite == 0x10;
    CHECK(code_of(envelope(0x11, static_cast<std::uint8_t>(suite), 0, 200)) ==
          (known ? ErrorCode{} : ErrorCode::envelope_unsupported));
  }
  for (unsigned flags = 0; flags < 256; ++flags) {
    const auto f = static_cast<std::uint8_t>(flags);
    CHECK((code_of(envelope(0x11, 3, f, 200)) == ErrorCode{}) == (flags < 4));
    CHECK((code_of(envelope(0x12, 3, f, 200)) == ErrorCode{}) == (flags >= 4 && flags < 8));
  }
  CHECK(code_of(envelope(0x12, 3, 0, 200)) == ErrorCode::envelope_malformed);
}

TEST_CASE("a header's fields are read") {
  const auto header = parse_header(as_bytes(envelope(0x12, 0x10, 7, 60)));
  REQUIRE(header.has_value());
  CHECK(header->profile == AadProfile::row);
  CHECK(header->suite == Suite::aes_256_siv);
  CHECK(header->has_tag);
  CHECK(header->compressed);
  CHECK(header->key == KeyId{0x1111111111111111});
  CHECK(equality_tag(as_bytes(envelope(0x11, 3, 1, 200))).has_value());
  CHECK_FALSE(equality_tag(as_bytes(envelope(0x11, 3, 0, 200))).has_value());
  CHECK_FALSE(equality_tag(as_bytes(std::string("short"))).has_value());
}

TEST_CASE("the text spelling goes back and forth and keeps header and tag in place") {
  for (std::size_t size = 12; size < 120; ++size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 37);
    std::string text = "x";
    append_text_spelling(text, as_bytes(bytes));
    text.erase(0, 1);
    CHECK(text.size() == text_spelling_size(size));
    std::string back = "y";
    CHECK(decode_text_spelling(text, back).has_value());
    CHECK(back == "y" + bytes);
    if (size < header_size + equality_tag_size) continue;
    std::string tag;
    append_base64url(tag, as_bytes(bytes).subspan(header_size, equality_tag_size));
    CHECK(text.substr(equality_tag_text_offset, equality_tag_text_size) == tag);
  }
}

TEST_CASE("text that is not a spelling is refused and nothing is appended") {
  for (const char* text : {"", "sr1", "sr2.AAAA", "SR1.AAAA", "sr1.A", "sr1.AA==", "sr1.A+/A", "sr1.AB", " sr1.AAAA"}) {
    std::string out = "kept";
    CHECK(decode_text_spelling(text, out).error().code == ErrorCode::envelope_malformed);
    CHECK(out == "kept");
  }
}

TEST_CASE("suites have names") {
  for (const std::string_view text :
       {"aes-256-gcm", "xaes-256-gcm", "xaes-256-gcm-commit", "chacha20-poly1305", "aes-256-siv"}) {
    REQUIRE(suite_from_name(text).has_value());
    CHECK(name(*suite_from_name(text)) == text);
  }
  CHECK_FALSE(suite_from_name("rot13").has_value());
  CHECK_FALSE(suite_from_name("").has_value());
}
