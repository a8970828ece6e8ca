#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/wiring.hpp"
#include "sealrow/plan/planner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

namespace sealrow::cli {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

struct ExplainOptions {
  std::string config, policy, database, user, sql;
  std::vector<std::string> search_path{"public"};
  std::vector<std::string> parameters;
  bool json = false;
};

constexpr std::array<std::pair<std::string_view, Oid>, 16> type_names{{
    {"bool", 16},
    {"bytea", 17},
    {"int8", 20},
    {"int2", 21},
    {"int4", 23},
    {"text", 25},
    {"json", 114},
    {"float4", 700},
    {"float8", 701},
    {"varchar", 1043},
    {"date", 1082},
    {"timestamp", 1114},
    {"timestamptz", 1184},
    {"numeric", 1700},
    {"uuid", 2950},
    {"jsonb", 3802},
}};

// A name of the list above, a number, or "?" for a parameter whose type the client leaves open.
Result<Oid> type_oid(const std::string& name) {
  if (name == "?") return Oid{0};
  const auto found =
      std::ranges::find(type_names, std::string_view(name), [](const auto& entry) { return entry.first; });
  if (found != type_names.end()) return found->second;
  if (!name.empty() && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; }) && name.size() < 10)
    return static_cast<Oid>(std::stoul(name));
  return Error{ErrorCode::config_value, "unknown parameter type", {}, "use a type's OID or ?", name};
}

std::string_view name_of(plan::Verdict verdict) {
  switch (verdict) {
    case plan::Verdict::pass:
      return "pass";
    case plan::Verdict::apply:
      return "apply";
    case plan::Verdict::refuse:
      return "refuse";
  }
  return "refuse";
}

std::string_view name_of(plan::Purpose purpose) {
  switch (purpose) {
    case plan::Purpose::seal:
      return "seal";
    case plan::Purpose::search_tag:
      return "tag";
    case plan::Purpose::search_tag_array:
      return "tags";
  }
  return "seal";
}

std::string describe(const plan::Plan& plan, const plan::Destination& destination) {
  return fmt::format("{} {}", name_of(destination.purpose), plan.columns.at(destination.column).display);
}

// The text as the server would get it; what will stand for a value is in ⟨ ⟩, the value itself is never shown.
std::string rewritten(const plan::Plan& plan, std::string_view text, const sql::Template& shape) {
  std::string out;
  std::size_t literal = 0;
  auto edit = plan.edits.begin();
  const std::string_view source = shape.text;
  for (std::size_t at = 0; at <= source.size();) {
    if (edit != plan.edits.end()) {
      const auto* replace = std::get_if<plan::ReplaceText>(&*edit);
      if (replace != nullptr && replace->begin == at) {
        out += replace->destination ? "⟨" + describe(plan, *replace->destination) + "⟩" : replace->text;
        at = replace->end;
        ++edit;
        continue;
      }
    }
    if (at == source.size()) break;
    if (source[at] != '\x01' || literal >= shape.literals.size()) {
      out += source[at++];
      continue;
    }
    const auto* sealed = edit == plan.edits.end() ? nullptr : std::get_if<plan::ReplaceLiteral>(&*edit);
    if (sealed != nullptr && sealed->literal == literal) {
      out += "⟨" + describe(plan, sealed->destination) + "⟩";
      ++edit;
    } else {
      const auto& span = shape.literals[literal].span;
      out += text.substr(span.begin, span.end - span.begin);
    }
    ++literal;
    at += 2;
  }
  return out;
}

std::string describe(const policy::TenantSource& source) {
  return std::visit(
      Overloaded{[](const policy::ConstantTenant& s) { return fmt::format("always {}", s.tenant.value()); },
                 [](const policy::SessionTenant& s) { return fmt::format("session setting {}", s.setting); },
                 [](const policy::UserTenant& s) { return fmt::format("database user by /{}/", s.pattern); },
                 [](const policy::ColumnTenant& s) { return fmt::format("column {}", s.column); }},
      source);
}

std::string describe(const plan::TenantRule& rule) {
  std::string text = rule.table->schema + "." + rule.table->name + ":";
  for (const plan::InputRef& input : rule.inputs)
    text +=
        std::visit(Overloaded{[](const plan::LiteralRef& ref) { return fmt::format(" literal {},", ref.index + 1); },
                              [](const plan::ParameterRef& ref) { return fmt::format(" ${},", ref.number); }},
                   input);
  for (const policy::TenantSource& source : rule.table->tenant) text += " " + describe(source) + ",";
  text.pop_back();
  return text;
}

struct Explained {
  std::shared_ptr<const plan::Plan> plan;
  std::string text;  // rewritten
  std::vector<std::string> tenants, parameters, outputs;
};

