// Expected values come from PyMySQL, Python's cryptography and a plain implementation of RFC 8032, and from what
// MariaDB 10.11 and MySQL 9.7 stored for the same password.
#include "session/mysql/auth_math.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace sealrow;
using namespace sealrow::session::mysql;

namespace {

SecretBytes secret(std::string_view text) { return SecretBytes::copy_of(as_bytes(text)); }

std::string unhex(std::string_view hex) {
  std::string out;
  REQUIRE(decode_hex(hex, out));
  return out;
}

std::string counted(std::size_t first, std::size_t n) {
  std::string out(n, '\0');
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<char>(first + i);
  return out;
}

// The same with one bit turned, at each byte.
template <class Check>
void check_every_flip(const std::string& right, Check accepts) {
  CHECK(accepts(right));
  for (std::size_t i = 0; i < right.size(); ++i) {
    auto wrong = right;
    wrong[i] = static_cast<char>(wrong[i] ^ 1);
    CHECK_FALSE(accepts(wrong));
    CHECK_FALSE(accepts(right.substr(0, i)));
  }
  CHECK_FALSE(accepts(right + "x"));
}

const std::string nonce = counted(1, 20);

}  // namespace

TEST_CASE("scrambles of both hashes") {
  struct Case {
    Scramble kind;
    std::string_view answer;
  };
  for (const auto& [kind, hex] :
       {Case{Scramble::native, "b32bb3a583e1340c0a1108d58b1be49781ad8c2f"},
        Case{Scramble::sha2, "746ebe205d56a0707acb3e796e834e0dd7b1d61743b26bd5202c7a623230c7c9"}}) {
    const auto stage1 = *scramble_stage1(kind, secret("secret"));
    const auto verifier = *scramble_verifier(kind, stage1);
    const auto answer = *scramble_answer(kind, stage1, nonce);
    CHECK(answer == unhex(hex));
    check_every_flip(answer, [&](const std::string& a) {
      const auto checked = check_scramble(kind, verifier, nonce, a);
      return checked.has_value() && checked->equals(stage1.reveal());
    });
    CHECK(check_scramble(kind, verifier, counted(2, 20), answer).error().code == ErrorCode::authentication_failed);
    CHECK_FALSE(check_scramble(kind, verifier, nonce, "").has_value());
  }
}

TEST_CASE("verifiers that servers store") {
  const auto native = parse_native_verifier("*14E65567ABDB5135D0CFD9A70B3032C179A49EE7");
  REQUIRE(native);
  const auto stage1 = *scramble_stage1(Scramble::native, secret("secret"));
  CHECK(scramble_verifier(Scramble::native, stage1)->equals(native->reveal()));
  CHECK_FALSE(parse_native_verifier("14E65567ABDB5135D0CFD9A70B3032C179A49EE7").has_value());
  CHECK_FALSE(parse_native_verifier("*14E65567ABDB5135D0CFD9A70B3032C179A49EEX").has_value());

  const auto stored = unhex(
      "244124303041247c7b227003460b50774f01346a7a6c21402271206161384f36664f46764d654671512f736e31306f6e6456506d5575"
      "2e4170717a6132366c3462532e537443");
  CHECK(check_sha2_stored(stored, secret("secret")));
  CHECK_FALSE(check_sha2_stored(stored, secret("secrets")));
  CHECK_FALSE(check_sha2_stored(stored, secret("")));
  CHECK_FALSE(check_sha2_stored(stored, secret(std::string(257, 'x'))));
  CHECK_FALSE(check_sha2_stored(stored.substr(1), secret("secret")));
  auto other = stored;
  other.back() = 'D';
  CHECK_FALSE(check_sha2_stored(other, secret("secret")));
  other = stored;
  other[3] = 'x';
  CHECK_FALSE(check_sha2_stored(other, secret("secret")));
  // MySQL 8 stores 005 (5000 rounds) by default, MySQL 9.7 00A; this one has a salt of any bytes.
  const std::string salt = unhex("f9cc98ce08892924f50a213b6bc571a2c11778c5");
  CHECK(check_sha2_stored("$A$005$" + salt + "bTy95Y99eAME1dwEkHOA1ndHGBWz.1bxSSRkuTXFGV/", secret("hashcat")));
}

