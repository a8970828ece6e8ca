// No bytes make a loader crash, hang or succeed with an error list; what one load accepts is the same the next time.
#include "sealrow/policy/loader.hpp"
#include "sealrow/policy/server_config.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto first = sealrow::policy::load(text, "fuzz.yaml");
  if ((first.policy != nullptr) != first.errors.empty()) std::abort();
  if (first.policy) {
    const auto second = sealrow::policy::load(text, "fuzz.yaml");
    if (!second.policy || !sealrow::policy::diff(*first.policy, *second.policy).empty()) std::abort();
  }
  const auto server = sealrow::policy::load_server_config(text, "fuzz.yaml");
  if ((server.config != nullptr) != server.errors.empty()) std::abort();
  return 0;
}
