// Reading of a message body that somebody else wrote: every step is checked against what is left.
#pragma once

#include "sealrow/base/bytes.hpp"

#include <cstdint>
#include <string_view>

namespace sealrow::wire {

// Once a read fails, all later ones fail: check `ok()` or `done()` once at the end. Integers and other units whose
// spelling a protocol decides are in that protocol's reader.
class Cursor {
 public:
  explicit Cursor(ByteView body) noexcept : rest_(body) {}
  [[nodiscard]] std::uint8_t u8() noexcept;
  [[nodiscard]] std::string_view cstring() noexcept;  // up to, without, the zero byte
  [[nodiscard]] std::string_view bytes(std::size_t n) noexcept;
  [[nodiscard]] std::size_t left() const noexcept { return rest_.size(); }
  [[nodiscard]] ByteView rest() const noexcept { return rest_; }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] bool done() const noexcept { return ok_ && rest_.empty(); }
  void fail() noexcept {
    ok_ = false;
    rest_ = {};
  }

 private:
  ByteView rest_;
  bool ok_ = true;
};

}  // namespace sealrow::wire
