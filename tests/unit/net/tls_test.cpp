// TLS on both legs, with certificates made on the spot.
#include "unit/net/support.hpp"

#include "net/tls_context.hpp"
#include "net/tls_stream.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <map>

using namespace sealrow;
using namespace sealrow::net;
using namespace sealrow::net::test;

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

// Self-signed, or signed by `issuer`; files in a directory of the test.
struct Certificate {
  OpensslPtr<X509> x509;
  Key key{nullptr, EVP_PKEY_free};
  std::string certificate_file, key_file;
};

class Certificates {
 public:
  Certificates() {
    char pattern[] = "/tmp/sealrow-tls-XXXXXX";
    REQUIRE(::mkdtemp(pattern) != nullptr);
    directory_ = pattern;
  }
  ~Certificates() { std::filesystem::remove_all(directory_); }

  Certificate make(const std::string& name, const char* alternative, const Certificate* issuer = nullptr,
                   const char* algorithm = "EC") const {
    Certificate made;
    const bool ec = std::string_view(algorithm) == "EC";
    made.key.reset(ec ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")
                      : EVP_PKEY_Q_keygen(nullptr, nullptr, algorithm));
    made.x509.reset(X509_new());
    X509* x = made.x509.get();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), issuer == nullptr ? 1 : 2);
    X509_gmtime_adj(X509_getm_notBefore(x), -60);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, made.key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer == nullptr ? x : issuer->x509.get()));
    extend(x, NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
    if (alternative != nullptr) extend(x, NID_subject_alt_name, alternative);
    X509_sign(x, issuer == nullptr ? made.key.get() : issuer->key.get(), ec ? EVP_sha256() : nullptr);
    made.certificate_file = directory_ + "/" + name + ".crt";
    made.key_file = directory_ + "/" + name + ".key";
    std::FILE* file = std::fopen(made.certificate_file.c_str(), "w");
    PEM_write_X509(file, x);
    std::fclose(file);
    file = std::fopen(made.key_file.c_str(), "w");
    PEM_write_PrivateKey(file, made.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    return made;
  }

 private:
  static void extend(X509* x, int nid, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
    X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
  }
  std::string directory_;
};

// A blocking TLS end over a Peer, by OpenSSL's own socket BIO: independent of the code under test.
class TlsPeer {
 public:
  enum class Role { client, server };
  TlsPeer(Peer peer, SSL_CTX* context, Role role, bool alpn = false) : peer_(std::move(peer)), ssl_(SSL_new(context)) {
    SSL_set_fd(ssl_.get(), peer_.fd());
    if (alpn) SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>("\x0apostgresql"), 11);
    established_ = (role == Role::client ? SSL_connect(ssl_.get()) : SSL_accept(ssl_.get())) == 1;
  }
  [[nodiscard]] bool established() const { return established_; }
  void send(std::string_view bytes) {
    if (!bytes.empty()) CHECK(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0);
  }
  std::string read(std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t filled = 0, got = 0;
    while (filled < size && SSL_read_ex(ssl_.get(), bytes.data() + filled, size - filled, &got) == 1) filled += got;
    bytes.resize(filled);
    return bytes;
  }
  [[nodiscard]] SSL* ssl() const { return ssl_.get(); }
  Peer& peer() { return peer_; }

 private:
  Peer peer_;
  OpensslPtr<SSL> ssl_;
  bool established_ = false;
};

OpensslPtr<SSL_CTX> server_context(const Certificate& certificate) {
  OpensslPtr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_use_certificate(context.get(), certificate.x509.get());
  SSL_CTX_use_PrivateKey(context.get(), certificate.key.get());
  return context;
}

OpensslPtr<SSL_CTX> client_context(const Certificate* own = nullptr) {
  OpensslPtr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
  if (own != nullptr) {
    SSL_CTX_use_certificate(context.get(), own->x509.get());
    SSL_CTX_use_PrivateKey(context.get(), own->key.get());
  }
  return context;
}

std::mutex facts_mutex;
std::map<session::Leg, session::TlsFacts> facts_seen;
session::TlsFacts facts_of(session::Leg leg) {
  const std::lock_guard lock(facts_mutex);
  return facts_seen[leg];
}

