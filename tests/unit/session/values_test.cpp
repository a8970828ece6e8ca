#include "session/values.hpp"
#include "session/containers.hpp"
#include "session/datetime.hpp"
#include "session/json.hpp"
#include "session/numeric.hpp"
#include "session/settings.hpp"
#include "session/tenant.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sealrow;
using namespace sealrow::session;

TEST_CASE("numeric: one text per number, binary both ways") {
  const std::vector<std::pair<const char*, const char*>> good{
      {"1", "1"},
      {"+1.50", "1.50"},
      {"-0.0", "0.0"},
      {"007", "7"},
      {".5", "0.5"},
      {"5.", "5"},
      {"1e3", "1000"},
      {"1.25e-2", "0.0125"},
      {"12345678901234567890.123456789", "12345678901234567890.123456789"},
      {"nan", "NaN"},
      {"-inf", "-Infinity"},
      {"0.00001", "0.00001"},
      {"10000", "10000"},
      {"-99999999", "-99999999"}};
  for (const auto& [in, out] : good) {
    const auto text = parse_numeric(in);
    REQUIRE(text.has_value());
    CHECK(*text == out);
    std::string binary;
    append_numeric_binary(binary, *text);
    CHECK(numeric_from_binary(binary) == text);
  }
  for (const char* bad : {"", "-", ".", "1e", "e5", "1 2", "0x10", "1e999999999", "1,5", "--1"})
    CHECK_FALSE(parse_numeric(bad).has_value());
  CHECK_FALSE(numeric_from_binary(std::string("\0\1\0\0\0\0\0\0\x27\x10", 10)).has_value());  // digit 10000
  CHECK_FALSE(numeric_from_binary("short").has_value());
  CHECK(numeric_key("1.50") == numeric_key("1.5"));
  CHECK(numeric_key("100") == "100");
}

TEST_CASE("dates and times: PostgreSQL's counts and ISO text") {
  CHECK(parse_time(TimeKind::date, "2000-01-01") == 0);
  CHECK(parse_time(TimeKind::date, "1999-12-31") == -1);
  CHECK(parse_time(TimeKind::date, "2024-02-29") == 8825);
  CHECK(parse_time(TimeKind::timestamp, "2000-01-01 00:00:01.5") == 1'500'000);
  CHECK(parse_time(TimeKind::timestamp, "1999-12-31T23:59:59") == -1'000'000);
  CHECK(parse_time(TimeKind::timestamptz, "2000-01-01 02:00+02") == 0);
  CHECK(parse_time(TimeKind::timestamptz, "1999-12-31T19:30:00-0430") == 0);
  CHECK(parse_time(TimeKind::time, "24:00:00") == 86'400'000'000);
  for (const char* text : {"2023-02-29", "2024-13-01", "2024-1-1", "yesterday", "01/02/2024", "", "2024-01-01x"}) {
    CHECK_FALSE(parse_time(TimeKind::date, text).has_value());
  }
  CHECK_FALSE(parse_time(TimeKind::timestamptz, "2024-01-01 00:00").has_value());  // whose midnight?
  CHECK_FALSE(parse_time(TimeKind::time, "25:00").has_value());
  for (const std::int64_t count : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1}, std::int64_t{757382400'123456},
                                   time_infinity, time_minus_infinity}) {
    CHECK(parse_time(TimeKind::timestamptz, format_time(TimeKind::timestamptz, count)) == count);
  }
  CHECK(format_time(TimeKind::timestamptz, -1) == "1999-12-31 23:59:59.999999+00");
}

