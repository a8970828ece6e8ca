#include "support.hpp"

#include <algorithm>

using namespace sealrow;
using namespace sealrow::policy;
using namespace sealrow::policy::test;

namespace {

// Lines 1 and 2; what is added starts at line 3.
std::string file(const std::string& rest) { return "version: 1\ntenant: {single: acme}\n" + rest; }
// The columns start at line 5, column 5.
std::string columns(const std::string& rest) { return file("tables:\n- table: public.t\n  columns:\n    " + rest); }

const ErrorCode syntax = ErrorCode::config_syntax, unknown = ErrorCode::config_unknown_key,
                value = ErrorCode::config_value, conflict = ErrorCode::config_conflict;

}  // namespace

TEST_CASE("a file that is not well-formed is refused at its place") {
  const BadFile files[] = {
      {"empty", "", syntax, "1:1", "file is empty", "version: 1"},
      {"not UTF-8", "version: 1\n# \xFF\n", syntax, "1:1", "not valid UTF-8", ""},
      {"NUL", std::string("version: 1\0", 11), syntax, "1:1", "NUL", ""},
      {"too large", file("#" + std::string(1u << 20, 'x')), syntax, "1:1", "1 MiB", ""},
      {"open bracket", file("tables: [\n"), syntax, "4:1", "", ""},
      {"tab", file("tables:\n\t- x\n"), syntax, "4:2", "illegal block entry", ""},
      {"alias of nothing", file("allow: *x\n"), syntax, "3:8", "", ""},
      {"anchor", file("allow: &a {do_blocks: false}\n"), syntax, "3:8", "anchors are not supported", "write the value"},
      {"tag", file("allow: !secret {do_blocks: false}\n"), syntax, "3:8", "tags are not supported", ""},
      {"second document", file("---\nversion: 1\n"), syntax, "3:1", "more than one document", ""},
      {"nested deeply", file("tables: " + std::string(40, '[') + std::string(40, ']') + "\n"), syntax, "3:32",
       "nested too deeply", ""},
      {"complex key", file("? [a]\n: b\n"), syntax, "3:3", "key must be a single word", ""},
      {"a list", "- version: 1\n", value, "1:1", "the policy must be a mapping, not a list", ""},
  };
  for (const BadFile& bad : files) check_bad(bad, load(bad.yaml, "p.yaml").errors);
}