// 'T' from the client: answers 'S' and starts TLS there. Starts TLS towards the backend at once.
struct TlsSession final : PassSession {
  void on_bytes(session::Leg leg, ByteView bytes, session::Output& out) override {
    if (leg == session::Leg::client && !client_tls_ && bytes.size() == 1 && bytes[0] == 'T') {
      client_tls_ = true;
      out.to_client.append("S");
      return request(out, session::StartTls{session::Leg::client});
    }
    PassSession::on_bytes(leg, bytes, out);
  }
  void on_connected(session::Output& out) override { request(out, session::StartTls{session::Leg::server}); }
  void on_tls(session::Leg leg, const session::TlsFacts& facts, session::Output& out) override {
    {
      const std::lock_guard lock(facts_mutex);
      facts_seen[leg] = facts;
    }
    if (leg == session::Leg::server) PassSession::on_connected(out);
  }
  void on_connect_failed(const Error& error, session::Output& out) override {
    out.to_client.append(error_slug(error.code) + " " + error.detail);
    request(out, session::Close{"no backend"});
  }
  bool client_tls_ = false;
};

std::string expected_hash(const Certificate& certificate) {
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  X509_digest(certificate.x509.get(), EVP_sha256(), hash, &size);
  return {reinterpret_cast<char*>(hash), size};
}

ServerOptions tls_options(std::uint16_t backend_port, const Certificate& own, const Certificate& authority) {
  ServerOptions options = options_for(backend_port);
  options.client_tls.certificate_file = own.certificate_file;
  options.client_tls.key_file = own.key_file;
  options.backend.tls.check = PeerCheck::host_name;
  options.backend.tls.ca_file = authority.certificate_file;
  return options;
}

Peer ask_for_tls(const Server& server) {
  Peer client = Peer::connect(port_of(server));
  client.send("T");
  REQUIRE(client.read(1) == "S");
  return client;
}

}  // namespace

TEST_CASE("bytes pass through TLS on both legs") {
  const Certificates files;
  const Certificate authority = files.make("authority", nullptr);
  const Certificate backend_certificate = files.make("backend", "IP:127.0.0.1", &authority);
  const Certificate own = files.make("proxy", "DNS:localhost");
  Backend backend;
  auto server = serve(tls_options(backend.port(), own, authority), hosts_of<TlsSession>());
  const auto upstream_context = server_context(backend_certificate);
  const auto context = client_context();

  TlsPeer client(ask_for_tls(*server), context.get(), TlsPeer::Role::client);
  REQUIRE(client.established());
  client.send("hello");
  TlsPeer upstream(backend.accept(), upstream_context.get(), TlsPeer::Role::server);
  REQUIRE(upstream.established());
  CHECK(upstream.read(5) == "hello");
  CHECK(facts_of(session::Leg::client).end_point_hash == expected_hash(own));
  CHECK(facts_of(session::Leg::server).end_point_hash == expected_hash(backend_certificate));
  CHECK_FALSE(facts_of(session::Leg::client).direct);

  std::string large(5u << 20, 'x');
  for (std::size_t i = 0; i < large.size(); i += 97) large[i] = static_cast<char>(i);
  std::thread answerer([&] { upstream.send(large); });
  CHECK(client.read(large.size()) == large);
  answerer.join();
  std::thread talker([&] { client.send(large); });
  CHECK(upstream.read(large.size()) == large);
  talker.join();
  SSL_shutdown(client.ssl());  // close_notify ends the leg like a FIN
  CHECK(upstream.read(1).empty());
  CHECK(server->stats().tls_handshakes == 2);
}

TEST_CASE("the backend's certificate is checked") {
  const Certificates files;
  const Certificate authority = files.make("authority", nullptr);
  const Certificate stranger = files.make("stranger", "IP:127.0.0.1");
  const Certificate wrong_host = files.make("wrong", "DNS:elsewhere.example", &authority);
  const Certificate own = files.make("proxy", nullptr);
  Backend backend;
  auto options = tls_options(backend.port(), own, authority);
  const auto answer_with = [&](const Certificate& certificate) {
    auto server = serve(options, hosts_of<TlsSession>());
    Peer client = Peer::connect(port_of(*server));
    client.send("hello");
    const auto context = server_context(certificate);
    TlsPeer upstream(backend.accept(), context.get(), TlsPeer::Role::server);
    if (server->stats().tls_failures == 0 && upstream.established()) upstream.send("fine");
    return client.read(5);
  };
  CHECK(answer_with(stranger) == error_slug(ErrorCode::backend_tls).substr(0, 5));
  CHECK(answer_with(wrong_host) == error_slug(ErrorCode::backend_tls).substr(0, 5));
  options.backend.tls.check = PeerCheck::chain;
  CHECK(answer_with(wrong_host).substr(0, 4) == "fine");
}

