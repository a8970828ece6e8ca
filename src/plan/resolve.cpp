#include "plan/resolve.hpp"

#include <algorithm>

namespace sealrow::plan {

bool is_system_schema(std::string_view schema, const sql::Dialect& dialect) {
  if (sql::is_mysql(dialect)) {
    std::string name(schema);
    sql::fold_column_name(name, dialect);  // these are found in any case
    return name == "information_schema" || name == "performance_schema" || name == "mysql" || name == "sys";
  }
  return schema == "information_schema" || schema.substr(0, 3) == "pg_";  // reserved prefix, incl. pg_temp
}

bool Names::is_system(std::string_view schema) const { return is_system_schema(schema, binding_.catalog->dialect); }

RelationMeaning Names::meaning(const catalog::Relation* relation) const {
  RelationMeaning result;
  if (!relation) return result;
  result.kind = RelationMeaning::Kind::known;
  result.relation = relation;
  result.bound = binding_.find(*relation);
  result.view_to_protected = !result.bound && binding_.views.contains(relation->oid);
  return result;
}

RelationMeaning Names::relation(const sql::RelationName& name) const {
  if (is_system(name.schema)) return {};
  const policy::Policy& policy = *binding_.policy;
  if (!name.schema.empty()) {
    RelationMeaning found = meaning(binding_.catalog->find(name.schema, name.name));
    if (!found.relation && policy.find(name.schema, name.name)) found.kind = RelationMeaning::Kind::uncertain;
    return found;
  }
  if (!search_path_known()) {
    RelationMeaning unknown;
    if (binding_.words.contains(name.name)) unknown.kind = RelationMeaning::Kind::uncertain;
    return unknown;
  }
  for (const std::string& schema : session_.search_path) {
    if (RelationMeaning found = meaning(binding_.catalog->find(schema, name.name)); found.relation) return found;
    if (policy.find(schema, name.name)) return {RelationMeaning::Kind::uncertain, nullptr, nullptr, false};
  }
  return {};
}

bool Names::is_known(const sql::RelationName& name) const {
  if (is_system(name.schema)) return true;
  if (!name.schema.empty()) return binding_.catalog->find(name.schema, name.name) != nullptr;
  if (binding_.catalog->system_relations.contains(name.name)) return true;
  if (!session_.search_path.empty() && is_system(session_.search_path.front())) return true;
  if (search_path_known()) return relation(name).relation != nullptr;
  const auto& relations = binding_.catalog->relations;
  return std::any_of(relations.begin(), relations.end(),
                     [&](const auto& entry) { return entry.second.name == name.name; });
}

RelationMeaning Names::relation_in_view(const sql::RelationName& name) const {
  if (!name.schema.empty()) return relation(name);
  RelationMeaning unknown;
  if (binding_.words.contains(name.name)) unknown.kind = RelationMeaning::Kind::uncertain;
  return unknown;
}

const policy::ProtectedTable* Names::policy_table(const sql::RelationName& name) const {
  if (!name.schema.empty()) return binding_.policy->find(name.schema, name.name);
  if (search_path_known()) return binding_.policy->find(creation_schema(), name.name);
  for (const policy::ProtectedTable& table : binding_.policy->tables) {
    if (table.name == name.name) return &table;
  }
  return nullptr;
}

const policy::ProtectedTable* Names::absent_table(const sql::RelationName& name) const {
  if (relation(name).kind != RelationMeaning::Kind::uncertain) return nullptr;
  if (!name.schema.empty()) return binding_.policy->find(name.schema, name.name);
  if (!search_path_known()) return nullptr;
  const policy::ProtectedTable* found = nullptr;
  for (const std::string& schema : session_.search_path) {
    const policy::ProtectedTable* table = binding_.policy->find(schema, name.name);
    if (binding_.catalog->find(schema, name.name) || (table && found)) return nullptr;
    if (table) found = table;
  }
  return found;
}

std::string Names::creation_schema() const {
  for (const std::string& schema : session_.search_path) {
    // The first schema that exists; an empty one is not in the catalog snapshot, `public` nearly always is there.
    if (binding_.catalog->has_schema(schema) || schema == "public") return schema;
  }
  return session_.search_path.empty() ? std::string() : session_.search_path.front();
}

std::vector<const catalog::Function*> Names::functions(const std::vector<std::string>& names) const {
  if (names.empty()) return {};
  const std::string& name = names.back();
  const std::string schema = names.size() > 1 ? names[names.size() - 2] : std::string();
  if (is_system(schema)) return {};
  if (!schema.empty()) return binding_.catalog->find_functions(schema, name);
  std::vector<const catalog::Function*> found;
  if (search_path_known()) {
    // Overloads are chosen over the whole path by argument types: any of them may be meant.
    for (const std::string& each : session_.search_path) {
      const auto here = binding_.catalog->find_functions(each, name);
      found.insert(found.end(), here.begin(), here.end());
    }
  } else {
    for (const auto& [oid, function] : binding_.catalog->functions) {
      if (function.name == name) found.push_back(&function);
    }
  }
  return found;
}

Names::FunctionMeaning Names::function(const std::vector<std::string>& names) const {
  FunctionMeaning result;
  for (const catalog::Function* function : functions(names)) {
    result.known = true;
    result.risk = std::max(result.risk, binding_.risk_of(*function));
    if (binding_.setting_changers.contains(function->oid) && !binding_.is_allowed(function->schema, function->name)) {
      result.changes_settings = true;
    }
  }
  return result;
}

bool Names::is_known_function(const std::vector<std::string>& names) const {
  const std::string& name = names.back();
  const std::string schema = names.size() > 1 ? names[names.size() - 2] : std::string();
  if (is_system(schema)) return true;
  const catalog::Snapshot& catalog = *binding_.catalog;
  return (schema.empty() && catalog.system_functions.contains(name)) || catalog.types.contains(name) ||
         function(names).known;
}

bool Names::is_builtin(const std::vector<std::string>& names, Place place) const {
  if (names.empty()) return false;
  // MySQL: a name without a schema means the server's own function before any other.
  if (sql::is_mysql(binding_.catalog->dialect)) return names.size() == 1;
  if (!binding_.catalog->system_functions.contains(names.back())) return false;
  if (names.size() > 1) return names[names.size() - 2] == "pg_catalog";
  return place == Place::view || !function(names).known;
}

}  // namespace sealrow::plan