TEST_CASE("a wrong setting is refused at its place with a suggestion") {
  const BadFile files[] = {
      {"no version", "tenant: {single: acme}\n", value, "1:1", "'version' is missing", ""},
      {"other version", "version: 2\n", value, "1:10", "version 1 only", "version: 1"},
      {"misspelt key", file("tabels: []\n"), unknown, "3:1", "unknown key 'tabels' in the policy", "'tables'"},
      {"unheard-of key", file("frobnicate: 1\n"), unknown, "3:1", "unknown key 'frobnicate'", "known are version, "},
      {"key of later", file("mode: enforce\n"), unknown, "3:1", "'mode' is not implemented by this build",
       "false promise"},
      {"twice", file("tables: []\nlimits: {}\ntables: []\n"), conflict, "5:1", "key 'tables' is given twice", ""},
      {"tables not a list", file("tables: {a: b}\n"), value, "3:9", "tables must be a list", "- table: schema.name"},
      {"table without columns", file("tables:\n- table: public.t\n"), value, "4:3", "'columns' is missing", ""},
      {"table without name", file("tables:\n- columns: {a: pii}\n"), value, "4:3", "'table' is missing", ""},
      {"misspelt table key", file("tables:\n- table: public.t\n  column: {a: pii}\n  columns: {a: pii}\n"), unknown,
       "5:3", "unknown key 'column' in a table", "'columns'"},
      {"no schema", file("tables:\n- {table: t, columns: {a: pii}}\n"), value, "4:11", "not of the form schema.name",
       "'public.t'"},
      {"three parts", file("tables:\n- {table: a.b.c, columns: {a: pii}}\n"), value, "4:11", "not of the form", ""},
      {"capital", file("tables:\n- {table: public.MyTable, columns: {a: pii}}\n"), value, "4:11", "capital letter",
       "double quotes"},
      {"open quote", file("tables:\n- {table: 'public.\"T', columns: {a: pii}}\n"), value, "4:11", "open double quote",
       ""},
      {"no tenant", "version: 1\ntables:\n- {table: public.t, columns: {a: pii}}\n", value, "3:4", "no tenant source",
       "single"},
      {"no sealed column", columns("a: public\n"), value, "6:5", "no sealed column", "confidential"},
      {"class misspelt", columns("a: confidentail\n"), value, "6:8", "class 'confidentail' is not known",
       "'confidential'"},
      {"class missing", columns("a: {search: equality}\n"), value, "6:8", "'class' is missing", ""},
      {"class is nothing", columns("a:\n"), value, "6:5", "column 'a' has no class", "confidential"},
      {"column key misspelt", columns("a: {class: pii, serach: equality}\n"), unknown, "6:21", "'serach' in a column",
       "'search'"},
      {"column key of later", columns("a: {class: pii, paths: ['$.x']}\n"), unknown, "6:21",
       "'paths' is not implemented", ""},
      {"search of later", columns("a: {class: pii, search: prefix}\n"), value, "6:29", "'prefix' is not implemented",
       ""},
      {"suite of later", columns("a: {class: pii, suite: aes-256-gcm}\n"), value, "6:28",
       "'aes-256-gcm' is not implemented", ""},
      {"suite misspelt", columns("a: {class: pii, suite: xaes-gcm}\n"), value, "6:28", "suite 'xaes-gcm'",
       "xaes-256-gcm"},
      {"type misspelt", columns("a: {class: pii, type: bool}\n"), value, "6:27", "type 'bool' is not known",
       "'boolean'"},
      {"compress misspelt", columns("a: {class: pii, compress: zstd}\n"), value, "6:31", "compress 'zstd'", "auto"},
      {"normalize misspelt", columns("a: {class: pii, search: equality, normalize: [Lower]}\n"), value, "6:51",
       "'Lower'", "'lower'"},
      {"id malformed", columns("a: {class: pii, id: 'a b'}\n"), value, "6:25", "id 'a b' is malformed", "letters"},
      {"encryption of later", file("classes: {x: {encryption: recommended}}\n"), value, "3:27", "not implemented", ""},
      {"flag", file("allow: {do_blocks: yes}\n"), value, "3:20", "do_blocks must be true or false", ""},
      {"function", file("allow: {functions: [f]}\n"), value, "3:21", "function 'f'", "'public.f'"},
      {"size without sense", file("limits: {max_value_size: much}\n"), value, "3:26", "a size such as 64MiB", ""},
      {"size with odd unit", file("limits: {max_value_size: 64mib}\n"), value, "3:26", "a size such as 64MiB", ""},
      {"size too large", file("limits: {max_value_size: 1GiB}\n"), value, "3:26", "between 1KiB and 512MiB", ""},
      {"size overflows", file("limits: {max_value_size: 99999999999GiB}\n"), value, "3:26", "a size such as", ""},
      {"setting of one part", "version: 1\ntenant: {session: tenant}\n", value, "2:19", "'tenant' is malformed",
       "app.tenant_id"},
      {"variable of two parts", "version: 1\ntenant: {session: '@a.b'}\n", value, "2:19", "'@a.b' is malformed",
       "@app_tenant"},
      {"tenant of later", "version: 1\ntenant: {parent: x}\n", unknown, "2:10", "'parent' is not implemented", ""},
      {"two keys in a source", "version: 1\ntenant: {column: a, session: b.c}\n", value, "2:9", "one pair", "[{column"},
      {"no source", "version: 1\ntenant: []\n", value, "2:9", "names no source", ""},
      {"regex", "version: 1\ntenant: {user: 'a(b'}\n", value, "2:16", "not a valid regular expression", ""},
      {"regex without group", "version: 1\ntenant: {user: 'app_.*'}\n", value, "2:16", "exactly one group", "app_(.+)"},
      {"regex that explodes", "version: 1\ntenant: {user: '(a+)+'}\n", value, "2:16", "repeats its group", ""},
      {"regex with reference", "version: 1\ntenant: {user: '(a)\\1'}\n", value, "2:16", "back-reference", ""},
  };
  for (const BadFile& bad : files) check_bad(bad, load(bad.yaml, "p.yaml").errors);
}

