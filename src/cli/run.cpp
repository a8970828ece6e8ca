#include "sealrow/cli/run.hpp"

#include "cli/commands.hpp"
#include "cli/output.hpp"

#include <fmt/format.h>

namespace sealrow::cli {

void add_config_option(CLI::App& command, std::string& path) {
  command.add_option("-c,--config", path, "server configuration (YAML)")->required()->check(CLI::ExistingFile);
}

void add_version(CLI::App& app) {
  CLI::App* command = app.add_subcommand("version", "print the version");
  command->callback([] { fmt::print("sealrow {}\n", SEALROW_VERSION); });
}

int run(int argc, char** argv) {
  CLI::App app{"Sealrow seals columns between an application and its PostgreSQL."};
  app.name("sealrow");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("sealrow ") + SEALROW_VERSION);
  app.footer("Exit codes: 0 done, 1 findings or a refusal, 2 usage or configuration, 3 database, key store or port.");
  Exit exit = Exit::ok;
  add_serve(app, exit);
  add_check(app, exit);
  add_explain(app, exit);
  add_keys(app, exit);
  add_demo(app, exit);
  add_version(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {
    return app.exit(done);
  } catch (const CLI::ParseError& wrong) {
    app.exit(wrong);
    return static_cast<int>(Exit::usage);
  } catch (const Exception& failure) {
    exit = fail(failure.error());
  } catch (const std::exception& failure) {
    exit = fail(Error{ErrorCode::internal, failure.what()});
  }
  return static_cast<int>(exit);
}

}  // namespace sealrow::cli
