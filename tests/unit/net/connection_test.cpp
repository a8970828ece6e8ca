#include "unit/net/support.hpp"

#include <catch2/generators/catch_generators.hpp>

#include <sys/socket.h>
#include <sys/stat.h>

#include <random>

using namespace sealrow;
using namespace sealrow::net;
using namespace sealrow::net::test;

namespace {

std::string noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  bytes[0] = 'n';  // not a TLS record
  return bytes;
}

// Answers the client out of its own pocket, twice what was received.
struct DoublingSession final : PassSession {
  void on_bytes(session::Leg, ByteView bytes, session::Output& out) override {
    out.to_client.borrow(bytes);
    out.to_client.append(as_text(bytes));
  }
  bool authenticated() const noexcept override { return true; }
};

// Says its last words to a client that is still talking.
struct ParthianSession final : PassSession {
  void on_bytes(session::Leg, ByteView, session::Output& out) override {
    out.to_client.append("last words");
    request(out, session::Close{"enough"});
  }
};

// Asks for a key at the first bytes and forwards nothing before the answer; ends without it if they are "leave".
struct WaitingSession final : PassSession {
  void on_bytes(session::Leg leg, ByteView bytes, session::Output& out) override {
    if (leg == session::Leg::client && !answered_) {
      kept_.append(as_text(bytes));
      if (!std::exchange(waiting_, true)) request(out, session::FetchKey{}, 9);
      if (kept_ == "leave") request(out, session::Close{"asked to"});
      return;
    }
    PassSession::on_bytes(leg, bytes, out);
  }
  void on_answer(std::uint32_t id, session::Output& out) override {
    if (id != 9 || std::exchange(answered_, true)) kept_ = "wrong answer";  // only the main thread may assert
    PassSession::on_bytes(session::Leg::client, as_bytes(kept_), out);
  }
  bool wants_bytes(session::Leg leg) const noexcept override {
    return leg == session::Leg::server || !waiting_ || answered_;
  }
  bool authenticated() const noexcept override { return true; }
  bool waiting_ = false, answered_ = false;
  std::string kept_;
};

}  // namespace

TEST_CASE("bytes pass both ways unchanged, whatever their number") {
  const std::size_t size = GENERATE(1u, 5u, 65535u, 65536u, 65537u, 3u << 20);
  Backend backend;
  auto server = serve(options_for(backend.port()), hosts_of<PassSession>());
  Peer client = Peer::connect(port_of(*server));
  const std::string question = noise(size, 1), answer = noise(size, 2);
  std::thread talker([&] { client.send(question); });
  Peer upstream = backend.accept();
  CHECK(upstream.read(size) == question);
  talker.join();
  std::thread answerer([&] { upstream.send(answer); });
  CHECK(client.read(size) == answer);
  answerer.join();
  CHECK(server->stats().client_bytes == size);
  CHECK(server->stats().server_bytes == size);
  client.close();
  CHECK(upstream.read_all().empty());
  upstream.close();
  CHECK(eventually([&] { return server->stats().active == 0; }));
}

TEST_CASE("a client that does not read stops the server leg instead of filling memory") {
  Backend backend;
  auto server = serve(options_for(backend.port()), hosts_of<PassSession>());
  Peer client = Peer::connect(port_of(*server));
  client.send("go");
  Peer upstream = backend.accept();
  REQUIRE(upstream.read(2) == "go");
  const std::string answer = noise(48u << 20, 3);
  std::thread answerer([&] { upstream.send(answer); });
  REQUIRE(eventually([&] { return server->stats().short_sends > 0; }));
  // What the proxy took is what fits the client's kernel buffers plus one read.
  const std::uint64_t taken = server->stats().server_bytes;
  CHECK(taken < (20u << 20));
  CHECK(client.read(answer.size()) == answer);
  answerer.join();
}

TEST_CASE("a server that does not read stops the client leg") {
  Backend backend;
  auto server = serve(options_for(backend.port()), hosts_of<PassSession>());
  Peer client = Peer::connect(port_of(*server));
  const std::string question = noise(48u << 20, 4);
  std::thread talker([&] { client.send(question); });
  Peer upstream = backend.accept();
  REQUIRE(eventually([&] { return server->stats().short_sends > 0; }));
  CHECK(server->stats().client_bytes < (20u << 20));
  // The other direction is not held up by this.
  upstream.send("still here");
  CHECK(client.read(10) == "still here");
  CHECK(upstream.read(question.size()) == question);
  talker.join();
}

