// Limits, deadlines, drain and cancel requests.
#include "unit/net/support.hpp"

#include "sealrow/base/bytes.hpp"

using namespace sealrow;
using namespace sealrow::net;
using namespace sealrow::net::test;

namespace {

std::string packet(std::uint32_t code, std::string_view rest = {}) {
  std::string bytes;
  append_u32(bytes, static_cast<std::uint32_t>(8 + rest.size()));
  append_u32(bytes, code);
  return bytes.append(rest);
}
const std::string startup = packet(196608, std::string_view("user\0u\0\0", 8));
const std::string ssl_request = packet(80877103);

// Registers a cancel key when the backend has answered; busy between a 'Q' of the client and a 'Z' of the server.
// A client that starts with 'C' sends a cancel key.
struct CancelSession final : PassSession {
  void on_bytes(session::Leg leg, ByteView bytes, session::Output& out) override {
    if (leg == session::Leg::client && !asked_ && bytes[0] == 'C') {
      request(out, session::CancelBackend{std::string(as_text(bytes.subspan(1)))});
      return request(out, session::Close{"cancel request"});
    }
    if (leg == session::Leg::client && bytes[0] == 'Q') busy_ = true;
    if (leg == session::Leg::server && bytes[0] == 'Z') busy_ = false;
    PassSession::on_bytes(leg, bytes, out);
  }
  void on_connected(session::Output& out) override {
    PassSession::on_connected(out);
    request(out, session::RegisterCancel{"our-cancel-key", "backend-cancel-key"});
  }
  bool idle() const noexcept override { return !busy_; }
  bool busy_ = false;
};

struct MuteSession final : PassSession {
  void on_bytes(session::Leg, ByteView, session::Output&) override {}
};

// Not authenticated when it is asked for the first time, at its start, and ever after: no clock has a say in it.
struct SoonAuthenticatedSession final : PassSession {
  bool authenticated() const noexcept override { return std::exchange(asked_before_, true); }
  mutable bool asked_before_ = false;
};

void check_told_of_the_limit(const std::string& answer) {
  REQUIRE(answer.size() > 5);
  CHECK(answer.front() == 'E');
  CHECK(load_u32(answer.data() + 1) == answer.size() - 1);
  CHECK(answer.find(std::string_view("C53300\0", 7)) != std::string::npos);
}

}  // namespace

TEST_CASE("a client beyond the limit is told so") {
  Backend backend;
  auto options = options_for(backend.port());
  options.limits.max_connections = 1;
  auto server = serve(options, hosts_of<PassSession>());
  Peer first = Peer::connect(port_of(*server));
  first.send("x");
  Peer upstream = backend.accept();

  Peer second = Peer::connect(port_of(*server));
  SECTION("in clear") {
    second.send(startup);
    check_told_of_the_limit(second.read_all());
  }
  SECTION("after encryption requests") {
    second.send(packet(80877104));
    CHECK(second.read(1) == "N");
    second.send(ssl_request);
    CHECK(second.read(1) == "N");
    second.send(startup.substr(0, 5));
    second.send(startup.substr(5));
    check_told_of_the_limit(second.read_all());
  }
  CHECK(server->stats().refused == 1);

  second.close();
  first.close();
  upstream.close();
  REQUIRE(eventually([&] { return server->stats().active == 0; }));
  Peer third = Peer::connect(port_of(*server));
  third.send("y");
  CHECK(backend.accept().read(1) == "y");
}

TEST_CASE("garbage beyond the limit ends the connection") {
  Backend backend;
  auto options = options_for(backend.port());
  options.limits.max_connections = 0;
  auto server = serve(options, hosts_of<PassSession>());
  for (const std::string& bytes : {packet(196608).replace(0, 4, "\xff\xff\xff\xff"), std::string(8, '\0'),
                                   packet(80877102, "12345678"), std::string("GET / HTTP/1.0\r\n\r\n")}) {
    Peer client = Peer::connect(port_of(*server));
    client.send(bytes);
    CHECK(client.read_all().empty());
  }
}

TEST_CASE("a client that does not authenticate in time is told and closed") {
  Backend backend;
  auto options = options_for(backend.port());
  options.limits.authentication_timeout = std::chrono::milliseconds(50);
  auto server = serve(options, hosts_of<MuteSession>());
  Peer client = Peer::connect(port_of(*server));
  CHECK(client.read_all().find("57P05") != std::string::npos);
  CHECK(server->stats().authentication_timeouts == 1);
}

TEST_CASE("an authenticated session has no deadline, an idle one only if asked for") {
  Backend backend;
  auto options = options_for(backend.port());
  options.limits.authentication_timeout = std::chrono::milliseconds(50);
  SECTION("none") {
    auto made = std::make_shared<std::atomic<int>>(0);
    auto server = serve(options, hosts_of([made]() -> std::unique_ptr<session::Session> {
                          if (made->fetch_add(1) == 0) return std::make_unique<SoonAuthenticatedSession>();
                          return std::make_unique<MuteSession>();
                        }));
    Peer authenticated = Peer::connect(port_of(*server));
    authenticated.send("x");
    Peer upstream = backend.accept();
    Peer silent = Peer::connect(port_of(*server));  // the later one runs into its deadline, the earlier has passed its
    CHECK(silent.read_all().find("57P05") != std::string::npos);
    upstream.send("y");
    CHECK(authenticated.read(1) == "y");
  }
  SECTION("idle") {
    options.limits.idle_timeout = std::chrono::milliseconds(100);
    auto server = serve(options, hosts_of<SoonAuthenticatedSession>());
    Peer client = Peer::connect(port_of(*server));
    client.send("x");
    CHECK(client.read_all() == "BYE");
  }
}

