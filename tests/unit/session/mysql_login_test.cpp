// From the server's greeting to its OK, and traffic under an empty policy.
#include "mysql_harness.hpp"

#include "session/mysql/auth_math.hpp"

using namespace sealrow;
using namespace sealrow::test;
using namespace sealrow::test::mysql;
using session::ClientTls;
using session::ServerTls;

namespace {

EmptyEnvironment environment;

wm::Handshake greeting_of(const std::string& bytes, std::string& keep) {
  keep = split(bytes).at(0).payload;
  wm::Handshake h;
  REQUIRE(wm::read(as_bytes(keep), h));
  return h;
}

std::string ssl_request(std::uint8_t sequence) {
  return answer(sequence, [](auto& o, auto& s) {
    wm::append_ssl_request(o, s, {client_capabilities | capability::ssl, 1 << 24, 255});
  });
}

// Both legs up to where the server wants the password itself (caching_sha2_password, no entry in its cache).
struct FullLogin {
  Harness h;
  std::uint8_t client = 2, server = 2;  // sequence ids of the next packets
  FullLogin(ClientTls client_tls, ServerTls server_tls)
      : h(environment, 0, {.client_tls = client_tls, .server_tls = server_tls}) {
    h.server(greeting());
    (void)h.to_client();
    if (client_tls == ClientTls::require) {
      h.client(ssl_request(1));
      h.driver().tls(Leg::client);
      client = 3;
    }
    h.client(response(static_cast<std::uint8_t>(client - 1)));
    if (server_tls == ServerTls::require) {
      CHECK(wm::is_ssl_request(as_bytes(split(h.to_server()).at(0).payload)));
      h.driver().tls(Leg::server);
      server = 3;
    }
    CHECK(sequences(h.to_server()) == std::vector<int>{server - 1});
    h.server(packet(server, "\x01\x04"));
    CHECK(shown(h.to_client()) == shown(packet(client, "\x01\x04")));
    ++client, ++server;
  }
  void finish() {
    h.server(ok(server));
    CHECK(shown(h.to_client()) == shown(ok(client)));
    CHECK(h.driver().session().authenticated());
  }
};

const std::string clear_password("secret\0", 7);

}  // namespace

TEST_CASE("greeting: id and nonce of the server, capabilities of both") {
  for (const bool tls : {false, true}) {
    Harness h(environment, 1, {.client_tls = tls ? ClientTls::allow : ClientTls::off});
    h.server(greeting());
    std::string keep;
    const auto seen = greeting_of(h.to_client(), keep);
    CHECK(seen.connection == 77);
    CHECK(seen.auth_data == nonce);
    CHECK(seen.server_version == "8.4.6");
    CHECK(wm::has(seen.capabilities, capability::ssl) == tls);
    CHECK(wm::has(seen.capabilities, capability::compress));
    CHECK(wm::has(seen.capabilities, capability::deprecate_eof));
    CHECK(wm::has(seen.capabilities, capability::optional_metadata));
  }
}

TEST_CASE("login in every chunking") {
  for (std::size_t step = 0; step < 12; ++step) {
    Harness h(environment, step);
    h.login();
    CHECK(h.driver().session().idle());
  }
}

TEST_CASE("the client's handshake bytes behind its TLS request belong to TLS") {
  Harness h(environment, 0, {.client_tls = ClientTls::allow});
  h.server(greeting());
  (void)h.to_client();
  h.client(ssl_request(1) + "client hello");
  const auto* start = h.driver().request<session::StartTls>();
  REQUIRE(start != nullptr);
  CHECK(start->received == "client hello");
}

TEST_CASE("full authentication: the same encryption on both legs is relayed") {
  for (const bool tls : {false, true}) {
    FullLogin login(tls ? ClientTls::require : ClientTls::off, tls ? ServerTls::require : ServerTls::disable);
    login.h.client(packet(login.client++, clear_password));
    CHECK(shown(login.h.to_server()) == shown(packet(login.server++, clear_password)));
    login.finish();
  }
}