TEST_CASE("JSON is read strictly") {
  const auto valid = [](std::string_view text) { return scan_json(text, [](const JsonString&) {}); };
  for (const char* text :
       {"{}", "[]", "0", "-1.5e+3", "\"a\\u00e9\"", " {\"a\": [1, {\"b\": null}], \"c\": true} ", "\"\""})
    CHECK(valid(text));
  for (const char* text : {"", "{", "[1,]", "{\"a\"}", "{a:1}", "01", "1.", "+1", "tru", "\"\\x\"", "\"a", "[1] 2",
                           "{\"a\":1,}", "'a'", "\"\t\"", "nan"}) {
    CHECK_FALSE(valid(text));
  }
  CHECK_FALSE(valid(std::string(2000, '[') + std::string(2000, ']')));
  std::string out;
  CHECK(decode_json_string(R"("a\"\\\/\n\u00e9\ud83d\ude00")", out));
  CHECK(out == "a\"\\/\n\u00e9\U0001F600");
  std::string back;
  append_json_string(back, out);
  CHECK(back == "\"a\\\"\\\\/\\n\u00e9\U0001F600\"");
  for (const char* bad : {R"("\u0000")", R"("\ud83d")", R"("\ude00")", R"("\ud83dx")"})
    CHECK_FALSE(decode_json_string(bad, out));
}

TEST_CASE("arrays and composites are taken apart as the server does") {
  std::vector<Element> e;
  REQUIRE(scan_array(R"([0:1]={{a,"b,\"c"},{NULL,"NULL"}})", e));
  REQUIRE(e.size() == 4);
  CHECK(*e[1].value == "b,\"c");
  CHECK_FALSE(e[2].value.has_value());
  CHECK(*e[3].value == "NULL");
  REQUIRE(scan_array("{}", e));
  CHECK(e.empty());
  for (const char* bad : {"", "{", "{a", "{a,}", "{,a}", "{a}b", "a", "{\"a}", "{{{{{{{{a}}}}}}}}"})
    CHECK_FALSE(scan_array(bad, e));
  REQUIRE(scan_record(R"((1,"a ""b"" \\",,""))", e));
  REQUIRE(e.size() == 4);
  CHECK(*e[1].value == "a \"b\" \\");
  CHECK_FALSE(e[2].value.has_value());
  CHECK(e[3].value->empty());
  for (const char* bad : {"", "(", "(a", "a)", "(\"a)", "((a))"}) CHECK_FALSE(scan_record(bad, e));
  for (const std::string value :
       {"plain", "with blank", "q\"uote", "back\\slash", "", "null", "{brace}", "(paren)", "a,b"}) {
    std::string text = "{";
    append_array_element(text, value);
    REQUIRE(scan_array(text + "}", e));
    CHECK(*e.at(0).value == value);
    text = "(x,";
    append_record_field(text, value);
    REQUIRE(scan_record(text + ")", e));
    CHECK(*e.at(1).value == value);
  }
}

TEST_CASE("bytea text in both forms") {
  std::string all(256, '\0');
  for (int i = 0; i < 256; ++i) all[static_cast<std::size_t>(i)] = static_cast<char>(i);
  for (const auto form : {ByteaOutput::hex, ByteaOutput::escape}) {
    std::string text, back;
    append_bytea(text, all, form);
    REQUIRE(decode_bytea(text, back));
    CHECK((back == all));
  }
  std::string out;
  for (const char* bad : {"\\x1", "\\xzz", "\\9", "\\", "\\08", "\\400"}) CHECK_FALSE(decode_bytea(bad, out));
}

namespace {
policy::SealedColumn column_of(policy::LogicalType type) {
  policy::SealedColumn c;
  c.type = type;
  return c;
}
}  // namespace

TEST_CASE("text and binary writers seal the same bytes, and read back what they wrote") {
  using policy::LogicalType;
  const policy::ProtectedTable table;
  struct Case {
    LogicalType type;
    Oid declared;
    const char* text;
    std::string binary;
    const char* shown;
  };
  const std::vector<Case> cases{
      {LogicalType::int4, oid::int2, " 7 ", std::string("\0\7", 2), "7"},
      {LogicalType::int8, oid::int4, "-1", std::string(4, '\xFF'), "-1"},
      {LogicalType::boolean, oid::boolean, "yes", "\x01", "t"},
      {LogicalType::float8, oid::float8, "1.5", std::string("\x3F\xF8\0\0\0\0\0\0", 8), "1.5"},
      {LogicalType::numeric, oid::int4, "12", std::string("\0\0\0\x0C", 4), "12"},
      {LogicalType::uuid, oid::uuid, "{00112233-4455-6677-8899-AABBCCDDEEFF}",
       std::string("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xAA\xBB\xCC\xDD\xEE\xFF", 16),
       "00112233-4455-6677-8899-aabbccddeeff"},
      {LogicalType::date, oid::date, "2000-01-02", std::string("\0\0\0\1", 4), "2000-01-02"},
      {LogicalType::timestamptz, oid::timestamptz, "2000-01-01T01:00:00+01:00", std::string(8, '\0'),
       "2000-01-01 00:00:00+00"},
  };
  for (const auto& c : cases) {
    const auto sealed = column_of(c.type);
    const plan::BoundColumn column{&table, &sealed, plan::Storage::bytea, 0, oid::bytea, 0, "t.c"};
    const auto from_text = canonical_value(column, Format::text, c.declared, c.text);
    const auto from_binary = canonical_value(column, Format::binary, c.declared, c.binary);
    REQUIRE(from_text.has_value());
    REQUIRE(from_binary.has_value());
    CHECK((from_text->bytes == from_binary->bytes));
    std::string shown, binary;
    REQUIRE(append_text(shown, *from_binary, c.type, ByteaOutput::hex).has_value());
    CHECK(shown == c.shown);
    REQUIRE(append_binary(binary, *from_text, c.type).has_value());
    CHECK_FALSE(binary.empty());
    for (const char* bad : {"", "x", "99999999999999999999x"})
      CHECK_FALSE(canonical_value(column, Format::text, c.declared, bad).has_value());
    CHECK_FALSE(canonical_value(column, Format::binary, c.declared, "odd").has_value());
  }
  const auto small = column_of(LogicalType::int2);
  const plan::BoundColumn column{&table, &small, plan::Storage::bytea, 0, oid::bytea, 0, "t.c"};
  CHECK_FALSE(canonical_value(column, Format::text, 0, "32768").has_value());
}

