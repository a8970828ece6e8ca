#include "unit/plan/fixture.hpp"

#include "plan/types.hpp"

namespace sealrow::plan::test {

namespace {

policy::SealedColumn sealed(std::string name, policy::Search search = policy::Search::none, std::string group = "",
                            policy::LogicalType type = policy::LogicalType::physical) {
  policy::SealedColumn column;
  column.name = name;
  column.id = ColumnId(name);
  column.search = search;
  column.index_group = group.empty() ? "msg." + name : group;
  column.type = type;
  return column;
}

void add_policy(policy::Policy& policy, bool column_only) {
  const auto tenants = [&] {
    std::vector<policy::TenantSource> sources = {policy::ColumnTenant{"tenant"}};
    if (!column_only) sources.emplace_back(policy::SessionTenant{"app.tenant_id"});
    return sources;
  };
  policy.generation = 1;
  policy.tables.push_back({"public",
                           "msg",
                           TableId("public.msg"),
                           {sealed("body"), sealed("email", policy::Search::equality, "email"), sealed("meta"),
                            sealed("doc"), sealed("raw", policy::Search::equality),
                            sealed("num", policy::Search::equality, "", policy::LogicalType::int4)},
                           tenants()});
  policy.tables.push_back({"public",
                           "note",
                           TableId("public.note"),
                           {sealed("body"), sealed("email", policy::Search::equality, "email")},
                           tenants()});
  policy.tables.push_back({"public", "missing", TableId("public.missing"), {sealed("body")}, tenants()});
  policy.allowed_functions.push_back({"public", "trusted"});
}

void add_function(World& world, Oid oid, std::string name, std::string language, std::string body) {
  world.catalog->functions.emplace(
      oid, catalog::Function{oid, "public", std::move(name), std::move(language), std::move(body)});
}

}  // namespace

catalog::Relation& add_relation(World& world, Oid number, std::string schema, std::string name,
                                std::vector<std::pair<std::string, Oid>> columns) {
  catalog::Relation relation;
  relation.oid = number;
  relation.schema = std::move(schema);
  relation.name = std::move(name);
  relation.kind = catalog::RelationKind::table;
  for (auto& [column, type] : columns) {
    catalog::Column stored;
    stored.name = column;
    stored.type = type;
    stored.number = static_cast<std::int16_t>(relation.columns.size() + 1);
    relation.columns.push_back(std::move(stored));
  }
  return world.catalog->relations.insert_or_assign(number, std::move(relation)).first->second;
}

World make_world(bool column_only) {
  World world{std::make_shared<policy::Policy>(), std::make_shared<catalog::Snapshot>()};
  add_policy(*world.policy, column_only);
  const std::vector<std::pair<std::string, Oid>> msg = {
      {"id", oid::int8},       {"tenant", oid::text}, {"body", oid::text},
      {"email", oid::varchar}, {"meta", oid::jsonb},  {"doc", oid::json},
      {"raw", oid::bytea},     {"num", oid::bytea},   {"created", oid::timestamptz}};
  add_relation(world, 100, "public", "msg", msg).children = {110};
  add_relation(world, 110, "public", "msg_p1", msg).parents = {100};
  add_relation(world, 101, "public", "other",
               {{"id", oid::int8}, {"msg_id", oid::int8}, {"t", oid::text}, {"body", oid::text}});
  add_relation(world, 102, "s2", "msg", {{"id", oid::int8}, {"body", oid::text}});
  add_relation(world, 103, "public", "note",
               {{"id", oid::int8}, {"tenant", oid::text}, {"body", oid::text}, {"email", oid::text}});
  auto& view =
      add_relation(world, 104, "public", "msg_v", {{"id", oid::int8}, {"tenant", oid::text}, {"content", oid::text}});
  view.kind = catalog::RelationKind::view;
  view.view_definition = "SELECT m.id, m.tenant, m.body AS content FROM public.msg m";
  auto& nested = add_relation(world, 105, "public", "msg_vv", {{"id", oid::int8}, {"c", oid::text}});
  nested.kind = catalog::RelationKind::view;
  nested.view_definition = "SELECT msg_v.id, msg_v.content AS c FROM public.msg_v WHERE msg_v.id > 5";
  auto& counts = add_relation(world, 106, "public", "msg_counts", {{"tenant", oid::text}, {"n", oid::int8}});
  counts.kind = catalog::RelationKind::view;
  counts.view_definition = "SELECT msg.tenant, count(msg.body) AS n FROM public.msg GROUP BY msg.tenant";
  add_relation(world, 107, "public", "hooked", {{"id", oid::int8}, {"t", oid::text}}).triggers = {{"hook", 502}};
  add_relation(world, 108, "public", "Mixed", {{"id", oid::int8}});
  add_relation(world, 109, "public", "sneaky", {{"id", oid::int8}, {"t", oid::text}}).columns[1].default_expression =
      "add_msg('a'::text, 'b'::text)";
  auto& calls = add_relation(world, 111, "public", "calling_v", {{"x", oid::text}});
  calls.kind = catalog::RelationKind::view;
  calls.view_definition = "SELECT public.add_msg('a'::text, 'b'::text) AS x";
  add_function(world, 500, "add_msg", "sql", "INSERT INTO msg(tenant, body) VALUES ($1, $2)");
  add_function(world, 501, "runs", "plpgsql", "BEGIN EXECUTE $1; END");
  add_function(world, 502, "hook_function", "plpgsql", "BEGIN INSERT INTO msg(body) VALUES (new.t); RETURN new; END");
  add_function(world, 503, "indirect", "sql", "SELECT add_msg($1, $1)");
  add_function(world, 504, "plus", "sql", "SELECT $1 + 1");
  add_function(world, 505, "trusted", "sql", "INSERT INTO msg(tenant, body) VALUES ($1, $2)");
  add_function(world, 506, "become", "sql", "SELECT set_config('app.tenant_id', $1, false)");
  world.catalog->system_functions = {"any_value",
                                     "array_agg",
                                     "array_to_json",
                                     "avg",
                                     "btrim",
                                     "concat",
                                     "count",
                                     "current_setting",
                                     "first_value",
                                     "json_agg",
                                     "json_build_array",
                                     "json_build_object",
                                     "json_each",
                                     "json_object_agg",
                                     "jsonb_agg",
                                     "jsonb_build_array",
                                     "jsonb_build_object",
                                     "jsonb_object_agg",
                                     "lag",
                                     "last_value",
                                     "lead",
                                     "left",
                                     "length",
                                     "lower",
                                     "max",
                                     "min",
                                     "now",
                                     "nth_value",
                                     "row_number",
                                     "row_to_json",
                                     "set_config",
                                     "to_json",
                                     "to_jsonb",
                                     "unnest",
                                     "upper"};
  world.catalog->types = {"bool", "date", "int4", "text"};
  world.catalog->generation = 1;
  world.catalog->build_index();
  return world;
}

const Binding& world() {
  static const auto binding = make_world().bind();
  return *binding;
}

const Binding& column_world() {
  static const auto binding = make_world(true).bind();
  return *binding;
}

PlanOutcome plan(std::string_view text, const Binding& binding, const SessionNames& names, Protocol protocol,
                 const std::vector<Oid>& types) {
  sql::Template shape;
  sql::make_template(text, names.lexer, shape);
  return make_plan(binding, names, {text, &shape, protocol, &types});
}

namespace {

std::string name(ErrorCode code) {
  switch (code) {
#define SEALROW_X(number, state, id, title) \
  case ErrorCode::id:                       \
    return #id;
    SEALROW_ERROR_CODES(SEALROW_X)
#undef SEALROW_X
  }
  return "?";
}

std::string shown(const Plan& plan, const Destination& destination) {
  const BoundColumn& column = plan.columns.at(destination.column);
  std::string text = destination.purpose == Purpose::seal         ? "seal "
                     : destination.purpose == Purpose::search_tag ? "tag "
                                                                  : "tags ";
  text += column.table->name == "msg" ? column.column->name : column.table->name + "." + column.column->name;
  if (destination.json_as_text) text += " as text";
  for (const InputRef& input : plan.tenants.at(destination.tenant).inputs) {
    text += " @";
    if (const auto* literal = std::get_if<LiteralRef>(&input)) {
      text += "L" + std::to_string(literal->index);
    } else {
      text += "$" + std::to_string(std::get<ParameterRef>(input).number);
    }
  }
  return text;
}

std::string edited(const Plan& plan, std::string_view text, const sql::Template& shape) {
  std::string out;
  std::size_t literal = 0;
  auto edit = plan.edits.begin();
  for (std::size_t i = 0; i <= shape.text.size();) {
    for (; edit != plan.edits.end(); ++edit) {
      const auto* replace = std::get_if<ReplaceText>(&*edit);
      if (!replace || replace->begin != i) break;
      out +=
          replace->destination ? "<" + shown(plan, *replace->destination) + " " + replace->text + ">" : replace->text;
      i = replace->end;
      if (replace->end > replace->begin) {
        ++edit;
        break;
      }
    }
    if (edit != plan.edits.end()) {
      const auto* replace = std::get_if<ReplaceText>(&*edit);
      if (replace && replace->begin == i) continue;
    }
    if (i >= shape.text.size()) break;
    if (shape.text[i] != '\x01') {
      out += shape.text[i++];
      continue;
    }
    const auto* replace = edit != plan.edits.end() ? std::get_if<ReplaceLiteral>(&*edit) : nullptr;
    if (replace && replace->literal == literal) {
      out += "<" + shown(plan, replace->destination) + (replace->negative ? " negative>" : ">");
      ++edit;
    } else {
      const sql::Span span = shape.literals.at(literal).span;
      out += text.substr(span.begin, span.end - span.begin);
    }
    ++literal;
    i += 2;
  }
  if (edit != plan.edits.end()) out += " !!edits left";
  return out;
}

// "[-,S]" by position, "{id -,body S}" by name, "[S...]" for a list; S: sealed, -: clear, empty: harmless.
std::string shown(const Places& places) {
  switch (places.kind) {
    case Places::Kind::harmless:
      return "";
    case Places::Kind::clear:
      return "-";
    case Places::Kind::sealed:
      return "S";
    case Places::Kind::list:
      return "[" + shown(*places.parts[0]) + "...]";
    case Places::Kind::members:
      break;
  }
  std::string text = places.names.empty() ? "[" : "{";
  for (std::size_t i = 0; i < places.parts.size(); ++i) {
    text += i ? "," : "";
    if (!places.names.empty()) text += places.names[i] + " ";
    text += shown(*places.parts[i]);
  }
  return text + (places.names.empty() ? "]" : "}");
}

std::string shown(const Plan& plan, const StatementPlan& statement) {
  std::string text;
  for (std::size_t i = 0; i < statement.parameters.size(); ++i) {
    const ParameterPlan& parameter = statement.parameters[i];
    if (parameter.sent.size() == 1 && !parameter.sent[0].destination) continue;
    for (const ParameterPlan::Sent& sent : parameter.sent) {
      text += " | $" + std::to_string(i + 1);
      if (sent.sent_as != i + 1) text += "->$" + std::to_string(sent.sent_as);
      text += "=" + (sent.destination ? shown(plan, *sent.destination) : std::string("clear"));
      if (sent.physical_type) text += ":" + std::to_string(sent.physical_type);
    }
    if (parameter.logical_type) text += " shown " + std::to_string(parameter.logical_type);
  }
  if (!statement.outputs.any()) return text;
  text += " => ";
  const Outputs& outputs = statement.outputs;
  for (std::size_t at = 0; at < outputs.columns.size(); ++at) {
    const OutputColumn& output = outputs.columns[at];
    if (at > 0) text += ",";
    if (outputs.gap == at) text += "...,";
    if (output.readable.empty()) text += "-";
    for (std::size_t i = 0; i < output.readable.size(); ++i) {
      const BoundColumn& column = plan.columns.at(output.readable[i]);
      text += (i ? "+" : "") + (column.table->name == "msg" ? "" : column.table->name + ".") + column.column->name;
    }
    if (!output.readable.empty() && !output.direct) text += "*";
    if (output.places) text += shown(*output.places);
    if (output.logical_type) text += ":" + std::to_string(output.logical_type);
  }
  if (outputs.gap == outputs.columns.size()) text += ",...";
  return text;
}

}  // namespace

std::string shown(std::string_view text, const Binding& binding, const SessionNames& names,
                  const std::vector<Oid>& types) {
  sql::Template shape;
  sql::make_template(text, names.lexer, shape);
  const PlanOutcome outcome = make_plan(binding, names, {text, &shape, Protocol::extended, &types});
  const Plan& plan = *outcome.plan;
  if (plan.verdict == Verdict::pass) return "pass";
  if (plan.verdict == Verdict::refuse) return "refuse " + name(plan.refusal.code);
  std::string line = plan.edits.empty() ? "same" : edited(plan, text, shape);
  for (const StatementPlan& statement : plan.statements) line += shown(plan, statement);
  return line;
}

Error refusal(std::string_view text, const Binding& binding) { return plan(text, binding).plan->refusal; }

}  // namespace sealrow::plan::test
