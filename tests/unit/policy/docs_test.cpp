// Every example in the documentation is a file that loads, and every key of the files is documented.
#include "support.hpp"

#include "policy/keys_vocabulary.hpp"
#include "policy/server_vocabulary.hpp"
#include "policy/vocabulary.hpp"

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

void check_documented(const std::string& text, std::initializer_list<yaml::Keys> mappings) {
  for (const yaml::Keys& keys : mappings) {
    for (const std::string_view key : keys.known) {
      const std::string word(key);
      INFO(keys.what << ": " << word);
      CHECK((text.find("`" + word + "`") != text.npos || text.find("`" + word + ":") != text.npos ||
             text.find("." + word + "`") != text.npos));
    }
  }
}

}  // namespace

TEST_CASE("every key is in the reference") {
  namespace p = vocabulary;
  namespace s = server_vocabulary;
  check_documented(read_source("docs/policy.md"),
                   {p::file, p::class_keys, p::tenant, p::table, p::column, p::allow, p::limits});
  check_documented(read_source("docs/configuration.md"),
                   {s::file, s::listener, s::client_tls, s::backend, s::backend_tls, s::control, s::authentication,
                    s::limits, s::log, keys_vocabulary::keys});
  for (const yaml::Keys& section : keys_vocabulary::sections)
    check_documented(read_source("docs/configuration.md"), {section});
}

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
