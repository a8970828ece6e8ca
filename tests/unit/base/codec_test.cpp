#include "base/codec.hpp"

#include "sealrow/base/bytes.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <random>

using namespace sealrow;

namespace {

std::string random_bytes(std::mt19937& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

std::string scalar_base64url(const std::string& bytes) {
  std::string text((bytes.size() * 4 + 2) / 3, '\0');
  codec::encode_base64url_scalar(as_bytes(bytes).data(), bytes.size(), text.data());
  return text;
}

std::string scalar_hex(const std::string& bytes) {
  std::string text(bytes.size() * 2, '\0');
  codec::encode_hex_scalar(as_bytes(bytes).data(), bytes.size(), text.data());
  return text;
}

std::string base64url(std::string_view bytes) {
  std::string text;
  append_base64url(text, as_bytes(bytes));
  return text;
}

}  // namespace

TEST_CASE("base64url agrees with RFC 4648 section 10") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xFB\xEF\xFF", "--__"}};
  for (const auto& [bytes, text] : cases) {
    CHECK(base64url(bytes) == text);
    std::string decoded = "x";
    CHECK(decode_base64url(text, decoded));
    CHECK(decoded == "x" + std::string(bytes));
  }
}

TEST_CASE("base64url and hex refuse what is not theirs and leave the output alone") {
  for (const std::string_view text : {"A", "AAAAA", "Zg==", "Zm9+", "Zm9/", "Zm 9", "Zh", "Zm9", "Zm9vYmF",
                                      "\xC3\xA9"
                                      "AA"}) {
    std::string out = "kept";
    CHECK_FALSE(decode_base64url(text, out));
    CHECK(out == "kept");
  }
  for (const std::string_view text : {"a", "0g", "g0", "0x", " 0", "00\xFF\xFF"}) {
    std::string out = "kept";
    CHECK_FALSE(decode_hex(text, out));
    CHECK(out == "kept");
  }
  std::string out;
  CHECK(decode_hex("00fFAa", out));
  CHECK(out == std::string("\0\xFF\xAA", 3));
}

TEST_CASE("vector and scalar codecs agree on random input of every length") {
  std::mt19937 random(20260101);
  for (std::size_t size = 0; size < 300; ++size) {
    const std::string bytes = random_bytes(random, size);
    std::string hex;
    append_hex(hex, as_bytes(bytes));
    CHECK(hex == scalar_hex(bytes));
    CHECK(base64url(bytes) == scalar_base64url(bytes));
    std::string back;
    CHECK(decode_hex(hex, back));
    CHECK(decode_base64url(base64url(bytes), back));
    CHECK(back == bytes + bytes);
  }
}

TEST_CASE("a foreign character is found at every place") {
  std::mt19937 random(7);
  const std::string bytes = random_bytes(random, 150);
  const std::string hex = scalar_hex(bytes);
  const std::string text = scalar_base64url(bytes);
  std::string out;
  for (unsigned foreign = 0; foreign < 256; ++foreign) {
    const char c = static_cast<char>(foreign);
    const bool is_hex = std::string_view("0123456789abcdefABCDEF").find(c) != std::string_view::npos;
    const bool is_word =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    for (std::size_t place = 0; place < text.size(); place += 1 + random() % 3) {
      std::string changed = text;
      changed[place] = c;
      REQUIRE(decode_base64url(changed, out) == is_word);
      changed = hex;
      changed[place] = c;
      REQUIRE(decode_hex(changed, out) == is_hex);
    }
  }
}

TEST_CASE("UTF-8 is judged as RFC 3629 says") {
  for (const std::string_view good :
       {"", "plain ascii, longer than eight", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF",
        "12345678\xE2\x82\xAC"
        "12345678"}) {
    CHECK(is_valid_utf8(good));
  }
  for (const std::string_view bad :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
        "\xE2\x82", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF0\x90\x80", "\xFF", "12345678\xF5",
        "1234567\xF5"
        "8"}) {
    CHECK_FALSE(is_valid_utf8(bad));
  }
}