TEST_CASE("answers of the session itself to a client that does not read stay bounded") {
  Backend backend;
  auto options = options_for(backend.port());
  options.limits.client_high_water = 64u << 10;
  auto server = serve(options, hosts_of<DoublingSession>());
  Peer client = Peer::connect(port_of(*server));
  const std::string flood = noise(32u << 20, 5);
  std::thread talker([&] { client.send(flood); });
  REQUIRE(eventually([&] { return server->stats().short_sends > 0; }));
  CHECK(server->stats().client_bytes < (20u << 20));
  CHECK(client.read(2 * flood.size()).size() == 2 * flood.size());
  talker.join();
}

TEST_CASE("one slow client does not slow the others of its worker") {
  Backend backend;
  auto server = serve(options_for(backend.port()), hosts_of<PassSession>());
  Peer slow = Peer::connect(port_of(*server));
  slow.send("s");
  Peer slow_upstream = backend.accept();
  std::thread flooder([&] { slow_upstream.send(noise(24u << 20, 6)); });
  REQUIRE(eventually([&] { return server->stats().short_sends > 0; }));
  for (int i = 0; i < 50; ++i) {
    Peer client = Peer::connect(port_of(*server));
    client.send("ping");
    Peer upstream = backend.accept();
    CHECK(upstream.read(4) == "ping");
    upstream.send("pong");
    CHECK(client.read(4) == "pong");
  }
  CHECK(slow.read(24u << 20).size() == 24u << 20);
  flooder.join();
}

TEST_CASE("many connections at once, on several workers") {
  Backend backend;
  auto options = options_for(backend.port());
  options.workers = 3;
  auto server = serve(options, hosts_of<PassSession>());
  std::vector<Peer> clients, upstreams;
  for (int i = 0; i < 300; ++i) {
    clients.push_back(Peer::connect(port_of(*server)));
    clients.back().send("x" + std::to_string(1000 + i));
    upstreams.push_back(backend.accept());
    CHECK(upstreams.back().read(5) == "x" + std::to_string(1000 + i));
  }
  CHECK(server->stats().active == 300);
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const std::string text = "answer " + std::to_string(1000 + i);
    upstreams[i].send(text);
    CHECK(clients[i].read(text.size()) == text);
  }
  clients.clear();
  for (Peer& upstream : upstreams) CHECK(upstream.read_all().empty());
  upstreams.clear();
  CHECK(eventually([&] { return server->stats().active == 0; }));
}

TEST_CASE("an abrupt end of one leg ends the other") {
  Backend backend;
  auto server = serve(options_for(backend.port()), hosts_of<PassSession>());
  Peer client = Peer::connect(port_of(*server));
  client.send("hello");
  Peer upstream = backend.accept();
  REQUIRE(upstream.read(5) == "hello");
  SECTION("client resets") {
    client.reset();
    CHECK(upstream.read_all().empty());
    CHECK(eventually([&] { return server->stats().resets == 1; }));
    upstream.close();
  }
  SECTION("server resets") {
    upstream.reset();
    CHECK(client.read_all().empty());
    CHECK(eventually([&] { return server->stats().resets == 1; }));
    client.close();
  }
  SECTION("server ends after an answer") {
    upstream.send("fatal");
    upstream.close();
    CHECK(client.read_all() == "fatal");
    client.close();
  }
  SECTION("client half-closes") {
    client.finish();
    CHECK(upstream.read_all().empty());
    upstream.close();
  }
  CHECK(eventually([&] { return server->stats().active == 0; }));
}

TEST_CASE("a reset while the other leg is held back does not spin or leak") {
  Backend backend;
  auto server = serve(options_for(backend.port()), hosts_of<PassSession>());
  Peer client = Peer::connect(port_of(*server));
  client.send("go");
  Peer upstream = backend.accept();
  REQUIRE(upstream.read(2) == "go");
  std::thread answerer([&] { upstream.send(noise(24u << 20, 8)); });
  REQUIRE(eventually([&] { return server->stats().short_sends > 0; }));
  client.reset();
  answerer.join();
  upstream.close();
  CHECK(eventually([&] { return server->stats().active == 0; }));
}

TEST_CASE("last words reach a client that is still talking") {
  Backend backend;
  auto options = options_for(backend.port());
  options.limits.linger = patience;  // what is asked here is that words arrive, not for how long they wait
  auto server = serve(options, hosts_of<ParthianSession>());
  for (int i = 0; i < 20; ++i) {
    Peer client = Peer::connect(port_of(*server));
    client.send(noise(200000, 9));
    CHECK(client.read_all() == "last words");
  }
}

