#include "unit/plan/mysql_fixture.hpp"

#include "plan/types.hpp"

namespace sealrow::plan::test {

namespace {

policy::SealedColumn mysql_sealed(std::string name, std::string group = "") {
  policy::SealedColumn column;
  column.id = ColumnId(name);
  column.search = group.empty() ? policy::Search::none : policy::Search::equality;
  column.index_group = std::move(group);
  column.name = std::move(name);
  return column;
}

std::vector<policy::TenantSource> tenants() {
  return {policy::ColumnTenant{"tenant"}, policy::SessionTenant{"@app_tenant"}};
}

void add_code(World& world, Oid oid, std::string name, std::string body) {
  world.catalog->functions.emplace(oid, catalog::Function{oid, "app", std::move(name), "sql", std::move(body)});
}

void shape_columns(catalog::Relation& relation) {
  for (catalog::Column& column : relation.columns) {
    if (column.type == oid::varchar) column.type_modifier = 255 + 4;
    if (column.type == oid::text || column.type == oid::bytea) column.type_modifier = 65535 + 4;
    if (column.type == oid::text || column.type == oid::varchar) column.character_set = "utf8mb4";
  }
}

void add_relations(World& world) {
  const std::vector<std::pair<std::string, Oid>> msg = {
      {"id", oid::int8},   {"tenant", oid::varchar}, {"body", oid::text},     {"Email", oid::varchar},
      {"meta", oid::json}, {"raw", oid::bytea},      {"title", oid::varchar}, {"created", oid::timestamp}};
  shape_columns(add_relation(world, 100, "app", "msg", msg));
  shape_columns(add_relation(world, 101, "app", "other",
                             {{"id", oid::int8}, {"msg_id", oid::int8}, {"t", oid::text}, {"body", oid::text}}));
  shape_columns(add_relation(world, 102, "s2", "msg", {{"id", oid::int8}, {"body", oid::text}}));
  auto& note = add_relation(world, 103, "app", "note",
                            {{"id", oid::int8},
                             {"hidden", oid::text},
                             {"tenant", oid::varchar},
                             {"body", oid::text},
                             {"email", oid::varchar}});
  shape_columns(note);
  note.columns[1].invisible = true;
  note.columns[3].not_null = true;
  auto& view =
      add_relation(world, 104, "app", "msg_v", {{"id", oid::int8}, {"tenant", oid::varchar}, {"content", oid::text}});
  view.kind = catalog::RelationKind::view;
  view.view_definition =
      "select `m`.`id` AS `id`,`m`.`tenant` AS `tenant`,`m`.`body` AS `content` from `app`.`msg` `m`";
  add_relation(world, 107, "app", "hooked", {{"id", oid::int8}, {"t", oid::text}}).triggers = {{"hook", 502}};
  shape_columns(add_relation(world, 108, "app", "forced", {{"tenant", oid::varchar}, {"body", oid::text}}));
  world.catalog->relations.at(108).triggers = {{"force", 505}};
}

}  // namespace

World make_mysql_world(const sql::mysql::LexerOptions& lexer) {
  World world{std::make_shared<policy::Policy>(), std::make_shared<catalog::Snapshot>()};
  world.policy->generation = 1;
  world.policy->tables.push_back(
      {"app",
       "msg",
       TableId("app.msg"),
       {mysql_sealed("body"), mysql_sealed("EMAIL", "email"), mysql_sealed("meta"), mysql_sealed("raw", "raw")},
       tenants()});
  world.policy->tables.push_back(
      {"app", "note", TableId("app.note"), {mysql_sealed("body"), mysql_sealed("email", "email")}, tenants()});
  world.policy->tables.push_back({"app", "missing", TableId("app.missing"), {mysql_sealed("body")}, tenants()});
  world.policy->tables.push_back({"app", "forced", TableId("app.forced"), {mysql_sealed("body")}, tenants()});
  world.policy->allowed_functions.push_back({"app", "trusted"});
  world.catalog->dialect = lexer;
  add_relations(world);
  add_code(world, 500, "add_msg", "INSERT INTO msg(tenant, body) VALUES (a, b)");
  add_code(world, 501, "runs", "BEGIN PREPARE p FROM @text; EXECUTE p; END");
  add_code(world, 502, "hook", "INSERT INTO app.msg(body) VALUES (new.t)");
  add_code(world, 503, "plus", "RETURN a + 1");
  add_code(world, 504, "become", "SELECT a INTO @app_tenant");
  add_code(world, 505, "force", "SET NEW.body = 'x'");
  add_code(world, 506, "trusted", "INSERT INTO msg(tenant, body) VALUES (a, b)");
  world.catalog->generation = 1;
  world.catalog->build_index();
  return world;
}

const Binding& mysql_world() {
  static const auto binding = make_mysql_world().bind();
  return *binding;
}

const Binding& mariadb_world() {
  static const auto binding = [] {
    World world = make_mysql_world({.flavour = sql::mysql::Flavour::mariadb, .version = 101119});
    catalog::Column tag;
    tag.name = "email_tag";
    tag.type = oid::varchar;
    tag.number = 20;
    tag.generated = tag.invisible = true;
    tag.default_expression = "substr(`Email`,21,24)";
    for (const Oid relation : {100u, 103u}) world.catalog->relations.at(relation).columns.push_back(tag);
    return world.bind();
  }();
  return *binding;
}

SessionNames mysql_names(const Binding& binding) {
  SessionNames names;
  names.search_path = {"app"};
  names.lexer = binding.catalog().dialect;
  return names;
}

std::string shown_mysql(std::string_view text, const Binding& binding) {
  return shown(text, binding, mysql_names(binding));
}

}  // namespace sealrow::plan::test
