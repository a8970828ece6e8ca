// Statement shapes of MySQL and MariaDB and their trees: tests/unit/sql/mysql_shapes.
#include "sealrow/sql/mysql.hpp"
#include "sql/dump.hpp"
#include "unit/sql/shapes.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <filesystem>
#include <set>

using namespace sealrow::sql;
using sealrow::sql::test::shapes;

namespace {

mysql::LexerOptions options_of(std::string_view words) {
  mysql::LexerOptions options;
  if (const auto mode = words.find("sql_mode="); mode != std::string_view::npos) {
    CHECK(mysql::apply_sql_mode(words.substr(mode + 9), options));
  }
  if (words.find("mariadb") != std::string_view::npos) options.flavour = mysql::Flavour::mariadb;
  if (words.find("lower_case_table_names=1") != std::string_view::npos) {
    options.table_names = mysql::TableNameCase::insensitive;
  }
  return options;
}

std::string parsed(std::string_view text, mysql::LexerOptions options) {
  const auto result = mysql::parse(text, options);
  return result.has_error() ? "error: " + result.error().detail + "\n" : dump(*result, text);
}

std::set<std::string> mentioned(std::string_view text, mysql::LexerOptions options = {}) {
  const auto result = mysql::parse(text, options);
  REQUIRE(result.has_value());
  std::set<std::string> names;
  for (const auto& statement : result->statements) {
    for (const auto& name : statement.mentioned) {
      names.insert(name.schema.empty() ? name.name : name.schema + "." + name.name);
    }
  }
  return names;
}

constexpr mysql::LexerOptions mariadb{.flavour = mysql::Flavour::mariadb};

}  // namespace

TEST_CASE("MySQL shapes") {
  const std::filesystem::path folder = SEALROW_SOURCE_DIR "/tests/unit/sql/mysql_shapes";
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    for (const auto& shape : shapes(entry.path())) {
      CAPTURE(entry.path().filename(), shape.text);
      CHECK(parsed(shape.text, options_of(shape.options)) == shape.expected);
      ++count;
    }
  }
  CHECK(count > 200);
}

TEST_CASE("MySQL: every relation is mentioned, whatever part names it") {
  struct Case {
    std::string text;
    std::set<std::string> names;
  };
  const Case cases[] = {
      {"select (select 1 from a), f((select x from s.b)) from c where exists (select 1 from d)",
       {"a", "s.b", "c", "d"}},
      {"insert into a select * from b on duplicate key update x = (select y from c)", {"a", "b", "c"}},
      {"update a, b set a.x = (select 1 from c)", {"a", "b", "c"}},
      {"delete a from a join b using (x) where y in (select z from c)", {"a", "b", "c"}},
      {"create table a (x int references b (x)) select * from c", {"a", "b", "c"}},
      {"create table a (x int) union = (b, c)", {"a", "b", "c"}},
      {"alter table a exchange partition p with table b", {"a", "b"}},
      {"alter table a add foreign key (x) references b (y), union = (c, d)", {"a", "b", "c", "d"}},
      {"rename table a to b, c to d", {"a", "b", "c", "d"}},
      {"drop table a, s.b", {"a", "s.b"}},
      {"handler a open as h", {"a"}},
      {"lock tables a read, b write", {"a", "b"}},
      {"show create table s.a", {"s", "s.a"}},
      {"show columns from a", {"a"}},
      {"flush tables a, b for export", {"a", "b"}},
      {"checksum table a, s.b", {"a", "s", "s.b"}},
      {"grant insert on s.a to u", {"s", "s.a"}},
      {"set statement x = 1 for insert into a select * from b", {"a", "b"}},
      {"prepare p from 'insert into a select x from s.b'", {"a", "x", "s", "s.b"}},
      {"create trigger t before insert on a for each row insert into b values (new.x)", {"a", "b", "new", "new.x"}},
      {"create procedure p () begin delete from a; select s.b.c from d; end", {"a", "s", "s.b", "b.c", "d"}},
      {"create event e on schedule every 1 day starts (select x from a) do delete from b", {"a", "b"}},
      {"frobnicate a with b", {"a", "b"}},
      {"explain update a set x = (select 1 from b)", {"a", "b"}},
      {"load data infile 'f' into table a set x = (select 1 from b)", {"a", "b"}},
      {"/*!50000 select * from a */", {"a"}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto found = mentioned(c.text);
    for (const auto& name : c.names) {
      CAPTURE(name);
      CHECK(found.contains(name));
    }
  }
  CHECK(mentioned("execute immediate 'insert into a values (1)'", mariadb).contains("a"));
  CHECK(mentioned("begin not atomic if 1 then delete from `a b`; end if; end", mariadb).contains("a b"));
  CHECK(mentioned("select next value for s", mariadb) == std::set<std::string>{"s"});
  CHECK(mentioned("with q as (select 1 from a) select * from q") == std::set<std::string>{"a", "q"});
  CHECK(mentioned("select 'from a', `from b` from c -- from d") == std::set<std::string>{"c"});
}

TEST_CASE("MySQL: a literal that is structure makes the text exact") {
  struct Case {
    std::string text;
    bool exact;
  };
  const Case cases[] = {
      {"select a from t where b = 'x' limit 1", false},
      {"insert into t values ('x')", false},
      {"set @a = 'x'", false},
      {"select a 'x' from t", true},
      {"select a as 'x' from t", true},
      {"select a collate 'utf8mb4_bin' from t", true},
      {"prepare p from 'select 1'", true},
      {"set names 'utf8mb4'", true},
      {"set sql_mode = ''", true},
      {"select a into outfile 'f' from t", true},
      {"load data infile 'f' into table t", true},
      {"create table t (a varchar(10))", true},
      {"alter table t modify a varchar(10)", true},
      {"kill 5", true},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto result = mysql::parse(c.text);
    REQUIRE(result.has_value());
    CHECK(result->exact == c.exact);
  }
}

TEST_CASE("MySQL: the inserted row is only what the server takes for it") {
  const auto dumped = [](std::string_view text) { return parsed(text, {}); };
  // A table of that name is not the inserted row; an alias without a known column is nothing.
  CHECK(dumped("insert into t select a from excluded on duplicate key update b = excluded.a").find("#excluded.a") !=
        std::string::npos);
  CHECK(dumped("insert into t values (1, 2) as n(x, y) on duplicate key update b = y").find("excluded.#2") !=
        std::string::npos);
  CHECK(dumped("select excluded.a from excluded").find("#") == std::string::npos);
}

TEST_CASE("MySQL: nothing is read behind a change of the language") {
  const std::string refused[] = {
      "set sql_mode = 'ANSI_QUOTES'; select \"a\"",
      "set @a = 1, @@session.sql_mode = ansi_quotes; select 1",
      "set session sql_mode = concat(@@sql_mode, ',ANSI_QUOTES'); select 1",
      "set sql_mode = default; select 1",
      "set sql_mode = 7; select 1",
      "set names gbk; select 1",
      "set character_set_client = sjis; select 1",
      "set character set default; select 1",
      "execute p; select 1",
  };
  for (const auto& text : refused) {
    CAPTURE(text);
    CHECK(mysql::parse(text).has_error());
    CHECK(mysql::parse(text.substr(0, text.find(';') + 1)).has_value());
  }
  const std::string read[] = {
      "set sql_mode = 'STRICT_ALL_TABLES'; select 1",
      "set names utf8mb4 collate utf8mb4_bin; select 1",
      "set global sql_mode = 'ANSI_QUOTES'; select 1",
      "set @sql_mode = 'ANSI_QUOTES'; select 1",
  };
  for (const auto& text : read) {
    CAPTURE(text);
    CHECK(mysql::parse(text).has_value());
  }
  CHECK(mysql::parse("execute immediate 'x'; select 1", mariadb).has_error());
}

TEST_CASE("MySQL: statement spans leave out blanks, comments and semicolons") {
  const std::string text = " /* a */ begin ; insert into t values (';') -- x\n;\n\nselect 1 # end";
  const auto result = mysql::parse(text);
  REQUIRE(result.has_value());
  const std::string expected[] = {"begin", "insert into t values (';')", "select 1"};
  REQUIRE(result->statements.size() == std::size(expected));
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    const Span span = result->statements[i].span;
    CHECK(text.substr(span.begin, span.end - span.begin) == expected[i]);
  }
  CHECK(mysql::parse("").value().statements.empty());
  CHECK(mysql::parse(" -- nothing").value().statements.empty());
}

