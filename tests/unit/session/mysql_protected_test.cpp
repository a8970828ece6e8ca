// Commands and answers under a policy: app.msg(id, tenant, body, email, meta, raw, …), tenant by column and
// @app_tenant.
#include "mysql_shop.hpp"

using namespace sealrow;
using namespace sealrow::test;
using namespace sealrow::test::mysql;

TEST_CASE("mysql: literals are sealed, rows opened, in every chunking") {
  for (std::size_t step = 0; step < 6; ++step) {
    Shop shop(step);
    const std::string sent = shop.client(query("insert into msg(tenant, body) values ('t1', 'it''s secret')"));
    CHECK(sent.find("secret") == std::string::npos);
    CHECK(shown(shop.server(ok())) == shown(ok()));
    row_with(envelope_in(sent), "it's secret", shop);
    CHECK(shop.questions == 1);
  }
}

TEST_CASE("mysql: what touches nothing protected passes byte for byte") {
  Shop shop;
  const auto command = query("select t from other where t = 'x' -- comment");
  CHECK(shown(shop.client(command)) == shown(command));
  const auto reply = text_result({{}}, {{"\xFE"}, {std::nullopt}, {""}});
  CHECK(shown(shop.server(reply)) == shown(reply));
}

TEST_CASE("mysql: a value longer than a packet is split, and later packets are renumbered") {
  Shop shop;
  const std::string envelope = sealed(shop, "short");
  (void)shop.client(query("select body, t from msg, other"));
  const std::string large(wm::max_packet, 'x');
  const auto reply = text_result({{}, {}}, {{envelope, large}, {envelope, "y"}});
  const auto got = shop.server(reply);
  CHECK(got == text_result({{}, {}}, {{"short", large}, {"short", "y"}}));
}

TEST_CASE("mysql: a refused command is answered and not sent") {
  Shop shop;
  for (const auto* text :
       {"update msg set body = concat(body, 'x')", "insert into msg(tenant, body) select t, t from other",
        "insert into other(t) values (1); update msg set body = upper(body)"}) {
    CHECK(shop.client(query(text)).empty());
    CHECK(shop.error().find("SR-E4") != std::string::npos);
    CHECK(shop.harness().driver().session().idle());
  }
}

TEST_CASE("mysql: what sealing makes larger than max_allowed_packet is refused, what was too large before is not") {
  Shop shop;
  shop.max_packet = "200";
  const std::string value(120, 'x');
  CHECK(shop.client(query("insert into msg(tenant, body) values ('t1', '" + value + "')")).empty());
  CHECK(shop.error().find("SR-E602") != std::string::npos);
  const auto large = query("insert into other(t) values ('" + value + value + "')");
  CHECK(shown(shop.client(large)) == shown(large));
}

TEST_CASE("mysql: results of several statements belong each to its own") {
  Shop shop;
  const std::string envelope = sealed(shop, "second");
  (void)shop.client(query("select t from other; select body from msg; select t from other"));
  const std::uint16_t more = 2 | wm::status::more_results;
  const auto reply = [&](std::string_view body) {
    return text_result({{}}, {{"a"}}, more) + text_result({{}}, {{body}}, more, 6) + text_result({{}}, {{"b"}}, 2, 11);
  };
  CHECK(shown(shop.server(reply(envelope))) == shown(reply("second")));
  // A procedure has any number of them.
  CHECK(shop.client(query("call app.trusted(1); select body from app.msg; select t from app.other")).empty());
  CHECK(shop.error().find("results of its own") != std::string::npos);
}

TEST_CASE("mysql: EXECUTE shows what its PREPARE reads") {
  Shop shop;
  const std::string envelope = sealed(shop, "prepared");
  const auto opened = [&] {
    (void)shop.client(query("execute P"));
    const auto got = shop.server(text_result({{}}, {{envelope}}));
    return got == text_result({{}}, {{"prepared"}});
  };
  (void)shop.client(query("prepare p from 'select body from msg'"));
  (void)shop.server(ok());
  CHECK(opened());
  CHECK(opened());
  shop.environment.current = plan::test::make_mysql_world().bind();
  CHECK(shop.client(query("execute p")).empty());
  CHECK(shop.error().find("prepare it again") != std::string::npos);
}

