// Packets of the connection phase (MySQL internals manual, "Connection Phase"; MariaDB knowledge base, "Connection").
// Views into the payload, nothing is copied; a reader answers false for a payload that is cut short or contradicts
// itself.
#pragma once

#include "sealrow/wire/mysql/codec.hpp"
#include "sealrow/wire/mysql/constants.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sealrow::wire::mysql {

inline constexpr std::size_t nonce_size = 20;
// Size of a TLS request's payload: no more may be read from the raw socket before TLS begins (facts: MY-4).
inline constexpr std::size_t ssl_request_size = 32;

// Protocol version 10. A server may send ERR instead of it (without an SQL state, see Err).
struct Handshake {
  std::string_view server_version;  // MariaDB up to 10 prefixes "5.5.5-"
  std::uint32_t connection = 0;
  Capabilities capabilities = 0;
  std::uint8_t charset = 0;
  std::uint16_t status = 0;
  std::string auth_data;  // both parts joined, without the zero byte at the end
  std::string_view plugin;
};
[[nodiscard]] bool read(ByteView payload, Handshake& out);
void append_handshake(std::string& out, Sequence& sequence, const Handshake& handshake);

struct SslRequest {
  Capabilities capabilities = 0;
  std::uint32_t max_packet_size = 0;
  std::uint8_t charset = 0;
};
[[nodiscard]] bool read(ByteView payload, SslRequest& out);
void append_ssl_request(std::string& out, Sequence& sequence, const SslRequest& request);
// The client's first packet is a TLS request: this long, and the TLS bit set.
[[nodiscard]] bool is_ssl_request(ByteView payload) noexcept;

using Attributes = std::vector<std::pair<std::string_view, std::string_view>>;

// Bytes behind the known fields are ignored, as servers do: the answer is always written anew.
struct HandshakeResponse {
  Capabilities capabilities = 0;  // the extended half only without capability::mysql
  std::uint32_t max_packet_size = 0;
  std::uint8_t charset = 0;
  std::string_view user;
  std::string_view auth_data;
  std::string_view database;  // with connect_with_db
  std::string_view plugin;    // with plugin_auth
  Attributes attributes;      // with connect_attributes
  std::uint8_t zstd_level = 0;
};
// False, too, for a client without PROTOCOL_41 or SECURE_CONNECTION (before MySQL 4.1).
[[nodiscard]] bool read(ByteView payload, HandshakeResponse& out);
void append_handshake_response(std::string& out, Sequence& sequence, const HandshakeResponse& response);

// COM_CHANGE_USER. `capabilities` are those of the leg.
struct ChangeUser {
  std::string_view user;
  std::string_view auth_data;
  std::string_view database;
  std::uint16_t charset = 0;
  std::string_view plugin;
  Attributes attributes;
};
[[nodiscard]] bool read(ByteView payload, Capabilities capabilities, ChangeUser& out);
void append_change_user(std::string& out, Sequence& sequence, Capabilities capabilities, const ChangeUser& change);

// What a server's packet is while it authenticates.
enum class AuthPacket : std::uint8_t {
  ok,
  error,
  more_data,      // 0x01: the plugin's next message
  switch_plugin,  // 0xFE, name, data
  old_switch,     // 0xFE alone: mysql_old_password, refuse
  next_factor,    // 0x02: multi-factor authentication
  raw,            // MariaDB: the plugin's message without 0x01, if its first byte allows
};
[[nodiscard]] AuthPacket auth_packet(ByteView payload) noexcept;

struct AuthSwitch {
  std::string_view plugin;
  // A nonce of 20 bytes travels with a zero byte behind it, which is left out here; other data (client_ed25519's and
  // parsec's 32 random bytes) may itself end with one and stays as it is.
  std::string_view data;
};
[[nodiscard]] bool read(ByteView payload, AuthSwitch& out);
void append_auth_switch(std::string& out, Sequence& sequence, const AuthSwitch& request);
// The plugin's message: behind 0x01, or the payload itself (AuthPacket::raw).
[[nodiscard]] std::string_view read_auth_data(ByteView payload) noexcept;
void append_auth_data(std::string& out, Sequence& sequence, std::string_view data);

}  // namespace sealrow::wire::mysql
