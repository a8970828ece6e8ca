// Published vectors: C2SP XAES-256-GCM, NIST CAVP AES-GCM, RFC 8439, RFC 5297, RFC 4231, RFC 5869. The files are those
// of Debian's python3-cryptography-vectors; without the package those cases are skipped.
#include "crypto/aead.hpp"
#include "crypto/hmac.hpp"
#include "crypto/message_key.hpp"
#include "unit/crypto/support.hpp"

#include <openssl/evp.h>
#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <map>

using namespace sealrow;
using namespace sealrow::crypto;
using namespace sealrow::crypto::test;

namespace {

using Fields = std::map<std::string, std::string>;

std::string trimmed(const std::string& text) {
  const auto from = text.find_first_not_of(" \r\t");
  return from == std::string::npos ? "" : text.substr(from, text.find_last_not_of(" \r\t") - from + 1);
}

// Blocks of "name = value" lines; "[name = value]" holds for all blocks that follow.
template <class Use>
std::size_t each_block(const char* file, Use use) {
  const std::string path = std::string("/usr/lib/python3/dist-packages/cryptography_vectors/") + file;
  if (!std::filesystem::exists(path)) SKIP("python3-cryptography-vectors is not installed");
  std::ifstream in(path);
  Fields common;
  Fields block;
  std::size_t used = 0;
  const auto flush = [&] {
    if (block.empty()) return;
    Fields all = common;
    all.insert(block.begin(), block.end());
    if (use(all)) ++used;
    block.clear();
  };
  for (std::string line; std::getline(in, line);) {
    line = trimmed(line);
    if (line.empty()) flush();
    if (line.empty() || line[0] == '#') continue;
    const bool header = line[0] == '[';
    if (header) line = line.substr(1, line.size() - 2);
    const auto equals = line.find('=');
    if (equals == std::string::npos) {
      block.emplace(line, "");
    } else {
      (header ? common : block)[trimmed(line.substr(0, equals))] = trimmed(line.substr(equals + 1));
    }
  }
  flush();
  return used;
}

const std::uint8_t* data(const std::string& bytes) { return as_bytes(bytes).data(); }

std::optional<std::string> opened(Aead& aead, const std::string& nonce, const std::string& aad,
                                  const std::string& sealed, const std::string& tag) {
  std::string plain(sealed.size(), '\0');
  if (!aead.open(data(nonce), as_bytes(aad), as_bytes(sealed), data(tag),
                 reinterpret_cast<std::uint8_t*>(plain.data())))
    return std::nullopt;
  return plain;
}

std::string sealed(Aead& aead, const std::string& nonce, const std::string& aad, std::string text) {
  std::uint8_t tag[16];
  REQUIRE(aead.seal(data(nonce), as_bytes(aad), {reinterpret_cast<std::uint8_t*>(text.data()), text.size()}, tag));
  return text + std::string(reinterpret_cast<const char*>(tag), sizeof tag);
}

std::vector<AeadFactory> gcm_factories() {
  std::vector<AeadFactory> all{make_gcm_openssl};
  if (choose_backend(Provider::automatic)->provider == Provider::ipsec_mb) all.push_back(make_gcm_ipsec);
  return all;
}

std::string xaes_seal(AeadFactory gcm, const std::string& key, const std::string& nonce, const std::string& aad,
                      const std::string& text) {
  auto source = make_message_key_source(Suite::xaes_256_gcm, as_bytes(key), gcm).value();
  Prefix prefix;
  std::copy_n(data(nonce), prefix.size(), prefix.begin());
  return sealed(*source->derive(prefix).value().aead, nonce.substr(12), aad, text);
}

}  // namespace

