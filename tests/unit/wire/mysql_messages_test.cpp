// Payloads that MySQL 9.7, MariaDB 10.11 and their clients really sent (recorded), read and written back.
#include "sealrow/wire/mysql/charset.hpp"
#include "sealrow/wire/mysql/commands.hpp"
#include "sealrow/wire/mysql/handshake.hpp"
#include "sealrow/wire/mysql/replies.hpp"
#include "sealrow/wire/mysql/values.hpp"

#include "mysql_bytes.hpp"

#include <catch2/catch_test_macros.hpp>

#include <deque>

using namespace sealrow;
using namespace sealrow::test;
using namespace sealrow::wire::mysql;

namespace {

// Payload of the one packet in `out`.
std::string payload_of(const std::string& out) {
  Frame frame;
  return read_single(as_bytes(out), frame) ? std::string(as_text(frame.body)) : "no single packet";
}

// What may be cut off the end without being noticed, because the last field runs to the end.
constexpr std::size_t nothing = 0;

// `read` takes the payload, `write` gives the same bytes; no shorter payload is taken (but for `open_end` bytes).
template <class Read, class Write>
void check_both(std::string_view hex, Read read_it, Write write_it, std::size_t open_end = nothing) {
  static std::deque<std::string> kept;  // what was read are views into it
  const std::string& payload = kept.emplace_back(unhex(hex));
  INFO(hex);
  for (std::size_t n = 0; n + open_end < payload.size(); ++n) CHECK_FALSE(read_it(as_bytes(payload).first(n)));
  REQUIRE(read_it(as_bytes(payload)));
  std::string out;
  Sequence ids(7);
  write_it(out, ids);
  CHECK(payload_of(out) == payload);
  CHECK(ids.next() == 8);
}

constexpr Capabilities classic = capability::mysql | capability::protocol_41 | capability::secure_connection |
                                 capability::plugin_auth | capability::session_track;
constexpr Capabilities maria = classic & ~capability::mysql;

}  // namespace

TEST_CASE("handshakes of both families") {
  Handshake h;
  const auto read_it = [&](ByteView b) { return read(b, h); };
  const auto write_it = [&](std::string& out, Sequence& ids) { append_handshake(out, ids, h); };
  const auto mysql97 =
      "0a392e372e342d32000d000000742b65233d0c3b6500ffffff0200ffdf150000000000000000000073626207705003382a2230590063"
      "616368696e675f736861325f70617373776f726400";
  check_both(mysql97, read_it, write_it, 22);  // the plugin's name may lack its end
  CHECK(h.server_version == "9.7.4-2");
  CHECK(h.connection == 13);
  CHECK(h.capabilities == 0xDFFFFFFF);
  CHECK_FALSE(is_mariadb(h.capabilities));
  CHECK(h.auth_data.size() == nonce_size);
  CHECK(h.plugin == plugin::caching_sha2);
  const auto maria1011 =
      "0a352e352e352d31302e31312e31392d4d6172696144422d302b64656231327531000c00000071767b2b5f21212200feff080200ff81"
      "150000000000001d00000025336f57463a3021535d5b2f006d7973716c5f6e61746976655f70617373776f726400";
  check_both(maria1011, read_it, write_it, 22);
  CHECK(is_mariadb(h.capabilities));
  CHECK(h.capabilities >> 32 == 0x1D);
  CHECK(has(h.capabilities, capability::cache_metadata | capability::bulk_operations));
  CHECK(h.auth_data == "qv{+_!!\"%3oWF:0!S][/");
  auto old = unhex(mysql97);
  old[0] = 9;
  CHECK_FALSE(read(as_bytes(old), h));
}