TEST_CASE("drain: idle sessions end at once, busy ones when they are done") {
  Backend backend;
  auto server = serve(options_for(backend.port()), hosts_of<CancelSession>());
  Peer idle = Peer::connect(port_of(*server));
  idle.send("hello");
  Peer idle_upstream = backend.accept();
  REQUIRE(idle_upstream.read(5) == "hello");
  Peer busy = Peer::connect(port_of(*server));
  busy.send("Q");
  Peer busy_upstream = backend.accept();
  REQUIRE(busy_upstream.read(1) == "Q");

  server->drain();
  CHECK(idle.read_all() == "BYE");
  idle.close();
  idle_upstream.close();
  CHECK_FALSE(server->finished());
  busy_upstream.send("D");
  CHECK(busy.read(1) == "D");
  busy_upstream.send("Z");
  CHECK(busy.read_all() == "ZBYE");
  busy.close();
  busy_upstream.close();
  server->wait();
  CHECK(server->finished());
}

TEST_CASE("drain: at the deadline busy sessions end too") {
  Backend backend;
  auto options = options_for(backend.port());
  options.limits.drain_timeout = std::chrono::milliseconds(50);
  options.limits.linger = std::chrono::milliseconds(50);
  auto server = serve(options, hosts_of<CancelSession>());
  Peer busy = Peer::connect(port_of(*server));
  busy.send("Q");
  Peer upstream = backend.accept();
  REQUIRE(upstream.read(1) == "Q");
  server->drain();
  CHECK(busy.read_all() == "BYE");
  server->wait();  // although neither peer closes
}

TEST_CASE("a cancel request goes to the backend of its session") {
  Backend backend;
  auto options = options_for(backend.port());
  options.workers = 2;
  auto server = serve(options, hosts_of<CancelSession>());
  Peer client = Peer::connect(port_of(*server));
  client.send("Q");
  Peer upstream = backend.accept();
  REQUIRE(upstream.read(1) == "Q");

  Peer canceller = Peer::connect(port_of(*server));
  SECTION("while it is busy; the canceller waits until the backend has taken it") {
    canceller.send("Cour-cancel-key");
    Peer cancel = backend.accept();
    CHECK(cancel.read(8 + 18) == packet(80877102, "backend-cancel-key"));
    char byte = 0;
    CHECK(::recv(canceller.fd(), &byte, 1, MSG_DONTWAIT) == -1);
    cancel.close();
    CHECK(canceller.read_all().empty());
    CHECK(server->stats().cancels == 1);
  }
  SECTION("not with a wrong key") {
    canceller.send("Cour-cancel-kez");
    CHECK(canceller.read_all().empty());
    CHECK(server->stats().cancels == 0);
  }
  SECTION("not when nothing is outstanding") {
    upstream.send("Z");
    REQUIRE(client.read(1) == "Z");
    canceller.send("Cour-cancel-key");
    CHECK(canceller.read_all().empty());  // and no connection: the next one accepted is a session
    Peer next = Peer::connect(port_of(*server));
    next.send("n");
    CHECK(backend.accept().read(1) == "n");
  }
  SECTION("not when the session has gone") {
    REQUIRE(eventually([&] { return server->stats().active == 2; }));  // the canceller too is counted
    client.close();
    CHECK(upstream.read_all().empty());
    upstream.close();
    REQUIRE(eventually([&] { return server->stats().active == 1; }));
    canceller.send("Cour-cancel-key");
    CHECK(canceller.read_all().empty());
    CHECK(server->stats().cancels == 0);
  }
}

TEST_CASE("an address in use and an unreadable certificate are errors of make") {
  Backend backend;
  auto options = options_for(backend.port());
  options.listen.endpoints = {{"127.0.0.1", backend.port()}};
  auto busy = Server::make(options, hosts_of<PassSession>());
  REQUIRE(busy.has_error());
  CHECK(busy.error().object.ends_with(std::to_string(backend.port())));

  options = options_for(backend.port());
  options.client_tls.certificate_file = "/nonexistent.pem";
  auto no_file = Server::make(options, hosts_of<PassSession>());
  REQUIRE(no_file.has_error());
  CHECK(no_file.error().object == "/nonexistent.pem");
}

TEST_CASE("two servers can share a port") {
  Backend backend;
  auto options = options_for(backend.port());
  options.listen.sharing = PortSharing::shared;
  auto first = serve(options, hosts_of<PassSession>());
  options.listen.endpoints = first->endpoints();
  auto second = serve(options, hosts_of<PassSession>());
  first->drain();
  first->wait();
  Peer client = Peer::connect(port_of(*second));
  client.send("x");
  CHECK(backend.accept().read(1) == "x");
}
