#pragma once

#include "sealrow/policy/loader.hpp"
#include "sealrow/policy/server_config.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace sealrow::policy::test {

inline std::string source_path(const std::string& relative) { return std::string(SEALROW_SOURCE_DIR) + "/" + relative; }

inline std::string read_source(const std::string& relative) {
  std::ifstream file(source_path(relative), std::ios::binary);
  REQUIRE(file.is_open());
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string all(const std::vector<Error>& errors) {
  std::string text;
  for (const Error& error : errors) text += to_string(error) + "\n";
  return text;
}

inline std::shared_ptr<const Policy> must_load(const std::string& yaml) {
  const LoadOutcome outcome = load(yaml, "p.yaml");
  INFO(all(outcome.errors));
  REQUIRE(outcome.policy);
  REQUIRE(outcome.errors.empty());
  return outcome.policy;
}

// One wrong file and the one problem that must be found in it.
struct BadFile {
  const char* name;
  std::string yaml;
  ErrorCode code;
  const char* place;    // "line:column"
  const char* message;  // part of it
  const char* hint;     // part of it; "" means: any
};

inline void check_bad(const BadFile& bad, const std::vector<Error>& errors) {
  INFO(bad.name << "\n" << bad.yaml << "\n" << all(errors));
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].code == bad.code);
  CHECK(errors[0].object == std::string("p.yaml:") + bad.place);
  CHECK(errors[0].message.find(bad.message) != std::string::npos);
  CHECK(errors[0].hint.find(bad.hint) != std::string::npos);
}

}  // namespace sealrow::policy::test
