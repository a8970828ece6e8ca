// Envelopes wherever they may stand in a cell.
#include "harness.hpp"

#include "session/open.hpp"
#include "session/seal.hpp"

using namespace sealrow;
using namespace sealrow::session;
using namespace sealrow::test;

namespace {

struct Bench {
  FakeEnvironment environment;
  plan::Plan plan;
  TenantId tenant{"t1"};

  // Columns: 0 body (text), 1 meta (jsonb), 2 raw (bytea), 3 num (int4 in bytea).
  Bench() {
    plan.policy = std::shared_ptr<const policy::Policy>(environment.current, &environment.current->policy());
    const auto& table = *plan.policy->find("public", "msg");
    const auto add = [&](const char* name, plan::Storage storage, Oid physical) {
      plan.columns.push_back({&table, table.find(name), storage, 0, physical, physical, name});
    };
    add("body", plan::Storage::text, oid::text);
    add("meta", plan::Storage::jsonb, oid::jsonb);
    add("raw", plan::Storage::bytea, oid::bytea);
    add("num", plan::Storage::bytea, oid::bytea);
  }

  std::string seal(plan::ColumnIndex column, std::string_view value, Format format = Format::text) {
    KeyGather keys(environment.service);
    std::string out;
    const SealTask task{&plan, {plan::Purpose::seal, column, 0, false}, &tenant, format, 0};
    REQUIRE(seal_value(keys, environment.sealer(), task, value, out));
    return out;
  }

  std::string open(std::string_view cell, Oid type, Format format = Format::text,
                   std::vector<plan::ColumnIndex> readable = {0, 1, 2, 3}, bool direct = false,
                   const std::shared_ptr<const plan::Places>& places = nullptr) {
    KeyGather keys(environment.service);
    const ReadGate gate = [](const policy::ProtectedTable&, const TenantId&) -> Result<> { return {}; };
    CellOpener opener(keys, environment.sealer(), gate);
    std::string out;
    const OpenContext context{&plan, readable, places.get(), direct, format, type};
    const auto outcome = opener.open(context, cell, out);
    if (outcome == session::Cell::failed) return error_slug(keys.error().code);
    return outcome == session::Cell::opened ? out : "unchanged";
  }
};

std::string unquoted(const std::string& json) { return json.substr(1, json.size() - 2); }

}  // namespace

TEST_CASE("text results") {
  Bench b;
  const auto body = b.seal(0, "a \"b\"\\, c"), meta = b.seal(1, R"({"k": [1]})"), raw = b.seal(2, "\\x00ff"),
             num = b.seal(3, "-5");
  CHECK(b.open(body, oid::text) == "a \"b\"\\, c");
  CHECK(b.open(meta, oid::jsonb) == R"({"k": [1]})");
  CHECK(b.open(raw, oid::bytea) == "\\x00ff");
  CHECK(b.open(num, oid::bytea) == "-5");
  CHECK(b.open("plain", oid::text) == "unchanged");
  CHECK(b.open("sr1.tooshort", oid::text) == "unchanged");
  CHECK(b.open("plain", oid::text, Format::text, {0}, true) == "SR-E205");
  // JSON built around sealed values: strings stay strings, documents become values, numbers numbers.
  CHECK(b.open(R"({"b": ")" + body + R"(", "m": )" + meta + R"(, "n": "\\x)" + num.substr(2) + R"(", "x": 1})",
               oid::json) == R"({"b": "a \"b\"\\, c", "m": {"k": [1]}, "n": -5, "x": 1})");
  CHECK(b.open(R"({"raw": "\\x)" + raw.substr(2) + R"(", "list": ["\\x)" + raw.substr(2) + R"("]})", oid::json) ==
        R"({"raw": "\\x00ff", "list": ["\\x00ff"]})");
  CHECK(b.open("(1,\"\\\\x" + raw.substr(2) + "\")", oid::record) == R"((1,"\\x00ff"))");
  CHECK(b.open("[[" + meta + "]]", oid::jsonb) == R"([[{"k": [1]}]])");
  CHECK(b.open("{\"\\\"" + unquoted(meta) + "\\\"\"}", 3807) == R"({"{\"k\": [1]}"})");  // jsonb[]
  CHECK(b.open("{" + body + ",NULL,x}", 1009) == R"({"a \"b\"\\, c",NULL,x})");
  CHECK(b.open("{\"\\\\x" + raw.substr(2) + "\"}", 1001) == R"({"\\x00ff"})");
  CHECK(b.open("(1," + body + ",)", oid::record) == R"((1,"a ""b""\\, c",))");
  CHECK(b.open("(1,\"{" + body + "}\")", oid::record) == R"((1,"{""a \\""b\\""\\\\, c""}"))");
  CHECK(b.open("prefix " + body, oid::text) == "SR-E403");
}

