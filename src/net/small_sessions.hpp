// Sessions of net's own, so that refusals and cancel requests need no mechanism beside Connection: they tell a client
// why it cannot be served, and carry a CancelRequest to the backend.
#pragma once

#include "sealrow/net/options.hpp"
#include "sealrow/net/session_host.hpp"
#include "sealrow/session/io.hpp"

#include <memory>
#include <string>

namespace sealrow::net {

// PostgreSQL. Answers encryption requests, reads the start-up packet, sends the error, closes.
[[nodiscard]] std::unique_ptr<session::Session> make_refusal_session(Error reason, TlsOffer offer);
// MySQL. The server speaks first: an ERR packet takes the greeting's place.
[[nodiscard]] std::unique_ptr<session::Session> make_mysql_refusal_session(Error reason);
// PostgreSQL. Ignores its client leg; ends when the backend has closed, so that a late cancel cannot hit a later
// statement of a client that waits for the end of its cancel connection as libpq does.
[[nodiscard]] std::unique_ptr<session::Session> make_cancel_session(std::string backend_key, TlsStart start);

// ErrorResponse with severity FATAL (protocol §55.8), only names and reasons in it.
void append_fatal(session::OutBuffer& out, const Error& error);

}  // namespace sealrow::net