Explained explain_plan(const plan::PlanOutcome& outcome, std::string_view text, const sql::Template& shape) {
  Explained explained{outcome.plan, {}, {}, {}, {}};
  const plan::Plan& plan = *outcome.plan;
  if (plan.verdict != plan::Verdict::refuse) explained.text = rewritten(plan, text, shape);
  for (const plan::TenantRule& rule : plan.tenants) explained.tenants.push_back(describe(rule));
  for (const plan::StatementPlan& statement : plan.statements) {
    for (std::size_t i = 0; i < statement.parameters.size(); ++i)
      for (const auto& sent : statement.parameters[i].sent)
        if (sent.destination)
          explained.parameters.push_back(
              fmt::format("${} → ${}: {}", i + 1, sent.sent_as, describe(plan, *sent.destination)));
    const plan::Outputs& outputs = statement.outputs;
    for (std::size_t i = 0; i < outputs.columns.size(); ++i) {
      const bool behind_gap = outputs.gap && i >= *outputs.gap;  // counted from the end
      const std::string place =
          behind_gap ? fmt::format("last but {}", outputs.columns.size() - i - 1) : fmt::format("{}", i + 1);
      for (const plan::ColumnIndex column : outputs.columns[i].readable)
        explained.outputs.push_back(fmt::format("result column {}: open {}", place, plan.columns.at(column).display));
    }
  }
  return explained;
}

void print_text(const Explained& explained) {
  const plan::Plan& plan = *explained.plan;
  const Style style = plan.verdict == plan::Verdict::refuse  ? Style::red
                      : plan.verdict == plan::Verdict::apply ? Style::green
                                                             : Style::cyan;
  const auto line = [](std::string_view title, std::string_view text) {
    fmt::print("{} {}\n", paint(stdout, Style::bold, fmt::format("{:<10}", title)), text);
  };
  line("verdict", paint(stdout, style, name_of(plan.verdict)));
  if (plan.verdict == plan::Verdict::refuse) line("reason", to_string(plan.refusal));
  if (!explained.text.empty()) line("sent", explained.text);
  for (const std::string& tenant : explained.tenants) line("tenant", tenant);
  for (const std::string& parameter : explained.parameters) line("parameter", parameter);
  for (const std::string& output : explained.outputs) line("output", output);
  for (const std::string& note : plan.notes) line("note", note);
}

void print_document(const Explained& explained) {
  const plan::Plan& plan = *explained.plan;
  nlohmann::json document{{"verdict", name_of(plan.verdict)},
                          {"tenants", explained.tenants},
                          {"parameters", explained.parameters},
                          {"outputs", explained.outputs},
                          {"notes", plan.notes}};
  if (plan.verdict == plan::Verdict::refuse)
    document["refusal"] = to_json(plan.refusal);
  else
    document["sent"] = explained.text;
  print_json(document);
}

plan::SessionNames session_names(const ExplainOptions& options, const policy::ServerConfig& config) {
  plan::SessionNames names;
  names.user = options.user;
  if (config.protocol == policy::Protocol::mysql) {  // databases are schemas: the current one is the whole path
    names.search_path.clear();
    if (!options.database.empty()) names.search_path.push_back(options.database);
    return names;
  }
  names.database = options.database.empty() ? config.control.databases.front() : options.database;
  names.search_path = options.search_path;
  return names;
}

Exit explain(const ExplainOptions& options) {
  const auto config = load_config(options.config);
  if (config.value == nullptr) return print_errors(config.errors), Exit::usage;
  const auto policy = load_policy(*config.value, options.policy.empty() ? config.value->policy_file : options.policy);
  if (policy.value == nullptr) return print_errors(policy.errors), Exit::usage;
  std::vector<Oid> types;
  for (const std::string& name : options.parameters) {
    const auto oid = type_oid(name);
    if (oid.has_error()) return fail(oid.error());
    types.push_back(*oid);
  }
  const auto connection = control_connection(*config.value);
  if (connection.has_error()) return fail(connection.error());
  plan::SessionNames names = session_names(options, *config.value);
  auto snapshot = catalog::read_snapshot(*connection, names.database, 1);
  if (snapshot.has_error()) return fail(snapshot.error());
  names.lexer = (*snapshot)->dialect;

  const auto binding = plan::Binding::make(policy.value, *snapshot);
  sql::Template shape;
  sql::make_template(options.sql, names.lexer, shape);
  const char* const marker = sql::is_mysql(names.lexer) ? "?" : "$1";
  const auto protocol = options.parameters.empty() && options.sql.find(marker) == std::string::npos
                            ? plan::Protocol::simple
                            : plan::Protocol::extended;
  const auto outcome = plan::make_plan(*binding, names, {options.sql, &shape, protocol, &types});
  const Explained explained = explain_plan(outcome, options.sql, shape);
  if (options.json)
    print_document(explained);
  else
    print_text(explained);
  return outcome.plan->verdict == plan::Verdict::refuse ? Exit::findings : Exit::ok;
}

}  // namespace

void add_explain(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command = app.add_subcommand("explain", "show what would happen to a statement, without sending it");
  command->add_option("sql", options->sql, "the statement")->required();
  add_config_option(*command, options->config);
  command->add_option("--policy", options->policy, "this policy instead of the configured one")
      ->check(CLI::ExistingFile);
  command->add_option("--database", options->database,
                      "current database; default: the first of control.databases, with MySQL none");
  command->add_option("--user", options->user, "database user of the session");
  command->add_option("--search-path", options->search_path, "schemas in order, $user replaced")->delimiter(',');
  command->add_option("--params", options->parameters, "types of $1, $2, …: names, OIDs or ?")->delimiter(',');
  command->add_flag("--json", options->json, "JSON");
  command->callback([options, &exit] { exit = explain(*options); });
}

}  // namespace sealrow::cli
