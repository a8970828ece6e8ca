#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/wiring.hpp"
#include "sealrow/plan/planner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace sealrow::cli {
namespace {

enum class Format : std::uint8_t { text, json };

struct CheckOptions {
  std::string config, policy;
  std::vector<std::string> databases;
  bool json = false, offline = false;
};

struct Line {
  std::string database;
  plan::Finding finding;
};

std::string_view name_of(plan::Finding::Severity severity) {
  switch (severity) {
    case plan::Finding::Severity::error:
      return "error";
    case plan::Finding::Severity::warning:
      return "warning";
    case plan::Finding::Severity::note:
      return "note";
  }
  return "note";
}

Style style_of(plan::Finding::Severity severity) {
  switch (severity) {
    case plan::Finding::Severity::error:
      return Style::red;
    case plan::Finding::Severity::warning:
      return Style::yellow;
    case plan::Finding::Severity::note:
      return Style::cyan;
  }
  return Style::plain;
}

std::string describe(const Error& error) {
  std::string text = error.message;
  if (!error.detail.empty()) text += ": " + error.detail;
  if (!error.hint.empty()) text += " → " + error.hint;
  return text;
}

void print_table(const std::vector<Line>& lines) {
  Table table({"severity", "code", "database", "object", "finding"});
  for (const auto& [database, finding] : lines)
    table.add({std::string(name_of(finding.severity)), error_slug(finding.error.code), database, finding.error.object,
               describe(finding.error)},
              style_of(finding.severity));
  if (!lines.empty()) table.print(stdout);
}

void print_document(const std::vector<Line>& lines) {
  auto findings = nlohmann::json::array();
  for (const auto& [database, finding] : lines) {
    auto entry = to_json(finding.error);
    entry["severity"] = name_of(finding.severity);
    entry["database"] = database;
    findings.push_back(std::move(entry));
  }
  print_json({{"findings", std::move(findings)}});
}

Exit verdict(const std::vector<Line>& lines, Format format) {
  const auto errors = std::ranges::count_if(
      lines, [](const Line& line) { return line.finding.severity == plan::Finding::Severity::error; });
  if (format == Format::json) {
    print_document(lines);
  } else {
    print_table(lines);
    const auto summary = lines.empty() ? paint(stdout, Style::green, "nothing to complain about")
                                       : fmt::format("{} findings, {} of them errors", lines.size(), errors);
    fmt::print("{}\n", summary);
  }
  return errors != 0 ? Exit::findings : Exit::ok;
}

Exit check(const CheckOptions& options) {
  const auto config = load_config(options.config);
  if (config.value == nullptr) return print_errors(config.errors), Exit::usage;
  const auto policy = load_policy(*config.value, options.policy.empty() ? config.value->policy_file : options.policy);
  if (policy.value == nullptr) return print_errors(policy.errors), Exit::usage;
  const Format format = options.json ? Format::json : Format::text;
  if (options.offline) return verdict({}, format);

  const auto connection = control_connection(*config.value);
  if (connection.has_error()) return fail(connection.error());
  std::vector<Line> lines;
  for (const std::string& database : options.databases.empty() ? catalog_names(*config.value) : options.databases) {
    auto snapshot = catalog::read_snapshot(*connection, database, 1);
    if (snapshot.has_error()) return fail(snapshot.error());
    const auto binding = plan::Binding::make(policy.value, *snapshot);
    for (plan::Finding& finding : plan::check(*binding)) {
      // By severity, and as found within one.
      const auto severity = [](const Line& line) { return line.finding.severity; };
      const auto place = std::ranges::upper_bound(lines, finding.severity, {}, severity);
      lines.insert(place, {database, std::move(finding)});
    }
  }
  return verdict(lines, format);
}

}  // namespace

void add_check(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* command = app.add_subcommand("check", "hold the policy against the live schema");
  add_config_option(*command, options->config);
  command->add_option("--policy", options->policy, "this policy instead of the configured one")
      ->check(CLI::ExistingFile);
  command->add_option("--database", options->databases, "only these databases");
  command->add_flag("--offline", options->offline, "files only, no database");
  command->add_flag("--json", options->json, "JSON");
  command->callback([options, &exit] { exit = check(*options); });
}

}  // namespace sealrow::cli
