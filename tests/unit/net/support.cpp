#include "unit/net/support.hpp"

#include "net/small_sessions.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstring>

namespace sealrow::net::test {
namespace {

class TestHost final : public SessionHost {
 public:
  TestHost(std::function<std::unique_ptr<session::Session>()> make, std::shared_ptr<Requests> requests)
      : make_(std::move(make)), requests_(std::move(requests)) {}
  std::unique_ptr<session::Session> make_session() override { return make_(); }
  std::unique_ptr<session::Session> make_refusal(Error reason, TlsOffer offer) override {
    return make_refusal_session(std::move(reason), offer);
  }
  void append_fatal(session::OutBuffer& out, const Error& error) override { net::append_fatal(out, error); }
  void fetch_key(const keys::KeyRequest&, std::function<void()> done) override { keep(std::move(done)); }
  void refresh_catalog(const std::string&, std::function<void()> done) override { keep(std::move(done)); }
  void fetch_verifier(const std::string& user, std::function<void(Result<std::string>)> done) override {
    keep([user, done = std::move(done)] { done("verifier of " + user); });
  }

 private:
  void keep(std::function<void()> answer) {
    const std::lock_guard lock(requests_->mutex);
    requests_->answers.push_back(std::move(answer));
  }
  std::function<std::unique_ptr<session::Session>()> make_;
  std::shared_ptr<Requests> requests_;
};

}  // namespace

bool eventually(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

Peer::Peer(FileDescriptor fd) : fd_(std::move(fd)) {
  const timeval limit{patience.count(), 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

Peer Peer::connect(std::uint16_t port) {
  const Address address = resolve({"127.0.0.1", port})->front();
  FileDescriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(fd.get(), address.get(), address.size) == 0);
  return Peer(std::move(fd));
}

void Peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string Peer::read(std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::recv(fd_.get(), bytes.data() + filled, size - filled, 0);
    if (got <= 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

std::string Peer::read_all() {
  std::string all;
  for (;;) {
    char buffer[65536];
    const ssize_t got = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    if (got < 0) all += std::string("<") + std::strerror(errno) + ">";
    if (got <= 0) return all;
    all.append(buffer, static_cast<std::size_t>(got));
  }
}

void Peer::finish() const { ::shutdown(fd_.get(), SHUT_WR); }

void Peer::reset() {
  const linger now{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  fd_.reset();
}

Backend::Backend() {
  const Address address = resolve({"127.0.0.1", 0})->front();
  auto fd = listen_on(address, PortSharing::exclusive, 512);
  REQUIRE(fd.has_value());
  fd_ = std::move(*fd);
  port_ = bound_endpoint(fd_.get(), {"127.0.0.1", 0}).port;
}

Peer Backend::accept() {
  FileDescriptor client;
  REQUIRE(eventually([&] {
    client = FileDescriptor(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    return static_cast<bool>(client);
  }));
  return Peer(std::move(client));
}

bool Backend::has_client() const {
  pollfd waiting{fd_.get(), POLLIN, 0};
  return ::poll(&waiting, 1, 0) > 0;
}

void PassSession::on_bytes(session::Leg leg, ByteView bytes, session::Output& out) {
  if (connected_) {
    (leg == session::Leg::client ? out.to_server : out.to_client).borrow(bytes);
    return;
  }
  held_.append(as_text(bytes));
  if (!std::exchange(asked_, true)) request(out, session::ConnectBackend{});
}

void PassSession::on_connected(session::Output& out) {
  connected_ = true;
  out.to_server.append(held_);
  held_.clear();
}

void PassSession::on_connect_failed(const Error& error, session::Output& out) {
  out.to_client.append(error_slug(error.code));
  request(out, session::Close{"no backend"});
}

void PassSession::on_leg_closed(session::Leg, session::Output& out) { request(out, session::Close{"peer has gone"}); }

SessionHostFactory hosts_of(std::function<std::unique_ptr<session::Session>()> make,
                            std::shared_ptr<Requests> requests) {
  return [make = std::move(make), requests = std::move(requests)](unsigned) -> Result<std::unique_ptr<SessionHost>> {
    return std::make_unique<TestHost>(make, requests);
  };
}

ServerOptions options_for(std::uint16_t backend_port) {
  ServerOptions options;
  options.listen.endpoints = {{"127.0.0.1", 0}};
  options.backend.hosts = {{"127.0.0.1", backend_port}};
  options.backend.tls.check = PeerCheck::none;
  return options;
}

std::unique_ptr<Server> serve(ServerOptions options, const SessionHostFactory& hosts) {
  auto server = Server::make(std::move(options), hosts);
  if (server.has_error()) FAIL(to_string(server.error()));
  (*server)->start();
  return std::move(*server);
}

}  // namespace sealrow::net::test
