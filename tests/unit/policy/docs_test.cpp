// Every example in the documentation is a file that loads.
#include "support.hpp"

using namespace sealrow::policy;
using namespace sealrow::policy::test;

namespace {

std::vector<std::string> yaml_blocks(const std::string& document) {
  const std::string text = read_source(document), begin = "```yaml\n", end = "\n```\n";
  std::vector<std::string> blocks;
  for (std::size_t at = text.find(begin); at != text.npos; at = text.find(begin, at)) {
    at += begin.size();
    const std::size_t stop = text.find(end, at);
    REQUIRE(stop != text.npos);
    blocks.push_back(text.substr(at, stop - at + 1));
    at = stop;
  }
  return blocks;
}

}  // namespace

TEST_CASE("the examples of docs/policy.md load") {
  const auto blocks = yaml_blocks("docs/policy.md");
  REQUIRE(blocks.size() >= 6);
  for (const std::string& block : blocks) must_load(block);
}

TEST_CASE("the examples of docs/configuration.md load") {
  const auto blocks = yaml_blocks("docs/configuration.md");
  REQUIRE(blocks.size() >= 3);
  for (const std::string& block : blocks) {
    const auto outcome = load_server_config(block, "server.yaml");
    INFO(block << all(outcome.errors));
    CHECK(outcome.config);
  }
}
