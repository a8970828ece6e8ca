// Authentication: relayed between the two legs, or ended here on both (DESIGN 10).
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/session/postgres.hpp"
#include "sealrow/wire/postgres/frame.hpp"

#include <memory>
#include <optional>
#include <string>

namespace sealrow::session::postgres {

// PostgreSQL's own limit of an authentication token (auth.c, PG_MAX_AUTH_TOKEN_LENGTH).
inline constexpr std::uint32_t max_auth_token = 65535;

// What an authenticator wants after a message.
struct AuthStep {
  std::string to_client, to_server;  // whole messages
  bool forward = false;              // the message itself goes to the other leg
  bool fetch_verifier = false;
  bool client_proven = false;    // terminated: now connect to the server
  bool accepted = false;         // the server said AuthenticationOk
  std::optional<Error> failure;  // FATAL to the client, then close
};

// Legs as far as authentication cares.
struct LegFacts {
  bool encrypted = false;
  std::string end_point_hash;  // tls-server-end-point of the leg's server certificate
};

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // Terminated only: first words to the client, before there is a server.
  [[nodiscard]] virtual AuthStep begin() { return {}; }
  [[nodiscard]] virtual AuthStep on_verifier(const Result<std::string>&) { return {}; }
  virtual void server_is_up(const LegFacts&) {}
  // PasswordMessage, SASL and GSS responses (all type 'p').
  [[nodiscard]] virtual AuthStep on_client(ByteView body) = 0;
  // Authentication request ('R').
  [[nodiscard]] virtual AuthStep on_server(ByteView body) = 0;
};

// Messages go through; what cannot work or must not be asked for is taken out.
[[nodiscard]] std::unique_ptr<Authenticator> make_relay(const LegFacts& client);
[[nodiscard]] std::unique_ptr<Authenticator> make_terminated(const Settings& settings, std::string user,
                                                             const LegFacts& client);

}  // namespace sealrow::session::postgres