TEST_CASE("direct TLS needs ALPN") {
  const Certificates files;
  const Certificate own = files.make("proxy", nullptr);
  Backend backend;
  auto server = serve(tls_options(backend.port(), own, own), hosts_of<TlsSession>());
  const auto context = client_context();
  {
    TlsPeer client(Peer::connect(port_of(*server)), context.get(), TlsPeer::Role::client, true);
    REQUIRE(client.established());
    REQUIRE(eventually([] { return facts_of(session::Leg::client).direct; }));
    client.send("hello");
    (void)backend.accept();
  }
  TlsPeer without(Peer::connect(port_of(*server)), context.get(), TlsPeer::Role::client);
  CHECK(without.read(1).empty());
  CHECK(server->stats().tls_failures == 1);
}

TEST_CASE("direct TLS without a certificate of ours ends the connection") {
  Backend backend;
  auto server = serve(options_for(backend.port()), hosts_of<PassSession>());
  Peer client = Peer::connect(port_of(*server));
  client.send("\x16\x03\x01");
  CHECK(client.read_all().empty());
}

TEST_CASE("mutual TLS: the client's common name reaches the session, no certificate is refused") {
  const Certificates files;
  const Certificate authority = files.make("authority", nullptr);
  const Certificate alice = files.make("alice", nullptr, &authority);
  const Certificate own = files.make("proxy", nullptr);
  Backend backend;
  auto options = tls_options(backend.port(), own, authority);
  options.client_tls.client_ca_file = authority.certificate_file;
  options.client_tls.client_certificate = ClientCertificate::required;
  auto server = serve(options, hosts_of<TlsSession>());
  {
    const auto context = client_context(&alice);
    TlsPeer client(ask_for_tls(*server), context.get(), TlsPeer::Role::client);
    REQUIRE(client.established());
    CHECK(eventually([] { return facts_of(session::Leg::client).peer_common_name == "alice"; }));
  }
  const auto context = client_context();
  TlsPeer nobody(ask_for_tls(*server), context.get(), TlsPeer::Role::client);
  CHECK(nobody.read(1).empty());  // TLS 1.3: the client learns of it after its own handshake
  CHECK(eventually([&] { return server->stats().tls_failures == 1; }));
}

TEST_CASE("garbage in place of a handshake ends the connection") {
  const Certificates files;
  const Certificate own = files.make("proxy", nullptr);
  Backend backend;
  auto server = serve(tls_options(backend.port(), own, own), hosts_of<TlsSession>());
  Peer client = ask_for_tls(*server);
  client.send("this is not a TLS record at all");
  client.read_all();
  CHECK(eventually([&] { return server->stats().tls_failures == 1; }));
}

TEST_CASE("new certificates serve new connections, bad ones change nothing") {
  const Certificates files;
  const Certificate first = files.make("first", nullptr), second = files.make("second", nullptr);
  Backend backend;
  const auto options = tls_options(backend.port(), first, first);
  auto server = serve(options, hosts_of<TlsSession>());
  const auto context = client_context();
  const auto name_shown = [&] {
    TlsPeer client(ask_for_tls(*server), context.get(), TlsPeer::Role::client);
    REQUIRE(client.established());
    const OpensslPtr<X509> shown(SSL_get1_peer_certificate(client.ssl()));
    return X509_cmp(shown.get(), first.x509.get()) == 0 ? "first" : "second";
  };
  CHECK(name_shown() == std::string("first"));
  AcceptTlsOptions changed = options.client_tls;
  changed.certificate_file = second.certificate_file;
  CHECK(server->reload_tls(changed, options.backend.tls).has_error());  // the key does not fit
  CHECK(name_shown() == std::string("first"));
  changed.key_file = second.key_file;
  REQUIRE(server->reload_tls(changed, options.backend.tls).has_value());
  CHECK(eventually([&] { return name_shown() == std::string("second"); }));
}

TEST_CASE("the end-point hash follows the signature's hash; Ed25519 has none") {
  const Certificates files;
  const Certificate ec = files.make("ec", nullptr);
  const Certificate ed25519 = files.make("ed25519", nullptr, nullptr, "ED25519");
  CHECK(end_point_hash(ec.x509.get()) == expected_hash(ec));
  CHECK(end_point_hash(ed25519.x509.get()).empty());
  CHECK(end_point_hash(nullptr).empty());
}
