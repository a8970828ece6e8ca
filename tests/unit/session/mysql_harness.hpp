// A MySQL session between a scripted client and a scripted server.
#pragma once

#include "driver.hpp"

#include "sealrow/session/mysql.hpp"
#include "sealrow/wire/mysql/commands.hpp"
#include "sealrow/wire/mysql/handshake.hpp"
#include "sealrow/wire/mysql/replies.hpp"
#include "sealrow/wire/mysql/values.hpp"

#include <catch2/catch_test_macros.hpp>

namespace sealrow::test::mysql {

namespace wm = wire::mysql;
namespace capability = wire::mysql::capability;
using session::Leg;

inline const std::string nonce = "01234567890123456789";
inline constexpr wm::Capabilities server_capabilities =
    capability::mysql | capability::protocol_41 | capability::secure_connection | capability::plugin_auth |
    capability::connect_with_db | capability::ssl | capability::multi_statements | capability::multi_results |
    capability::ps_multi_results | capability::session_track | capability::deprecate_eof |
    capability::query_attributes | capability::compress | capability::local_files | capability::optional_metadata;
// Old framing with EOF packets unless a test asks for more.
inline constexpr wm::Capabilities client_capabilities =
    capability::mysql | capability::protocol_41 | capability::secure_connection | capability::plugin_auth |
    capability::connect_with_db | capability::multi_statements | capability::multi_results |
    capability::ps_multi_results | capability::local_files;

struct Packet {
  std::uint8_t sequence;
  std::string payload;
};
inline std::vector<Packet> split(const std::string& bytes) {
  std::vector<Packet> out;
  for (std::size_t at = 0; at + 4 <= bytes.size();) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[at + i]); };
    const std::size_t size = byte(0) | byte(1) << 8 | byte(2) << 16;
    out.push_back({byte(3), bytes.substr(at + 4, size)});
    at += 4 + size;
  }
  return out;
}
inline std::vector<int> sequences(const std::string& bytes) {
  std::vector<int> out;
  for (const auto& p : split(bytes)) out.push_back(p.sequence);
  return out;
}
inline std::string packet(std::uint8_t sequence, std::string_view payload) {
  std::string out;
  wm::Sequence s(sequence);
  wm::append_packet(out, s, payload);
  return out;
}
// Packets of one answer, made one after the other.
template <class Make>
std::string answer(std::uint8_t first, Make make) {
  std::string out;
  wm::Sequence s(first);
  make(out, s);
  return out;
}
inline std::string ok(std::uint8_t sequence = 1, std::uint16_t status = 2) {
  return answer(sequence, [&](auto& o, auto& s) { wm::append_ok(o, s, client_capabilities, {.status = status}); });
}
inline std::string err(std::uint8_t sequence = 1) {
  return answer(sequence, [](auto& o, auto& s) { wm::append_err(o, s, {1146, "42S02", "no such table"}); });
}
inline std::string query(std::string_view text) {
  return answer(0, [&](auto& o, auto& s) { wm::append_query(o, s, client_capabilities, {{}, text}); });
}
inline std::string prepare(std::string_view text) {
  return answer(0, [&](auto& o, auto& s) { wm::append_text_command(o, s, {wm::Command::stmt_prepare, text}); });
}
inline std::string text_of(const std::string& bytes) {  // of a COM_QUERY or COM_STMT_PREPARE
  const auto packets = split(bytes);
  return packets.size() == 1 && packets[0].payload.size() > 1 ? packets[0].payload.substr(1) : "not one command";
}
struct Column {
  wm::ColumnType type = wm::ColumnType::blob;
  std::uint16_t charset = 255;
};
inline void append_columns(std::string& o, wm::Sequence& s, const std::vector<Column>& columns,
                           wm::Capabilities capabilities = client_capabilities) {
  wm::append_column_count(o, s, capabilities, {columns.size()});
  for (const auto& c : columns) {
    wm::ColumnDefinition definition;
    definition.name = "c";
    definition.type = c.type;
    definition.charset = c.charset;
    wm::append_column_definition(o, s, capabilities, definition);
  }
  if (!wm::has(capabilities, capability::deprecate_eof)) wm::append_eof(o, s, {0, 2});
}
inline std::string text_result(const std::vector<Column>& columns, const std::vector<std::vector<wm::Cell>>& rows,
                               std::uint16_t status = 2, std::uint8_t first = 1,
                               wm::Capabilities capabilities = client_capabilities) {
  return answer(first, [&](auto& o, auto& s) {
    append_columns(o, s, columns, capabilities);
    for (const auto& row : rows) wm::append_text_row(o, s, row);
    wm::append_result_end(o, s, capabilities, {0, status});
  });
}
inline std::string binary_result(const std::vector<wm::ColumnType>& types,
                                 const std::vector<std::vector<wm::Cell>>& rows) {
  return answer(1, [&](auto& o, auto& s) {
    std::vector<Column> columns;
    for (const auto type : types) columns.push_back({type, 255});
    append_columns(o, s, columns);
    for (const auto& row : rows) wm::append_binary_row(o, s, types, row);
    wm::append_eof(o, s, {0, 2});
  });
}
inline std::string prepared(std::uint32_t id, std::uint16_t parameters, std::uint16_t columns,
                            wm::Capabilities capabilities = client_capabilities) {
  return answer(1, [&](auto& o, auto& s) {
    const bool eof = !wm::has(capabilities, capability::deprecate_eof);
    wm::append_prepare_ok(o, s, capabilities, {.statement = id, .columns = columns, .parameters = parameters});
    for (int i = 0; i < parameters; ++i) wm::append_column_definition(o, s, capabilities, {});
    if (eof && parameters > 0) wm::append_eof(o, s, {0, 2});
    for (int i = 0; i < columns; ++i) wm::append_column_definition(o, s, capabilities, {});
    if (eof && columns > 0) wm::append_eof(o, s, {0, 2});
  });
}
inline std::string execute(std::uint32_t id, const std::vector<wm::Parameter>& parameters, bool types = true,
                           std::uint8_t flags = 0) {
  return answer(0, [&](auto& o, auto& s) {
    wm::append_execute(o, s, client_capabilities, {id, flags, 1, types, parameters});
  });
}
inline wm::Parameter string_parameter(std::string_view value) {
  return {{wm::ColumnType::var_string, false}, {}, value, false};
}
inline std::string greeting(wm::Capabilities capabilities = server_capabilities) {
  return answer(0, [&](auto& o, auto& s) {
    wm::Handshake h;
    h.server_version = "8.4.6";
    h.connection = 77;
    h.capabilities = capabilities;
    h.charset = 255;
    h.status = 2;
    h.auth_data = nonce;
    h.plugin = wm::plugin::caching_sha2;
    wm::append_handshake(o, s, h);
  });
}
inline std::string response(std::uint8_t sequence, wm::Capabilities capabilities = client_capabilities,
                            std::string_view plugin = wm::plugin::caching_sha2) {
  return answer(sequence, [&](auto& o, auto& s) {
    wm::HandshakeResponse r;
    r.capabilities = capabilities;
    r.max_packet_size = 1 << 24;
    r.charset = 255;
    r.user = "app";
    r.auth_data = "scramble";
    r.database = "app";
    r.plugin = plugin;
    wm::append_handshake_response(o, s, r);
  });
}

