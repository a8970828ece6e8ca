#include "sealrow/wire/mysql/handshake.hpp"

#include <algorithm>

namespace sealrow::wire::mysql {
namespace {

constexpr std::uint8_t protocol_version = 10;
constexpr std::size_t first_part = 8;

// MariaDB's half of the set, which takes the last four bytes of a filler.
std::uint32_t extended_half(Capabilities capabilities) {
  return is_mariadb(capabilities) ? static_cast<std::uint32_t>(capabilities >> 32) : 0;
}

std::string_view without_zero(std::string_view text) {
  if (text.ends_with('\0')) text.remove_suffix(1);
  return text;
}

// Up to a zero byte, or to the end: some servers and clients leave the last zero byte out.
std::string_view last_cstring(Reader& r) {
  const auto text = as_text(r.rest());
  return text.find('\0') == std::string_view::npos ? r.remainder() : r.cstring();
}

void read_attributes(Reader& r, Attributes& out) {
  out.clear();
  if (r.left() == 0) return;
  Reader items(as_bytes(r.lenenc_string()));
  while (r.ok() && items.ok() && items.left() > 0) {
    const auto name = items.lenenc_string();
    const auto value = items.lenenc_string();
    out.emplace_back(name, value);
  }
  if (!items.ok()) r.fail();
}

void write_attributes(Packet& packet, const Attributes& attributes) {
  std::size_t size = 0;
  for (const auto& [name, value] : attributes)
    size += lenenc_size(name.size()) + name.size() + lenenc_size(value.size()) + value.size();
  packet.lenenc(size);
  for (const auto& [name, value] : attributes) packet.lenenc_string(name).lenenc_string(value);
}

// The 32 bytes that a TLS request and a handshake response have in common.
void read_client_head(Reader& r, SslRequest& out) {
  out.capabilities = r.u32();
  out.max_packet_size = r.u32();
  out.charset = r.u8();
  (void)r.bytes(19);
  const std::uint32_t extended = r.u32();
  if (is_mariadb(out.capabilities)) out.capabilities |= Capabilities{extended} << 32;
}

void write_client_head(Packet& packet, const SslRequest& head) {
  packet.u32(static_cast<std::uint32_t>(head.capabilities)).u32(head.max_packet_size).u8(head.charset).zeros(19);
  packet.u32(extended_half(head.capabilities));
}

}  // namespace

bool read(ByteView payload, Handshake& out) {
  Reader r(payload);
  if (r.u8() != protocol_version) return false;
  out.server_version = r.cstring();
  out.connection = r.u32();
  out.auth_data = r.bytes(first_part);
  (void)r.u8();
  out.capabilities = r.u16();
  out.charset = r.u8();
  out.status = r.u16();
  out.capabilities |= Capabilities{r.u16()} << 16;
  const std::size_t auth_size = r.u8();
  (void)r.bytes(6);
  const std::uint32_t extended = r.u32();
  if (is_mariadb(out.capabilities)) out.capabilities |= Capabilities{extended} << 32;
  if (!has(out.capabilities, capability::protocol_41 | capability::secure_connection)) return false;
  // The second part takes at least 13 bytes, whatever the length says.
  const std::size_t second = std::max<std::size_t>(13, auth_size > first_part ? auth_size - first_part : 0);
  out.auth_data += without_zero(r.bytes(second));
  out.plugin = has(out.capabilities, capability::plugin_auth) ? last_cstring(r) : plugin::native;
  return r.ok();
}

void append_handshake(std::string& out, Sequence& sequence, const Handshake& handshake) {
  Packet packet(out, sequence);
  const std::string_view data = handshake.auth_data;
  const Capabilities set = handshake.capabilities;
  const bool plugin_auth = has(set, capability::plugin_auth);
  packet.u8(protocol_version).cstring(handshake.server_version).u32(handshake.connection);
  packet.bytes(data.substr(0, first_part)).u8(0).u16(static_cast<std::uint16_t>(set));
  packet.u8(handshake.charset).u16(handshake.status).u16(static_cast<std::uint16_t>(set >> 16));
  packet.u8(plugin_auth ? static_cast<std::uint8_t>(data.size() + 1) : std::uint8_t{0}).zeros(6);
  packet.u32(extended_half(set)).cstring(data.substr(std::min(first_part, data.size())));
  if (plugin_auth) packet.cstring(handshake.plugin);
}

bool is_ssl_request(ByteView payload) noexcept {
  if (payload.size() != ssl_request_size) return false;
  return has(Reader(payload).u32(), capability::ssl);
}

bool read(ByteView payload, SslRequest& out) {
  Reader r(payload);
  read_client_head(r, out);
  return r.done() && has(out.capabilities, capability::ssl | capability::protocol_41);
}

void append_ssl_request(std::string& out, Sequence& sequence, const SslRequest& request) {
  Packet packet(out, sequence);
  write_client_head(packet, request);
}

bool read(ByteView payload, HandshakeResponse& out) {
  Reader r(payload);
  SslRequest head;
  read_client_head(r, head);
  out.capabilities = head.capabilities;
  out.max_packet_size = head.max_packet_size;
  out.charset = head.charset;
  if (!has(out.capabilities, capability::protocol_41 | capability::secure_connection)) return false;
  out.user = r.cstring();
  out.auth_data = has(out.capabilities, capability::plugin_auth_lenenc) ? r.lenenc_string() : r.bytes(r.u8());
  out.database = has(out.capabilities, capability::connect_with_db) ? last_cstring(r) : std::string_view{};
  out.plugin = has(out.capabilities, capability::plugin_auth) ? last_cstring(r) : plugin::native;
  out.attributes.clear();
  if (has(out.capabilities, capability::connect_attributes)) read_attributes(r, out.attributes);
  out.zstd_level = has(out.capabilities, capability::zstd_compression) && r.left() > 0 ? r.u8() : std::uint8_t{0};
  return r.ok();
}

void append_handshake_response(std::string& out, Sequence& sequence, const HandshakeResponse& response) {
  Packet packet(out, sequence);
  const Capabilities set = response.capabilities;
  write_client_head(packet, {set, response.max_packet_size, response.charset});
  packet.cstring(response.user);
  if (has(set, capability::plugin_auth_lenenc))
    packet.lenenc_string(response.auth_data);
  else
    packet.u8(static_cast<std::uint8_t>(response.auth_data.size())).bytes(response.auth_data.substr(0, 255));
  if (has(set, capability::connect_with_db)) packet.cstring(response.database);
  if (has(set, capability::plugin_auth)) packet.cstring(response.plugin);
  if (has(set, capability::connect_attributes)) write_attributes(packet, response.attributes);
  if (has(set, capability::zstd_compression)) packet.u8(response.zstd_level);
}

// What stands behind the database may be missing (parse_com_change_user_packet).
bool read(ByteView payload, Capabilities capabilities, ChangeUser& out) {
  Reader r(payload);
  if (r.u8() != static_cast<std::uint8_t>(Command::change_user)) return false;
  out.user = r.cstring();
  out.auth_data = r.bytes(r.u8());
  out.database = last_cstring(r);
  out.charset = r.left() > 0 ? r.u16() : std::uint16_t{0};
  out.plugin = {};
  out.attributes.clear();
  if (has(capabilities, capability::plugin_auth) && r.left() > 0) out.plugin = last_cstring(r);
  if (has(capabilities, capability::connect_attributes)) read_attributes(r, out.attributes);
  return r.ok();
}

void append_change_user(std::string& out, Sequence& sequence, Capabilities capabilities, const ChangeUser& change) {
  Packet packet(out, sequence);
  packet.u8(static_cast<std::uint8_t>(Command::change_user)).cstring(change.user);
  packet.u8(static_cast<std::uint8_t>(change.auth_data.size())).bytes(change.auth_data.substr(0, 255));
  packet.cstring(change.database).u16(change.charset);
  if (has(capabilities, capability::plugin_auth)) packet.cstring(change.plugin);
  if (has(capabilities, capability::connect_attributes)) write_attributes(packet, change.attributes);
}

AuthPacket auth_packet(ByteView payload) noexcept {
  if (payload.empty()) return AuthPacket::raw;
  switch (payload[0]) {
    case 0x00:
      return AuthPacket::ok;
    case 0x01:
      return AuthPacket::more_data;
    case 0x02:
      return AuthPacket::next_factor;
    case 0xFE:
      return payload.size() == 1 ? AuthPacket::old_switch : AuthPacket::switch_plugin;
    case 0xFF:
      return AuthPacket::error;
    default:
      return AuthPacket::raw;
  }
}

bool read(ByteView payload, AuthSwitch& out) {
  Reader r(payload);
  if (r.u8() != 0xFE) return false;
  out.plugin = r.cstring();
  out.data = r.remainder();
  if (out.data.size() == nonce_size + 1) out.data = without_zero(out.data);
  return r.ok() && !out.plugin.empty();
}

void append_auth_switch(std::string& out, Sequence& sequence, const AuthSwitch& request) {
  Packet packet(out, sequence);
  packet.u8(0xFE).cstring(request.plugin).bytes(request.data);
  if (request.data.size() == nonce_size) packet.u8(0);
}

std::string_view read_auth_data(ByteView payload) noexcept {
  return as_text(auth_packet(payload) == AuthPacket::more_data ? payload.subspan(1) : payload);
}

void append_auth_data(std::string& out, Sequence& sequence, std::string_view data) {
  Packet(out, sequence).u8(0x01).bytes(data);
}

}  // namespace sealrow::wire::mysql
