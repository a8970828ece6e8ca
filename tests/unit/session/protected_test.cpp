#include "harness.hpp"

using namespace sealrow;
using namespace sealrow::test;

namespace {

// The text spelling inside a message.
std::string envelope_in(const std::string& bytes) {
  const auto at = bytes.find("sr1.");
  if (at == std::string::npos) return {};
  auto end = at + 4;
  while (end < bytes.size() &&
         (std::isalnum(static_cast<unsigned char>(bytes[end])) || bytes[end] == '-' || bytes[end] == '_'))
    ++end;
  return bytes.substr(at, end - at);
}

std::string error_code(const std::string& bytes) {
  for (const auto& m : split(bytes)) {
    if (m.type == 'E') return std::string(wp::error_field(as_bytes(m.body), 'C').value_or("none"));
  }
  return "no error";
}

std::string error_text(const std::string& bytes) {
  for (const auto& m : split(bytes)) {
    if (m.type == 'E') return std::string(wp::error_field(as_bytes(m.body), 'M').value_or("none"));
  }
  return "no error";
}

const std::string insert_text = "insert into msg (id, tenant, body) values (1, 't1', 'canary')";

// An envelope of msg.body under `tenant`, as a client of it would have stored it.
std::string sealed_body(FakeEnvironment& environment, const std::string& tenant, const std::string& text) {
  Harness h(environment);
  h.client(query("insert into msg (id, tenant, body) values (1, '" + tenant + "', '" + text + "')"));
  return envelope_in(h.to_server());
}

}  // namespace

TEST_CASE("a literal is sealed in a simple Query, at every split") {
  for (std::size_t step : {0u, 1u, 2u, 3u, 7u}) {
    FakeEnvironment environment;
    Harness h(environment, step);
    h.client(query(insert_text));
    const auto sent = h.to_server();
    REQUIRE(kinds(sent) == "Q");
    CHECK(sent.find("canary") == std::string::npos);
    CHECK(sent.find("'t1'") != std::string::npos);
    REQUIRE_FALSE(envelope_in(sent).empty());
    h.server(complete("INSERT 0 1") + ready());
    CHECK(shown(h.to_client()) == shown(complete("INSERT 0 1") + ready()));
    CHECK(h.driver().session().idle());
  }
}

TEST_CASE("what the policy does not name passes byte for byte") {
  FakeEnvironment environment;
  Harness h(environment, 1);
  const auto text = query("select id, t from other where t = 'sr1.x' -- comment");
  h.client(text);
  CHECK(shown(h.to_server()) == shown(text));
  const auto replies =
      description({20, 25}) + row({"1", "sr1.AAAAAAAAAAAAAAAAAAAAAAAA"}) + complete("SELECT 1") + ready();
  h.server(replies);
  CHECK(shown(h.to_client()) == shown(replies));
}

TEST_CASE("a sealed column is opened in text and binary, also without a RowDescription") {
  FakeEnvironment environment;
  const auto stored = sealed_body(environment, "t1", "hello world");
  for (std::size_t step : {0u, 1u, 3u}) {
    Harness h(environment, step);
    h.client(query("select id, body from msg"));
    (void)h.to_server();
    h.server(description({20, 25}) + row({"1", stored}) + row({"2", std::nullopt}) + complete("SELECT 2") + ready());
    CHECK(shown(h.to_client()) == shown(description({20, 25}) + row({"1", "hello world"}) + row({"2", std::nullopt}) +
                                        complete("SELECT 2") + ready()));

    h.client(parse("s", "select id, body from msg where id = $1") + bind("", "s", {"1"}, {}, {1}) + execute() +
             message('S'));
    CHECK(kinds(h.to_server()) == "PBDES");  // our Describe, because nobody else asks
    h.server(message('1') + message('2') + description({20, 25}, 1) +
             row({std::string_view("\0\0\0\0\0\0\0\1", 8), stored}) + complete("SELECT 1") + ready());
    CHECK(shown(h.to_client()) ==
          shown(message('1') + message('2') + row({std::string_view("\0\0\0\0\0\0\0\1", 8), "hello world"}) +
                complete("SELECT 1") + ready()));
  }
}

