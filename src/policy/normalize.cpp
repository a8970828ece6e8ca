#include "sealrow/policy/normalize.hpp"

#include "sealrow/base/bytes.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

namespace sealrow::policy {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Property White_Space (PropList.txt): the separators, TAB..CR and NEL.
bool is_white_space(utf8proc_int32_t c) {
  if ((c >= 0x09 && c <= 0x0D) || c == 0x85) return true;
  const auto category = utf8proc_category(c);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

struct CodePoint {
  utf8proc_int32_t value;
  std::size_t bytes;
};

CodePoint decode(std::string_view text) {
  CodePoint point{};
  point.bytes = static_cast<std::size_t>(utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                                          static_cast<utf8proc_ssize_t>(text.size()), &point.value));
  return point;
}

// `text` is valid UTF-8.
std::string_view trimmed(std::string_view text) {
  while (!text.empty()) {
    const CodePoint first = decode(text);
    if (!is_white_space(first.value)) break;
    text.remove_prefix(first.bytes);
  }
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while ((static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
    if (!is_white_space(decode(text.substr(start)).value)) break;
    text = text.substr(0, start);
  }
  return text;
}

std::string map(std::string_view text, int options) {
  utf8proc_uint8_t* raw = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &raw, static_cast<utf8proc_option_t>(options | UTF8PROC_STABLE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(raw, &std::free);
  // The text is valid and far below the library's length limit: only memory can be short.
  if (size < 0) throw std::bad_alloc();
  return {reinterpret_cast<const char*>(raw), static_cast<std::size_t>(size)};
}

}  // namespace

std::string normalize(std::string_view utf8, const Normalization& steps) {
  if (!is_valid_utf8(utf8)) return std::string(utf8);
  if (steps.trim) utf8 = trimmed(utf8);
  if (is_ascii(utf8)) {
    std::string text(utf8);
    if (steps.lower) {
      std::transform(text.begin(), text.end(), text.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    }
    return text;
  }
  if (steps.lower && steps.nfc) {
    // D145 folds the decomposed text; folding first would miss an iota subscript behind another accent.
    return map(map(utf8, UTF8PROC_DECOMPOSE), UTF8PROC_CASEFOLD | UTF8PROC_COMPOSE);
  }
  if (steps.lower) return map(utf8, UTF8PROC_CASEFOLD);
  if (steps.nfc) return map(utf8, UTF8PROC_COMPOSE);
  return std::string(utf8);
}

}  // namespace sealrow::policy
