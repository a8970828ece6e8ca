#include "sealrow/policy/normalize.hpp"
#include "sealrow/base/bytes.hpp"

#include <catch2/catch_test_macros.hpp>

#include <random>

using namespace sealrow;
using namespace sealrow::policy;

TEST_CASE("normalisation, step by step") {
  struct Case {
    Normalization steps;
    const char *in, *out;
  };
  const Normalization none{}, trim{.trim = true}, lower{.lower = true}, nfc{.nfc = true},
      all{.trim = true, .lower = true, .nfc = true};
  const Case cases[] = {
      {none, " A\u0308 ", " A\u0308 "},
      {trim, " \t\r\n a b \v\f", "a b"},
      {trim, "\u00A0\u2003\u3000\u0085x\u2028\u202F", "x"},
      {trim, "\u200Bx\u200B", "\u200Bx\u200B"},  // ZERO WIDTH SPACE is no white space
      {trim, " \t ", ""},
      {trim, "", ""},
      {lower, "ALICE@Example.ORG", "alice@example.org"},
      {lower, "STRASSE", "strasse"},
      {lower, "Straße", "strasse"},
      {lower, "ΣΊΣΥΦΟΣ", "σίσυφοσ"},
      {lower, "σίσυφος", "σίσυφοσ"},  // final sigma folds too
      {lower, "İ", "i\u0307"},
      {lower, "ÀÉ", "àé"},
      {nfc, "e\u0301", "é"},
      {nfc, "\u212B", "Å"},                     // ANGSTROM SIGN
      {nfc, "q\u0307\u0323", "q\u0323\u0307"},  // marks are put in order
      {nfc, "\u1100\u1161\u11A8", "각"},
      {nfc, "ﬁ", "ﬁ"},  // compatibility forms stay
      {all, " E\u0301LAN ", "élan"},
      {all, "X", "x"},
  };
  for (const Case& c : cases) {
    INFO(c.in);
    CHECK(normalize(c.in, c.steps) == c.out);
  }
}

TEST_CASE("canonically equal spellings give one result") {
  const Normalization all{.trim = true, .lower = true, .nfc = true};
  const std::pair<const char*, const char*> pairs[] = {
      {"\u1FB4",
       "\u03B1\u0345\u0301"},  // alpha with acute and iota subscript, composed and in marks of the other order
      {"\u00C5NGSTR\u00D6M", "\u212Bngstro\u0308m"},
      {"\u1E69", "s\u0307\u0323"},
      {"\uAC00", "\u1100\u1161"},
  };
  for (const auto& [a, b] : pairs) CHECK(normalize(a, all) == normalize(b, all));
}

TEST_CASE("text that is not UTF-8 comes back as it is") {
  const Normalization all{.trim = true, .lower = true, .nfc = true};
  for (const char* text : {" \xFF ", "A\xC0\x80", "\xED\xA0\x80", "\xE2\x82"}) CHECK(normalize(text, all) == text);
  const std::string with_nul("A\0\u00C9", 4);
  CHECK(normalize(with_nul, all) == std::string("a\0\u00E9", 4));
}

TEST_CASE("normalisation is idempotent and keeps text valid") {
  std::mt19937 random(7);
  const char32_t ranges[][2] = {{0x20, 0x7E},     {0xA0, 0x17F},    {0x300, 0x36F},
                                {0x370, 0x3FF},   {0x1E00, 0x1FFF}, {0x1100, 0x11FF},
                                {0xAC00, 0xAC40}, {0x2000, 0x206F}, {0x10400, 0x1044F}};
  const auto append = [](std::string& out, char32_t c) {
    if (c < 0x80)
      out += static_cast<char>(c);
    else if (c < 0x800)
      (out += static_cast<char>(0xC0 | c >> 6)) += static_cast<char>(0x80 | (c & 0x3F));
    else if (c < 0x10000)
      ((out += static_cast<char>(0xE0 | c >> 12)) += static_cast<char>(0x80 | (c >> 6 & 0x3F))) +=
          static_cast<char>(0x80 | (c & 0x3F));
    else
      (((out += static_cast<char>(0xF0 | c >> 18)) += static_cast<char>(0x80 | (c >> 12 & 0x3F))) +=
       static_cast<char>(0x80 | (c >> 6 & 0x3F))) += static_cast<char>(0x80 | (c & 0x3F));
  };
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (unsigned n = random() % 8; n > 0; --n) {
      const auto& range = ranges[random() % std::size(ranges)];
      append(text, range[0] + random() % (range[1] - range[0] + 1));
    }
    const Normalization steps{.trim = (round & 1) != 0, .lower = (round & 2) != 0, .nfc = (round & 4) != 0};
    const std::string once = normalize(text, steps);
    INFO("round " << round);
    REQUIRE(is_valid_utf8(once));
    REQUIRE(normalize(once, steps) == once);
  }
}