TEST_CASE("handshake responses of real clients") {
  HandshakeResponse r;
  const auto read_it = [&](ByteView b) { return read(b, r); };
  const auto write_it = [&](std::string& out, Sequence& ids) { append_handshake_response(out, ids, r); };
  // The mysql program, with zstd. What stands behind a name that runs to the end is optional: 18 bytes of attributes
  // are not, but the level is, and the whole attribute block with it.
  const auto response = unhex(
      "8da2bf1d00000001ff00000000000000000000000000000000000000000000007368610020997a81739193f2461451d49170fd7ff95e"
      "c4be7d4c20e9f1d754bb357112161d740063616368696e675f736861325f70617373776f72640071045f7069640439343131095f706c"
      "6174666f726d067838365f3634035f6f73054c696e75780c5f636c69656e745f6e616d65086c69626d7973716c076f735f7573657204"
      "726f6f740f5f636c69656e745f76657273696f6e05392e372e340c70726f6772616d5f6e616d65056d7973716c03");
  REQUIRE(read_it(as_bytes(response)));
  CHECK(r.user == "sha");
  CHECK(r.auth_data.size() == 32);
  CHECK(r.database == "t");
  CHECK(r.plugin == plugin::caching_sha2);
  CHECK(r.zstd_level == 3);
  CHECK(r.attributes.size() == 7);
  CHECK(r.attributes[1].second == "x86_64");
  std::string out;
  Sequence ids;
  write_it(out, ids);
  CHECK(payload_of(out) == response);
  for (std::size_t n = 0; n < 36; ++n) CHECK_FALSE(read_it(as_bytes(response).first(n)));
  for (std::size_t n = 36; n < response.size(); ++n) (void)read_it(as_bytes(response).first(n));
  // mysql2 towards MariaDB: bit 0 clear, extended metadata asked for.
  const auto node = unhex(
      "cef3ba0800000000e000000000000000000000000000000000000000080000006e61740014974ed9d49ea225d88f913d2469db31c70b"
      "25efc674006d7973716c5f6e61746976655f70617373776f726400310c5f636c69656e745f6e616d650c4e6f64652d4d7953514c2d32"
      "0f5f636c69656e745f76657273696f6e06332e32342e36");
  REQUIRE(read_it(as_bytes(node)));
  CHECK(is_mariadb(r.capabilities));
  CHECK(has(r.capabilities, capability::extended_metadata));
  CHECK_FALSE(has(r.capabilities, capability::cache_metadata));
  CHECK(r.attributes[1] == std::pair<std::string_view, std::string_view>{"_client_version", "3.24.6"});
  out.clear();
  write_it(out, ids);
  CHECK(payload_of(out) == node);
  // The TLS request of the mariadb program.
  SslRequest ssl;
  check_both(
      "8caabf000000100021000000000000000000000000000000000000001d000000",
      [&](ByteView b) { return is_ssl_request(b) && read(b, ssl); },
      [&](std::string& o, Sequence& s) { append_ssl_request(o, s, ssl); });
  CHECK(ssl.capabilities >> 32 == 0x1D);
  CHECK_FALSE(is_ssl_request(as_bytes(node)));
}

