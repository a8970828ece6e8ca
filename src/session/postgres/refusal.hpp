// How Sealrow's own errors look on the wire, and what is sent to the server in place of a refused message.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/wire/postgres/builder.hpp"

#include <string>
#include <string_view>

namespace sealrow::session::postgres {

// Constant, because it appears in the server's log; a syntax error in every state of a transaction.
inline constexpr std::string_view poison_text = "sealrow refused this statement";
// No client may make a statement or portal of such a name.
inline constexpr std::string_view reserved_prefix = "sealrow_";
inline constexpr std::string_view poison_name = "sealrow_refused";

enum class Severity : std::uint8_t { error, fatal };

// What the server itself says of a prepared statement that it does not know.
inline constexpr std::string_view unknown_statement_state = "26000";

// An error that takes the place of the server's. `state` is set where the error is one of the
// server's own, word for word; empty: the code's SQLSTATE, and the message begins with the code.
struct Refusal {
  Error error;
  std::string state;
  std::uint32_t position = 0;  // in characters, 1-based; 0: none
};

// 1-based position in characters of a byte offset (error field P counts characters).
[[nodiscard]] std::uint32_t character_position(std::string_view text, std::uint32_t offset);
[[nodiscard]] Refusal refusal_for(const Error& error, std::string_view text);
void append_refusal(std::string& out, const Refusal& refusal, Severity severity);

}  // namespace sealrow::session::postgres