TEST_CASE("a refused Query is poisoned and its error rewritten; the transaction is the server's") {
  FakeEnvironment environment;
  Harness h(environment, 1);
  h.client(query("select length(body) from msg"));
  const auto sent = h.to_server();
  CHECK(sent.find("length") == std::string::npos);
  CHECK(sent == query("sealrow refused this statement"));
  h.server(error_message("42601") + ready('E'));
  const auto seen = h.to_client();
  CHECK(error_code(seen) == "0A000");
  CHECK(error_text(seen).starts_with("SR-E4"));
  CHECK(seen.ends_with(ready('E')));
}

TEST_CASE("a refused Parse in a pipeline aborts what came before it") {
  FakeEnvironment environment;
  Harness h(environment);
  h.client(parse("", "insert into msg (id, tenant, body) values ($1, $2, $3)") + bind("", "", {"1", "t1", "canary"}) +
           execute() + parse("bad", "select upper(body) from msg") + bind("", "bad", {}) + execute() + message('S'));
  const auto sent = h.to_server();
  CHECK(kinds(sent) == "PBEPBES");
  CHECK(sent.find("canary") == std::string::npos);
  CHECK(sent.find("upper") == std::string::npos);
  h.server(message('1') + message('2') + complete("INSERT 0 1") + error_message("42601") + ready());
  const auto seen = h.to_client();
  CHECK(kinds(seen) == "12CEZ");
  CHECK(error_code(seen) == "0A000");
  // In step again.
  h.client(query("select 1"));
  h.server(complete("SELECT 1") + ready());
  CHECK(shown(h.to_client()) == shown(complete("SELECT 1") + ready()));
}

TEST_CASE("after an error everything up to Sync is dropped") {
  FakeEnvironment environment;
  Harness h(environment);
  h.client(parse("", "select 1") + bind("", "", {}));
  h.server(error_message("42601"));
  (void)h.to_server();
  h.client(query(insert_text) + parse("", "select 2"));
  CHECK(h.to_server().empty());
  h.client(message('S'));
  CHECK(shown(h.to_server()) == shown(message('S')));
  h.server(ready());
  CHECK(h.driver().session().idle());
}

TEST_CASE("parameters: text, binary, NULL, empty, formats, types") {
  FakeEnvironment environment;
  Harness h(environment);
  h.client(parse("i", "insert into msg (tenant, body, raw, num) values ($1, $2, $3, $4)", {25, 1043, 17, 21}) +
           describe('S', "i"));
  const auto sent = h.to_server();
  REQUIRE(kinds(sent) == "PD");
  wp::Parse p;
  REQUIRE(read(as_bytes(split(sent)[0].body), p));
  CHECK(p.types[3] == 17);  // bytea carries the integer
  h.server(message('1') + types_of({25, 1043, 17, 17}) + message('n'));
  CHECK(shown(h.to_client()) == shown(message('1') + types_of({25, 1043, 17, 21}) + message('n')));  // as declared
  h.client(bind("", "i", {"t1", "", std::string_view("\xF0\x00", 2), std::string_view("\0\7", 2)}, {0, 0, 1, 1}) +
           execute() + message('S'));
  auto messages = split(h.to_server());
  wp::Bind b;
  REQUIRE(read(as_bytes(messages[0].body), b));
  REQUIRE(b.values.size() == 4);
  CHECK(*b.values[0] == "t1");
  CHECK(b.values[1]->starts_with("sr1."));  // an empty string is a value
  CHECK(crypto::parse_header(as_bytes(*b.values[2])).has_value());
  CHECK(crypto::parse_header(as_bytes(*b.values[3])).has_value());
  h.server(message('2') + complete("INSERT 0 1") + ready());
  h.client(bind("", "i", {"t1", std::nullopt, std::nullopt, std::nullopt}, {1}) + execute() + message('S'));
  messages = split(h.to_server());
  REQUIRE(read(as_bytes(messages[0].body), b));
  CHECK((!b.values[1] && !b.values[2] && !b.values[3]));
}