TEST_CASE("mysql: unknown commands are refused, nothing is forwarded") {
  for (int byte = 0; byte < 256; ++byte) {
    const auto command = static_cast<wm::Command>(byte);
    using enum wm::Command;
    const bool known = command == quit || command == init_db || command == wm::Command::query ||
                       command == field_list || command == statistics || command == process_kill || command == ping ||
                       command == change_user || command == stmt_prepare || command == stmt_execute ||
                       command == stmt_send_long_data || command == stmt_close || command == stmt_reset ||
                       command == set_option || command == stmt_fetch || command == reset_connection ||
                       command == stmt_bulk_execute;
    if (known) continue;
    Shop shop;
    CHECK(shop.client(packet(0, std::string(1, static_cast<char>(byte)) + "payload")).empty());
    CHECK(shop.error() == "1047 08S01 Unknown command");
  }
}

TEST_CASE("mysql: pipelined commands are taken one by one") {
  for (std::size_t step = 0; step < 5; ++step) {
    Shop shop(step);
    const auto first = query("select 1"), second = query("select t from other");
    CHECK(shown(shop.client(first + second)) == shown(first));
    (void)shop.server(text_result({{}}, {{"1"}}));
    CHECK(shown(shop.client("")) == shown(second));
  }
}

TEST_CASE("mysql: missing keys pause a command and a row") {
  for (std::size_t step = 0; step < 4; ++step) {
    Shop shop(step);
    shop.environment.service.slow = true;
    const std::string envelope = sealed(shop, "paused");
    CHECK(shop.environment.service.fetches > 0);
    shop.environment.service.forget();
    row_with(envelope, "paused", shop);
  }
}

TEST_CASE("mysql: another tenant's value becomes an error, the rest of the answer is swallowed") {
  Shop shop;
  const std::string envelope = sealed(shop, "mine");
  (void)shop.client(query("set @app_tenant = 't2'"));
  (void)shop.server(ok());
  (void)shop.client(query("select body from msg"));
  const auto got = split(shop.server(text_result({{}}, {{envelope}, {envelope}})));
  wm::Err e;
  REQUIRE(wm::read(as_bytes(got.back().payload), e));
  CHECK(e.code == 1142);
  CHECK(std::string(e.message).find("SR-E503") != std::string::npos);
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i].sequence == i + 1);
  // The session goes on.
  const auto next = query("select 1");
  CHECK(shown(shop.client(next)) == shown(next));
}

TEST_CASE("mysql: what is not sealed in a protected column is an error") {
  Shop shop;
  (void)shop.client(query("select body from msg"));
  CHECK(shop.server(text_result({{}}, {{"clear"}})).find("SR-E205") != std::string::npos);
}

TEST_CASE("mysql: envelopes from the client are refused") {
  Shop shop;
  const std::string envelope = sealed(shop, "stolen");
  for (const std::string& text : {"insert into msg(tenant, body) values ('t1', '" + envelope + "')",
                                  "select body, '" + envelope + "' from msg"}) {
    CHECK(shop.client(query(text)).empty());
    CHECK(shop.error().find("SR-E204") != std::string::npos);
  }
}

TEST_CASE("mysql: character sets and modes decide what may be sealed") {
  SECTION("latin1") {
    Shop shop;
    shop.charset = "latin1";
    CHECK(shop.client(query("insert into msg(tenant, body) values ('t1', 'x')")).empty());
    CHECK(shop.error().find("SR-E416") != std::string::npos);
    const auto other = query("select t from other");
    CHECK(shown(shop.client(other)) == shown(other));
  }
  SECTION("gbk: no text can be taken apart") {
    Shop shop;
    shop.charset = "gbk";
    CHECK(shop.client(query("select 1")).empty());
    CHECK(shop.error().find("SR-E416") != std::string::npos);
  }
  SECTION("ANSI_QUOTES") {
    Shop shop;
    shop.modes = "ANSI_QUOTES";
    const std::string sent = shop.client(query("insert into msg(tenant, \"body\") values ('t1', 'secret')"));
    CHECK(sent.find("sr1.") != std::string::npos);
    CHECK(sent.find("secret") == std::string::npos);
  }
}

TEST_CASE("mysql: the server is asked again when something was not understood") {
  Shop shop;
  (void)shop.client(query("select 1"));
  (void)shop.server(text_result({{}}, {{"1"}}));
  CHECK(shop.questions == 1);
  (void)shop.client(query("set sql_mode = 'ANSI_QUOTES'"));
  (void)shop.server(ok());
  (void)shop.client(query("select 1"));
  CHECK(shop.questions == 2);
  // A status that shows a mode which nobody has set in sight.
  (void)shop.server(text_result({{}}, {{"1"}}, 2 | wm::status::no_backslash_escapes));
  (void)shop.client(query("select 1"));
  CHECK(shop.questions == 3);
}

