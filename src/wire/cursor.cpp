#include "sealrow/wire/cursor.hpp"

namespace sealrow::wire {

std::string_view Cursor::bytes(std::size_t n) noexcept {
  if (!ok_ || n > rest_.size()) {
    fail();
    return {};
  }
  const auto head = rest_.first(n);
  rest_ = rest_.subspan(n);
  return as_text(head);
}

std::uint8_t Cursor::u8() noexcept {
  const auto b = bytes(1);
  return b.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(b[0]);
}

std::string_view Cursor::cstring() noexcept {
  const auto text = as_text(rest_);
  const std::size_t end = ok_ ? text.find('\0') : std::string_view::npos;
  if (end == std::string_view::npos) {
    fail();
    return {};
  }
  rest_ = rest_.subspan(end + 1);
  return text.substr(0, end);
}

}  // namespace sealrow::wire
