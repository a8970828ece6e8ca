#include "driver.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sealrow;
using namespace sealrow::session;
using namespace sealrow::session::postgres;
using namespace sealrow::test;
namespace wp = sealrow::wire::postgres;

namespace {

EmptyEnvironment environment;
const std::string hello = startup_packet({{"user", "app"}, {"database", "shop"}});

// A session that has got as far as ReadyForQuery.
Driver ready_session(std::size_t step = 0, Settings settings = {}) {
  Driver d(settings, environment);
  d.send(Leg::client, hello, step);
  d.connected();
  d.send(Leg::server, auth(0) + message('S', std::string("a\0b\0", 4)) + message('K', "PPPPSSSS") + ready(), step);
  return d;
}

bool fatal_with(const std::string& bytes, std::string_view code) {
  return bytes.size() > 5 && bytes[0] == 'E' && wp::error_field(as_bytes(bytes).subspan(5), 'C') == code;
}

}  // namespace

TEST_CASE("a start-up packet reaches the server unchanged, at every split") {
  for (std::size_t step : {0u, 1u, 2u, 3u, 5u, 7u}) {
    Driver d({}, environment);
    d.send(Leg::client, hello, step);
    REQUIRE(d.request<ConnectBackend>() != nullptr);
    CHECK_FALSE(d.session().wants_bytes(Leg::client));
    d.connected();
    CHECK(shown(d.take(Leg::server)) == shown(hello));
  }
}

TEST_CASE("GSSENCRequest and SSLRequest are answered and may follow each other") {
  Driver d({}, environment);
  d.send(Leg::client, request_packet(wp::gssenc_request_code), 1);
  CHECK(shown(d.take(Leg::client)) == shown("N"));
  d.send(Leg::client, request_packet(wp::ssl_request_code), 1);
  CHECK(shown(d.take(Leg::client)) == shown("N"));
  d.send(Leg::client, hello);
  CHECK(d.request<ConnectBackend>() != nullptr);
}

TEST_CASE("TLS is started on demand; stuffed bytes end the session") {
  Settings settings;
  settings.client_tls = ClientTls::allow;
  {
    Driver d(settings, environment);
    d.send(Leg::client, request_packet(wp::ssl_request_code));
    CHECK(shown(d.take(Leg::client)) == shown("S"));
    REQUIRE(d.request<StartTls>() != nullptr);
    d.tls(Leg::client);
    d.send(Leg::client, request_packet(wp::ssl_request_code));
    CHECK(d.request<Close>() != nullptr);  // encryption inside encryption
  }
  Driver d(settings, environment);
  d.send(Leg::client, request_packet(wp::ssl_request_code) + hello);
  CHECK(d.take(Leg::client).empty());
  CHECK(d.request<StartTls>() == nullptr);
  CHECK(d.request<Close>() != nullptr);
}

TEST_CASE("TLS that is required is required of plain start-ups too") {
  Settings settings;
  settings.client_tls = ClientTls::require;
  Driver d(settings, environment);
  d.send(Leg::client, hello);
  CHECK(fatal_with(d.take(Leg::client), "28000"));
  CHECK(d.request<ConnectBackend>() == nullptr);
}

TEST_CASE("hostile start-up packets end the session without a backend") {
  const auto no_user = startup_packet({{"database", "x"}});
  const auto twice = startup_packet({{"user", "a"}, {"user", "b"}});
  auto unterminated = hello;
  unterminated.pop_back();
  store_u32(unterminated.data(), static_cast<std::uint32_t>(unterminated.size()));
  std::string huge(4, '\0');
  store_u32(huge.data(), 0x7FFFFFFF);
  std::string tiny(4, '\0');
  store_u32(tiny.data(), 4);
  std::string negative(4, '\xFF');
  const std::string version2 = request_packet(0x00020000, std::string_view("user\0a\0\0", 8));
  for (const auto& bytes : {no_user, twice, unterminated, huge, tiny, negative, version2}) {
    Driver d({}, environment);
    d.send(Leg::client, bytes, 1);
    CHECK(d.request<Close>() != nullptr);
    CHECK(d.request<ConnectBackend>() == nullptr);
    CHECK(d.take(Leg::server).empty());
  }
}

