// What the traffic of an authenticated session may do to the session around it. Valid during one call of the session.
#pragma once

#include "sealrow/session/io.hpp"
#include "sealrow/wire/frame.hpp"

#include <cstdint>

namespace sealrow::session {

class Port {
 public:
  virtual ~Port() = default;
  [[nodiscard]] virtual OutBuffer& to(Leg leg) = 0;
  // Sends a whole message on, borrowed where its bytes live long enough.
  virtual void forward(Leg to, ByteView bytes, wire::Lifetime lifetime) = 0;
  // Returns the id that comes back with the answer.
  virtual std::uint32_t ask(Request request) = 0;
  // Handle what was kept of a leg once the current call is through.
  virtual void wake(Leg leg) = 0;
  // Ends the session with an error for the client.
  virtual void fail(const Error& error) = 0;
};

}  // namespace sealrow::session