class Harness {
 public:
  explicit Harness(session::Environment& environment, std::size_t step = 0, session::mysql::Settings settings = {})
      : settings_(settings), step_(step), driver_(session::mysql::make_session(settings_, environment)) {
    driver_.call([](auto& s, auto& out) { s.on_accepted(out); });
    CHECK(driver_.request<session::ConnectBackend>() != nullptr);
    driver_.connected();
  }
  // Up to the server's OK.
  Harness& login(wm::Capabilities capabilities = client_capabilities) {
    server(greeting());
    (void)to_client();
    client(response(1, capabilities));
    (void)to_server();
    server(ok(2));
    CHECK(shown(to_client()) == shown(ok(2)));
    CHECK(driver_.session().authenticated());
    return *this;
  }
  void client(const std::string& bytes) { driver_.send(Leg::client, bytes, step_); }
  void server(const std::string& bytes) { driver_.send(Leg::server, bytes, step_); }
  [[nodiscard]] std::string to_server() { return driver_.take(Leg::server); }
  [[nodiscard]] std::string to_client() { return driver_.take(Leg::client); }
  [[nodiscard]] Driver& driver() { return driver_; }
  [[nodiscard]] bool closing() const { return driver_.request<session::Close>() != nullptr; }
  // The error packet that is the client's whole answer.
  [[nodiscard]] std::string error() {
    const auto packets = split(to_client());
    wm::Err e;
    if (packets.size() != 1 || !wm::read(as_bytes(packets[0].payload), e)) return "no error";
    return std::to_string(e.code) + " " + std::string(e.state) + " " + std::string(e.message);
  }

 private:
  session::mysql::Settings settings_;
  std::size_t step_;
  Driver driver_;
};

}  // namespace sealrow::test::mysql