TEST_CASE("the answer to our own SSLRequest is one byte, and its error text stays unseen") {
  Settings settings;
  settings.server_tls = ServerTls::require;
  const auto text = error_message("53300");
  for (const std::string& answer : {std::string("N"), std::string("SX"), text, std::string("Q")}) {
    Driver d(settings, environment);
    d.send(Leg::client, hello);
    d.connected();
    CHECK(shown(d.take(Leg::server)) == shown(request_packet(wp::ssl_request_code)));
    d.send(Leg::server, answer);
    const auto seen = d.take(Leg::client);
    CHECK(fatal_with(seen, "08006"));
    CHECK(seen.find("server says no") == std::string::npos);
    CHECK(d.request<Close>() != nullptr);
  }
  Driver d(settings, environment);
  d.send(Leg::client, hello);
  d.connected();
  (void)d.take(Leg::server);
  d.send(Leg::server, "S");
  REQUIRE(d.request<StartTls>() != nullptr);
  CHECK(d.request<StartTls>()->leg == Leg::server);
  d.tls(Leg::server);
  CHECK(shown(d.take(Leg::server)) == shown(hello));
}

TEST_CASE("protocol versions are negotiated per leg") {
  Driver d({}, environment);
  d.send(Leg::client, startup_packet({{"user", "app"}, {"_pq_.x", "1"}}, 0x00030005));
  const auto seen = d.take(Leg::client);
  REQUIRE(seen.size() > 9);
  CHECK(seen[0] == 'v');
  CHECK(load_u32(seen.data() + 5) == wp::protocol_3_2);
  CHECK(seen.find("_pq_.x") != std::string::npos);
  d.connected();
  CHECK(shown(d.take(Leg::server)) == shown(startup_packet({{"user", "app"}}, wp::protocol_3_2)));
  d.send(Leg::server, message('v', std::string(8, '\0')) + auth(0) + message('K', "PPPPSSSS"));
  CHECK(shown(d.take(Leg::client)) == shown(auth(0) + message('K', d.request<RegisterCancel>()->our_key)));
  CHECK(d.request<RegisterCancel>()->our_key.size() == 36);
}

TEST_CASE("the client gets the server's process id and a secret of its own") {
  auto d = ready_session(1);
  const auto* registered = d.request<RegisterCancel>();
  REQUIRE(registered != nullptr);
  CHECK(registered->backend_key == "PPPPSSSS");
  CHECK(registered->our_key.size() == 8);
  CHECK(registered->our_key.starts_with("PPPP"));
  const auto seen = d.take(Leg::client);
  CHECK(seen.find("PPPPSSSS") == std::string::npos);
  CHECK(seen.find(registered->our_key) != std::string::npos);
  CHECK(seen.ends_with(ready()));
}

TEST_CASE("a cancel request is handed on and never answered") {
  Driver d({}, environment);
  d.send(Leg::client, request_packet(wp::cancel_request_code, "PPPPSSSS"), 3);
  REQUIRE(d.request<CancelBackend>() != nullptr);
  CHECK(d.request<CancelBackend>()->our_key == "PPPPSSSS");
  CHECK(d.take(Leg::client).empty());
  CHECK(d.request<Close>() != nullptr);
  for (const auto& key : {std::string("short"), std::string(261, 'x')}) {
    Driver bad({}, environment);
    bad.send(Leg::client, request_packet(wp::cancel_request_code, key));
    CHECK(bad.request<CancelBackend>() == nullptr);
    CHECK(bad.request<Close>() != nullptr);
  }
}

TEST_CASE("relayed authentication") {
  Driver d({}, environment);
  d.send(Leg::client, hello);
  d.connected();
  (void)d.take(Leg::server);
  SECTION("channel binding that cannot work is not offered") {
    d.send(Leg::server, auth(10, std::string_view("SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0", 34)));
    CHECK(shown(d.take(Leg::client)) == shown(auth(10, std::string_view("SCRAM-SHA-256\0\0", 15))));
    d.send(Leg::client, message('p', "first"), 1);
    CHECK(shown(d.take(Leg::server)) == shown(message('p', "first")));
    d.send(Leg::server, auth(11, "challenge") + auth(12, "final") + auth(0), 1);
    CHECK(shown(d.take(Leg::client)) == shown(auth(11, "challenge") + auth(12, "final") + auth(0)));
    CHECK(d.session().authenticated());
  }
  SECTION("a clear password never goes over a clear leg") {
    d.send(Leg::server, auth(3));
    CHECK(fatal_with(d.take(Leg::client), "28000"));
    CHECK(d.request<Close>() != nullptr);
  }
  SECTION("a query before authentication is a violation") {
    d.send(Leg::client, message('Q', std::string_view("select 1\0", 9)));
    CHECK(fatal_with(d.take(Leg::client), "08P01"));
    CHECK(d.take(Leg::server).empty());
  }
  SECTION("the server's own refusal is shown") {
    d.send(Leg::server, error_message("28P01"), 1);
    CHECK(shown(d.take(Leg::client)) == shown(error_message("28P01")));
  }
  SECTION("an authentication token has a limit before memory is spent") {
    std::string head = "p";
    append_u32(head, 70000);
    d.send(Leg::client, head + std::string(70000, 'x'), 4096);
    CHECK(d.request<Close>() != nullptr);
    CHECK(d.take(Leg::server).empty());
  }
}

