#include "policy/tenants.hpp"
#include "policy/vocabulary.hpp"
#include "sealrow/policy/loader.hpp"

#include <map>
#include <string>
#include <utility>

namespace sealrow::policy {
namespace {

// A policy as objects with named settings: then every change is found by one comparison.
using Settings = std::map<std::string, std::string>;
using Objects = std::map<std::string, Settings>;

std::string yes_no(bool value) { return value ? "true" : "false"; }

std::string tenants(const std::vector<TenantSource>& sources) {
  std::string text;
  for (const TenantSource& source : sources) text += (text.empty() ? "" : ", then ") + describe(source);
  return text;
}

std::string steps(const Normalization& normalize) {
  std::string text;
  for (const auto& step : vocabulary::normalizations) {
    if (normalize.*step.value) text += (text.empty() ? "" : "+") + std::string(step.name);
  }
  return text.empty() ? "none" : text;
}

Settings settings_of(const SealedColumn& column) {
  const std::string_view type = yaml::name_of(column.type, vocabulary::types);
  return {
      {"class", column.class_name},
      {"id", column.id.value()},
      {"domain", column.domain.value()},
      {"type", type.empty() ? "physical" : std::string(type)},
      {"suite", std::string(yaml::name_of(column.suite, vocabulary::suites))},
      {"compress", std::string(yaml::name_of(column.compression, vocabulary::compressions))},
      {"search", std::string(yaml::name_of(column.search, vocabulary::searches))},
      {"normalize", steps(column.normalize)},
      {"index_group", column.index_group},
  };
}

Objects objects_of(const Policy& policy) {
  Objects objects;
  for (const ProtectedTable& table : policy.tables) {
    const std::string name = table.schema + "." + table.name;
    objects["table " + name] = {{"id", table.id.value()}, {"tenant", tenants(table.tenant)}};
    for (const SealedColumn& column : table.columns)
      objects["column " + name + "." + column.name] = settings_of(column);
  }
  for (const FunctionAllowance& function : policy.allowed_functions) {
    objects["allowed function " + function.schema + "." + function.name] = {};
  }
  objects["settings"] = {{"allow.do_blocks", yes_no(policy.allow_do_blocks)},
                         {"allow.replication", yes_no(policy.allow_replication)},
                         {"allow.missing_tables", yes_no(policy.allow_missing_tables)},
                         {"limits.max_value_size", std::to_string(policy.max_value_size)}};
  return objects;
}

std::string whole(std::string_view sign, const std::string& name, const Settings& settings) {
  std::string line = std::string(sign) + " " + name;
  std::string_view separator = ": ";
  for (const auto& [key, value] : settings) {
    line.append(separator).append(key).append(" ").append(value);
    separator = ", ";
  }
  return line;
}

}  // namespace

std::vector<std::string> diff(const Policy& before, const Policy& after) {
  const Objects old_objects = objects_of(before), new_objects = objects_of(after);
  std::vector<std::string> lines;
  for (const auto& [name, settings] : old_objects) {
    const auto now = new_objects.find(name);
    if (now == new_objects.end()) {
      lines.push_back(whole("-", name, settings));
      continue;
    }
    for (const auto& [key, value] : settings) {
      if (const std::string& changed = now->second.at(key); changed != value) {
        lines.push_back("~ " + name + ": " + key + " " + value + " → " + changed);
      }
    }
  }
  for (const auto& [name, settings] : new_objects) {
    if (!old_objects.contains(name)) lines.push_back(whole("+", name, settings));
  }
  return lines;
}

}  // namespace sealrow::policy
