// Any bytes as hex, base64url and UTF-8: vector and scalar halves agree, and what decodes encodes back to itself.
#include "base/codec.hpp"

#include "sealrow/base/bytes.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

using namespace sealrow;

namespace {

void check_hex(std::string_view text) {
  std::string out;
  std::string reference(text.size() / 2 + 1, '\0');
  const bool valid =
      codec::decode_hex_scalar(text.data(), text.size(), reinterpret_cast<std::uint8_t*>(reference.data()));
  if (decode_hex(text, out) != valid || (!valid && !out.empty())) std::abort();
  if (!valid) return;
  std::string again;
  append_hex(again, as_bytes(out));
  if (!std::ranges::equal(again, text, [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); }))
    std::abort();
}

void check_base64url(std::string_view text) {
  std::string out;
  std::string reference(text.size() + 1, '\0');
  const bool valid =
      codec::decode_base64url_scalar(text.data(), text.size(), reinterpret_cast<std::uint8_t*>(reference.data()));
  if (decode_base64url(text, out) != valid || (!valid && !out.empty())) std::abort();
  if (!valid) return;
  std::string again;
  append_base64url(again, as_bytes(out));
  if (again != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  check_hex(text);
  check_base64url(text);
  static_cast<void>(is_valid_utf8(text));
  return 0;
}
