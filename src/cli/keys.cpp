#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/wiring.hpp"
#include "sealrow/keys/admin.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <memory>

namespace sealrow::cli {
namespace {

struct KeysOptions {
  std::string config;
  std::string directory;  // of a backup
  bool json = false;
};

std::string show(KeyId id) { return fmt::format("{:016x}", id.value()); }
std::string show(WallTime time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(WallTime::clock::to_time_t(time)));
}

// The loaded configuration's key directory, or the exit code of what is wrong with it.
template <class Use>
Exit with_keys(const KeysOptions& options, Use&& use) {
  const auto config = load_config(options.config);
  if (config.value == nullptr) return print_errors(config.errors), Exit::usage;
  return use(keys_config(*config.value));
}

template <class Use>
Exit with_opened_keys(const KeysOptions& options, Use&& use) {
  return with_keys(options, [&use](const keys::KeysConfig& local) {
    const auto opened = keys::open(local);
    return opened.has_error() ? fail(opened.error()) : use(*opened);
  });
}

Exit init(const KeysOptions& options) {
  return with_keys(options, [&options](const keys::KeysConfig& local) {
    const auto report = keys::init(local);
    if (report.has_error()) return fail(report.error());
    if (options.json) {
      print_json({{"kek", report->kek_id}, {"store", report->store_id}, {"recovery_kit", report->recovery_kit}});
      return Exit::ok;
    }
    fmt::print("{} store {} in {} under key-encryption key {}\n\n", paint(stdout, Style::green, "made"),
               report->store_id, local.directory, report->kek_id);
    fmt::print("{}\n{}\n", paint(stdout, Style::bold, "Keep this recovery kit apart from this host:"),
               report->recovery_kit);
    return Exit::ok;
  });
}

Exit status(const KeysOptions& options) {
  return with_opened_keys(options, [&options](const keys::OpenedKeys& opened) {
    const auto report = keys::status(opened);
    if (report.has_error()) return fail(report.error());
    nlohmann::json by_state = nlohmann::json::object();
    for (std::size_t i = 0; i < report->keys_by_state.size(); ++i)
      by_state[std::string(keys::name_of(static_cast<keys::KeyState>(i)))] = report->keys_by_state[i];
    if (options.json) {
      print_json({{"provider", report->provider.name},
                  {"kek", report->provider.kek_id},
                  {"kek_version", report->provider.kek_version},
                  {"usable", report->provider_usable},
                  {"problem", report->provider_problem},
                  {"store", report->store_id},
                  {"deployment", report->deployment},
                  {"epoch", report->head.epoch},
                  {"keys", report->head.keys},
                  {"by_state", by_state},
                  {"retired", report->retired}});
    } else {
      Table table({"", ""});
      table.add({"provider", fmt::format("{} ({})", report->provider.name, report->provider.kek_id)});
      table.add({"usable", report->provider_usable ? paint(stdout, Style::green, "yes")
                                                   : paint(stdout, Style::red, "no: " + report->provider_problem)});
      if (!report->provider.note.empty()) table.add({"note", report->provider.note});
      table.add({"store", fmt::format("{} (deployment {}, epoch {})", report->store_id, report->deployment,
                                      report->head.epoch)});
      for (const auto& [state, count] : by_state.items())
        if (count.get<std::uint64_t>() != 0) table.add({state, fmt::format("{} keys", count.get<std::uint64_t>())});
      table.print(stdout);
    }
    return report->provider_usable ? Exit::ok : Exit::findings;
  });
}

Exit list(const KeysOptions& options) {
  return with_opened_keys(options, [&options](const keys::OpenedKeys& opened) {
    const auto found = keys::list(*opened.store);
    if (found.has_error()) return fail(found.error());
    auto document = nlohmann::json::array();
    Table table({"key", "tenant", "domain", "purpose", "version", "state", "created"});
    for (const keys::KeySummary& key : *found) {
      const std::string purpose(keys::name_of(key.purpose)), state(keys::name_of(key.state));
      table.add({show(key.id), key.tenant.value(), key.domain.value(), purpose, std::to_string(key.version),
                 key.retired ? state + " (retired)" : state, show(key.created_at)});
      document.push_back({{"id", show(key.id)},
                          {"tenant", key.tenant.value()},
                          {"domain", key.domain.value()},
                          {"purpose", purpose},
                          {"version", key.version},
                          {"state", state},
                          {"retired", key.retired},
                          {"kek", key.kek_id},
                          {"kek_version", key.kek_version},
                          {"created", show(key.created_at)}});
    }
    if (options.json)
      print_json(document);
    else if (found->empty())
      fmt::print("no keys yet: they are made at first use\n");
    else
      table.print(stdout);
    return Exit::ok;
  });
}

std::string_view name_of(keys::ProbeStep::Outcome outcome) {
  switch (outcome) {
    case keys::ProbeStep::Outcome::passed:
      return "passed";
    case keys::ProbeStep::Outcome::failed:
      return "failed";
    case keys::ProbeStep::Outcome::not_reached:
      return "not reached";
  }
  return "";
}

void print_probe(const keys::ProbeReport& report) {
  Table table({"step", "result"});
  for (const keys::ProbeStep& step : report.steps) {
    using Outcome = keys::ProbeStep::Outcome;
    std::string result(name_of(step.outcome));
    if (step.outcome == Outcome::passed)
      result = paint(stdout, Style::green, result) + fmt::format(" ({} ms)", step.took.count());
    if (step.outcome == Outcome::failed) result = paint(stdout, Style::red, result) + ": " + to_string(*step.error);
    table.add({step.name, result});
  }
  if (report.provider)
    fmt::print("{} ({})\n{}\n\n", report.provider->name, report.provider->kek_id, report.provider->note);
  table.print(stdout);
  if (!report.note.empty()) fmt::print("\n{}\n", report.note);
}

// A provider that fails is a finding; so scripts tell it from a configuration that cannot even be read.
Exit probe(const KeysOptions& options) {
  return with_keys(options, [&options](const keys::KeysConfig& config) {
    const keys::ProbeReport report = keys::probe(config);
    if (!options.json) {
      print_probe(report);
      return report.passed() ? Exit::ok : Exit::findings;
    }
    auto steps = nlohmann::json::array();
    for (const keys::ProbeStep& step : report.steps) {
      steps.push_back({{"step", step.name}, {"result", name_of(step.outcome)}, {"milliseconds", step.took.count()}});
      if (step.error) steps.back()["error"] = to_json(*step.error);
    }
    nlohmann::json document{{"passed", report.passed()}, {"steps", steps}, {"note", report.note}};
    if (report.provider)
      document["provider"] = {{"name", report.provider->name},
                              {"kek", report.provider->kek_id},
                              {"kek_version", report.provider->kek_version},
                              {"note", report.provider->note}};
    print_json(document);
    return report.passed() ? Exit::ok : Exit::findings;
  });
}

Exit print_head(const Result<keys::StoreHead>& head, const KeysOptions& options, std::string_view done) {
  if (head.has_error()) return fail(head.error());
  if (options.json)
    print_json({{"directory", options.directory}, {"epoch", head->epoch}, {"keys", head->keys}});
  else
    fmt::print("{} {} keys, epoch {}\n", paint(stdout, Style::green, std::string(done)), head->keys, head->epoch);
  return Exit::ok;
}

Exit backup(const KeysOptions& options) {
  return with_keys(options, [&options](const keys::KeysConfig& local) {
    return print_head(keys::backup(local, options.directory), options, "backed up");
  });
}

Exit restore(const KeysOptions& options) {
  return with_keys(options, [&options](const keys::KeysConfig& local) {
    return print_head(keys::restore(local, options.directory), options, "proved and restored");
  });
}

}  // namespace