TEST_CASE("the rest of authentication") {
  AuthSwitch s;
  check_both(
      "fe63616368696e675f736861325f70617373776f7264001d125e58703a4049442e4315494e392b491f4c4c00",
      [&](ByteView b) { return read(b, s); }, [&](std::string& o, Sequence& q) { append_auth_switch(o, q, s); }, 21);
  REQUIRE(s.plugin == plugin::caching_sha2);
  CHECK(s.data.size() == 20);
  // 32 random bytes that end with zero keep it.
  check_both(
      "fe636c69656e745f6564323535313900" + std::string(62, '1') + "00", [&](ByteView b) { return read(b, s); },
      [&](std::string& o, Sequence& q) { append_auth_switch(o, q, s); }, 32);
  CHECK(s.data.size() == 32);
  ChangeUser u;
  const Capabilities set = classic | capability::connect_attributes;
  check_both(
      "117368610014043fff1d1e3d56299970f5b893e4d7bd0a08501d7400e0006d7973716c5f6e61746976655f70617373776f72640000",
      [&](ByteView b) { return read(b, set, u); },
      [&](std::string& o, Sequence& q) { append_change_user(o, q, set, u); }, 27);
  CHECK(u.user == "sha");
  CHECK(u.database == "t");
  CHECK(u.charset == 224);
  CHECK(u.plugin == plugin::native);
  const auto kind = [](std::string_view hex) { return auth_packet(as_bytes(unhex(hex))); };
  CHECK(kind("00000002000000") == AuthPacket::ok);
  CHECK(kind("0104") == AuthPacket::more_data);
  CHECK(kind("fe") == AuthPacket::old_switch);
  CHECK(kind("fe6100") == AuthPacket::switch_plugin);
  CHECK(kind("ff1504") == AuthPacket::error);
  CHECK(kind("02") == AuthPacket::next_factor);
  CHECK(kind("50") == AuthPacket::raw);
  CHECK(kind("") == AuthPacket::raw);
  const auto more = unhex("0104"), raw = unhex("5004");
  CHECK(read_auth_data(as_bytes(more)) == "\x04");
  CHECK(read_auth_data(as_bytes(raw)) == raw);
}

TEST_CASE("OK packets and session state") {
  Ok ok;
  const auto read_it = [&](ByteView b) { return read(b, classic, ok); };
  const auto write_it = [&](std::string& o, Sequence& q) { append_ok(o, q, classic, ok); };
  std::vector<StateChange> changes;
  check_both("00000002400000000401020174", read_it, write_it, 6);  // info and state may be absent
  REQUIRE(read(ok.state, changes));
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].type == StateChange::Type::schema);
  CHECK(changes[0].value == "t");
  check_both(
      "0000000240000000620021186368617261637465725f7365745f636f6e6e656374696f6e07757466386d6234001d14636861726163746"
      "5725f7365745f636c69656e7407757466386d6234001e156368617261637465725f7365745f726573756c747307757466386d6234",
      read_it, write_it, 100);
  REQUIRE(read(ok.state, changes));
  REQUIRE(changes.size() == 3);
  CHECK(changes[1].name == "character_set_client");
  CHECK(changes[1].value == "utf8mb4");
  std::string rebuilt;
  for (const auto& c : changes) append_state_change(rebuilt, c);
  CHECK(rebuilt == as_text(ok.state));
  check_both("00020002000000265265636f7264733a203220204475706c6963617465733a203020205761726e696e67733a2030", read_it,
             write_it, 39);
  CHECK(ok.affected == 2);
  CHECK(ok.info == "Records: 2  Duplicates: 0  Warnings: 0");
  check_both("fe000022000000", read_it, write_it);
  CHECK(ok.header == eof_header);
  // MariaDB 10.11 in a database of character set ucs2: the length of the state has two bytes.
  const auto padded = unhex(
      "0000000048000000000501030264"
      "31");
  REQUIRE(read(as_bytes(padded), classic, ok));
  CHECK(ok.state_lost);
  // Without SESSION_TRACK the text runs to the end.
  const auto plain = unhex("00010203000000616263");
  REQUIRE(read(as_bytes(plain), 0, ok));
  CHECK(ok.insert_id == 2);
  CHECK(ok.info == "abc");
  // A change without its agreement is not told on.
  ok.status |= status::session_state_changed;
  ok.state = as_bytes(rebuilt);
  std::string out;
  Sequence ids;
  append_ok(out, ids, 0, ok);
  CHECK(payload_of(out) == plain);
  // GTIDs, transaction state and a type of the future.
  std::string state;
  using Type = StateChange::Type;
  const std::vector<StateChange> all = {{Type::gtids, {}, "uuid:1-5"},
                                        {Type::transaction_state, {}, "T_______"},
                                        {Type::state, {}, "1"},
                                        {static_cast<Type>(77), {}, "??"}};
  for (const auto& c : all) append_state_change(state, c);
  REQUIRE(read(as_bytes(state), changes));
  REQUIRE(changes.size() == all.size());
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(changes[i].value == all[i].value);
  const auto cut = unhex("010502");
  CHECK_FALSE(read(as_bytes(cut), changes));
}

