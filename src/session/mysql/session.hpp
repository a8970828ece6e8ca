// The life of one MySQL session: the server's greeting, the client's answer, TLS on either leg, authentication, then
// traffic. This file owns the phases and the two legs' framing; what a packet means is decided by the object of the
// current phase.
#pragma once

#include "auth_relay.hpp"
#include "client_compression.hpp"
#include "refusal.hpp"
#include "traffic.hpp"

#include "sealrow/session/mysql.hpp"
#include "sealrow/wire/mysql/frame.hpp"
#include "sealrow/wire/mysql/handshake.hpp"

#include <memory>
#include <optional>
#include <string>

namespace sealrow::session::mysql {

class MysqlSession final : public Session, private Port {
 public:
  MysqlSession(const Settings& settings, Environment& environment);

  void on_accepted(Output& out) override;
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
    connecting,  // server leg comes up
    greeting,    // of the server
    response,    // of the client: a TLS request, or all of it
    client_tls,  // handshake with the client
    server_tls,  // handshake with the server
    login,       // authentication, relayed
    ready,       // traffic
    closed,
  };

  // One leg's packets, handed to whoever is in charge in this phase.
  struct LegSink final : wire::mysql::FrameSink {
    LegSink(MysqlSession& owner, Leg which) : session(owner), leg(which) {}
    wire::Decision decide(const wire::mysql::Head& head) override;
    wire::Progress look(const wire::mysql::Frame& frame, wire::Lifetime lifetime) override;
    void pass(ByteView bytes, wire::Lifetime lifetime) override;
    void fragment(std::uint8_t sequence) override;
    MysqlSession& session;
    Leg leg;
  };

  // Port
  OutBuffer& to(Leg leg) override {
    return leg == Leg::client && compression_ ? compression_->packets() : out_->to(leg);
  }
  void forward(Leg to, ByteView bytes, wire::Lifetime lifetime) override;
  std::uint32_t ask(Request request) override;
  void wake(Leg leg) override { (leg == Leg::client ? wake_client_ : wake_server_) = true; }
  void fail(const Error& error) override;

  // login (login.cpp)
  wire::Progress on_greeting(const wire::mysql::Frame& frame);
  [[nodiscard]] Result<> read_greeting(ByteView payload);
  void greet_client();
  void read_response(ByteView bytes);
  void on_response(const wire::mysql::Frame& frame);
  void begin_client_tls(const wire::mysql::Frame& frame, ByteView behind);
  [[nodiscard]] Result<> check_response();
  void answer_server();
  wire::Progress on_server_error(const wire::mysql::Frame& frame);
  wire::Progress on_login(Leg from, const wire::mysql::Frame& frame);
  void enter_traffic(ByteView ok);
  [[nodiscard]] wire::mysql::Capabilities followed_capabilities() const noexcept;
  [[nodiscard]] wire::mysql::Capabilities server_capabilities() const noexcept;
  [[nodiscard]] bool server_speaks_tls() const noexcept;

  // driving
  void walk(Leg leg, ByteView bytes);
  void walk_compressed();
  void flush_client();
  void follow_client() noexcept {
    if (compression_ && phase_ == Phase::ready) compression_->follow_client();
  }
  void settle(Leg leg, wire::FeedStatus status);
  void finish_call();
  void close(std::string_view reason);
  [[nodiscard]] wire::mysql::FrameWalker& walker(Leg leg) noexcept { return leg == Leg::client ? client_ : server_; }

  // What only the way to the first command needs: it does not stay with the session.
  struct Login {
    std::string hello;     // begun packet of the client
    std::string greeting;  // the server's, as it came
    std::string response;  // the client's
    wire::mysql::Capabilities offered = 0;
    std::uint8_t charset = 0;
    std::optional<wire::mysql::Algorithm> compression;  // of the client's leg
    int compression_level = 0;
    Sequences next;
    std::optional<AuthRelay> relay;
  };

  const Settings& settings_;
  Environment& environment_;
  Phase phase_ = Phase::connecting;
  Output* out_ = nullptr;  // during a call only
  bool wake_client_ = false, wake_server_ = false;
  bool greeted_ = false;                                      // the client was sent a greeting
  bool answered_ = false;                                     // the client has said what it is able to do
  std::unique_ptr<Login> login_ = std::make_unique<Login>();  // until traffic begins
  Agreed agreed_;
  wire::mysql::FrameWalker client_, server_;
  std::optional<ClientCompression> compression_;  // from the first command on
  std::unique_ptr<Traffic> traffic_;
  std::uint32_t last_id_ = 0;
};

}  // namespace sealrow::session::mysql