TEST_CASE("a refused Bind aborts the pipeline; unknown statements read as the server's own error") {
  FakeEnvironment environment;
  Harness h(environment, 1);
  h.client(parse("i", "insert into msg (tenant, body) values ($1, $2)") + bind("", "i", {std::nullopt, "canary"}) +
           execute() + message('S'));
  const auto sent = h.to_server();
  CHECK(sent.find("canary") == std::string::npos);
  h.server(message('1') + error_message("26000") + ready());
  const auto seen = h.to_client();
  CHECK(kinds(seen) == "1EZ");
  CHECK(error_code(seen) == "42501");
  h.client(bind("", "nobody", {}) + message('S'));
  h.server(error_message("26000") + ready());
  CHECK(error_code(h.to_client()) == "26000");
}

TEST_CASE("calls of large-object functions pass") {
  FakeEnvironment environment;
  Harness h(environment);
  const auto open = message('F', std::string("\0\0\x03\xb8\0\0\0\0\0\0", 10));
  h.client(open + query("select 1"));
  CHECK(shown(h.to_server()) == shown(open + query("select 1")));
  const auto answer = message('V', std::string("\0\0\0\4\0\0\0\7", 8)) + ready() + complete("SELECT 1") + ready();
  h.server(answer);
  CHECK(shown(h.to_client()) == shown(answer));
}

TEST_CASE("envelopes from clients, function calls and reserved names are refused") {
  FakeEnvironment environment;
  const auto stored = sealed_body(environment, "t1", "x");
  Harness h(environment);
  h.client(query("insert into msg (tenant, body) values ('t1', '" + stored + "')"));
  CHECK(shown(h.to_server()) == shown(query("sealrow refused this statement")));
  h.server(error_message("42601") + ready());
  CHECK(error_text(h.to_client()).starts_with("SR-E204"));
  h.client(message('F', "anything"));
  CHECK(shown(h.to_server()) == shown(query("sealrow refused this statement")));
  h.server(error_message("42601") + ready());
  CHECK(error_text(h.to_client()).starts_with("SR-E412"));
  const auto import = message('F', std::string("\0\0\x02\xfc\0\0\0\0\0\0", 10));  // lo_import: reads the server's files
  h.client(import);
  CHECK(shown(h.to_server()) == shown(query("sealrow refused this statement")));
  h.server(error_message("42601") + ready());
  CHECK(error_text(h.to_client()).starts_with("SR-E412"));
  h.client(parse("sealrow_refused", "select 1") + message('S'));
  h.server(error_message("42601") + ready());
  CHECK(error_text(h.to_client()).starts_with("SR-E604"));
}

TEST_CASE("tenants: none, disagreeing, from the session; another tenant's row") {
  FakeEnvironment environment;
  const auto of_t2 = sealed_body(environment, "t2", "theirs");
  const auto of_t1 = sealed_body(environment, "t1", "mine");
  Harness h(environment, 0, "t1");
  h.client(query("insert into msg (tenant, body) values ('t2', 'x')"));
  h.server(error_message("42601") + ready());
  (void)h.to_server();
  CHECK(error_text(h.to_client()).starts_with("SR-E502"));
  h.client(query("select body from msg"));
  h.server(description({25}) + row({of_t1}) + row({of_t2}) + row({of_t1}) + complete("SELECT 3") + ready());
  const auto seen = h.to_client();
  CHECK(kinds(seen) == "TDEZ");
  CHECK(error_text(seen).starts_with("SR-E503"));
  CHECK(seen.find("sr1.") == std::string::npos);
}

