// Text spellings of arrays and composites: where their elements stand, and how an element is quoted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::session {

struct Element {
  std::size_t begin = 0, end = 0;    // as written, with quotes
  std::optional<std::string> value;  // unquoted; none is NULL
  std::vector<std::uint32_t> path;   // position, in arrays one per dimension
};
// array_in's grammar: optional dimensions, any nesting, quoted or bare elements. False: not an array.
[[nodiscard]] bool scan_array(std::string_view text, std::vector<Element>& out);
// record_in's grammar. An empty field is NULL.
[[nodiscard]] bool scan_record(std::string_view text, std::vector<Element>& out);

void append_array_element(std::string& out, std::string_view value);
void append_record_field(std::string& out, std::string_view value);

}  // namespace sealrow::session