TEST_CASE("with an empty policy everything goes through as it came, at every split") {
  std::string requests, replies;
  wp::append_query(requests, "select 1");
  wp::append_parse(requests, "s", "select $1", {});
  requests += message('B', "anything") + message('E', "anything") + message('S');
  replies = message('T', "x") + message('D', "row") + message('C', "SELECT 1") + ready() + message('1') + message('2') +
            message('C', "SELECT 1") + ready('T');
  for (std::size_t step : {0u, 1u, 2u, 3u, 4u, 5u, 6u, 11u}) {
    auto d = ready_session(step);
    (void)d.take(Leg::client);
    (void)d.take(Leg::server);
    CHECK(d.session().idle());
    d.send(Leg::client, requests, step);
    CHECK(shown(d.take(Leg::server)) == shown(requests));
    CHECK_FALSE(d.session().idle());
    d.send(Leg::server, replies, step);
    CHECK(shown(d.take(Leg::client)) == shown(replies));
    CHECK_FALSE(d.session().idle());  // in a transaction
  }
}

TEST_CASE("a policy that comes into force ends the sessions that began without one") {
  struct : EmptyEnvironment {
    bool empty = true;
    bool policy_is_empty() const noexcept override { return empty; }
  } changing;
  for (const char status : {'I', 'T'}) {
    changing.empty = true;
    Driver d({}, changing);
    d.send(Leg::client, hello);
    d.connected();
    d.send(Leg::server, auth(0) + ready());
    std::string q;
    wp::append_query(q, "begin");
    d.send(Leg::client, q);
    (void)d.take(Leg::server);
    changing.empty = false;
    // What is under way comes to its end; the next statement does not reach the server.
    const auto reply = message('C', std::string_view("BEGIN\0", 6)) + ready(status);
    (void)d.take(Leg::client);
    d.send(Leg::server, reply, 1);
    CHECK(shown(d.take(Leg::client)) == shown(reply));
    d.send(Leg::client, q, 2);
    CHECK(d.take(Leg::server).empty());
    CHECK(fatal_with(d.take(Leg::client), "57P01"));
    CHECK(d.request<Close>() != nullptr);
  }
}

TEST_CASE("idleness survives errors and the skip to Sync") {
  auto d = ready_session();
  std::string q;
  wp::append_query(q, "select 1");
  // The server discards the query inside the skip window: no reply, no ReadyForQuery.
  d.send(Leg::client, message('P', "x") + message('B', "x"));
  d.send(Leg::server, error_message("42601"));
  d.send(Leg::client, q + message('S'));
  CHECK_FALSE(d.session().idle());
  d.send(Leg::server, ready());
  CHECK(d.session().idle());
}

TEST_CASE("malformed headers end the session") {
  for (const Leg leg : {Leg::client, Leg::server}) {
    for (const std::uint32_t length : {0u, 3u, 0x80000000u, 0xFFFFFFFFu}) {
      auto d = ready_session();
      std::string bytes = "Q";
      append_u32(bytes, length);
      d.send(leg, bytes, 1);
      CHECK(d.request<Close>() != nullptr);
    }
  }
}

TEST_CASE("a closed leg closes the other, at every step") {
  for (const Leg leg : {Leg::client, Leg::server}) {
    Driver fresh({}, environment);
    fresh.closed(leg);
    CHECK(fresh.request<Close>() != nullptr);
    Driver greeted({}, environment);
    greeted.send(Leg::client, hello);
    greeted.closed(leg);
    CHECK(greeted.request<Close>() != nullptr);
    auto d = ready_session();
    d.closed(leg);
    CHECK(d.request<Close>() != nullptr);
    d.send(Leg::client, "anything");  // late bytes do no harm
    d.send(Leg::server, "anything");
  }
}

TEST_CASE("shutdown tells the client") {
  auto d = ready_session();
  (void)d.take(Leg::client);
  d.call([](auto& s, auto& out) { s.on_shutdown(out); });
  CHECK(fatal_with(d.take(Leg::client), "57P01"));
  CHECK(d.request<Close>() != nullptr);
}