TEST_CASE("a setting holds from its confirmation on, and follows the transaction") {
  FakeEnvironment environment;
  Harness h(environment);
  (void)h.to_server();
  h.client(query("begin") + query("set local app.tenant_id = 't1'") +
           query("insert into msg (id, body) values (1, 'canary')"));
  CHECK(kinds(h.to_server()) == "QQ");  // the third waits for the second
  h.server(complete("BEGIN") + ready('T') + complete("SET") + ready('T'));
  CHECK_FALSE(envelope_in(h.to_server()).empty());
  h.server(complete("INSERT 0 1") + ready('T'));
  h.client(query("commit"));
  h.server(complete("COMMIT") + ready());
  (void)h.to_server();
  (void)h.to_client();
  h.client(query("insert into msg (id, body) values (1, 'canary')"));
  h.server(error_message("42601") + ready());
  CHECK(h.to_server().find("canary") == std::string::npos);
  CHECK(error_text(h.to_client()).starts_with("SR-E501"));
}

TEST_CASE("keys that are not there yet pause the leg; nothing is lost") {
  FakeEnvironment environment;
  environment.service.slow = true;
  for (std::size_t step : {0u, 1u, 5u}) {
    environment.service.forget();
    Harness h(environment, step);
    h.client(query(insert_text) + query("select 1"));
    const auto sent = h.to_server();
    CHECK(kinds(sent) == "QQ");
    const auto stored = envelope_in(sent);
    REQUIRE_FALSE(stored.empty());
    h.server(complete("INSERT 0 1") + ready() + complete("SELECT 1") + ready());
    (void)h.to_client();
    environment.service.forget();
    h.client(query("select body from msg"));
    h.server(description({25}) + row({stored}) + row({stored}) + complete("SELECT 2") + ready());
    CHECK(shown(h.to_client()) ==
          shown(description({25}) + row({"canary"}) + row({"canary"}) + complete("SELECT 2") + ready()));
  }
}

TEST_CASE("a search value becomes a tag, the same in text and binary") {
  FakeEnvironment environment;
  Harness h(environment, 0, "t1");
  h.client(parse("", "select id from msg where tenant = $1 and email = $2") + bind("", "", {"t1", "a@b.c"}, {0}) +
           bind("", "", {"t1", "a@b.c"}, {1}) + message('S'));
  const auto messages = split(h.to_server());
  REQUIRE(messages.size() == 4);
  wp::Bind text, binary;
  REQUIRE(read(as_bytes(messages[1].body), text));
  REQUIRE(read(as_bytes(messages[2].body), binary));
  CHECK(text.values[1]->size() == 24);
  CHECK(*text.values[1] == *binary.values[1]);
}

TEST_CASE("a row that cannot be opened ends the pipeline as an error does") {
  FakeEnvironment environment;
  Harness h(environment);
  h.client(parse("", "select body from msg") + bind("", "", {}) + describe('P') + execute());
  (void)h.to_server();
  h.server(message('1') + message('2') + description({25}) + row({"not sealed"}));
  const auto seen = h.to_client();
  CHECK(kinds(seen) == "12TE");
  CHECK(error_text(seen).starts_with("SR-E205"));
  h.client(query(insert_text));  // the client sees itself in the skip window
  CHECK(h.to_server().empty());
  h.client(message('S'));
  CHECK(kinds(h.to_server()) == "PS");  // the server is made to undo what it did
  h.server(complete("SELECT 1") + error_message("42601") + ready());
  CHECK(shown(h.to_client()) == shown(ready()));
  CHECK(h.driver().session().idle());
}

TEST_CASE("COPY in: sealed over any split of the data") {
  const std::string data = "1\tt1\tcan\\tary one\n2\tt2\t\\N\n3\tt1\tlast\n\\.\n";
  for (std::size_t piece : {1u, 2u, 3u, 10u, 100u}) {
    FakeEnvironment environment;
    environment.service.slow = true;
    Harness h(environment);
    h.client(query("copy msg (id, tenant, body) from stdin"));
    (void)h.to_server();
    h.server(message('G', std::string_view("\0\0\3\0\0\0\0\0\0", 9)));
    CHECK(kinds(h.to_client()) == "G");
    for (std::size_t i = 0; i < data.size(); i += piece) h.client(message('d', data.substr(i, piece)));
    h.client(message('c'));
    std::string sent;
    for (const auto& m : split(h.to_server())) sent += m.type == 'd' ? m.body : std::string(1, m.type);
    CHECK(sent.starts_with("1\tt1\tsr1."));
    CHECK(sent.find("\n2\tt2\t\\N\n3\tt1\tsr1.") != std::string::npos);
    CHECK(sent.ends_with("\n\\.\nc"));
    CHECK(sent.find("ary one") == std::string::npos);  // no envelope has a blank
    h.server(complete("COPY 3") + ready());
    CHECK(shown(h.to_client()) == shown(complete("COPY 3") + ready()));
  }
}

