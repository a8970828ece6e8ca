// Authentication, relayed: the server checks the password, with its own nonce (there is no channel binding). Where only
// one leg is encrypted, the step that depends on it is done here, so that no password travels in clear over a leg
// without TLS.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/base/secret.hpp"
#include "sealrow/session/io.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sealrow::session::mysql {

struct Encryption {
  bool client = false, server = false;
  [[nodiscard]] bool both() const noexcept { return client && server; }
  [[nodiscard]] bool mixed() const noexcept { return client != server; }
};

// Payloads that a packet of either side leads to.
struct AuthStep {
  enum class Outcome : std::uint8_t { more, accepted, denied };
  Outcome outcome = Outcome::more;
  std::optional<std::string> to_client, to_server;
};

class Authentication {
 public:
  // `plugin`: what the client's first answer was made by; empty: the oldest that is still there. `nonce`: the server's.
  Authentication(Encryption legs, std::string_view plugin, std::string_view nonce);

  // May the client's first answer go to the server?
  [[nodiscard]] Result<> check_first_answer() const;
  [[nodiscard]] Result<AuthStep> from_server(ByteView payload);
  [[nodiscard]] Result<AuthStep> from_client(ByteView payload);

 private:
  enum class Next : std::uint8_t {
    server,         // the server speaks
    answer,         // the client's answer goes on as it is
    clear_answer,   // the client's password over TLS, for RSA towards the server
    server_key,     // the server's public key, which we asked for
    key_request,    // the client asks for a public key: it gets ours
    sealed_answer,  // the client's password under our key, for TLS towards the server
  };

  Result<AuthStep> on_data(std::string_view data, AuthStep step);
  Result<AuthStep> on_switch(ByteView payload, AuthStep step);
  Result<AuthStep> hand_out_key(std::string_view request);
  [[nodiscard]] Result<> check_plugin() const;
  [[nodiscard]] std::string key_request() const;
  // Where the plugin's client sends its password, if need be under a public key.
  [[nodiscard]] Next password_step() const noexcept;

  Encryption legs_;
  std::string plugin_, nonce_;
  Next next_ = Next::server;
  int packets_ = 0;
  std::optional<SecretBytes> password_;  // between the client's answer and the server's key
};

}  // namespace sealrow::session::mysql