TEST_CASE("full authentication: TLS only towards the client, RSA towards the server") {
  FullLogin login(ClientTls::require, ServerTls::disable);
  const auto key = *session::mysql::RsaKey::of_process();
  login.h.client(packet(login.client++, clear_password));
  CHECK(shown(login.h.to_server()) == shown(packet(login.server++, "\x02")));
  login.h.server(packet(login.server++, "\x01" + key->public_pem()));
  CHECK(login.h.to_client().empty());
  const auto sent = split(login.h.to_server());
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].payload.find("secret") == std::string::npos);
  CHECK(key->open_answer(sent[0].payload, nonce)->equals(as_bytes("secret")));
  ++login.server;
  login.finish();
}

TEST_CASE("full authentication: TLS only towards the server, our key towards the client") {
  FullLogin login(ClientTls::off, ServerTls::require);
  login.h.client(packet(login.client++, "\x02"));
  CHECK(login.h.to_server().empty());
  const auto key = split(login.h.to_client()).at(0).payload.substr(1);
  ++login.client;
  const auto answer = session::mysql::rsa_answer(SecretBytes::copy_of(as_bytes("secret")), nonce, key);
  login.h.client(packet(login.client++, *answer));
  CHECK(shown(login.h.to_server()) == shown(packet(login.server++, clear_password)));
  login.finish();
}

TEST_CASE("a password never goes over a leg without TLS") {
  SECTION("under a key that is not ours") {
    FullLogin login(ClientTls::off, ServerTls::require);
    login.h.client(packet(login.client, std::string(256, 'x')));
    CHECK(login.h.to_server().empty());
    CHECK(login.h.error().starts_with("3159 "));
    CHECK(login.h.closing());
  }
  SECTION("plugins that send it in clear") {
    for (const bool client : {false, true}) {
      Harness h(environment, 0, {.client_tls = client ? ClientTls::allow : ClientTls::off});
      h.server(greeting());
      (void)h.to_client();
      if (client) {
        h.client(ssl_request(1));
        h.driver().tls(Leg::client);
      }
      h.client(response(client ? 2 : 1, client_capabilities, wm::plugin::clear));
      CHECK(h.to_server().empty());
      CHECK(h.error().starts_with("3159 "));
    }
  }
  SECTION("a switch to such a plugin") {
    Harness h(environment);
    h.server(greeting());
    (void)h.to_client();
    h.client(response(1));
    (void)h.to_server();
    h.server(answer(2, [](auto& o, auto& s) { wm::append_auth_switch(o, s, {wm::plugin::clear, ""}); }));
    CHECK(h.error().starts_with("3159 "));
    CHECK(h.closing());
  }
}

TEST_CASE("TLS that is required and missing ends the login") {
  SECTION("client") {
    Harness h(environment, 0, {.client_tls = ClientTls::require});
    h.server(greeting());
    (void)h.to_client();
    h.client(response(1));
    CHECK(h.to_server().empty());
    CHECK(h.error().starts_with("3159 "));
  }
  SECTION("server") {
    Harness h(environment, 0, {.server_tls = ServerTls::require});
    h.server(greeting(server_capabilities & ~capability::ssl));
    CHECK(h.to_client().find("SR-E706") != std::string::npos);
    CHECK(h.closing());
  }
}

TEST_CASE("login: bad packets end it") {
  for (const std::string& bytes :
       {packet(1, "x"), packet(2, "x"), response(5), std::string("\xFF\xFF\xFF\x01", 4), ssl_request(1)}) {
    Harness h(environment, 1);
    h.server(greeting());
    (void)h.to_client();
    h.client(bytes);
    CHECK(h.closing());
    CHECK(h.to_server().empty());
  }
  for (const std::string& bytes : {packet(0, ""), packet(0, "\x0A"), packet(0, "\x09junk"), std::string(9, '\xFF')}) {
    Harness h(environment, 1);
    h.server(bytes);
    CHECK(h.closing());
  }
}

