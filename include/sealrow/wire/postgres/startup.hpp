// Packets before the first typed message (PostgreSQL 18 manual, sections 54.2.1 and 54.7).
#pragma once

#include "sealrow/base/bytes.hpp"
#include "sealrow/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sealrow::wire::postgres {

inline constexpr std::uint32_t cancel_request_code = 80877102;
inline constexpr std::uint32_t ssl_request_code = 80877103;
inline constexpr std::uint32_t gssenc_request_code = 80877104;
inline constexpr std::uint32_t protocol_3_0 = 0x00030000;
inline constexpr std::uint32_t protocol_3_2 = 0x00030002;

struct StartupPacket {
  std::uint32_t code = 0;  // request code or protocol version
  ByteView body;           // behind the code
};
// Cuts one packet from the front of `bytes`. No value: more bytes are needed. An error: longer than `limit` or
// shorter than a packet can be.
[[nodiscard]] Result<std::optional<StartupPacket>> cut_startup(ByteView bytes, std::uint32_t limit, std::size_t& used);

struct StartupMessage {
  std::uint32_t version = protocol_3_0;
  std::vector<std::pair<std::string, std::string>> parameters;  // without _pq_ options
  std::vector<std::string> protocol_options;                    // names that begin with _pq_.
  [[nodiscard]] const std::string* find(std::string_view name) const noexcept;
  [[nodiscard]] const std::string& user() const noexcept { return *find("user"); }
  [[nodiscard]] const std::string& database() const noexcept;  // defaults to the user's name
};
// Strict: final zero byte, no parameter twice, a user.
[[nodiscard]] Result<StartupMessage> parse_startup(const StartupPacket& packet);

void append_startup(std::string& out, const StartupMessage& message, std::uint32_t version);
void append_ssl_request(std::string& out);
// What a server says to a newer minor version or to protocol options.
void append_negotiate_version(std::string& out, std::uint32_t newest, const std::vector<std::string>& options);

// `-c name=value` and `--name=value` settings of the "options" parameter (backslash escapes blanks).
[[nodiscard]] std::vector<std::pair<std::string, std::string>> option_settings(std::string_view options);

}  // namespace sealrow::wire::postgres