TEST_CASE("XAES-256-GCM agrees with the two vectors of C2SP") {
  const std::string nonce = "ABCDEFGHIJKLMNOPQRSTUVWX";
  for (const AeadFactory gcm : gcm_factories()) {
    CHECK(hex(xaes_seal(gcm, std::string(32, '\x01'), nonce, "", "XAES-256-GCM")) ==
          "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
    CHECK(hex(xaes_seal(gcm, std::string(32, '\x03'), nonce, "c2sp.org/XAES-256-GCM", "XAES-256-GCM")) ==
          "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
  }
}

TEST_CASE("XAES-256-GCM agrees with C2SP's accumulated hash of 10 000 messages") {
  constexpr int iterations = 10000;
  // SHAKE-128 of libcrypto 3.0 cannot squeeze in steps, so the whole random stream is made at once.
  std::string stream(std::size_t{iterations} * (32 + 24 + 2 * 256), '\0');
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> random(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  REQUIRE(EVP_DigestInit_ex(random.get(), EVP_shake128(), nullptr) == 1);
  REQUIRE(EVP_DigestFinalXOF(random.get(), reinterpret_cast<unsigned char*>(stream.data()), stream.size()) == 1);
  REQUIRE(hex(stream.substr(0, 16)) == "7f9c2ba4e88f827d616045507605853e");
  std::size_t at = 0;
  const auto take = [&](std::size_t size) { return stream.substr(std::exchange(at, at + size), size); };
  const auto take_vector = [&] { return take(static_cast<std::uint8_t>(take(1)[0])); };
  for (const AeadFactory gcm : gcm_factories()) {
    at = 0;
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    REQUIRE(EVP_DigestInit_ex(hash.get(), EVP_shake128(), nullptr) == 1);
    for (int i = 0; i < iterations; ++i) {
      const std::string key = take(32);
      const std::string nonce = take(24);
      const std::string text = take_vector();
      const std::string aad = take_vector();
      const std::string out = xaes_seal(gcm, key, nonce, aad, text);
      EVP_DigestUpdate(hash.get(), out.data(), out.size());
    }
    std::string result(32, '\0');
    REQUIRE(EVP_DigestFinalXOF(hash.get(), reinterpret_cast<unsigned char*>(result.data()), result.size()) == 1);
    CHECK(hex(result) == "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939");
  }
}

TEST_CASE("AES-256-GCM agrees with NIST's CAVP vectors on every provider") {
  for (const AeadFactory make : gcm_factories()) {
    const auto fits = [](const Fields& f) {
      return f.at("IVlen") == "96" && f.at("Taglen") == "128" && f.contains("Key");
    };
    CHECK(each_block("ciphers/AES/GCM/gcmEncryptExtIV256.rsp", [&](const Fields& f) {
            if (!f.contains("Key") || !fits(f)) return false;
            const auto aead = make(as_bytes(unhex(f.at("Key"))));
            CHECK(hex(sealed(*aead, unhex(f.at("IV")), unhex(f.at("AAD")), unhex(f.at("PT")))) ==
                  f.at("CT") + f.at("Tag"));
            return true;
          }) > 300);
    std::size_t refused = 0;
    CHECK(each_block("ciphers/AES/GCM/gcmDecrypt256.rsp", [&](const Fields& f) {
            if (!f.contains("Key") || !fits(f)) return false;
            const auto aead = make(as_bytes(unhex(f.at("Key"))));
            const auto plain =
                opened(*aead, unhex(f.at("IV")), unhex(f.at("AAD")), unhex(f.at("CT")), unhex(f.at("Tag")));
            CHECK(plain.has_value() == f.contains("PT"));
            if (plain && f.contains("PT")) CHECK(hex(*plain) == f.at("PT"));
            refused += plain ? 0 : 1;
            return true;
          }) > 300);
    CHECK(refused > 100);
  }
}

TEST_CASE("ChaCha20-Poly1305 agrees with RFC 8439 and OpenSSL's vectors") {
  CHECK(each_block("ciphers/ChaCha20Poly1305/openssl.txt", [](const Fields& f) {
          if (!f.contains("Key") || unhex(f.at("IV")).size() != 12 || unhex(f.at("Tag")).size() != 16) return false;
          const auto aead = make_chacha20_poly1305(as_bytes(unhex(f.at("Key"))));
          const auto plain =
              opened(*aead, unhex(f.at("IV")), unhex(f.at("AAD")), unhex(f.at("Ciphertext")), unhex(f.at("Tag")));
          CHECK(plain.has_value() == !f.contains("Result"));
          if (!plain || f.contains("Result")) return true;
          CHECK(hex(*plain) == f.at("Plaintext"));
          CHECK(hex(sealed(*aead, unhex(f.at("IV")), unhex(f.at("AAD")), *plain)) == f.at("Ciphertext") + f.at("Tag"));
          return true;
        }) >= 5);
}

TEST_CASE("AES-256-SIV agrees with OpenSSL's vector and refuses an empty message") {
  CHECK(each_block("ciphers/AES/SIV/openssl.txt", [](const Fields& f) {
          if (!f.contains("Key") || unhex(f.at("Key")).size() != 64 || f.contains("AAD2")) return false;
          const auto aead = make_aes_siv(as_bytes(unhex(f.at("Key"))));
          CHECK(hex(sealed(*aead, "", unhex(f.at("AAD")), unhex(f.at("Plaintext")))) ==
                f.at("Ciphertext") + f.at("Tag"));
          CHECK(hex(*opened(*aead, "", unhex(f.at("AAD")), unhex(f.at("Ciphertext")), unhex(f.at("Tag")))) ==
                f.at("Plaintext"));
          CHECK_FALSE(opened(*aead, "", "other", unhex(f.at("Ciphertext")), unhex(f.at("Tag"))).has_value());
          return true;
        }) >= 1);
  const auto aead = make_aes_siv(as_bytes(std::string(64, 'k')));
  std::uint8_t tag[16];
  CHECK_FALSE(aead->seal(nullptr, as_bytes("a"), {}, tag));
  CHECK(make_aes_siv(as_bytes(std::string(32, 'k'))) == nullptr);
}

TEST_CASE("HMAC-SHA-256 agrees with RFC 4231") {
  const auto digest = hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"));
  CHECK(hex(as_text(digest)) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(
      each_block("HMAC/rfc-4231-sha256.txt", [](const Fields& f) {
        const std::string key = unhex(f.at("Key"));
        const std::string message = unhex(f.at("Msg"));
        CHECK(hex(as_text(hmac_sha256(as_bytes(key), as_bytes(message)))) == f.at("MD"));
        const HmacSha256 hmac(as_bytes(key));
        const std::size_t cut = message.size() / 3;
        CHECK(hex(as_text(hmac.compute({as_bytes(message).first(cut), as_bytes(message).subspan(cut)}))) == f.at("MD"));
        return true;
      }) >= 5);
}

TEST_CASE("HKDF-Expand agrees with RFC 5869") {
  Fields vector;  // the file leaves a blank line between the inputs and the outputs of some vectors
  CHECK(each_block("KDF/rfc-5869-HKDF-SHA256.txt", [&vector](const Fields& f) {
          vector.insert(f.begin(), f.end());
          if (!f.contains("PRK")) return false;
          std::string out(std::stoul(vector.at("L")), '\0');
          HmacSha256(as_bytes(unhex(vector.at("PRK"))))
              .expand(as_bytes(unhex(vector.at("info"))), {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
          CHECK(hex(out) == vector.at("OKM"));
          vector.clear();
          return true;
        }) == 3);
  CHECK(hkdf_expand(SecretBytes(), "x").has_error());
  CHECK(hkdf_expand(key_of(1), "x")->size() == key_size);
  CHECK_FALSE(hkdf_expand(key_of(1), "x")->equals(hkdf_expand(key_of(1), "y")->reveal()));
}

TEST_CASE("random keys and bytes differ") {
  CHECK_FALSE(random_key()->equals(random_key()->reveal()));
  std::string large(3U << 20, '\0');
  REQUIRE(random_bytes({reinterpret_cast<std::uint8_t*>(large.data()), large.size()}).has_value());
  CHECK(large.substr(large.size() - 32) != std::string(32, '\0'));
}
