#include "net/small_sessions.hpp"

#include "sealrow/session/mysql.hpp"

#include <algorithm>
#include <string_view>

namespace sealrow::net {
namespace {

using session::Leg;
using session::Output;

constexpr std::uint32_t ssl_request = 80877103;  // protocol §55.7
constexpr std::uint32_t gss_request = 80877104;
constexpr std::uint32_t cancel_request = 80877102;
constexpr std::uint32_t longest_startup = 10000;

// What these sessions do not care about.
class SmallSession : public session::Session {
 public:
  void on_connected(Output&) override {}
  void on_connect_failed(const Error&, Output& out) override { close(out, "backend cannot be reached"); }
  void on_tls(Leg, const session::TlsFacts&, Output&) override {}
  void on_leg_closed(Leg, Output& out) override { close(out, "peer has gone"); }
  void on_answer(std::uint32_t, Output&) override {}
  void on_verifier(std::uint32_t, Result<std::string>, Output&) override {}
  [[nodiscard]] bool authenticated() const noexcept override { return false; }
  void on_shutdown(Output&) override {}

 protected:
  static void close(Output& out, std::string_view reason) { out.requests.emplace_back(0, session::Close{reason}); }
};

class RefusalSession final : public SmallSession {
 public:
  RefusalSession(Error reason, TlsOffer offer) : reason_(std::move(reason)), offer_(offer) {}

  void on_bytes(Leg, ByteView bytes, Output& out) override {
    if (done_) return;
    held_.append(as_text(bytes));
    while (!done_ && held_.size() >= 8) {
      const std::uint32_t size = load_u32(held_.data());
      const std::uint32_t code = load_u32(held_.data() + 4);
      if (size < 8 || size > longest_startup) return finish(out, "malformed start-up packet");
      if (held_.size() < size) return;
      const bool more = held_.size() > size;
      held_.erase(0, size);
      packet(code, more, out);
    }
  }
  void on_tls(Leg, const session::TlsFacts&, Output&) override { offer_ = TlsOffer::none; }
  [[nodiscard]] bool wants_bytes(Leg) const noexcept override { return !done_; }
  [[nodiscard]] bool idle() const noexcept override { return true; }

 private:
  void packet(std::uint32_t code, bool more, Output& out) {
    if (code == cancel_request) return finish(out, "cancel request beyond the connection limit");
    if (code != ssl_request && code != gss_request) {
      append_fatal(out.to_client, reason_);
      return finish(out, "connection limit");
    }
    const bool accept = code == ssl_request && offer_ == TlsOffer::offered;
    if (accept && more) return finish(out, "bytes before the TLS handshake");  // CVE-2021-23222
    out.to_client.append(accept ? "S" : "N");
    if (accept) out.requests.emplace_back(0, session::StartTls{Leg::client});
  }
  void finish(Output& out, std::string_view reason) {
    done_ = true;
    close(out, reason);
  }

  Error reason_;
  TlsOffer offer_;
  std::string held_;
  bool done_ = false;
};

class MysqlRefusalSession final : public SmallSession {
 public:
  explicit MysqlRefusalSession(Error reason) : reason_(std::move(reason)) {}
  void on_accepted(Output& out) override {
    session::mysql::append_fatal(out.to_client, reason_);
    close(out, "connection limit");
  }
  void on_bytes(Leg, ByteView, Output&) override {}
  [[nodiscard]] bool wants_bytes(Leg) const noexcept override { return false; }
  [[nodiscard]] bool idle() const noexcept override { return true; }

 private:
  const Error reason_;
};

class CancelSession final : public SmallSession {
 public:
  CancelSession(std::string key, TlsStart start) : key_(std::move(key)), start_(start) {}

  void on_connected(Output& out) override {
    switch (start_) {
      case TlsStart::disabled:
        return send_cancel(out);
      case TlsStart::direct:
        return start_tls(out);
      case TlsStart::preferred:
      case TlsStart::required: {
        std::string request;
        append_u32(request, 8);
        append_u32(request, ssl_request);
        out.to_server.append(request);
        asked_ = true;
      }
    }
  }
  void on_bytes(Leg leg, ByteView bytes, Output& out) override {
    if (leg == Leg::client || !asked_) return;
    asked_ = false;
    // Exactly one byte may come before the handshake; an error text here is unauthenticated and never shown.
    if (bytes.size() == 1 && bytes[0] == 'S') return start_tls(out);
    if (bytes.size() == 1 && bytes[0] == 'N' && start_ == TlsStart::preferred) return send_cancel(out);
    close(out, "backend refused TLS");
  }
  void on_tls(Leg leg, const session::TlsFacts&, Output& out) override {
    if (leg == Leg::server) send_cancel(out);
  }
  void on_leg_closed(Leg leg, Output& out) override {
    if (leg == Leg::server) close(out, "cancel request delivered");
  }
  [[nodiscard]] bool wants_bytes(Leg leg) const noexcept override { return leg == Leg::server; }
  [[nodiscard]] bool idle() const noexcept override { return false; }

 private:
  static void start_tls(Output& out) { out.requests.emplace_back(0, session::StartTls{Leg::server}); }
  void send_cancel(Output& out) {
    std::string packet;
    append_u32(packet, static_cast<std::uint32_t>(8 + key_.size()));
    append_u32(packet, cancel_request);
    packet += key_;
    out.to_server.append(packet);
  }

  const std::string key_;  // process id and secret, 8 bytes or longer
  const TlsStart start_;
  bool asked_ = false;
};

}  // namespace

std::unique_ptr<session::Session> make_refusal_session(Error reason, TlsOffer offer) {
  return std::make_unique<RefusalSession>(std::move(reason), offer);
}

std::unique_ptr<session::Session> make_mysql_refusal_session(Error reason) {
  return std::make_unique<MysqlRefusalSession>(std::move(reason));
}

std::unique_ptr<session::Session> make_cancel_session(std::string backend_key, TlsStart start) {
  return std::make_unique<CancelSession>(std::move(backend_key), start);
}

void append_fatal(session::OutBuffer& out, const Error& error) {
  std::string body;
  const auto field = [&body](char tag, std::string_view text) {
    if (text.empty()) return;
    body += tag;
    body += text;
    body += '\0';
  };
  field('S', "FATAL");
  field('V', "FATAL");
  field('C', sqlstate(error.code));
  field('M', error.message);
  field('D', error.detail);
  field('H', error.hint);
  body += '\0';
  std::string message = "E";
  append_u32(message, static_cast<std::uint32_t>(4 + body.size()));
  out.append(message + body);
}

}  // namespace sealrow::net