TEST_CASE("binary results") {
  Bench b;
  const auto body = b.seal(0, "x"), raw = b.seal(2, std::string("\0\1", 2), Format::binary), num = b.seal(3, "258");
  std::string num_raw, array, record;
  REQUIRE(decode_bytea(num, num_raw));
  CHECK(b.open(body, oid::text, Format::binary) == "x");
  CHECK(b.open("\x01" + b.seal(1, "[1]"), oid::jsonb, Format::binary) == "\x01[1]");
  CHECK((b.open(raw, oid::bytea, Format::binary) == std::string("\0\1", 2)));
  CHECK((b.open(num_raw, oid::bytea, Format::binary) == std::string("\0\0\1\2", 4)));
  const auto part = [](std::string& out, std::string_view value) {
    append_u32(out, static_cast<std::uint32_t>(value.size()));
    out += value;
  };
  const auto make_array = [&](std::string_view value) {
    std::string out;
    for (const std::uint32_t v : {1u, 1u, 25u, 2u, 1u}) append_u32(out, v);
    part(out, value);
    append_u32(out, 0xFFFFFFFF);
    return out;
  };
  CHECK((b.open(make_array(body), 1009, Format::binary) == make_array("x")));
  const auto make_record = [&](std::string_view text, std::string_view nested) {
    std::string out;
    append_u32(out, 2);
    append_u32(out, oid::text);
    part(out, text);
    append_u32(out, 1009);
    part(out, nested);
    return out;
  };
  CHECK((b.open(make_record(body, make_array(body)), 16400, Format::binary) == make_record("x", make_array("x"))));
  // Cut anywhere, nothing is read past the end and no envelope gets through whole.
  const auto whole = make_record(body, make_array(body));
  for (std::size_t n = 0; n < whole.size(); ++n)
    (void)b.open(std::string_view(whole).substr(0, n), 16400, Format::binary);
}

TEST_CASE("only what the statement reads is opened, damaged values never") {
  Bench b;
  auto body = b.seal(0, "x");
  CHECK(b.open(body, oid::text, Format::text, {1}) == "SR-E203");
  CHECK(b.open(body, oid::text, Format::text, {1, 2}) == "SR-E209");
  CHECK(b.open(body, oid::text, Format::text, {2, 0}) == "x");
  body[40] = body[40] == 'A' ? 'B' : 'A';
  CHECK(b.open(body, oid::text, Format::text, {0}) == "SR-E203");
}

TEST_CASE("values that cannot be sealed as they are") {
  Bench b;
  const auto refused = [&](plan::ColumnIndex column, std::string_view value) {
    KeyGather keys(b.environment.service);
    std::string out;
    const SealTask task{&b.plan, {plan::Purpose::seal, column, 0, false}, &b.tenant, Format::text, 0};
    if (seal_value(keys, b.environment.sealer(), task, value, out)) return std::string("sealed");
    CHECK(out.empty());
    return error_slug(keys.error().code);
  };
  CHECK(refused(0, "\xFF") == "SR-E415");
  CHECK(refused(1, "{") == "SR-E414");
  CHECK(refused(1, R"("\u0000")") == "SR-E414");
  CHECK(refused(2, "\\x0") == "SR-E414");
  CHECK(refused(3, "five") == "SR-E414");
  CHECK(refused(0, b.seal(0, "x")) == "SR-E204");
  CHECK(refused(1, b.seal(1, "1")) == "SR-E204");
  b.plan.columns[0].storage = plan::Storage::varchar;
  b.plan.columns[0].max_characters = 50;
  CHECK(refused(0, "x") == "SR-E206");
}

namespace {

using Node = std::shared_ptr<const plan::Places>;

Node leaf(plan::Places::Kind kind) {
  auto node = std::make_shared<plan::Places>();
  node->kind = kind;
  node->any_clear = kind == plan::Places::Kind::clear;
  node->any_sealed = kind == plan::Places::Kind::sealed;
  return node;
}
Node members(std::vector<Node> parts, std::vector<std::string> names = {}) {
  auto node = std::make_shared<plan::Places>();
  node->kind = plan::Places::Kind::members;
  node->parts = std::move(parts);
  node->names = std::move(names);
  node->any_clear = node->any_sealed = true;
  return node;
}
Node list(Node part) {
  auto node = std::make_shared<plan::Places>();
  node->kind = plan::Places::Kind::list;
  node->parts = {std::move(part)};
  node->any_clear = node->any_sealed = true;
  return node;
}

}  // namespace

TEST_CASE("only the places that the plan names are opened") {
  Bench b;
  const std::string e = b.seal(0, "x");
  const Node clear = leaf(plan::Places::Kind::clear), sealed = leaf(plan::Places::Kind::sealed);
  const Node pair = members({clear, sealed}, {"t", "b"});
  struct Case {
    Node places;
    std::string cell, opened;
  };
  // '@' stands for an envelope of body.
  const std::vector<Case> cases = {
      {pair, "(@,@)", "(@,x)"},
      {pair, "{\"b\":\"@\",\"t\":\"@\"}", "{\"b\":\"x\",\"t\":\"@\"}"},
      {pair, "{\"t\":{\"b\":\"@\"},\"b\":null}", "unchanged"},
      {pair, "{\"\\u0062\":\"@\"}", "{\"\\u0062\":\"x\"}"},
      {pair, "{\"other\":\"@\"}", "unchanged"},
      {pair, "{@,@}", "{@,x}"},
      {list(pair), "{{@,@},{@,@}}", "{{@,x},{@,x}}"},
      {list(pair), "[[\"a\",\"@\"],[\"@\",\"a\"]]", "[[\"a\",\"x\"],[\"@\",\"a\"]]"},
      {list(pair), "{\"(@,@)\"}", "{\"(@,x)\"}"},
      {members({pair, clear}, {"p", "q"}), "{\"p\":\"(@,@)\",\"q\":\"@\"}", "{\"p\":\"(@,x)\",\"q\":\"@\"}"},
      {pair, "@", "SR-E403"},  // a whole envelope where a container is expected
  };
  const auto filled = [&](std::string text) {
    for (std::size_t at = text.find('@'); at != std::string::npos; at = text.find('@')) text.replace(at, 1, e);
    return text;
  };
  for (const Case& each : cases) {
    INFO(each.cell);
    const std::string cell = filled(each.cell), opened = filled(each.opened);
    CHECK(b.open(cell, oid::text, Format::text, {0}, false, each.places) == opened);
    CHECK(b.open(cell, oid::text, Format::binary, {0}, false, each.places) == opened);
  }
}