TEST_CASE("errors, ends and progress") {
  Err err;
  const auto read_it = [&](ByteView b) { return read(b, err); };
  const auto write_it = [&](std::string& o, Sequence& q) { append_err(o, q, err); };
  check_both("ff28042334323030306e6f", read_it, write_it, 8);
  CHECK(err.code == 1064);
  CHECK(err.state == "42000");
  CHECK(err.message == "no");
  check_both("ff1004546f6f206d616e79", read_it, write_it, 8);  // before capabilities are agreed
  CHECK(err.state.empty());
  CHECK(err.message == "Too many");
  const auto report = unhex("ffffff010203102700077374616765203d");
  CHECK(is_progress_report(as_bytes(report)));
  CHECK_FALSE(read(as_bytes(report), err));
  ProgressReport progress;
  REQUIRE(read(as_bytes(report), progress));
  CHECK(progress.stages == 3);
  CHECK(progress.thousandths == 10000);
  CHECK(progress.info == "stage =");
  for (std::size_t n = 0; n < report.size(); ++n) CHECK_FALSE(read(as_bytes(report).first(n), progress));
  Eof eof;
  check_both(
      "fe00002200", [&](ByteView b) { return read(b, eof); },
      [&](std::string& o, Sequence& q) { append_result_end(o, q, classic, eof); });
  check_both(
      "fe000022000000",
      [&](ByteView b) {
        Ok ok;
        return read(b, classic, ok);
      },
      [&](std::string& o, Sequence& q) { append_result_end(o, q, classic | capability::deprecate_eof, eof); });
  const auto file = unhex("fb2f6574632f706173737764");
  CHECK(read_local_infile(as_bytes(file)) == "/etc/passwd");
  CHECK_FALSE(read_local_infile(ByteView{}).has_value());
}

TEST_CASE("what a packet among rows is") {
  struct Case {
    std::uint32_t size;
    std::uint8_t first;
    RowPacket classic_form, deprecated_form;
  };
  for (const auto& c :
       {Case{5, 0xFE, RowPacket::end, RowPacket::end}, Case{8, 0xFE, RowPacket::end, RowPacket::end},
        Case{9, 0xFE, RowPacket::row, RowPacket::end}, Case{0xFFFFFE, 0xFE, RowPacket::row, RowPacket::end},
        Case{0xFFFFFF, 0xFE, RowPacket::row, RowPacket::row}, Case{7, 0x00, RowPacket::row, RowPacket::row},
        Case{7, 0xFB, RowPacket::row, RowPacket::row}, Case{20, 0xFF, RowPacket::error, RowPacket::error},
        Case{0, 0x00, RowPacket::row, RowPacket::row}}) {
    CHECK(row_packet({c.size, 0, c.first}, classic) == c.classic_form);
    CHECK(row_packet({c.size, 0, c.first}, classic | capability::deprecate_eof) == c.deprecated_form);
  }
}