TEST_CASE("MySQL: version comments follow flavour and version") {
  const auto literals = [](std::string_view text, mysql::Flavour flavour, std::uint32_t version) {
    const auto result = mysql::parse(text, {.flavour = flavour, .version = version});
    return result.has_value() ? static_cast<int>(result->literals.size()) : -1;
  };
  using enum mysql::Flavour;
  struct Case {
    std::string comment;
    mysql::Flavour flavour;
    std::uint32_t version;
    int literals;
  };
  const Case cases[] = {
      {"/*! + 1 */", mysql, 0, 2},          {"/*!50000 + 1 */", mysql, 0, 2},
      {"/*!80400 + 1 */", mysql, 0, 2},     {"/*!80401 + 1 */", mysql, 0, -1},
      {"/*!80401 + 1 */", mysql, 80400, 1}, {"/*!80401 + 1 */", mysql, 90100, 2},
      {"/*!80401+ 1 */", mysql, 90100, 2},  {"/*M! + 1 */", mysql, 0, 1},
      {"/*!50000 + 1 */", mariadb, 0, 2},   {"/*!50700 + 1 */", mariadb, 0, 1},
      {"/*!99999 + 1 */", mariadb, 0, 1},   {"/*!101100 + 1 */", mariadb, 0, 2},
      {"/*!110400 + 1 */", mariadb, 0, -1}, {"/*!110400 + 1 */", mariadb, 101119, 1},
      {"/*M! + 1 */", mariadb, 0, 2},       {"/*M!50700 + 1 */", mariadb, 0, 2},
      {"/*!5000 + 1 */", mysql, 0, -1},     {"/*!99999 + /* 1 */ 1 */", mariadb, 0, 1},
      {"/*! + /* 7 */ 1 */", mysql, 0, 2},  {"/*! + 1", mysql, 0, -1},
      {"/*! ; */", mysql, 0, -1},           {"/* ! */", mysql, 0, 1},
      {"/*+ `*/ ` */", mysql, 0, -1},
  };
  for (const auto& c : cases) {
    CAPTURE(c.comment, static_cast<int>(c.flavour), c.version);
    CHECK(literals("select 1 " + c.comment, c.flavour, c.version) == c.literals);
  }
}
