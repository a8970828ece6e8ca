// `sealrow demo`: hands over to the demo of the source tree or of the installation.
#include "cli/commands.hpp"
#include "cli/output.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

namespace sealrow::cli {

namespace {

namespace fs = std::filesystem;

// Beside a built tree (build/<preset>/bin/sealrow) or an installation (bin/sealrow, share/sealrow).
fs::path find_demo(const fs::path& program) {
  for (const char* candidate : {"../../../demo/run", "../share/sealrow/demo/run"}) {
    std::error_code ignored;
    const fs::path path = fs::weakly_canonical(program.parent_path() / candidate, ignored);
    if (fs::exists(path, ignored)) return path;
  }
  return {};
}

Exit run_demo(bool once) {
  const fs::path program = fs::read_symlink("/proc/self/exe");
  const fs::path demo = find_demo(program);
  if (demo.empty()) {
    return fail(Error{ErrorCode::config_io, "the demo is not installed", "", "run `make demo` in the source tree"});
  }
  ::setenv("SEALROW_BIN", program.c_str(), 1);
  const std::string path = demo.string();
  ::execl(path.c_str(), path.c_str(), once ? "--once" : nullptr, nullptr);
  return fail(Error{ErrorCode::config_io, "the demo cannot be started", std::strerror(errno), "", path});
}

}  // namespace

void add_demo(CLI::App& app, Exit& exit) {
  CLI::App* command = app.add_subcommand("demo", "a chat application on sealed columns, with throw-away servers");
  const auto once = std::make_shared<bool>(false);
  command->add_flag("--once", *once, "show everything, then end");
  command->callback([&exit, once] { exit = run_demo(*once); });
}

}  // namespace sealrow::cli