TEST_CASE("result set heads") {
  ColumnCount count;
  const auto counted = [&](std::string_view hex, Capabilities set) {
    check_both(
        hex, [&, set](ByteView b) { return read(b, set, count); },
        [&, set](std::string& o, Sequence& q) { append_column_count(o, q, set, count); });
  };
  counted("07", classic);
  counted("fcfb00", classic);
  CHECK(count.count == 251);
  counted("0201", classic | capability::optional_metadata);
  counted("0200", classic | capability::optional_metadata);
  CHECK(count.metadata == Metadata::none);
  counted("0700", maria | capability::cache_metadata);
  const auto zero = unhex("00"), odd = unhex("0702");
  CHECK_FALSE(read(as_bytes(zero), classic, count));
  CHECK_FALSE(read(as_bytes(odd), maria | capability::cache_metadata, count));

  ColumnDefinition c;
  const auto defined = [&](std::string_view hex, Capabilities set) {
    check_both(
        hex, [&, set](ByteView b) { return read(b, set, c); },
        [&, set](std::string& o, Sequence& q) { append_column_definition(o, q, set, c); });
  };
  defined("036465660174027431027431016201620ce000a0000000fd0000000000", classic);
  CHECK(c.org_table == "t1");
  CHECK(c.org_name == "b");
  CHECK(c.charset == 224);
  CHECK(c.length == 160);
  CHECK(c.type == ColumnType::var_string);
  const Capabilities extended = maria | capability::extended_metadata;
  defined("03646566017402743102743101610161000c3f000a000000032000000000", extended);
  CHECK(c.flags == column_flag::is_unsigned);
  CHECK(c.extended.empty());
  defined("03646566017402743102743101610161070005696e6574360c3f000a000000fe2000000000", extended);
  std::vector<ExtendedMetadata> items;
  REQUIRE(read(c.extended, items));
  REQUIRE(items.size() == 1);
  CHECK(items[0].type == ExtendedMetadata::Type::type);
  CHECK(items[0].value == "inet6");
  std::string rebuilt;
  append_extended(rebuilt, items[0]);
  CHECK(rebuilt == as_text(c.extended));

  PrepareOk prepared;
  check_both(
      "000100000007000400000000", [&](ByteView b) { return read(b, classic, prepared); },
      [&](std::string& o, Sequence& q) { append_prepare_ok(o, q, classic, prepared); });
  CHECK(prepared.columns == 7);
  CHECK(prepared.parameters == 4);
  // Metadata byte: only where agreed, and not sent by every server even then.
  const Capabilities optional = classic | capability::optional_metadata;
  check_both(
      "00010000000700040000000000", [&](ByteView b) { return read(b, optional, prepared); },
      [&](std::string& o, Sequence& q) { append_prepare_ok(o, q, optional, prepared); }, 1);
  CHECK(prepared.metadata == Metadata::none);
}

TEST_CASE("rows of both protocols") {
  std::vector<Cell> cells;
  const std::vector<ColumnType> types = {ColumnType::int32,   ColumnType::var_string, ColumnType::datetime,
                                         ColumnType::float64, ColumnType::newdecimal, ColumnType::blob,
                                         ColumnType::time};
  const auto text = [&](std::string_view hex) {
    check_both(
        hex, [&](ByteView b) { return read_text_row(b, types.size(), cells); },
        [&](std::string& o, Sequence& q) { append_text_row(o, q, cells); });
  };
  text("013101781a323032362d31312d32342031353a35373a32342e30353837313703312e3504322e32350200ff092d31323a30303a3031");
  CHECK(cells[6] == "-12:00:01");
  text("fb00fbfbfbfbfb");
  CHECK_FALSE(cells[0].has_value());
  CHECK(cells[1] == "");
  const auto binary = [&](std::string_view hex) {
    check_both(
        hex, [&](ByteView b) { return read_binary_row(b, types, cells); },
        [&](std::string& o, Sequence& q) { append_binary_row(o, q, types, cells); });
  };
  binary("0000000100000001780bea070b180f39185de50000000000000000f83f04322e32350200ff0801000000000c0001");
  CHECK(load_unsigned(*cells[0]) == 1);
  CHECK(cells[1] == "x");
  CHECK(cells[4] == "2.25");
  const auto when = load_temporal(ColumnType::datetime, *cells[2]);
  REQUIRE(when);
  CHECK(when->year == 2026);
  CHECK(when->month == 11);
  CHECK(when->second == 24);
  CHECK(when->microsecond == 58717);
  CHECK(store_temporal(ColumnType::datetime, *when) == *cells[2]);
  const auto span = load_temporal(ColumnType::time, *cells[6]);
  REQUIRE(span);
  CHECK(span->negative);
  CHECK(span->hour == 12);
  CHECK(store_temporal(ColumnType::time, *span) == *cells[6]);
  binary("00f40100");
  CHECK(cells[1] == "");
  for (const std::size_t i : {0u, 2u, 3u, 4u, 5u, 6u}) CHECK_FALSE(cells[i].has_value());
  const auto bad_time = unhex("00fc0000000000000000070000000000000000");
  CHECK_FALSE(read_binary_row(as_bytes(bad_time), std::vector{ColumnType::time}, cells));
  CHECK_FALSE(read_text_row(as_bytes(std::string_view("\x01")), 1u << 30, cells));
  CHECK(load_signed(unhex("ff")) == -1);
  CHECK(load_signed(unhex("feffffffffffffff")) == -2);
  CHECK(load_unsigned(unhex("ffff")) == 65535);
  CHECK(store_temporal(ColumnType::date, {}).empty());
}

