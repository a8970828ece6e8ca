#include "sql/postgres/special.hpp"
#include "sql/postgres/lexer.hpp"

#include <catch2/catch_test_macros.hpp>

#include <random>

using namespace sealrow::sql;
using namespace sealrow::sql::postgres;

namespace {

std::string random_text(std::mt19937& random, std::string_view alphabet, std::size_t longest) {
  std::string text;
  for (std::size_t n = random() % longest; n > 0; --n) text.push_back(alphabet[random() % alphabet.size()]);
  return text;
}

constexpr std::string_view plain = "abcxyzEU_  \n,,()=<>+*-/.$19\xc3";
constexpr std::string_view dense = "aeEbBxuU&n'\"$-/*.. \n\\19_\x01{";

}  // namespace

TEST_CASE("both scans stop at the same bytes") {
  std::mt19937 random(5);
  if (!has_avx2()) SKIP("no AVX2 on this machine");
  for (int round = 0; round < 100000; ++round) {
    const std::string text = random_text(random, round % 2 ? plain : dense, 120);
    const char* end = text.data() + text.size();
    const char* expected = find_special_scalar(text.data(), end);
    const char* found = find_special_avx2(text.data(), end);
    CAPTURE(text);
    REQUIRE(found <= expected);
    if (found != expected) REQUIRE(std::string_view("-/.").find(*found) != std::string_view::npos);
  }
  for (int c = 0; c < 256; ++c) {
    const std::string text(1, static_cast<char>(c));
    const bool stops = find_special_scalar(text.data(), text.data() + 1) == text.data();
    const std::string padded = text + std::string(40, ' ');
    CAPTURE(c);
    CHECK((find_special_avx2(padded.data(), padded.data() + padded.size()) == padded.data()) == stops);
  }
}

TEST_CASE("skipping finds the literals that the lexer finds") {
  std::mt19937 random(6);
  std::size_t literals = 0;
  for (int round = 0; round < 200000; ++round) {
    const std::string text = random_text(random, round % 2 ? plain : dense, round % 3 ? 12 : 90);
    std::vector<Literal> expected;
    Lexer lexer(text, {});
    Token token = lexer.next();
    for (; token.kind != TokenKind::end && token.kind != TokenKind::unknown; token = lexer.next()) {
      if (token.kind == TokenKind::literal) expected.push_back({token.span, token.literal});
    }
    Template apart;
    make_template(text, {}, apart);
    CAPTURE(text);
    REQUIRE(apart.exact == (token.kind == TokenKind::unknown));
    if (apart.exact) continue;
    literals += expected.size();
    REQUIRE(apart.literals.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      REQUIRE(apart.literals[i].span == expected[i].span);
      REQUIRE(apart.literals[i].kind == expected[i].kind);
    }
  }
  CHECK(literals > 10000);
}