TEST_CASE("COPY in: a refused row fails the COPY, late data is dropped") {
  FakeEnvironment environment;
  Harness h(environment);
  h.client(query("copy msg (id, tenant, body) from stdin (format csv)"));
  h.server(message('G', std::string_view("\0\0\3\0\0\0\0\0\0", 9)));
  (void)h.to_server();
  h.client(message('d', "1,,canary\n") + message('d', "2,t1,canary\n") + message('c'));
  CHECK(kinds(h.to_server()) == "f");
  h.server(error_message("57014") + ready());
  CHECK(error_code(h.to_client()) == "42501");
  h.client(query("select 1"));
  CHECK(shown(h.to_server()) == shown(query("select 1")));
}

TEST_CASE("SQL PREPARE, EXECUTE, cursors") {
  FakeEnvironment environment;
  const auto stored = sealed_body(environment, "t1", "hello");
  Harness h(environment, 0, "t1");
  h.client(query("prepare p (text) as insert into msg (id, body) values (1, $1)"));
  h.server(complete("PREPARE") + ready());
  (void)h.to_server();
  h.client(query("execute p('canary')"));
  const auto sent = h.to_server();
  CHECK(sent.find("canary") == std::string::npos);
  CHECK_FALSE(envelope_in(sent).empty());
  h.server(complete("INSERT 0 1") + ready());
  for (const auto& text : {query("execute p(null)"), query("EXECUTE p (NULL::text)")}) {
    h.client(text);
    CHECK(shown(h.to_server()) == shown(text));
    h.server(complete("INSERT 0 1") + ready());
  }
  h.client(query("begin"));
  h.server(complete("BEGIN") + ready('T'));
  h.client(query("declare c cursor for select body from msg"));
  h.server(complete("DECLARE CURSOR") + ready('T'));
  (void)h.to_client();
  h.client(query("fetch all from c"));
  h.server(description({25}) + row({stored}) + complete("FETCH 1") + ready('T'));
  CHECK(shown(h.to_client()) == shown(description({25}) + row({"hello"}) + complete("FETCH 1") + ready('T')));
}

TEST_CASE("PREPARE and EXECUTE in one text") {
  FakeEnvironment environment;
  const auto stored = sealed_body(environment, "t1", "hello");
  Harness h(environment, 0, "t1");
  const std::string reading = "prepare r (int) as select body from msg where id = $1; execute r(1); deallocate r";
  h.client(query(reading));
  CHECK(shown(h.to_server()) == shown(query(reading)));
  h.server(complete("PREPARE") + description({25}) + row({stored}) + complete("SELECT 1") + complete("DEALLOCATE") +
           ready());
  CHECK(shown(h.to_client()) == shown(complete("PREPARE") + description({25}) + row({"hello"}) + complete("SELECT 1") +
                                      complete("DEALLOCATE") + ready()));
  // The values of an EXECUTE that seals must stand alone: they would reach the server in clear.
  h.client(query("prepare w (text) as insert into msg (id, body) values (1, $1); execute w('canary')"));
  CHECK(h.to_server().find("canary") == std::string::npos);
}

TEST_CASE("signs and words are part of the value") {
  FakeEnvironment environment;
  Harness h(environment, 0, "t1");
  h.client(query("insert into msg (id, num) values (1, -42)"));
  const auto sent = h.to_server();
  CHECK(sent.find("(1, '\\x") != std::string::npos);
  h.server(complete("INSERT 0 1") + ready());
  (void)h.to_client();
  const auto at = sent.find("\\x");
  REQUIRE(at != std::string::npos);
  const std::string cell = sent.substr(at, sent.find('\'', at) - at);
  h.client(query("select num from msg"));
  (void)h.to_server();
  h.server(description({17}) + row({cell}) + complete("SELECT 1") + ready());
  CHECK(h.to_client().find("-42") != std::string::npos);
}