TEST_CASE("COM_QUERY with and without attributes") {
  Query q;
  const Capabilities attributed = classic | capability::query_attributes;
  const auto both = [&](std::string_view hex, Capabilities set, std::size_t open_end) {
    check_both(
        hex, [&, set](ByteView b) { return read(b, set, q); },
        [&, set](std::string& o, Sequence& s) { append_query(o, s, set, q); }, open_end);
  };
  both("0373656c6563742031", classic, 8);
  CHECK(q.text == "select 1");
  both("03000173656c656374202a2066726f6d207431", attributed, 16);
  CHECK(q.text == "select * from t1");
  // Two attributes: a string and NULL.
  both(
      "030201"
      "02"
      "01"
      "fd00"
      "026b31"
      "0600"
      "026b32"
      "027631"
      "73656c6563742031",
      attributed, 8);
  REQUIRE(q.attributes.size() == 2);
  CHECK(q.attributes[0].name == "k1");
  CHECK(q.attributes[0].value == "v1");
  CHECK_FALSE(q.attributes[1].value.has_value());
  const auto sets = unhex("03000273"), untyped = unhex("0301010000026b31"), many = unhex("03feffffffffffffff7f0100");
  CHECK_FALSE(read(as_bytes(sets), attributed, q));
  CHECK_FALSE(read(as_bytes(untyped), attributed, q));
  CHECK_FALSE(read(as_bytes(many), attributed, q));
}

