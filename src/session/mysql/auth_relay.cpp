#include "auth_relay.hpp"

#include "sealrow/wire/mysql/codec.hpp"

namespace sealrow::session::mysql {

Result<AuthStep::Outcome> AuthRelay::take(Leg from, const wire::mysql::Frame& frame, Port& port) {
  auto& expected = next_.of(from);
  if (frame.sequence != expected.next()) {
    return Error{ErrorCode::protocol_violation, "packet out of order during authentication"};
  }
  expected.reset(static_cast<std::uint8_t>(frame.last_sequence + 1));
  SEALROW_TRY(AuthStep step,
              from == Leg::server ? authentication_.from_server(frame.body) : authentication_.from_client(frame.body));
  send(Leg::client, step.to_client, port);
  send(Leg::server, step.to_server, port);
  return step.outcome;
}

void AuthRelay::send(Leg to, std::optional<std::string>& payload, Port& port) {
  if (!payload) return;
  std::string packet;
  wire::mysql::append_packet(packet, next_.of(to), *payload);
  port.to(to).append(packet);
  wipe(packet);
  wipe(*payload);
}

}  // namespace sealrow::session::mysql