TEST_CASE("logical types: described, opened in text and binary") {
  FakeEnvironment environment;
  Harness h(environment, 0, "t1");
  h.client(query("insert into msg (id, num) values (1, 42)"));
  const auto sent = h.to_server();
  const auto at = sent.find("\\x");
  REQUIRE(at != std::string::npos);
  std::string hex = sent.substr(at, sent.find('\'', at) - at), raw;
  REQUIRE(decode_hex(hex.substr(2), raw));
  h.server(complete("INSERT 0 1") + ready());
  (void)h.to_client();
  h.client(query("select num from msg"));
  h.server(description({17}) + row({hex}) + complete("SELECT 1") + ready());
  const auto seen = split(h.to_client());
  std::vector<wp::Field> fields;
  REQUIRE(read(as_bytes(seen[0].body), fields));
  CHECK(fields[0].type == 23);
  CHECK(fields[0].size == 4);
  CHECK(seen[1].body == row({"42"}).substr(5));
  h.client(parse("", "select num from msg") + bind("", "", {}, {}, {1}) + describe('P') + execute() + message('S'));
  h.server(message('1') + message('2') + description({17}, 1) + row({raw}) + complete("SELECT 1") + ready());
  CHECK(split(h.to_client())[3].body == row({std::string_view("\0\0\0\x2A", 4)}).substr(5));
}

TEST_CASE("replication is refused under a policy") {
  for (const char* value : {"database", "true", "on", "1"}) {
    FakeEnvironment environment;
    Driver d({}, environment);
    d.send(Leg::client, startup_packet({{"user", "app"}, {"replication", value}}));
    CHECK(error_code(d.take(Leg::client)) == "42501");
    CHECK(d.request<session::ConnectBackend>() == nullptr);
  }
  FakeEnvironment environment;
  Driver d({}, environment);
  d.send(Leg::client, startup_packet({{"user", "app"}, {"replication", "off"}}));
  CHECK(d.request<session::ConnectBackend>() != nullptr);
}

TEST_CASE("either leg may close, and late bytes may come, after every byte of a conversation") {
  const std::string requests = parse("", "insert into msg (tenant, body) values ($1, $2)") + bind("", "", {"t1", "x"}) +
                               execute() + message('S') + query(insert_text);
  const std::string replies =
      message('1') + message('2') + complete("INSERT 0 1") + ready() + complete("INSERT 0 1") + ready();
  for (std::size_t n = 0; n <= requests.size() + replies.size(); n += 3) {
    for (const Leg leg : {Leg::client, Leg::server}) {
      FakeEnvironment environment;
      Harness h(environment);
      h.client(requests.substr(0, std::min(n, requests.size())));
      if (n > requests.size()) h.server(replies.substr(0, n - requests.size()));
      CHECK(h.to_server().find("canary") == std::string::npos);
      h.driver().closed(leg);
      CHECK(h.driver().request<session::Close>() != nullptr);
      h.client(requests);
      h.server(replies);
      CHECK(h.to_server().empty());
    }
  }
}

TEST_CASE("answers that belong to no request end the session") {
  for (const std::string& stray :
       {message('1'), description({25}), row({"x"}), complete("SELECT 1"), ready(),
        message('W', std::string_view("\0\0\0", 3)), message('G', std::string_view("\0\0\0", 3)), message('?')}) {
    FakeEnvironment environment;
    Harness h(environment, 1);
    h.server(stray);
    CHECK(h.driver().request<session::Close>() != nullptr);
  }
}