TEST_CASE("COM_STMT_EXECUTE in all its forms") {
  Execute e;
  StatementState state{classic | capability::query_attributes, 4, {}, {}};
  const auto both = [&](std::string_view hex) {
    check_both(
        hex, [&](ByteView b) { return read(b, state, e); },
        [&](std::string& o, Sequence& s) { append_execute(o, s, state.capabilities, e); });
  };
  // mysql2 with query attributes, then the same towards MariaDB.
  both("17010000000801000000040801088000fd00000c00000600000000000000000000000bb207010100000000000000");
  REQUIRE(e.parameters.size() == 4);
  CHECK(e.parameters[0].type == ParameterType{ColumnType::int64, true});
  CHECK(e.parameters[1].value == "");
  CHECK(e.parameters[2].value->size() == 11);
  CHECK_FALSE(e.parameters[3].value.has_value());
  state.capabilities = maria;
  both("1702000000000100000008010500fd000c0006000000000000000000000bb207010100000000000000");
  CHECK(load_unsigned(*e.parameters[0].value) == 0);
  // The last prepared statement; mariadb's connector.
  state.placeholders = 1;
  both("17ffffffff00010000000001030001000000");
  CHECK(e.statement == last_statement);
  // Without types: those of the execution before, the unsigned bit with them.
  const std::vector<ParameterType> types = {{ColumnType::int32, true}};
  both("170200000000010000000001030001000000");
  const auto again =
      "1702000000000100000000"
      "00"
      "05000000";
  const auto untyped = unhex(again);
  CHECK_FALSE(read(as_bytes(untyped), state, e));
  state.types = types;
  both(again);
  CHECK_FALSE(e.types_sent);
  CHECK(e.parameters[0].type.is_unsigned);
  CHECK(load_unsigned(*e.parameters[0].value) == 5);
  // Long data has no value inline.
  const std::vector<std::uint8_t> waiting = {1};
  state.long_data = waiting;
  both(
      "1702000000000100000000"
      "01"
      "fc00");
  CHECK(e.parameters[0].long_data);
  state = {classic, 0, {}, {}};
  both("17020000000001000000");
  // Attributes beyond the placeholders, and fewer than these.
  state = {classic | capability::query_attributes, 1, {}, {}};
  both(
      "1702000000080100000002"
      "00"
      "01"
      "0300"
      "00"
      "fd00"
      "016e"
      "07000000"
      "0161");
  CHECK(e.parameters[1].name == "n");
  const auto fewer = unhex("170200000008010000000000"), odd_type = unhex(
                                                            "1702000000080100000001"
                                                            "00"
                                                            "01"
                                                            "f300"
                                                            "00"
                                                            "61");
  CHECK_FALSE(read(as_bytes(fewer), state, e));
  CHECK_FALSE(read(as_bytes(odd_type), state, e));
  const auto many = unhex("17020000000801000000fdffffff0001");
  CHECK_FALSE(read(as_bytes(many), state, e));
}

TEST_CASE("bulk execution") {
  const auto payload = unhex("fa0100000080000300fd000007000000000462756c6b000800000001");
  BulkExecute bulk;
  REQUIRE(read(as_bytes(payload), 2, bulk));
  CHECK(bulk.statement == 1);
  REQUIRE(bulk.types.size() == 2);
  BulkRows rows(bulk.rows, bulk.types);
  std::vector<std::vector<BulkCell>> all;
  std::vector<BulkCell> row;
  while (rows.next(row)) all.push_back(row);
  CHECK(rows.ok());
  REQUIRE(all.size() == 2);
  CHECK(load_unsigned(all[0][0].value) == 7);
  CHECK(all[0][1].value == "bulk");
  CHECK(all[1][1].indicator == Indicator::null);
  std::string out;
  Sequence ids;
  {
    Packet packet(out, ids);
    write_bulk_head(packet, bulk);
    for (const auto& cells : all)
      for (std::size_t i = 0; i < cells.size(); ++i) append_bulk_cell(packet.out(), bulk.types[i].type, cells[i]);
  }
  CHECK(payload_of(out) == payload);
  for (std::size_t n = 0; n < bulk.rows.size(); ++n) {
    BulkRows cut(bulk.rows.first(n), bulk.types);
    std::size_t whole = 0;
    while (cut.next(row)) ++whole;
    CHECK(cut.ok() == (n == 0 || n == 11));
    CHECK(whole == (n >= 11 ? 1u : 0u));
  }
  const auto indicator = unhex("04");
  BulkRows bad(as_bytes(indicator), bulk.types);
  CHECK_FALSE(bad.next(row));
  CHECK_FALSE(bad.ok());
  auto flags = payload;
  flags[5] = 1;
  CHECK_FALSE(read(as_bytes(flags), 2, bulk));
  CHECK_FALSE(read(as_bytes(payload).first(10), 2, bulk));
}