TEST_CASE("settings follow transactions as the server's do") {
  SettingsTracker s;
  using Span = SettingsTracker::Span;
  const std::string name = "app.tenant_id";
  s.reported(name, std::nullopt, SettingsTracker::Origin::start);
  s.refreshed();
  s.set(name, "a", Span::session);
  s.ready('I', false);
  CHECK(s.get(name) == "a");
  s.set(name, "b", Span::transaction);
  CHECK(s.get(name) == "b");
  s.savepoint("p");
  s.set(name, "c", Span::transaction);
  s.rollback_to("p");
  CHECK(s.get(name) == "b");
  s.commit();
  CHECK(s.get(name) == "a");
  s.set(name, "d", Span::session);
  s.rollback();
  CHECK(s.get(name) == "a");
  s.set(name, "e", Span::session);
  s.ready('I', true);  // the implicit transaction failed
  CHECK(s.get(name) == "a");
  s.set(name, std::nullopt, Span::session);
  CHECK_FALSE(s.get(name).has_value());
  CHECK_FALSE(s.stale());
  s.set("search_path", "x", Span::transaction);
  CHECK(s.stale());
  s.refreshed();
  s.commit();
  CHECK(s.stale());  // it went back to what it was
  s.refreshed();
  s.rollback_to("never made");
  CHECK(s.stale());
}

TEST_CASE("tenants: sources must agree, none is an error, spellings are one") {
  SettingsTracker settings;
  policy::ProtectedTable table;
  table.tenant = {policy::ColumnTenant{"tenant"}, policy::SessionTenant{"app.tenant"},
                  policy::UserTenant{"tenant_(.*)"}};
  TenantResolver resolver(settings, "tenant_a");
  const TenantId a("a"), b("b");
  CHECK(*resolver.for_write(table, {}) == a);
  CHECK(*resolver.for_write(table, std::vector{a}) == a);
  CHECK(resolver.for_write(table, std::vector{b}).error().code == ErrorCode::tenant_conflict);
  settings.set("app.tenant", "b", SettingsTracker::Span::session);
  CHECK(resolver.for_write(table, {}).error().code == ErrorCode::tenant_conflict);
  TenantResolver nobody(settings, "root");
  CHECK(nobody.for_read(table, {}, b).has_value());
  CHECK(nobody.for_read(table, {}, a).error().code == ErrorCode::tenant_denied);
  settings.set("app.tenant", "", SettingsTracker::Span::session);
  CHECK(nobody.for_write(table, {}).error().code == ErrorCode::tenant_missing);
  CHECK(nobody.for_read(table, {}, a).has_value());  // only rows name tenants here
  CHECK(nobody.for_read(table, std::vector{b}, a).error().code == ErrorCode::tenant_denied);
  CHECK(canonical_tenant("  ABCDEF00-0000-0000-0000-00000000000F ")->value() == "abcdef00-0000-0000-0000-00000000000f");
  CHECK(canonical_tenant(" Acme ")->value() == "Acme");
  for (const std::string& bad :
       {std::string(), std::string("  "), std::string("a\nb"), std::string("\xFF"), std::string(600, 'x')}) {
    CHECK_FALSE(canonical_tenant(bad).has_value());
  }
}
