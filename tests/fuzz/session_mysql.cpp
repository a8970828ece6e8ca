// A MySQL session between two hostile ends. Byte 0 chooses the policy, how far login has got and how slow keys are;
// then blocks of (leg and kind, length, bytes): whole packets with a right header, or raw bytes.
#include "unit/plan/fixture.cpp"

#include "unit/plan/mysql_fixture.cpp"
#include "unit/session/driver.hpp"
#include "unit/session/environment.hpp"

#include "sealrow/session/mysql.hpp"
#include "sealrow/wire/mysql/handshake.hpp"
#include "sealrow/wire/mysql/replies.hpp"
#include "sealrow/wire/mysql/values.hpp"

using namespace sealrow;
using namespace sealrow::test;
namespace wm = wire::mysql;
namespace capability = wire::mysql::capability;

namespace {

constexpr wm::Capabilities agreed = capability::mysql | capability::protocol_41 | capability::secure_connection |
                                    capability::plugin_auth | capability::multi_statements | capability::multi_results |
                                    capability::local_files;

std::string greeting() {
  std::string out;
  wm::Sequence s;
  wm::Handshake h;
  h.server_version = "8.4.6";
  h.capabilities = agreed | capability::deprecate_eof | capability::session_track | capability::query_attributes;
  h.auth_data = std::string(wm::nonce_size, 'n');
  h.plugin = wm::plugin::native;
  wm::append_handshake(out, s, h);
  return out;
}

std::string response(std::uint8_t chosen) {
  std::string out;
  wm::Sequence s(1);
  wm::HandshakeResponse r;
  r.capabilities = agreed;
  if (chosen & 16) r.capabilities |= capability::deprecate_eof;
  if (chosen & 32) r.capabilities |= capability::session_track | capability::query_attributes;
  if (chosen & 64) r.capabilities |= chosen & 128 ? capability::zstd_compression : capability::compress;
  r.user = "app";
  r.plugin = wm::plugin::native;
  wm::append_handshake_response(out, s, r);
  return out;
}

// What a compressed leg carries; a Compressor of its own would cost more than the session.
std::string stored_frame(const std::string& packets) {
  std::string out;
  for (int i = 0; i < 3; ++i) out.push_back(static_cast<char>(packets.size() >> 8 * i));
  return out + std::string(4, '\0') + packets;
}

std::string ok() { return std::string("\x07\0\0\2\0\0\0\2\0\0\0", 11); }

// What the session asks for itself.
std::string names_answer() {
  std::string out;
  wm::Sequence s(1);
  const std::vector<wm::Cell> row{"617070", "",  "utf8mb4", "utf8mb4",  "utf8mb4",
                                  "8.4.6",  "0", "utf8mb4", "67108864", "7431"};
  wm::append_column_count(out, s, agreed, {row.size()});
  for (std::size_t i = 0; i < row.size(); ++i) wm::append_column_definition(out, s, agreed, {});
  wm::append_eof(out, s, {0, 2});
  wm::append_text_row(out, s, row);
  wm::append_eof(out, s, {0, 2});
  return out;
}

std::string packet(std::uint8_t sequence, std::string_view payload) {
  std::string out;
  wm::Sequence s(sequence);
  wm::append_packet(out, s, payload);
  return out;
}

void answer(Driver& d, FakeEnvironment& environment, std::size_t& answered) {
  while (answered < d.requests.size()) {
    const auto [id, request] = d.requests[answered++];
    if (const auto* fetch = std::get_if<session::FetchKey>(&request)) environment.service.deliver(fetch->request);
    d.call([&](auto& s, auto& out) { s.on_answer(id, out); });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  FakeEnvironment environment;
  environment.current = plan::test::make_mysql_world().bind();
  environment.service.slow = data[0] % 2 == 1;
  EmptyEnvironment empty;
  session::mysql::Settings settings;
  settings.allow_local_infile = true;
  settings.client_tls = session::ClientTls::allow;
  const bool protects = (data[0] & 8) == 0;
  Driver d(session::mysql::make_session(settings, protects ? static_cast<session::Environment&>(environment) : empty));
  d.call([](auto& s, auto& out) { s.on_accepted(out); });
  d.connected();
  std::size_t answered = 0, at = 1;
  if ((data[0] & 2) == 0) {
    d.send(Leg::server, greeting());
    d.send(Leg::client, response(data[0]));
    d.send(Leg::server, ok());
  }
  std::uint8_t sequence = 1;
  while (at + 2 <= size) {
    const Leg leg = data[at] & 0x80 ? Leg::server : Leg::client;
    const int kind = data[at] & 7;
    const std::size_t length = std::min<std::size_t>(data[at + 1], size - at - 2);
    const auto bytes = as_text(ByteView(data + at + 2, length));
    at += 2 + length;
    const bool framed = (data[0] & 64) != 0 && leg == Leg::client && (data[0] & 2) == 0;
    if (kind == 0)
      d.send(leg, bytes, 3);
    else if (framed && kind > 2)
      d.send(leg, stored_frame(packet(kind < 6 ? std::uint8_t{0} : sequence++, bytes)), 1 + length % 9);
    else if (kind == 1)
      d.send(Leg::server, names_answer());
    else if (kind == 2)
      d.tls(leg);
    else if (leg == Leg::client && kind < 6)
      d.send(leg, packet(0, bytes), 1 + length % 9), sequence = 1;
    else
      d.send(leg, packet(sequence++, bytes), 1 + length % 9);
    answer(d, environment, answered);
    (void)d.session().idle();
    (void)d.session().wants_bytes(leg);
  }
  d.call([](auto& s, auto& out) { s.on_shutdown(out); });
  return 0;
}
