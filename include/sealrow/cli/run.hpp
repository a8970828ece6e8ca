// The command line: `sealrow <command>`. Everything is wired together in this room and nowhere else.
#pragma once

namespace sealrow::cli {

// 0 done · 1 findings or a refusal · 2 usage or configuration · 3 something outside (database, key store, port).
enum class Exit : int { ok = 0, findings = 1, usage = 2, environment = 3 };

[[nodiscard]] int run(int argc, char** argv);

}  // namespace sealrow::cli