TEST_CASE("settings that contradict each other are refused") {
  const BadFile files[] = {
      {"table twice",
       file("tables:\n- {table: public.t, columns: {a: pii}}\n- {table: 'public.\"t\"', columns: {a: pii}, id: x}\n"),
       conflict, "5:11", "'public.t' is listed twice", ""},
      {"table id twice",
       file("tables:\n- {table: a.t, columns: {a: pii}}\n- {table: a.u, id: a.t, columns: {a: pii}}\n"), conflict,
       "5:16", "table id 'a.t' is used twice", ""},
      {"column id twice", columns("a: pii\n    b: {class: pii, id: a}\n"), conflict, "7:5",
       "column id 'a' is used twice", ""},
      {"tenant column sealed",
       file("tables:\n- table: public.t\n  tenant: {column: org}\n  columns: {a: pii, org: pii}\n"), conflict, "6:21",
       "names the tenant", ""},
      {"default tenant column sealed",
       "version: 1\ntenant: {column: org}\ntables:\n- {table: public.t, columns: {org: pii}}\n", conflict, "4:31",
       "names the tenant", ""},
      {"single is not last", "version: 1\ntenant: [{single: a}, {column: b}]\n", conflict, "2:10",
       "'single' always hits", "last"},
      {"source twice", "version: 1\ntenant: [{column: b}, {column: b}]\n", conflict, "2:23", "given twice", ""},
      {"settings of an unsealed class", columns("a: {class: public, search: equality}\n    b: pii\n"), conflict, "6:9",
       "is not sealed", ""},
      {"normalize without search", columns("a: {class: pii, normalize: trim}\n"), conflict, "6:21",
       "no effect without a search", ""},
      {"group without search", columns("a: {class: pii, index_group: x}\n"), conflict, "6:21",
       "no effect without a search", ""},
      {"normalize a number", columns("a: {class: pii, type: int4, search: equality, normalize: trim}\n"), conflict,
       "6:51", "text only", ""},
      {"step twice", columns("a: {class: pii, search: equality, normalize: [trim, trim]}\n"), conflict, "6:57",
       "given twice", ""},
      {"compressed number", columns("a: {class: pii, type: int4, compress: auto}\n"), conflict, "6:33",
       "never compressed", ""},
      {"compressed siv", columns("a: {class: pii, suite: aes-256-siv, compress: auto}\n"), conflict, "6:41",
       "cannot compress", ""},
      {"searchable boolean", columns("a: {class: pii, type: boolean, search: equality}\n"), conflict, "6:36",
       "gives the values away", "acknowledge_leakage: frequency"},
      {"deterministic boolean", columns("a: {class: pii, type: boolean, suite: aes-256-siv}\n"), conflict, "6:36",
       "gives the values", ""},
      {"nothing to acknowledge", columns("a: {class: pii, acknowledge_leakage: frequency}\n"), conflict, "6:21",
       "nothing leaks", ""},
      {"group differs",
       columns("a: {class: pii, search: equality, index_group: g, normalize: trim}\n"
               "    b: {class: pii, search: equality, index_group: g}\n"),
       conflict, "7:39", "'g' differ", ""},
      {"group differs by domain",
       columns("a: {class: pii, search: equality, index_group: g}\n"
               "    b: {class: secret, search: equality, index_group: g}\n"),
       conflict, "7:42", "'g' differ", ""},
      {"function twice", file("allow: {functions: [a.f, a.f]}\n"), conflict, "3:26", "listed twice", ""},
  };
  for (const BadFile& bad : files) check_bad(bad, load(bad.yaml, "p.yaml").errors);
}

TEST_CASE("all problems are found, in the file's order") {
  const auto outcome = load(
      "version: 3\n"
      "limts: {}\n"
      "tables:\n"
      "- {table: T, columns: {a: piii}}\n"
      "- {table: public.u, columns: {b: {class: pii, search: all}}}\n",
      "p.yaml");
  CHECK_FALSE(outcome.policy);
  std::vector<std::string> places;
  for (const Error& error : outcome.errors) places.push_back(error.object);
  CHECK(places == std::vector<std::string>{"p.yaml:1:10", "p.yaml:2:1", "p.yaml:4:11", "p.yaml:4:27", "p.yaml:5:4",
                                           "p.yaml:5:55"});
}

TEST_CASE("a flood of problems stays bounded") {
  std::string yaml = "version: 1\n";
  for (int i = 0; i < 5000; ++i) yaml += "key" + std::to_string(i) + ": x\n";
  const auto outcome = load(yaml, "p.yaml");
  REQUIRE(outcome.errors.size() == 201);
  CHECK(outcome.errors.back().message == "4800 more problems are not shown");
}

TEST_CASE("messages hold no control characters and no endless words") {
  const auto outcome = load("version: 1\n\"a\\e[31m\\n" + std::string(500, 'x') + "\": 1\n", "p.yaml");
  REQUIRE(outcome.errors.size() == 1);
  CHECK(outcome.errors[0].message.size() < 120);
  CHECK(std::none_of(outcome.errors[0].message.begin(), outcome.errors[0].message.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20; }));
}

TEST_CASE("a file that cannot be read is an error with its path") {
  for (const char* path : {"/nonexistent/policy.yaml", "/dev/zero", "/"}) {
    const auto outcome = load_file(path);
    CHECK_FALSE(outcome.policy);
    REQUIRE(outcome.errors.size() == 1);
    CHECK(outcome.errors[0].code == ErrorCode::config_io);
    CHECK(outcome.errors[0].object == path);
  }
}
