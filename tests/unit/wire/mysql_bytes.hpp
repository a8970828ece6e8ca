#pragma once

#include "sealrow/base/bytes.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace sealrow::test {

inline std::string unhex(std::string_view hex) {
  std::string out;
  if (!decode_hex(hex, out)) throw std::invalid_argument("not hexadecimal");
  return out;
}

}  // namespace sealrow::test
