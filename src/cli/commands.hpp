// One function per command: adds it to the command line; its callback leaves the exit code.
#pragma once

#include "sealrow/cli/run.hpp"

#include <CLI/CLI.hpp>

namespace sealrow::cli {

void add_serve(CLI::App& app, Exit& exit);
void add_check(CLI::App& app, Exit& exit);
void add_explain(CLI::App& app, Exit& exit);
void add_keys(CLI::App& app, Exit& exit);
void add_demo(CLI::App& app, Exit& exit);
void add_version(CLI::App& app);

// --config FILE, the same everywhere.
void add_config_option(CLI::App& command, std::string& path);

}  // namespace sealrow::cli
