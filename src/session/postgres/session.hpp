// The life of one PostgreSQL session: encryption requests, start-up, authentication, then traffic. This file owns the
// phases and the two legs' framing; what a message means is decided by the object of the current phase.
#pragma once

#include "auth.hpp"
#include "refusal.hpp"
#include "traffic.hpp"

#include "sealrow/session/postgres.hpp"
#include "sealrow/wire/postgres/frame.hpp"
#include "sealrow/wire/postgres/startup.hpp"

#include <memory>
#include <string>

namespace sealrow::session::postgres {

// The start-up packet asks for a walsender.
[[nodiscard]] bool asks_for_replication(const wire::postgres::StartupMessage& startup);

class PostgresSession final : public Session, private Port {
 public:
  PostgresSession(const Settings& settings, Environment& environment);

  void on_bytes(Leg leg, ByteView bytes, Output& out) override;
  void on_connected(Output& out) override;
  void on_connect_failed(const Error& error, Output& out) override;
  void on_tls(Leg leg, const TlsFacts& facts, Output& out) override;
  void on_leg_closed(Leg leg, Output& out) override;
  void on_answer(std::uint32_t id, Output& out) override;
  void on_verifier(std::uint32_t id, Result<std::string> verifier, Output& out) override;
  [[nodiscard]] bool wants_bytes(Leg leg) const noexcept override;
  [[nodiscard]] bool authenticated() const noexcept override { return phase_ == Phase::ready; }
  [[nodiscard]] bool idle() const noexcept override;
  void on_shutdown(Output& out) override;

 private:
  enum class Phase : std::uint8_t {
    hello,         // start-up packets of the client
    client_tls,    // handshake with the client
    client_login,  // terminated authentication: the client proves itself to us
    connecting,    // server leg comes up
    server_hello,  // one byte of answer to our SSLRequest
    server_tls,    // handshake with the server
    server_login,  // authentication messages of the server, relayed or answered by us
    ready,         // traffic
    closed,
  };

  // One leg's messages, handed to whoever is in charge in this phase.
  struct LegSink final : wire::postgres::FrameSink {
    LegSink(PostgresSession& owner, Leg which) : session(owner), leg(which) {}
    wire::postgres::Decision decide(char type, std::uint32_t body_size) override;
    wire::postgres::Progress look(const wire::postgres::Frame& frame, wire::postgres::Lifetime lifetime) override;
    void pass(ByteView bytes, wire::postgres::Lifetime lifetime) override;
    PostgresSession& session;
    Leg leg;
  };

  // Port
  OutBuffer& to(Leg leg) override { return out_->to(leg); }
  void forward(Leg to, ByteView bytes, wire::postgres::Lifetime lifetime) override;
  std::uint32_t ask(Request request) override;
  void wake(Leg leg) override { (leg == Leg::client ? wake_client_ : wake_server_) = true; }
  void fail(const Error& error) override;

  // start-up
  void read_hello(ByteView bytes);
  void on_packet(const wire::postgres::StartupPacket& packet, bool more);
  void answer_ssl_request(bool more);
  void cancel(ByteView key);
  void on_startup(const wire::postgres::StartupPacket& packet);
  [[nodiscard]] Result<> check_startup() const;
  void negotiate_version();
  [[nodiscard]] bool terminates_authentication() const noexcept;
  // server leg
  void connect();
  void read_server_hello(ByteView bytes);
  void send_startup();
  // authentication
  wire::postgres::Progress look_at_client_login(const wire::postgres::Frame& frame);
  wire::postgres::Progress look_at_server_login(const wire::postgres::Frame& frame, wire::postgres::Lifetime lifetime);
  void apply(AuthStep step);
  void enter_traffic();
  void hand_out_cancel_key(ByteView body);
  // driving
  void walk(Leg leg, ByteView bytes);
  void settle(Leg leg, wire::postgres::FeedStatus status);
  void finish_call();
  void close(std::string_view reason);
  [[nodiscard]] wire::postgres::FrameWalker& walker(Leg leg) noexcept { return leg == Leg::client ? client_ : server_; }

  // What only the way to the first statement needs: it does not stay with the session.
  struct Login {
    std::string hello;  // begun start-up packet
    wire::postgres::StartupMessage startup;
    TlsFacts client_tls, server_tls;
    std::unique_ptr<Authenticator> authenticator;
    bool ssl_asked = false, gss_asked = false;
  };

  const Settings& settings_;
  Environment& environment_;
  Phase phase_ = Phase::hello;
  Output* out_ = nullptr;  // during a call only
  bool wake_client_ = false, wake_server_ = false;
  std::unique_ptr<Login> login_ = std::make_unique<Login>();  // until traffic begins
  std::uint32_t version_ = wire::postgres::protocol_3_0;      // agreed with the client
  bool greeted_ = false;  // a start-up message was accepted: errors can be shown to the client
  bool client_is_encrypted_ = false, server_is_encrypted_ = false;
  bool cancel_key_sent_ = false;
  wire::postgres::FrameWalker client_, server_;
  std::unique_ptr<Traffic> traffic_;
  std::uint32_t last_id_ = 0;
};

}  // namespace sealrow::session::postgres
