#include "driver.hpp"

#include "session/postgres/scram.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sealrow;
using namespace sealrow::session;
using namespace sealrow::session::postgres;
using namespace sealrow::test;
namespace wp = sealrow::wire::postgres;

namespace {

EmptyEnvironment environment;
const std::string hello = startup_packet({{"user", "app"}});

SecretBytes secret(std::string_view text) { return SecretBytes::copy_of(as_bytes(text)); }

std::string initial(std::string_view mechanism, const std::string& first) {
  std::string body(mechanism);
  body.push_back('\0');
  append_u32(body, static_cast<std::uint32_t>(first.size()));
  return message('p', body + first);
}

std::string body_of(const std::string& bytes, std::size_t skip) {
  return bytes.substr(5 + skip, load_u32(bytes.data() + 1) - 4 - skip);
}

Settings with_user(const std::string& secret_text) {
  Settings settings;
  settings.authentication = Authentication::terminate;
  settings.users["app"] = secret_text;
  return settings;
}

}  // namespace

TEST_CASE("RFC 7677's example") {
  // Client and server agree on a verifier made from the example's password, salt and iterations.
  const auto verifier = parse_verifier(
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
      "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
  REQUIRE(verifier.has_value());
  ScramServer server({verifier->iterations, verifier->salt, verifier->stored_key.clone(), verifier->server_key.clone()},
                     "");
  ScramClient client(secret("pencil"));
  const auto first = client.first("", false);
  const auto challenge = server.first("SCRAM-SHA-256", *first);
  REQUIRE(challenge.has_value());
  const auto proof = client.final(*challenge);
  REQUIRE(proof.has_value());
  const auto answer = server.final(*proof);
  REQUIRE(answer.has_value());
  CHECK(client.verify(*answer).has_value());
  CHECK_FALSE(server.client_key().empty());
}

TEST_CASE("verifiers that are not") {
  for (const char* text :
       {"", "md5abc", "SCRAM-SHA-256$", "SCRAM-SHA-256$0:QUJD$QUJD:QUJD", "SCRAM-SHA-256$4096:QUJD$QUJD:QUJD",
        "SCRAM-SHA-256$99999999999:QUJD$QUJD:QUJD", "SCRAM-SHA-256$4096:!$x:y"}) {
    CHECK_FALSE(parse_verifier(text).has_value());
  }
}

TEST_CASE("every wrong message fails") {
  const auto attempt = [](const auto& change_first, const auto& change_final, std::string_view password = "right",
                          std::string_view mechanism = "SCRAM-SHA-256", const std::string& binding = "") {
    ScramServer server(*make_verifier("right"), binding);
    ScramClient client(secret(password));
    std::string first = *client.first("", false);
    change_first(first);
    const auto challenge = server.first(mechanism, first);
    if (!challenge) return false;
    auto proof = client.final(*challenge);
    if (!proof) return false;
    change_final(*proof);
    return server.final(*proof).has_value();
  };
  const auto keep = [](std::string&) {};
  CHECK(attempt(keep, keep));
  CHECK_FALSE(attempt(keep, keep, "wrong"));
  CHECK_FALSE(attempt(keep, keep, ""));
  CHECK_FALSE(attempt(keep, keep, "right", "SCRAM-SHA-256-PLUS"));
  CHECK_FALSE(attempt(keep, keep, "right", "SCRAM-SHA-1"));
  CHECK_FALSE(attempt(keep, keep, "right", "SCRAM-SHA-256-PLUS", "hash"));                           // gs2 says "n"
  CHECK_FALSE(attempt([](std::string& s) { s[0] = 'y'; }, keep, "right", "SCRAM-SHA-256", "hash"));  // downgrade
  CHECK_FALSE(attempt([](std::string& s) { s = "p=tls-unique,," + s.substr(3); }, keep));
  CHECK_FALSE(attempt([](std::string& s) { s = "n,a=admin," + s.substr(3); }, keep));
  CHECK_FALSE(attempt([](std::string& s) { s = "n,,m=x," + s.substr(3); }, keep));
  CHECK_FALSE(attempt([](std::string& s) { s += std::string(5000, 'x'); }, keep));
  CHECK_FALSE(attempt(keep, [](std::string& s) { s.back() = s.back() == '=' ? 'A' : '='; }));
  CHECK_FALSE(attempt(keep, [](std::string& s) { s.resize(s.size() - 8); }));
  CHECK_FALSE(attempt(keep, [](std::string& s) { s.replace(s.find("c=biws"), 6, "c=eSws"); }));  // other gs2 flag
  CHECK_FALSE(attempt(keep, [](std::string& s) { s[s.find(",r=") + 3] ^= 1; }));                 // other nonce
  CHECK_FALSE(attempt(keep, [](std::string& s) { s.insert(s.find(",p="), ",x=1"); }));           // other auth message
}

TEST_CASE("a server's challenge is bounded and must continue our nonce") {
  for (const std::string& challenge : {std::string("r=foreign,s=QUJDRA==,i=4096"), std::string("r=,s=QUJDRA==,i=4096"),
                                       std::string(), std::string("e=other-error")}) {
    ScramClient client(secret("x"));
    (void)client.first("", false);
    CHECK_FALSE(client.final(challenge).has_value());
  }
  for (const std::string& tail :
       {std::string(",s=QUJDRA==,i=0"), std::string(",s=QUJDRA==,i=99999999"), std::string(",s=,i=4096"),
        "x,s=" + base64(as_bytes(std::string(2000, 'x'))) + ",i=4096", std::string(2000, 'n') + ",s=QUJDRA==,i=1",
        std::string(",s=QUJDRA==,i=4096x")}) {
    ScramClient client(secret("x"));
    const std::string first = *client.first("", false);
    CHECK_FALSE(client.final("r=" + first.substr(first.find("r=") + 2) + "n" + tail).has_value());
  }
}

TEST_CASE("terminated: the recovered key logs in to a server with the same verifier, with binding on both legs") {
  const auto verifier = *make_verifier("right");
  const std::string text = "SCRAM-SHA-256$4096:" + base64(as_bytes(verifier.salt)) + "$" +
                           base64(verifier.stored_key.reveal()) + ":" + base64(verifier.server_key.reveal());
  Settings settings = with_user(text);
  settings.client_tls = ClientTls::allow;
  settings.server_tls = ServerTls::require;
  settings.authentication = Authentication::automatic;
  Driver d(settings, environment);
  d.send(Leg::client, request_packet(wp::ssl_request_code));
  (void)d.take(Leg::client);
  d.tls(Leg::client, {"front", "", false});
  d.send(Leg::client, hello, 1);
  CHECK(shown(d.take(Leg::client)) == shown(auth(10, std::string_view("SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0", 34))));
  CHECK(d.request<ConnectBackend>() == nullptr);  // no backend before the client is proven
  ScramClient client(secret("right"));
  d.send(Leg::client, initial("SCRAM-SHA-256-PLUS", *client.first("front", true)), 3);
  const auto proof = client.final(body_of(d.take(Leg::client), 4));
  REQUIRE(proof.has_value());
  d.send(Leg::client, message('p', *proof), 1);
  REQUIRE(client.verify(body_of(d.take(Leg::client), 4)).has_value());
  REQUIRE(d.request<ConnectBackend>() != nullptr);
  d.connected();
  (void)d.take(Leg::server);
  d.send(Leg::server, "S");
  d.tls(Leg::server, {"back", "", false});
  CHECK(shown(d.take(Leg::server)) == shown(hello));
  ScramServer server(*parse_verifier(text), "back");
  d.send(Leg::server, auth(10, std::string_view("SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0", 34)), 1);
  const auto first = d.take(Leg::server);
  CHECK(first.substr(5, 19) == std::string_view("SCRAM-SHA-256-PLUS\0", 19));
  const auto challenge = server.first("SCRAM-SHA-256-PLUS", body_of(first, 23));
  REQUIRE(challenge.has_value());
  d.send(Leg::server, auth(11, *challenge));
  const auto final_message = server.final(body_of(d.take(Leg::server), 0));
  REQUIRE(final_message.has_value());
  SECTION("accepted") {
    d.send(Leg::server, auth(12, *final_message) + auth(0));
    CHECK(shown(d.take(Leg::client)) == shown(auth(0)));
    CHECK(d.session().authenticated());
  }
  SECTION("a server that cannot prove itself is refused") {
    d.send(Leg::server, auth(12, "v=AAAA") + auth(0));
    CHECK_FALSE(d.session().authenticated());
    CHECK(d.request<Close>() != nullptr);
  }
  SECTION("a server that leaves its proof out is refused") {
    d.send(Leg::server, auth(0));
    CHECK_FALSE(d.session().authenticated());
  }
}

TEST_CASE("terminated: wrong passwords and unknown users look the same and reach no backend") {
  std::vector<std::string> seen;
  for (const bool known : {true, false}) {
    Settings settings = with_user("right");
    if (!known) settings.users.clear();
    Driver d(settings, environment);
    d.send(Leg::client, hello);
    if (!known) {
      REQUIRE(d.request<FetchVerifier>() != nullptr);
      d.call([&](auto& s, auto& out) { s.on_verifier(d.requests.back().first, std::string(), out); });
    }
    CHECK(shown(d.take(Leg::client)) == shown(auth(10, std::string_view("SCRAM-SHA-256\0\0", 15))));
    ScramClient client(secret("wrong"));
    d.send(Leg::client, initial("SCRAM-SHA-256", *client.first("", false)));
    const auto proof = client.final(body_of(d.take(Leg::client), 4));
    REQUIRE(proof.has_value());
    d.send(Leg::client, message('p', *proof));
    seen.push_back(d.take(Leg::client));
    CHECK(d.request<ConnectBackend>() == nullptr);
    CHECK(d.request<Close>() != nullptr);
    d.send(Leg::client, message('p', *proof));  // nothing goes on after that
    CHECK(d.take(Leg::client).empty());
  }
  CHECK(seen[0] == seen[1]);
}