TEST_CASE("mysql: USE and COM_INIT_DB decide what names mean, once they are confirmed") {
  Shop shop;
  (void)shop.client(packet(0, "\x02s2"));
  (void)shop.server(ok());
  (void)shop.client(query("select 1"));
  (void)shop.server(ok());
  // s2.msg is not protected; the first question has told of `app`, then of what USE has changed.
  shop.database = "s2";
  (void)shop.client(query("use s2"));
  (void)shop.server(ok());
  const auto other = query("insert into msg(body) values ('x')");
  CHECK(shown(shop.client(other)) == shown(other));
  (void)shop.server(ok());
  (void)shop.client(query("use app"));
  (void)shop.server(err());
  CHECK(shown(shop.client(other)) == shown(other));
}

// ---- prepared statements
// ------------------------------------------------------------------------------------------------

TEST_CASE("mysql: parameters are sealed, types remembered") {
  for (std::size_t step = 0; step < 5; ++step) {
    Shop shop(step);
    const auto text = "insert into msg(tenant, body, id) values (?, ?, ?)";
    CHECK(text_of(shop.client(prepare(text))) == text);
    CHECK(shown(shop.server(prepared(7, 3, 0))) == shown(prepared(7, 3, 0)));
    const wm::Parameter number{
        {wm::ColumnType::int64, true}, {}, std::string_view("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8)};
    const std::vector<wm::Parameter> values{string_parameter("t1"), string_parameter("secret"), number};
    for (const bool types : {true, false}) {
      const auto sent = split(shop.client(execute(7, values, types)));
      REQUIRE(sent.size() == 1);
      wm::Execute seen;
      REQUIRE(wm::read(as_bytes(sent[0].payload), {client_capabilities, 3, {}, {}}, seen));
      CHECK(seen.statement == 7);
      CHECK(*seen.parameters[0].value == "t1");
      CHECK(seen.parameters[1].value->starts_with("sr1."));
      CHECK(seen.parameters[2].type == number.type);
      CHECK(*seen.parameters[2].value == *number.value);
      CHECK(shown(shop.server(ok())) == shown(ok()));
    }
  }
}

TEST_CASE("mysql: numbers are sealed as their text, but those that have none of their own") {
  Shop shop;
  (void)shop.client(prepare("insert into msg(tenant, body) values (?, ?)"));
  (void)shop.server(prepared(8, 2, 0));
  const auto run = [&](wm::ParameterType type, std::string_view value) {
    return shop.client(execute(8, {string_parameter("t1"), wm::Parameter{type, {}, value, false}}));
  };
  for (const auto& [type, value, text] : std::vector<std::tuple<wm::ParameterType, std::string, std::string>>{
           {{wm::ColumnType::int32, false}, std::string("\xFE\xFF\xFF\xFF", 4), "-2"},
           {{wm::ColumnType::int64, true}, std::string(8, '\xFF'), "18446744073709551615"},
           {{wm::ColumnType::newdecimal, false}, "1.50", "1.50"}}) {
    const auto sent = run(type, value);
    (void)shop.server(ok());
    row_with(envelope_in(sent), text, shop);
  }
  for (const auto& [type, size] : {std::pair{wm::ColumnType::float32, 4}, std::pair{wm::ColumnType::float64, 8}}) {
    CHECK(run({type, false}, std::string(static_cast<std::size_t>(size), '\1')).empty());
    const std::string error = shop.error();
    CHECK(error.find("no text of its own (app.msg.body). Hint: pass the value as a string") != std::string::npos);
  }
}

TEST_CASE("mysql: the catalog is read again only for definitions that plans depend on") {
  Shop shop;
  const auto readings = [&] {
    return std::ranges::count_if(shop.harness().driver().requests, [](const auto& request) {
      return std::holds_alternative<session::RefreshCatalog>(request.second);
    });
  };
  const auto run = [&](const char* text) {
    (void)shop.client(query(text));
    (void)shop.server(ok());
  };
  run("create table fresh(id int)");
  run("create index i on other(t)");
  run("select 1");
  CHECK(readings() == 0);
  run("alter table msg add column more text");
  run("select 1");
  CHECK(readings() == 1);
}

TEST_CASE("mysql: the last statement by -1, pipelined; a refused prepare is not it") {
  Shop shop;
  (void)shop.client(prepare("insert into msg(tenant, body) values (?, ?)") +
                    execute(wm::last_statement, {string_parameter("t1"), string_parameter("secret")}));
  (void)shop.server(prepared(9, 2, 0));
  const auto sent = shop.client("");
  CHECK(wm::statement_of(as_bytes(split(sent).at(0).payload)) == 9);
  CHECK(sent.find("secret") == std::string::npos);
  (void)shop.server(ok());
  CHECK(shop.client(prepare("update msg set body = upper(body)")).empty());
  (void)shop.error();
  CHECK(shop.client(execute(wm::last_statement, {})).empty());
  CHECK(shop.error().starts_with("1243 HY000"));
}

TEST_CASE("mysql: long data is kept, sealed when the statement runs, and forgotten") {
  Shop shop;
  (void)shop.client(prepare("insert into msg(tenant, body) values (?, ?)"));
  (void)shop.server(prepared(3, 2, 0));
  const auto part = [](std::string_view data, std::uint16_t parameter = 1) {
    return answer(0, [&](auto& o, auto& s) { wm::append_long_data(o, s, {3, parameter, data}); });
  };
  CHECK(shop.client(part("secret ") + part("value")).empty());
  auto values = std::vector{string_parameter("t1"), wm::Parameter{{wm::ColumnType::blob, false}, {}, "", true}};
  const auto sent = shop.client(execute(3, values));
  CHECK(sent.find("secret") == std::string::npos);
  (void)shop.server(ok());
  row_with(envelope_in(sent), "secret value", shop);
  // No answer to long data: the next execution has the error, and only that one.
  CHECK(shop.client(part("x", 5)).empty());
  values[1] = string_parameter("again");
  CHECK(shop.client(execute(3, values)).empty());
  CHECK(shop.error().find("SR-E601") != std::string::npos);
  CHECK_FALSE(shop.client(execute(3, values)).empty());
}

TEST_CASE("mysql: binary rows, also those that a cursor brings") {
  Shop shop;
  const std::string envelope = sealed(shop, "cursor");
  (void)shop.client(prepare("select id, body from msg"));
  (void)shop.server(prepared(4, 0, 2));
  const std::vector types{wm::ColumnType::int32, wm::ColumnType::blob};
  const std::string_view one("\1\0\0\0", 4);
  (void)shop.client(execute(4, {}));
  CHECK(shown(shop.server(binary_result(types, {{one, envelope}, {one, std::nullopt}}))) ==
        shown(binary_result(types, {{one, "cursor"}, {one, std::nullopt}})));
  (void)shop.client(execute(4, {}, true, wm::cursor_flag::read_only));
  const auto opened = answer(1, [&](auto& o, auto& s) {
    wm::append_column_count(o, s, client_capabilities, {2});
    for (const auto type : types) {
      wm::ColumnDefinition definition;
      definition.type = type;
      definition.charset = 255;
      wm::append_column_definition(o, s, client_capabilities, definition);
    }
    wm::append_eof(o, s, {0, 2 | wm::status::cursor_exists});
  });
  CHECK(shown(shop.server(opened)) == shown(opened));
  const auto rows = [&](std::string_view cell) {
    return answer(1, [&](auto& o, auto& s) {
      wm::append_binary_row(o, s, types, std::vector<wm::Cell>{one, cell});
      wm::append_eof(o, s, {0, 2 | wm::status::last_row_sent});
    });
  };
  (void)shop.client(answer(0, [](auto& o, auto& s) { wm::append_fetch(o, s, {4, 10}); }));
  CHECK(shown(shop.server(rows(envelope))) == shown(rows("cursor")));
}

TEST_CASE("mysql: COM_RESET_CONNECTION forgets statements and settings") {
  Shop shop;
  (void)shop.client(prepare("select body from msg"));
  (void)shop.server(prepared(5, 0, 1));
  (void)shop.client(packet(0, "\x1F"));
  (void)shop.server(ok());
  CHECK(shop.client(execute(5, {})).empty());
  CHECK(shop.error().starts_with("1243 HY000"));
  (void)shop.client(query("select 1"));
  CHECK(shop.questions == 2);
}

TEST_CASE("mysql: bad packets end the session or are refused, and never pass") {
  for (const std::string& bytes : {packet(1, "\x03select 1"), packet(0, ""), packet(0, "\x17\1"), packet(0, "\x18\1\0"),
                                   packet(0, "\x1C"), packet(0, "\xFA\1\0\0"), packet(0, "\x11")}) {
    Shop shop(1);
    CHECK(shop.client(bytes).empty());
    CHECK((shop.harness().closing() || !shop.harness().to_client().empty()));
  }
  for (const std::string& bytes : {packet(1, ""), packet(1, "\x02"), packet(1, "\xFB/etc/passwd"), packet(1, "\xFF"),
                                   packet(1, std::string("\xFC\0\0", 3))}) {
    Shop shop;
    (void)shop.client(query("select body from msg"));
    (void)shop.server(bytes);
    (void)shop.server(packet(2, "junk"));
    CHECK(shop.harness().closing());
  }
}