TEST_CASE("full authentication") {
  CHECK(as_text(clear_answer(secret("pw")).reveal()) == std::string_view("pw\0", 3));
  CHECK(read_clear_answer(std::string_view("pw\0", 3))->equals(as_bytes("pw")));
  CHECK_FALSE(read_clear_answer("pw").has_value());
  CHECK_FALSE(read_clear_answer("").has_value());

  const auto key = *RsaKey::of_process();
  CHECK(key == *RsaKey::of_process());
  CHECK(key->public_pem().starts_with("-----BEGIN PUBLIC KEY-----"));
  for (const std::string& password : {std::string("secret"), std::string(), std::string(100, 'p')}) {
    const auto answer = rsa_answer(secret(password), nonce, key->public_pem());
    REQUIRE(answer.has_value());
    CHECK(answer->size() == 256);
    CHECK(key->open_answer(*answer, nonce)->equals(as_bytes(password)));
    auto wrong = *answer;
    wrong[100] = static_cast<char>(wrong[100] ^ 1);
    CHECK(key->open_answer(wrong, nonce).error().code == ErrorCode::authentication_failed);
    CHECK_FALSE(key->open_answer(answer->substr(1), nonce).has_value());
    CHECK_FALSE(key->open_answer(*answer, counted(2, 20)).has_value());  // the last byte is then not zero
  }
  CHECK_FALSE(rsa_answer(secret(std::string(300, 'p')), nonce, key->public_pem()).has_value());
  CHECK_FALSE(rsa_answer(secret("secret"), nonce, "no key").has_value());
  CHECK_FALSE(rsa_answer(secret("secret"), "", key->public_pem()).has_value());
}

TEST_CASE("client_ed25519") {
  const auto message = counted(0, 32);
  const auto answer = *ed25519_answer(secret("secret"), message);
  CHECK(answer ==
        unhex("546c3e9311d19ee389d1ae5d945821bfe459423910136f16b3bd2ae89fd7d63b449e689f4be812891a85b8f999076446d9"
              "2adb83d0707215aaa60b5a23220907"));
  const auto stored = parse_ed25519_verifier("ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY");  // MariaDB's
  REQUIRE(stored);
  CHECK(*ed25519_public_key(secret("secret")) == *stored);
  check_every_flip(answer, [&](const std::string& a) { return check_ed25519(*stored, message, a); });
  CHECK_FALSE(check_ed25519(*stored, counted(1, 32), answer));
  CHECK_FALSE(ed25519_answer(secret("secret"), counted(0, 31)).has_value());
  for (const std::string_view bad :
       {"", "ZIgU", "ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJYA", "ZIgUREUg5PVgQ6LskhXmO_eZLS0nC8be6HPjYWR4YJY"})
    CHECK_FALSE(parse_ed25519_verifier(bad).has_value());
  // Any password, the empty one too, signs what its own key accepts.
  for (const std::string& password : {std::string(), std::string("p\0w", 3), std::string(500, '\xFF')}) {
    const auto signed_nonce = *ed25519_answer(secret(password), message);
    CHECK(check_ed25519(*ed25519_public_key(secret(password)), message, signed_nonce));
    CHECK_FALSE(check_ed25519(*stored, message, signed_nonce));
  }
}

TEST_CASE("parsec") {
  const auto salt = parse_parsec_salt("P" + counted(1, 1) + counted(100, 18));
  REQUIRE(salt);
  CHECK(salt->iterations == 2048);
  const auto key = *parsec_public_key(secret("secret"), *salt);
  CHECK(std::ranges::equal(key, as_bytes(unhex("b2d8427c3332f25f53c3f90f0c8bde1c54746d7c96dce14b48abd3641353643a"))));
  const auto server = counted(0, 32);
  const auto frozen = unhex(
      "32333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f5051bb4f939508944155e2ec3cdd267cf305e32e2860"
      "6d4d96c0b52868c6f57f63742b9f8d7524ea4390986b6f2e34494e44b99341f24a8f66f82f01d33b43558c03");
  check_every_flip(frozen, [&](const std::string& a) { return check_parsec(key, server, a); });
  const auto answer = *parsec_answer(secret("secret"), *salt, server);
  CHECK(check_parsec(key, server, answer));
  CHECK(answer != *parsec_answer(secret("secret"), *salt, server));  // the client's nonce is fresh
  CHECK_FALSE(check_parsec(key, counted(1, 32), answer));
  CHECK_FALSE(check_parsec(key, server, *parsec_answer(secret("other"), *salt, server)));
  CHECK_FALSE(parsec_answer(secret("secret"), *salt, counted(0, 20)).has_value());
  for (const auto& bad : {std::string(), std::string("P\0", 2), "Q" + counted(0, 19), "P\x06" + counted(0, 18),
                          "P" + counted(0, 1) + std::string(65, 's')})
    CHECK_FALSE(parse_parsec_salt(bad).has_value());
}

TEST_CASE("nonces of our own") {
  std::string previous;
  for (int i = 0; i < 200; ++i) {
    const auto fresh = *fresh_nonce();
    CHECK(fresh.size() == 20);
    CHECK(fresh != previous);
    CHECK(std::ranges::none_of(fresh, [](char c) { return c == '\0' || c == '$' || (c & 0x80) != 0; }));
    previous = fresh;
  }
}
