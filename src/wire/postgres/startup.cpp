#include "sealrow/wire/postgres/startup.hpp"

#include "sealrow/wire/postgres/builder.hpp"
#include "sealrow/wire/postgres/messages.hpp"

#include <algorithm>

namespace sealrow::wire::postgres {
namespace {
Error violation(std::string message) { return Error{ErrorCode::protocol_violation, std::move(message)}; }
}  // namespace

Result<std::optional<StartupPacket>> cut_startup(ByteView bytes, std::uint32_t limit, std::size_t& used) {
  used = 0;
  if (bytes.size() < 4) return std::optional<StartupPacket>{};
  const std::uint32_t length = load_u32(bytes.data());
  if (length < 8) return violation("start-up packet is too short");
  if (length > limit) return violation("start-up packet is too long");
  if (bytes.size() < length) return std::optional<StartupPacket>{};
  used = length;
  return std::optional{StartupPacket{load_u32(bytes.data() + 4), bytes.subspan(8, length - 8)}};
}

const std::string* StartupMessage::find(std::string_view name) const noexcept {
  for (const auto& [key, value] : parameters) {
    if (key == name) return &value;
  }
  return nullptr;
}

const std::string& StartupMessage::database() const noexcept {
  const auto* name = find("database");
  return name != nullptr && !name->empty() ? *name : user();
}

Result<StartupMessage> parse_startup(const StartupPacket& packet) {
  if ((packet.code >> 16) != 3) {
    return Error{ErrorCode::protocol_unsupported, "unsupported frontend protocol"};
  }
  StartupMessage message;
  message.version = packet.code;
  Reader r(packet.body);
  for (;;) {
    const auto name = r.cstring();
    if (!r.ok()) return violation("start-up packet has no terminator");
    if (name.empty()) break;
    const auto value = r.cstring();
    if (!r.ok()) return violation("start-up parameter has no value");
    if (message.find(name) != nullptr) return violation("start-up parameter is given twice");
    if (name.starts_with("_pq_."))
      message.protocol_options.emplace_back(name);
    else
      message.parameters.emplace_back(name, value);
  }
  if (!r.done()) return violation("start-up packet has bytes behind its terminator");
  const auto* user = message.find("user");
  if (user == nullptr || user->empty()) {
    return Error{ErrorCode::authentication_failed, "no user name in the start-up packet"};
  }
  return message;
}

void append_startup(std::string& out, const StartupMessage& message, std::uint32_t version) {
  const std::size_t start = out.size();
  out.append(4, '\0');
  append_u32(out, version);
  for (const auto& [name, value] : message.parameters) {
    out.append(name).push_back('\0');
    out.append(value).push_back('\0');
  }
  out.push_back('\0');
  store_u32(out.data() + start, static_cast<std::uint32_t>(out.size() - start));
}

void append_ssl_request(std::string& out) {
  append_u32(out, 8);
  append_u32(out, ssl_request_code);
}

void append_negotiate_version(std::string& out, std::uint32_t newest, const std::vector<std::string>& options) {
  Message m(out, 'v');
  m.u32(newest).u32(static_cast<std::uint32_t>(options.size()));
  for (const auto& option : options) m.cstring(option);
}

namespace {

// pg_split_opts (postgres.c): blanks separate, a backslash takes the next character as it is.
std::vector<std::string> split_options(std::string_view text) {
  constexpr std::string_view blanks = " \t\n\r\f\v";
  std::vector<std::string> words;
  std::size_t i = 0;
  while (i < text.size()) {
    if (blanks.find(text[i]) != std::string_view::npos) {
      ++i;
      continue;
    }
    std::string word;
    while (i < text.size() && blanks.find(text[i]) == std::string_view::npos) {
      if (text[i] == '\\' && i + 1 < text.size()) ++i;
      word.push_back(text[i++]);
    }
    words.push_back(std::move(word));
  }
  return words;
}

std::string setting_name(std::string_view name) {
  std::string folded(name);
  std::ranges::transform(folded, folded.begin(), [](char c) {
    if (c == '-') return '_';  // ParseLongOption
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return folded;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> option_settings(std::string_view options) {
  std::vector<std::pair<std::string, std::string>> settings;
  const auto words = split_options(options);
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (word == "-c" && i + 1 < words.size())
      word = words[++i];
    else if (word.starts_with("-c") || word.starts_with("--"))
      word.remove_prefix(2);
    else
      continue;
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) continue;
    settings.emplace_back(setting_name(word.substr(0, equals)), std::string(word.substr(equals + 1)));
  }
  return settings;
}

}  // namespace sealrow::wire::postgres
