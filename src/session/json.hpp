// A small strict JSON reader (RFC 8259): validates a document and reports its string tokens. Nothing is built.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::session {

// One of the containers around a string.
struct JsonStep {
  bool object = false;
  std::size_t position = 0;  // of the element or member
  std::string_view name;     // objects: the member's name, a token with its quotes
};
struct JsonString {
  std::size_t begin, end;             // token with its quotes
  bool key;                           // name of an object member
  const std::vector<JsonStep>* path;  // from the outside to the inside; valid during the call
};
// False: not a JSON document (or deeper than PostgreSQL would take). Strings are reported in order.
[[nodiscard]] bool scan_json(std::string_view text, const std::function<void(const JsonString&)>& on_string);

// Content of a token that scan_json reported. `\u0000` and lone surrogates give false: neither jsonb nor UTF-8 has
// them.
[[nodiscard]] bool decode_json_string(std::string_view token, std::string& out);
void append_json_string(std::string& out, std::string_view utf8);

}  // namespace sealrow::session