TEST_CASE("the other commands") {
  LongData l;
  check_both(
      "1801000000020061", [&](ByteView b) { return read(b, l); },
      [&](std::string& o, Sequence& s) { append_long_data(o, s, l); }, 1);
  CHECK(l.parameter == 2);
  Fetch f;
  check_both(
      "1c0100000005000000", [&](ByteView b) { return read(b, f); },
      [&](std::string& o, Sequence& s) { append_fetch(o, s, f); });
  CHECK(f.rows == 5);
  StatementCommand c;
  check_both(
      "1902000000", [&](ByteView b) { return read(b, c); },
      [&](std::string& o, Sequence& s) { append_statement_command(o, s, c); });
  CHECK(c.command == Command::stmt_close);
  TextCommand t;
  check_both(
      "1673656c656374", [&](ByteView b) { return read(b, t); },
      [&](std::string& o, Sequence& s) { append_text_command(o, s, t); }, 6);
  CHECK(t.text == "select");
  FieldList fields;
  const auto list = unhex("04743100252525");
  REQUIRE(read(as_bytes(list), fields));
  CHECK(fields.table == "t1");
  CHECK(fields.wildcard == "%%%");
  const auto option = unhex("1b0100"), bad_option = unhex("1b0200"), kill = unhex("0c07000000"), ping = unhex("0e");
  CHECK(read_set_option(as_bytes(option)) == SetOption::multi_statements_off);
  CHECK_FALSE(read_set_option(as_bytes(bad_option)).has_value());
  CHECK(read_process_kill(as_bytes(kill)) == 7u);
  CHECK_FALSE(read_process_kill(as_bytes(ping)).has_value());
  CHECK(command_of(as_bytes(ping)) == Command::ping);
  CHECK(name(Command::stmt_bulk_execute) == "COM_STMT_BULK_EXECUTE");
  CHECK(name(static_cast<Command>(0xF0)).empty());
  const auto execute = unhex("1705000000"), other = unhex("0305000000");
  CHECK(statement_of(as_bytes(execute)) == 5u);
  CHECK_FALSE(statement_of(as_bytes(execute).first(4)).has_value());
  CHECK_FALSE(statement_of(as_bytes(other)).has_value());
}

TEST_CASE("character sets by number and name") {
  struct Case {
    std::uint16_t collation;
    std::string_view name;
    CharsetKind kind;
  };
  // Ends of every range that MariaDB 10.11 and MySQL 9.7 list.
  for (const auto& c : {Case{8, "latin1", CharsetKind::single_byte}, Case{48, "latin1", CharsetKind::single_byte},
                        Case{33, "utf8mb3", CharsetKind::utf8}, Case{76, "utf8mb3", CharsetKind::utf8},
                        Case{255, "utf8mb4", CharsetKind::utf8}, Case{323, "utf8mb4", CharsetKind::utf8},
                        Case{1270, "utf8mb4", CharsetKind::utf8}, Case{2503, "utf8mb4", CharsetKind::utf8},
                        Case{2048, "utf8mb3", CharsetKind::utf8}, Case{3271, "utf32", CharsetKind::unsafe},
                        Case{2560, "ucs2", CharsetKind::unsafe}, Case{2816, "utf16", CharsetKind::unsafe},
                        Case{63, "binary", CharsetKind::binary}, Case{65, "ascii", CharsetKind::ascii},
                        Case{10, "swe7", CharsetKind::unsafe}, Case{87, "gbk", CharsetKind::unsafe},
                        Case{1111, "gbk", CharsetKind::unsafe}, Case{250, "gb18030", CharsetKind::unsafe},
                        Case{91, "ujis", CharsetKind::multi_byte}}) {
    const auto charset = charset_of(c.collation);
    REQUIRE(charset);
    CHECK(charset->name == c.name);
    CHECK(charset->kind == c.kind);
    CHECK(charset_named(c.name)->default_collation == charset->default_collation);
  }
  for (const std::uint16_t unused : {0, 100, 324, 575, 2300, 65535}) CHECK_FALSE(charset_of(unused).has_value());
  CHECK(charset_named("UTF8")->name == "utf8mb3");
  CHECK(charset_named("Latin1")->default_collation == 8);
  CHECK_FALSE(charset_named("utf-8").has_value());
  CHECK(is_readable(CharsetKind::utf8));
  CHECK_FALSE(is_readable(CharsetKind::single_byte));
}
