// What happens to packets after authentication. Two kinds: pass (empty policy: only followed) and protected.
#pragma once

#include "authentication.hpp"
#include "session/port.hpp"

#include "sealrow/wire/mysql/constants.hpp"
#include "sealrow/wire/mysql/frame.hpp"

#include <cstdint>
#include <string>

namespace sealrow::session::mysql {

// What login has settled.
struct Agreed {
  wire::mysql::Capabilities capabilities = 0;  // the same on both legs, TLS aside
  Encryption encryption;
  std::uint16_t status = 0;
  std::string user, database;
  std::string server_version;
  std::string nonce;
};

class Traffic {
 public:
  virtual ~Traffic() = default;
  [[nodiscard]] virtual wire::Decision decide(Leg from, const wire::mysql::Head& head) = 0;
  [[nodiscard]] virtual wire::Progress look(Leg from, const wire::mysql::Frame& frame, wire::Lifetime lifetime,
                                            Port& port) = 0;
  // A passed packet of the server goes on in a further fragment.
  virtual void fragment(std::uint8_t sequence) { (void)sequence; }
  // Added to the sequence ids of packets that are passed to the client.
  [[nodiscard]] virtual std::uint8_t shift() const noexcept { return 0; }
  // The id of the next packet to the client.
  [[nodiscard]] virtual std::uint8_t next_to_client() const noexcept = 0;
  virtual void on_answer(std::uint32_t id, Port& port) = 0;
  // No transaction is open and nothing is outstanding.
  [[nodiscard]] virtual bool idle() const noexcept = 0;
};

}  // namespace sealrow::session::mysql