TEST_CASE("a session that waits for a key is not read from, and goes on with the answer") {
  Backend backend;
  auto requests = std::make_shared<Requests>();
  auto server =
      serve(options_for(backend.port()), hosts_of([] { return std::make_unique<WaitingSession>(); }, requests));
  Peer client = Peer::connect(port_of(*server));
  client.send("question");
  REQUIRE(eventually([&] { return requests->count() == 1; }));
  client.send(", more");
  SECTION("the answer comes") {
    requests->answers[0]();
    Peer upstream = backend.accept();
    CHECK(upstream.read(14) == "question, more");
  }
  SECTION("the answer comes after the server has gone") {
    server.reset();
    requests->answers[0]();
    CHECK_FALSE(backend.has_client());
  }
}

TEST_CASE("an answer for a session that has gone finds nobody") {
  Backend backend;
  auto requests = std::make_shared<Requests>();
  auto server =
      serve(options_for(backend.port()), hosts_of([] { return std::make_unique<WaitingSession>(); }, requests));
  Peer client = Peer::connect(port_of(*server));
  client.send("leave");
  REQUIRE(client.read_all().empty());
  client.close();
  REQUIRE(eventually([&] { return server->stats().active == 0; }));
  REQUIRE(requests->count() == 1);
  SECTION("its place is free") {
    requests->answers[0]();
    server->drain();
    server->wait();
    CHECK_FALSE(backend.has_client());
  }
  SECTION("another session has taken its place") {
    Peer next = Peer::connect(port_of(*server));
    next.send("next");
    REQUIRE(eventually([&] { return requests->count() == 2; }));
    requests->answers[0]();
    requests->answers[1]();
    Peer upstream = backend.accept();
    next.finish();
    CHECK(upstream.read_all() == "next");
  }
}

TEST_CASE("a backend that cannot be reached is an error of the session") {
  // Bound but not listening: connects are refused, and nobody else gets the port meanwhile.
  const Address any = resolve({"127.0.0.1", 0})->front();
  const FileDescriptor reserved(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::bind(reserved.get(), any.get(), any.size) == 0);
  const std::uint16_t dead_port = bound_endpoint(reserved.get(), {"127.0.0.1", 0}).port;
  SECTION("no address answers") {
    auto server = serve(options_for(dead_port), hosts_of<PassSession>());
    Peer client = Peer::connect(port_of(*server));
    client.send("x");
    CHECK(client.read_all() == error_slug(ErrorCode::backend_unreachable));
    CHECK(server->stats().backend_failures == 1);
  }
  SECTION("the name cannot be resolved") {
    auto options = options_for(dead_port);
    options.backend.hosts = {{"no-such-host.invalid", 5432}};
    auto server = serve(options, hosts_of<PassSession>());
    Peer client = Peer::connect(port_of(*server));
    client.send("x");
    CHECK(client.read_all() == error_slug(ErrorCode::backend_unreachable));
  }
  SECTION("a later host answers") {
    Backend backend;
    auto options = options_for(backend.port());
    options.backend.hosts.insert(options.backend.hosts.begin(), {{"127.0.0.1", dead_port}, {"/nonexistent", 1}});
    auto server = serve(options, hosts_of<PassSession>());
    Peer client = Peer::connect(port_of(*server));
    client.send("x");
    CHECK(backend.accept().read(1) == "x");
  }
}

TEST_CASE("Unix sockets on both legs") {
  char pattern[] = "/tmp/sealrow-net-XXXXXX";
  REQUIRE(::mkdtemp(pattern) != nullptr);
  const std::string directory = pattern;
  auto upstream_fd = listen_on(resolve({directory, 1})->front(), PortSharing::exclusive, 8);
  REQUIRE(upstream_fd.has_value());
  auto options = options_for(0);
  options.listen.endpoints = {{directory, 2}};
  options.backend.hosts = {{directory, 1}};
  {
    auto server = serve(options, hosts_of<PassSession>());
    const Address address = resolve({directory, 2})->front();
    FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(fd.get(), address.get(), address.size) == 0);
    Peer client(std::move(fd));
    client.send("hello");
    FileDescriptor accepted;
    REQUIRE(
        eventually([&] { return bool(accepted = FileDescriptor(::accept(upstream_fd->get(), nullptr, nullptr))); }));
    Peer upstream(std::move(accepted));
    CHECK(upstream.read(5) == "hello");
  }
  CHECK(::access(unix_path({directory, 2}).c_str(), F_OK) != 0);  // removed at the end
  ::unlink(unix_path({directory, 1}).c_str());
  ::rmdir(pattern);
}
