// `sealrow check` on MySQL and MariaDB.
#include "unit/plan/mysql_fixture.hpp"

#include "plan/types.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sealrow;
using namespace sealrow::plan;
using namespace sealrow::plan::test;

namespace {

// "object: hint" of findings; message where the hint is none.
bool has(const std::vector<Finding>& findings, std::string_view object, std::string_view part) {
  for (const Finding& finding : findings) {
    if (finding.error.object == object &&
        (finding.error.hint == part || finding.error.message.find(part) != std::string::npos)) {
      return true;
    }
  }
  for (const Finding& finding : findings) {
    UNSCOPED_INFO(finding.error.object << ": " << finding.error.message << " -> " << finding.error.hint);
  }
  return false;
}

catalog::Column& column_of(World& world, Oid relation, std::string_view name) {
  for (catalog::Column& column : world.catalog->relations.at(relation).columns) {
    if (column.name == name) return column;
  }
  FAIL("no column " << name);
  throw std::logic_error("unreachable");
}

World mariadb() { return make_mysql_world({.flavour = sql::mysql::Flavour::mariadb, .version = 101119}); }

}  // namespace

TEST_CASE("MySQL check: indexes over tags") {
  World world = make_mysql_world();
  auto& indexes = world.catalog->relations.at(100).indexes;
  indexes.push_back({"u_email", true, false, true, "BTREE", {2, 4}, {}, "", ""});
  indexes.push_back({"ft", false, false, true, "FULLTEXT", {3}, {}, "", ""});
  auto found = check(*world.bind());
  CHECK(has(found, "app.msg.email", "CREATE INDEX sealrow_email ON app.msg ((SUBSTR(email, 21, 24)));"));
  CHECK(has(found, "app.msg.raw", "CREATE INDEX sealrow_raw ON app.msg ((SUBSTR(raw, 13, 18)));"));
  CHECK(
      has(found, "app.msg.u_email",
          "DROP INDEX u_email ON app.msg; CREATE UNIQUE INDEX u_email ON app.msg (tenant, (SUBSTR(email, 21, 24)));"));
  CHECK(has(found, "app.msg.ft", "an index over envelopes finds nothing"));
  indexes[0].columns = {2, 0};
  indexes[0].expressions = {"substr(`email`,21,24)"};
  found = check(*world.bind());
  CHECK_FALSE(has(found, "app.msg.email", "no index supports"));
  CHECK_FALSE(has(found, "app.msg.u_email", "index"));
}

TEST_CASE("MariaDB check: columns for tags") {
  World world = mariadb();
  auto& msg = world.catalog->relations.at(100);
  msg.indexes.push_back({"u_email", true, false, true, "BTREE", {2, 4}, {}, "", ""});
  auto found = check(*world.bind());
  CHECK(has(found, "app.msg.email",
            "ALTER TABLE app.msg ADD COLUMN sealrow_email varchar(24) CHARACTER SET ascii COLLATE ascii_bin GENERATED "
            "ALWAYS AS (SUBSTR(email, 21, 24)) VIRTUAL INVISIBLE, ADD INDEX sealrow_email (sealrow_email);"));
  CHECK(
      has(found, "app.msg.raw",
          "ALTER TABLE app.msg ADD COLUMN sealrow_raw varbinary(18) GENERATED ALWAYS AS (SUBSTR(raw, 13, 18)) VIRTUAL "
          "INVISIBLE, ADD INDEX sealrow_raw (sealrow_raw);"));
  catalog::Column tag;
  tag.name = "tag";
  tag.type = oid::varchar;
  tag.number = 30;
  tag.generated = tag.invisible = true;
  tag.default_expression = "substr(`email`,21,24)";
  msg.columns.push_back(tag);
  found = check(*world.bind());
  CHECK(has(found, "app.msg.email", "ALTER TABLE app.msg ADD INDEX sealrow_email (tag);"));
  CHECK(has(found, "app.msg.u_email",
            "DROP INDEX u_email ON app.msg; ALTER TABLE app.msg ADD UNIQUE INDEX u_email (tenant, tag);"));
  CHECK_FALSE(has(found, "app.msg.tag", "computed from sealed values"));
  msg.indexes[0].columns = {30};
  found = check(*world.bind());
  CHECK_FALSE(has(found, "app.msg.email", "no index supports"));
  msg.columns.back().default_expression = "left(`email`,3)";
  CHECK(has(check(*world.bind()), "app.msg.tag", "computed from sealed values"));
}

TEST_CASE("MySQL check: sizes, character sets, code") {
  World world = make_mysql_world();
  column_of(world, 100, "body").type_modifier = 255 + 4;
  column_of(world, 100, "raw").type_modifier = 65535 + 4;
  column_of(world, 100, "email").type_modifier = 30 + 4;
  column_of(world, 100, "email").collation = "utf8mb4_0900_ai_ci";
  column_of(world, 103, "body").character_set = "latin1";
  const auto binding = world.bind();
  const auto found = check(*binding);
  CHECK(has(found, "app.msg.body", "envelopes of long values do not fit"));
  CHECK(has(found, "app.msg.raw", "ALTER TABLE app.msg MODIFY COLUMN raw mediumblob;"));
  CHECK(has(found, "app.msg.email", "no envelope fits into the column"));
  CHECK(has(found, "app.msg.email", "compares without case"));
  CHECK(has(found, "app.note.body", "sealed values are UTF-8"));
  CHECK(has(found, "app.forced.force", "writes to the table are refused"));
  CHECK(has(found, "app.missing", "does not exist"));
}

TEST_CASE("MySQL: columns that cannot be sealed") {
  struct Case {
    const char* type;
    const char* set;
    bool fits;
  };
  for (const Case& each :
       {Case{"varchar(255)", "utf8mb4", true}, Case{"longtext", "latin1", true}, Case{"char(255)", "utf8mb4", false},
        Case{"binary(255)", "", false}, Case{"enum('a','b')", "utf8mb4", false}, Case{"text", "ucs2", false},
        Case{"varchar(255)", "utf16le", false}, Case{"set('a')", "utf8mb4", false}}) {
    INFO(each.type << " " << each.set);
    World world = make_mysql_world();
    column_of(world, 100, "body").native_type = each.type;
    column_of(world, 100, "body").character_set = each.set;
    const auto binding = world.bind();
    CHECK((binding->problems().size() == 1) == each.fits);  // the missing table
    CHECK((shown_mysql("insert into msg (body) values ('x')", *binding) ==
           "insert into msg (body) values (<seal body>)") == each.fits);
  }
  World world = make_mysql_world();
  world.policy->tables[0].columns[0].type = policy::LogicalType::int4;
  CHECK(world.bind()->problems().size() == 2);
}

TEST_CASE("MariaDB check: JSON is text with a check") {
  World world = mariadb();
  auto& constraints = world.catalog->relations.at(100).constraints;
  constraints.push_back({"meta", catalog::Constraint::Kind::check, {}, "json_valid(`meta`)"});
  constraints.push_back({"long", catalog::Constraint::Kind::check, {}, "char_length(`body`) > 3"});
  const auto found = check(*world.bind());
  CHECK_FALSE(has(found, "app.msg.meta", "a constraint would be applied"));
  CHECK(has(found, "app.msg.long", "a constraint would be applied"));
}
