#include "session/jsonb.hpp"
#include "session/json.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sealrow::session;

namespace {
std::string normal(std::string_view document) {
  REQUIRE(scan_json(document, [](const JsonString&) {}));
  std::string out;
  return append_jsonb(out, document) ? out : "refused";
}
}  // namespace

// What PostgreSQL 15 answers to: select '…'::jsonb.
TEST_CASE("jsonb documents read as PostgreSQL shows them") {
  struct Case {
    std::string_view written, shown;
  };
  const Case cases[] = {
      {R"({"bb":1,"a":2,"a":3})", R"({"a": 3, "bb": 1})"},
      {R"( [1e3,1.50,-0,-0.0,1.5e1,1.50e1,1e-3,1.0e-2,0.10,-1.20E+2,100,12345678901234567890.123] )",
       R"([1000, 1.50, 0, 0.0, 15, 15.0, 0.001, 0.010, 0.10, -120, 100, 12345678901234567890.123])"},
      {R"([1e-7, 1E10, 0e5, 0.000])", R"([0.0000001, 10000000000, 0, 0.000])"},
      {R"({"é":"\u00e9\ud83d\ude00","z":"\/\b\u0001\u007f\"\\"})",
       "{\"z\": \"/\\b\\u0001\x7f\\\"\\\\\", \"\u00e9\": \"\u00e9\U0001F600\"}"},
      {R"({"b":{"y":[],"x":{}},"":null,"a":[ true , false,{"k" : "v"}]})",
       R"({"": null, "a": [true, false, {"k": "v"}], "b": {"x": {}, "y": []}})"},
      {R"({"a":1,"\u0061":{"d":1,"c":2}})", R"({"a": {"c": 2, "d": 1}})"},
      {R"({"c":1,"b":{"b":2,"a":{"z":0,"y":[{"q":1,"p":2}]}},"a":3})",
       R"({"a": 3, "b": {"a": {"y": [{"p": 2, "q": 1}], "z": 0}, "b": 2}, "c": 1})"},
      {R"("plain")", R"("plain")"},
      {"1e5", "100000"},
      {"\t{ }\n", "{}"},
      {"null", "null"},
  };
  for (const auto& c : cases) CHECK(normal(c.written) == c.shown);
}

TEST_CASE("what jsonb does not take is refused") {
  for (const std::string_view bad : {R"("\u0000")", R"("\ud800")", R"({"\udc00": 1})", "1e200000", "[1e-20000]"})
    CHECK(normal(bad) == "refused");
}

TEST_CASE("numbers of a few bytes do not fill the memory") {
  std::string document = "[0";
  for (int i = 0; i < 1000; ++i) document += ",1e131000";
  CHECK(normal(document + "]") == "refused");
}

TEST_CASE("deep nesting with members out of order is written once") {
  std::string open, close, expected_open, expected_close;
  for (int i = 0; i < 900; ++i) {
    open += R"({"b":)";
    close += R"(,"a":1})";
    expected_open += R"({"a": 1, "b": )";
    expected_close += "}";
  }
  CHECK(normal(open + "0" + close) == expected_open + "0" + expected_close);
}