void add_keys(CLI::App& app, Exit& exit) {
  CLI::App* command = app.add_subcommand("keys", "the key store");
  command->require_subcommand(1);
  const auto add = [command, &exit](const char* name, const char* what, Exit (*act)(const KeysOptions&)) {
    auto options = std::make_shared<KeysOptions>();
    CLI::App* sub = command->add_subcommand(name, what);
    add_config_option(*sub, options->config);
    sub->add_flag("--json", options->json, "JSON");
    sub->callback([options, act, &exit] { exit = act(*options); });
    return std::pair{sub, options};
  };
  const auto add_with_directory = [&add](const char* name, const char* what, const char* directory,
                                         Exit (*act)(const KeysOptions&)) {
    const auto [sub, options] = add(name, what, act);
    sub->add_option("directory", options->directory, directory)->required();
  };
  add("init", "make an empty key store (and, if local, the key-encryption key); prints the recovery kit", init);
  add("status", "is the key-encryption key usable, how many keys are in which state", status);
  add("probe", "test the provider step by step: reach, authenticate, wrap, unwrap; changes nothing", probe);
  add("list", "every key, without its bytes", list);
  add_with_directory("backup", "copy the key store, whole or not at all", "where to; an older copy is replaced",
                     backup);
  add_with_directory("restore", "prove every key of a backup, then put it in place", "the backup", restore);
}

}  // namespace sealrow::cli
