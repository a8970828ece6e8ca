// Two sessions of net's own, so that refusals and cancel requests need no mechanism beside Connection: one tells a
// client why it cannot be served, one carries a CancelRequest to the backend.
#pragma once

#include "sealrow/net/options.hpp"
#include "sealrow/session/io.hpp"

#include <memory>
#include <string>

namespace sealrow::net {

enum class TlsOffer : std::uint8_t { none, offered };
// Answers encryption requests, reads the start-up packet, sends the error, closes.
[[nodiscard]] std::unique_ptr<session::Session> make_refusal_session(Error reason, TlsOffer offer);
// Ignores its client leg; ends when the backend has closed, so that a late cancel cannot hit a later statement of a
// client that waits for the end of its cancel connection as libpq does.
[[nodiscard]] std::unique_ptr<session::Session> make_cancel_session(std::string backend_key, TlsStart start);

// ErrorResponse with severity FATAL (protocol §55.8), only names and reasons in it.
void append_fatal(session::OutBuffer& out, const Error& error);

}  // namespace sealrow::net
