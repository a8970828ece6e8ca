// Drives a session from a script: bytes in, bytes out, no sockets.
#pragma once

#include "sealrow/session/postgres.hpp"
#include "sealrow/wire/postgres/builder.hpp"
#include "sealrow/wire/postgres/startup.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sealrow::test {

using session::Leg;

// Bytes as a readable text, for comparisons that may fail.
inline std::string shown(std::string_view bytes) {
  static constexpr std::string_view hex = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    if (c >= ' ' && c <= '~') {
      out.push_back(c);
    } else {
      out += "<";
      out.push_back(hex[static_cast<unsigned char>(c) >> 4]);
      out.push_back(hex[c & 15]);
      out += ">";
    }
  }
  return out;
}

inline std::string startup_packet(std::vector<std::pair<std::string, std::string>> parameters,
                                  std::uint32_t version = wire::postgres::protocol_3_0) {
  wire::postgres::StartupMessage m;
  m.parameters = std::move(parameters);
  std::string out;
  wire::postgres::append_startup(out, m, version);
  return out;
}
inline std::string request_packet(std::uint32_t code, std::string_view more = {}) {
  std::string out;
  append_u32(out, static_cast<std::uint32_t>(8 + more.size()));
  append_u32(out, code);
  return out.append(more);
}
inline std::string message(char type, std::string_view body = {}) {
  std::string out;
  wire::postgres::Message(out, type).bytes(body);
  return out;
}
inline std::string auth(std::uint32_t code, std::string_view more = {}) {
  std::string body;
  append_u32(body, code);
  return message('R', body.append(more));
}
inline std::string ready(char status = 'I') { return message('Z', std::string(1, status)); }
inline std::string error_message(std::string_view code) {
  std::string out;
  wire::postgres::append_error(out,
                               {{'S', "ERROR"}, {'V', "ERROR"}, {'C', std::string(code)}, {'M', "server says no"}});
  return out;
}

class Driver {
 public:
  Driver(session::postgres::Settings settings, session::postgres::Environment& environment)
      : settings_(std::move(settings)), session_(session::postgres::make_session(settings_, environment)) {}

  // Settings live with the caller.
  explicit Driver(std::unique_ptr<session::Session> session) : session_(std::move(session)) {}

  // All bytes at once, or in chunks of `step` bytes.
  void send(Leg leg, std::string_view bytes, std::size_t step = 0) {
    if (step == 0) step = bytes.size();
    for (std::size_t i = 0; i < bytes.size(); i += step) {
      // A copy of its own per chunk: reading past it is an error under the sanitizer.
      const std::vector<std::uint8_t> chunk(
          bytes.begin() + static_cast<std::ptrdiff_t>(i),
          bytes.begin() + static_cast<std::ptrdiff_t>(std::min(i + step, bytes.size())));
      session::Output out;
      session_->on_bytes(leg, chunk, out);
      collect(out);
    }
  }
  void call(const std::function<void(session::Session&, session::Output&)>& what) {
    session::Output out;
    what(*session_, out);
    collect(out);
  }
  void connected() {
    call([](auto& s, auto& out) { s.on_connected(out); });
  }
  void tls(Leg leg, session::TlsFacts facts = {}) {
    call([&](auto& s, auto& out) { s.on_tls(leg, facts, out); });
  }
  void closed(Leg leg) {
    call([&](auto& s, auto& out) { s.on_leg_closed(leg, out); });
  }

  [[nodiscard]] std::string take(Leg leg) { return std::exchange(leg == Leg::client ? to_client_ : to_server_, {}); }
  template <class R>
  [[nodiscard]] const R* request() const {
    for (auto it = requests.rbegin(); it != requests.rend(); ++it) {
      if (const auto* r = std::get_if<R>(&it->second)) return r;
    }
    return nullptr;
  }
  [[nodiscard]] session::Session& session() { return *session_; }
  std::vector<std::pair<std::uint32_t, session::Request>> requests;

 private:
  void collect(session::Output& out) {
    std::vector<session::OutBuffer::Piece> pieces;
    out.to_client.pieces(pieces);
    for (const auto& p : pieces) to_client_.append(p.data, p.size);
    out.to_server.pieces(pieces);
    for (const auto& p : pieces) to_server_.append(p.data, p.size);
    for (auto& r : out.requests) requests.push_back(std::move(r));
  }

  session::postgres::Settings settings_;
  std::unique_ptr<session::Session> session_;
  std::string to_client_, to_server_;
};

// For sessions that only forward.
class EmptyEnvironment : public session::postgres::Environment {
 public:
  std::shared_ptr<const plan::Binding> binding(const std::string&) override { return nullptr; }
  bool policy_is_empty() const noexcept override { return true; }
  keys::KeyService& keys() noexcept override { std::abort(); }
  crypto::Sealer& sealer() noexcept override { std::abort(); }
  plan::PlanCache& plans() noexcept override { std::abort(); }
};

}  // namespace sealrow::test