TEST_CASE("the server's own refusal is passed on") {
  Harness h(environment);
  h.server(answer(0, [](auto& o, auto& s) { wm::append_err(o, s, {1040, "", "Too many connections"}); }));
  CHECK(h.to_client().find("Too many connections") != std::string::npos);
  CHECK(h.closing());
}

// ---- empty policy
// -----------------------------------------------------------------------------------------------------

TEST_CASE("empty policy: every byte goes on, in every chunking") {
  const std::string column_rows = text_result({{}, {}}, {{"", "x"}, {std::nullopt, "\xFE"}});
  const std::vector<std::pair<std::string, std::string>> exchanges{
      {query("select 1"), column_rows},
      {query("insert"), ok()},
      {query("bad"), err()},
      {query("two"), text_result({{}}, {{"1"}}, 2 | 8) + ok(6)},
      {prepare("select ?"), prepared(1, 1, 1)},
      {prepare("do 1"), prepared(2, 0, 0)},
      {execute(1, {string_parameter("x")}), binary_result({wm::ColumnType::var_string}, {{"x"}})},
      {packet(0, "\x0E"), ok()},
      {packet(0, "\x09"), packet(1, "Uptime: 1")},
      {packet(0, std::string("\x1B\0\0", 3)), answer(1,
                                                     [](auto& o, auto& s) {
                                                       wm::append_eof(o, s, {0, 2});
                                                     })},
      {packet(0, std::string("\x19\1\0\0\0", 5)), ""},
  };
  for (std::size_t step = 0; step < 8; ++step) {
    Harness h(environment, step);
    h.login();
    for (const auto& [command, reply] : exchanges) {
      h.client(command);
      CHECK(shown(h.to_server()) == shown(command));
      CHECK(h.driver().session().idle() == reply.empty());
      h.server(reply);
      CHECK(shown(h.to_client()) == shown(reply));
      CHECK(h.driver().session().idle());
    }
  }
}

TEST_CASE("empty policy: a pipelined command waits for the answer before it") {
  const auto modern = client_capabilities | capability::deprecate_eof;
  for (std::size_t step = 0; step < 6; ++step) {
    Harness h(environment, step);
    h.login(modern);
    const auto last = execute(wm::last_statement, {string_parameter("x")});
    h.client(prepare("insert into t values (?)") + last);
    CHECK(split(h.to_server()).size() == 1);
    // The answer's last packet is a definition.
    h.server(prepared(1, 1, 0, modern));
    CHECK(shown(h.to_server()) == shown(last));
    h.server(ok());
    CHECK(h.driver().session().idle());
  }
}

TEST_CASE("empty policy: a file of the client's is streamed") {
  for (std::size_t step = 0; step < 4; ++step) {
    Harness h(environment, step);
    h.login();
    h.client(query("load data local infile 'f' into table t"));
    (void)h.to_server();
    h.server(packet(1,
                    "\xFB"
                    "f"));
    CHECK(shown(h.to_client()) == shown(packet(1,
                                               "\xFB"
                                               "f")));
    const std::string stream = packet(2, "\x03 looks like a command") + packet(3, "");
    h.client(stream);
    CHECK(shown(h.to_server()) == shown(stream));
    h.server(ok(4));
    CHECK(shown(h.to_client()) == shown(ok(4)));
    CHECK(h.driver().session().idle());
  }
}

TEST_CASE("an open transaction is not idle") {
  Harness h(environment);
  h.login();
  h.client(query("begin"));
  h.server(ok(1, 3));
  CHECK_FALSE(h.driver().session().idle());
  h.client(query("commit"));
  h.server(ok(1, 2));
  CHECK(h.driver().session().idle());
}

TEST_CASE("a policy that comes into force ends sessions that were not followed") {
  struct : EmptyEnvironment {
    bool empty = true;
    bool policy_is_empty() const noexcept override { return empty; }
  } changing;
  Harness h(changing);
  h.login();
  changing.empty = false;
  h.client(query("select 1"));
  CHECK(h.to_server().empty());
  CHECK(h.error().starts_with("1053 08S01 SR-E707"));
  CHECK(h.closing());
}
