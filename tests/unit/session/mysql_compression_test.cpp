// The compressed protocol on the client's leg; the server's leg never is.
#include "mysql_shop.hpp"

#include "sealrow/wire/mysql/compression.hpp"

using namespace sealrow;
using namespace sealrow::test;
using namespace sealrow::test::mysql;

namespace {

const std::vector<std::pair<wm::Capabilities, wm::Algorithm>> algorithms = {
    {capability::compress, wm::Algorithm::zlib},
    {capability::zstd_compression, wm::Algorithm::zstd},
    {capability::compress | capability::zstd_compression, wm::Algorithm::zlib}};

std::string compressed(wm::Algorithm algorithm, const std::string& packets, std::uint8_t sequence = 0) {
  std::string out;
  wm::Sequence next(sequence);
  REQUIRE(wm::Compressor::make(algorithm, 0)->append(out, as_bytes(packets), next).has_value());
  return out;
}

struct Opened {
  std::string packets;
  std::vector<int> sequences;  // of the frames
};
Opened opened(wm::Algorithm algorithm, const std::string& frames) {
  Opened out;
  for (std::size_t at = 0; at + 7 <= frames.size();) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(frames[at + i]); };
    out.sequences.push_back(byte(3));
    at += 7 + static_cast<std::size_t>(byte(0) | byte(1) << 8 | byte(2) << 16);
  }
  auto decompressor = wm::Decompressor::make(algorithm);
  ByteView rest = as_bytes(frames);
  for (;;) {
    const auto piece = decompressor->pull(rest);
    REQUIRE(piece.has_value());
    if (piece->empty()) return out;
    out.packets += as_text(*piece);
  }
}

}  // namespace

TEST_CASE("mysql compression: commands are opened, answers compressed, in every chunking") {
  for (const auto& [wanted, algorithm] : algorithms) {
    for (std::size_t step = 0; step < 12; ++step) {
      Shop shop(step, "t1", client_capabilities | wanted);
      const std::string text = "insert into msg(tenant, body) values ('t1', 'secret " + std::string(200, 's') + "')";
      const std::string sent = shop.client(compressed(algorithm, query(text)));
      CHECK(sent.find("secret") == std::string::npos);
      CHECK(text_of(sent).starts_with("insert into msg"));
      auto answer = opened(algorithm, shop.server(ok()));
      CHECK(shown(answer.packets) == shown(ok()));
      CHECK(answer.sequences == std::vector{1});
      (void)shop.client(compressed(algorithm, query("select body from msg")));
      const std::string value = "secret " + std::string(200, 's');
      answer = opened(algorithm, shop.server(text_result({{}}, {{envelope_in(sent)}})));
      CHECK(shown(answer.packets) == shown(text_result({{}}, {{value}})));
      for (std::size_t i = 0; i < answer.sequences.size(); ++i) CHECK(answer.sequences[i] == static_cast<int>(i) + 1);
    }
  }
}

TEST_CASE("mysql compression: pipelined commands and refusals are each numbered from their own frames") {
  for (std::size_t step = 0; step < 9; ++step) {
    Shop shop(step, "t1", client_capabilities | capability::compress);
    const auto zip = [](const std::string& packets) { return compressed(wm::Algorithm::zlib, packets); };
    const auto first = query("select t from other"), second = query("select 2");
    CHECK(shown(shop.client(zip(first) + zip(query("select upper(body) from msg")) + zip(second))) == shown(first));
    const auto reply = text_result({{}}, {{"1"}});
    shop.harness().server(reply);
    auto answers = opened(wm::Algorithm::zlib, shop.harness().to_client());
    CHECK(answers.packets.starts_with(reply));
    CHECK(answers.packets.find("SR-E") != std::string::npos);
    CHECK(answers.sequences.front() == 1);
    CHECK(answers.sequences.back() == 1);
    CHECK(shown(shop.client("")) == shown(second));
  }
}

TEST_CASE("mysql compression: a bomb is opened piece by piece, what is malformed ends the session") {
  Shop shop(0, "t1", client_capabilities | capability::compress);
  std::string flood;
  for (int i = 0; i < 200; ++i) flood += query("select t from other where t = '" + std::string(60'000, 'x') + "'");
  const std::string bomb = compressed(wm::Algorithm::zlib, flood);
  CHECK(bomb.size() < 200'000);
  // The first command is outstanding: nothing behind it was opened yet, but for what is held up to the limit.
  CHECK(split(shop.client(bomb)).size() == 1);
  CHECK_FALSE(shop.harness().driver().session().wants_bytes(Leg::client));
  for (int i = 1; i < 200; ++i) {
    shop.harness().server(ok());
    CHECK(split(shop.harness().to_server()).size() == 1);
  }
  for (const std::string& bytes :
       {std::string("\x05\0\0\0\xFF\xFF\xFFjunk!", 12), std::string("\0\0\0\0\x05\0\0", 7)}) {
    Shop other(0, "t1", client_capabilities | capability::compress);
    CHECK(other.client(bytes).empty());
    CHECK(other.harness().closing());
  }
}

TEST_CASE("mysql compression: offered whatever the server has, never asked of the server") {
  for (const wm::Capabilities has : {wm::Capabilities{0}, capability::compress}) {
    FakeEnvironment environment;
    Harness harness(environment);
    harness.server(greeting((server_capabilities & ~capability::compress) | has));
    wm::Handshake shown_to_client;
    REQUIRE(wm::read(as_bytes(split(harness.to_client()).at(0).payload), shown_to_client));
    CHECK(wm::has(shown_to_client.capabilities, capability::compress | capability::zstd_compression));
    harness.client(response(1, client_capabilities | capability::compress | capability::zstd_compression));
    wm::HandshakeResponse sent;
    REQUIRE(wm::read(as_bytes(split(harness.to_server()).at(0).payload), sent));
    CHECK((sent.capabilities & (capability::compress | capability::zstd_compression)) == 0);
  }
  FakeEnvironment environment;
  Harness harness(environment);
  harness.server(greeting(server_capabilities & ~capability::mysql));
  wm::Handshake shown_to_client;
  REQUIRE(wm::read(as_bytes(split(harness.to_client()).at(0).payload), shown_to_client));
  CHECK((shown_to_client.capabilities & (capability::compress | capability::zstd_compression)) == capability::compress);
}
