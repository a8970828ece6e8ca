// The schemas for editors and the loaders must know the same words.
#include "support.hpp"

#include "policy/keys_vocabulary.hpp"
#include "policy/server_vocabulary.hpp"
#include "policy/vocabulary.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

using namespace sealrow::policy;
using namespace sealrow::policy::test;
using nlohmann::json;

namespace {

using Names = std::set<std::string>;

Names words(yaml::Words list) { return {list.begin(), list.end()}; }
template <class T, std::size_t n>
Names words(const yaml::Choice<T> (&choices)[n]) {
  Names names;
  for (const auto& choice : choices) names.emplace(choice.name);
  return names;
}
Names properties(const json& object) {
  Names names;
  for (const auto& [key, unused] : object.at("properties").items()) names.insert(key);
  return names;
}
Names options(const json& schema) { return schema.at("enum").get<Names>(); }

}  // namespace

TEST_CASE("the built-in schemas are the published files") {
  CHECK(json_schema() == read_source("config/policy.schema.json"));
  CHECK(server_json_schema() == read_source("config/server.schema.json"));
}

TEST_CASE("the policy schema has the loader's words") {
  namespace v = vocabulary;
  const json schema = json::parse(json_schema());
  const json &defs = schema.at("$defs"), &top = schema.at("properties");
  CHECK(properties(schema) == words(v::file.known));
  CHECK(properties(defs.at("class")) == words(v::class_keys.known));
  CHECK(properties(defs.at("tenant")) == words(v::tenant.known));
  CHECK(properties(defs.at("table")) == words(v::table.known));
  CHECK(properties(top.at("allow")) == words(v::allow.known));
  CHECK(properties(top.at("limits")) == words(v::limits.known));
  const json& column = defs.at("column");
  CHECK(properties(column) == words(v::column.known));
  CHECK(options(column.at("properties").at("type")) == words(v::types));
  CHECK(options(column.at("properties").at("search")) == words(v::searches));
  CHECK(options(column.at("properties").at("acknowledge_leakage")) == words(v::leakages));
  CHECK(options(defs.at("suite")) == words(v::suites));
  CHECK(options(defs.at("compress")) == words(v::compressions));
  CHECK(options(defs.at("normalization")) == words(v::normalizations));
  CHECK(options(defs.at("class").at("properties").at("encryption")) == words(v::encryptions));
}

TEST_CASE("the server schema has the loader's words") {
  namespace v = server_vocabulary;
  const json schema = json::parse(server_json_schema());
  const json& top = schema.at("properties");
  CHECK(properties(schema) == words(v::file.known));
  CHECK(properties(top.at("client_tls")) == words(v::client_tls.known));
  CHECK(properties(top.at("backend")) == words(v::backend.known));
  const json& backend_tls = top.at("backend").at("properties").at("tls");
  CHECK(properties(backend_tls) == words(v::backend_tls.known));
  CHECK(properties(top.at("control")) == words(v::control.known));
  CHECK(properties(top.at("authentication")) == words(v::authentication.known));
  CHECK(properties(top.at("limits")) == words(v::limits.known));
  CHECK(properties(top.at("log")) == words(v::log.known));
  CHECK(properties(schema.at("$defs").at("listener").at("oneOf").at(1)) == words(v::listener.known));
  CHECK(options(top.at("protocol")) == words(v::protocols));
  CHECK(options(top.at("client_tls").at("properties").at("mode")) == words(v::client_tls_modes));
  CHECK(options(backend_tls.at("properties").at("mode")) == words(v::backend_tls_modes));
  CHECK(options(top.at("authentication").at("properties").at("mode")) == words(v::authentication_modes));
  CHECK(options(top.at("log").at("properties").at("level")) == words(v::log_levels));
  CHECK(options(top.at("log").at("properties").at("format")) == words(v::log_formats));
  CHECK(options(top.at("memory_lock")) == words(v::memory_locks));
}

TEST_CASE("the server schema has the loader's words about keys") {
  namespace v = keys_vocabulary;
  const json schema = json::parse(server_json_schema());
  const json& top = schema.at("properties");
  const json& keys = top.at("keys");
  CHECK(properties(keys) == words(v::keys.known));
  CHECK(options(keys.at("properties").at("provider")) == words(v::providers));
  for (const yaml::Keys& section : v::sections) {
    INFO(section.what);
    const json* at = &top;  // "keys.vault.approle": down through the properties
    for (std::string_view rest = section.what; !rest.empty();
         rest.remove_prefix(std::min(rest.find('.'), rest.size() - 1) + 1)) {
      const json& object = at->at(std::string(rest.substr(0, rest.find('.'))));
      at = &object.at("properties");
      if (rest.find('.') == std::string_view::npos) CHECK(properties(object) == words(section.known));
    }
  }
  const json& hsm = keys.at("properties").at("pkcs11").at("properties");
  CHECK(options(hsm.at("mode")) == words(v::pkcs11_modes));
  CHECK(options(hsm.at("nonce")) == words(v::pkcs11_nonces));
}

TEST_CASE("the file's suite names are the envelope's") {
  for (const auto& suite : vocabulary::suites) {
    CHECK(sealrow::crypto::name(suite.value) == suite.name);
    CHECK(sealrow::crypto::suite_from_name(suite.name) == suite.value);
  }
}
