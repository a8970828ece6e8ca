// How Sealrow's own errors look to MySQL clients.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/wire/mysql/frame.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sealrow::session::mysql {

// Number and SQLSTATE of an error packet.
struct ErrorShape {
  std::uint16_t number = 0;
  std::string_view state;
};
inline constexpr ErrorShape unknown_command{1047, "08S01"};
inline constexpr ErrorShape unknown_statement{1243, "HY000"};
inline constexpr ErrorShape needs_reprepare{1615, "HY000"};  // ER_NEED_REPREPARE: drivers prepare again

// An error that takes the place of the server's. `shape` has a number where the error is one of the server's own, word
// for word; otherwise shape_of() says how it looks, and the message begins with the code.
struct Refusal {
  Error error;
  ErrorShape shape = {};
};

[[nodiscard]] ErrorShape shape_of(ErrorCode code) noexcept;
void append_refusal(std::string& out, wire::mysql::Sequence& sequence, const Refusal& refusal);
// Before capabilities are agreed an error has no SQLSTATE.
void append_early_refusal(std::string& out, wire::mysql::Sequence& sequence, const Error& error);

}  // namespace sealrow::session::mysql
