// A small strict JSON reader (RFC 8259): validates a document and reports its string tokens. Nothing is built.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace sealrow::session {

struct JsonString {
  std::size_t begin, end;  // token with its quotes
  bool key;                // name of an object member
};
// False: not a JSON document (or deeper than PostgreSQL would take). Strings are reported in order.
[[nodiscard]] bool scan_json(std::string_view text, const std::function<void(const JsonString&)>& on_string);

// Content of a token that scan_json reported. `\u0000` and lone surrogates give false: neither jsonb nor UTF-8 has
// them.
[[nodiscard]] bool decode_json_string(std::string_view token, std::string& out);
void append_json_string(std::string& out, std::string_view utf8);

}  // namespace sealrow::session