TEST_CASE("a prepared statement whose table changed must be prepared again") {
  FakeEnvironment environment;
  Harness h(environment);
  h.client(parse("i", "insert into msg (tenant, body) values ($1, $2)") + parse("o", "select t from other") +
           message('S'));
  h.server(message('1') + message('1') + ready());
  (void)h.to_server();
  (void)h.to_client();
  auto world = plan::test::make_world();
  world.catalog->generation = 2;
  environment.current = world.bind();
  h.client(bind("", "i", {"t1", "x"}) + bind("", "o", {}) + message('S'));  // the same table, read anew
  CHECK(kinds(h.to_server()) == "BBS");
  h.server(message('2') + message('2') + ready());
  auto policy = std::make_shared<policy::Policy>(*world.policy);
  policy->generation = 2;
  policy->tables.push_back(
      {"public", "other", TableId("public.other"), {policy->tables[0].columns[0]}, policy->tables[0].tenant});
  policy->tables.back().columns[0].name = "t";
  world.policy = policy;
  environment.current = world.bind();
  (void)h.to_client();
  h.client(bind("", "o", {}) + message('S'));  // was nobody's business, is protected now
  h.server(error_message("26000") + ready());
  CHECK(error_code(h.to_client()) == "0A000");
}

TEST_CASE("what resembles an envelope is not sealed, in any spelling and on any way") {
  // The header alone, without what its suite needs.
  const std::string text = "sr1.9REDAAABAgMEBQYHAAAAAAAAAAAAAAAAAAAAAAAA", hex = "f5110300000102030405060700000000";
  std::string bytes;
  REQUIRE(decode_hex(hex, bytes));
  const std::vector<std::pair<std::string, std::string>> values = {
      {"body", text},
      {"body", " " + text + "\n"},
      {"body", '"' + text + '"'},
      {"meta", '"' + text + '"'},
      {"doc", "\t\"\\u0073" + text.substr(1) + "\""},
      {"raw", "\\x" + hex},
      {"raw", "\\365\\021\\003\\000" + bytes.substr(4)},
  };
  for (const auto& [column, value] : values) {
    if (value.find('\0') == std::string::npos) {
      FakeEnvironment environment;
      Harness h(environment, 0, "t1");
      h.client(query("insert into msg (id, " + column + ") values (1, '" + value + "')"));
      CHECK(h.to_server() == query("sealrow refused this statement"));
      h.server(error_message("42601") + ready());
      CHECK(error_text(h.to_client()).starts_with("SR-E204"));
    }
    FakeEnvironment environment;
    Harness h(environment, 0, "t1");
    h.client(parse("", "insert into msg (id, " + column + ") values (1, $1)") + bind("", "", {value}) + message('S'));
    h.server(message('1') + error_message("26000") + ready());
    CHECK(error_text(h.to_client()).starts_with("SR-E204"));
  }
  FakeEnvironment environment;
  Harness h(environment, 0, "t1");
  h.client(parse("", "insert into msg (id, raw) values (1, $1)") + bind("", "", {bytes}, {1}) + message('S'));
  h.server(message('1') + error_message("26000") + ready());
  CHECK(error_text(h.to_client()).starts_with("SR-E204"));
}

TEST_CASE("an envelope of the client's is never opened for it") {
  FakeEnvironment environment;
  const auto stored = sealed_body(environment, "t1", "hello");
  for (const std::string& text : {"select '" + stored + "' union all select body from msg",
                                  "select '{\"a\": [\"" + stored + "\"]}', body from msg",
                                  "select $$see " + stored + "$$ union all select body from msg",
                                  "prepare p as select '" + stored + "' union all select body from msg"}) {
    Harness h(environment, 0, "t1");
    h.client(query(text));
    CHECK(h.to_server() == query("sealrow refused this statement"));
    h.server(error_message("42601") + ready());
    const auto seen = error_text(h.to_client());
    INFO(text);
    CHECK(seen.starts_with("SR-E"));
  }
  Harness h(environment, 0, "t1");
  const std::string text = "select $1::text, body from msg";
  h.client(parse("s", text) + bind("", "s", {stored}) + execute() + message('S'));
  CHECK(h.to_server().find(stored) == std::string::npos);
  h.server(message('1') + error_message("26000") + ready());
  CHECK(error_text(h.to_client()).starts_with("SR-E204"));
  h.client(bind("", "s", {"sr1. is a prefix"}) + message('S'));
  CHECK(kinds(h.to_server()) == "BS");
}
