#include "sealrow/catalog/snapshot.hpp"

namespace sealrow::catalog {

namespace {

std::string name_key(std::string_view schema, std::string_view name) {
  std::string key;
  key.reserve(schema.size() + 1 + name.size());
  key.append(schema).push_back('\0');
  key.append(name);
  return key;
}

}  // namespace

const Column* Relation::find(std::string_view column) const noexcept {
  for (const Column& candidate : columns) {
    if (candidate.name == column) return &candidate;
  }
  return nullptr;
}

const Column* Relation::find(std::int16_t number) const noexcept {
  for (const Column& candidate : columns) {
    if (candidate.number == number) return &candidate;
  }
  return nullptr;
}

const Relation* Snapshot::find(Oid oid) const noexcept {
  const auto found = relations.find(oid);
  return found == relations.end() ? nullptr : &found->second;
}

const Relation* Snapshot::find(std::string_view schema, std::string_view name) const noexcept {
  const auto found = by_name_.find(name_key(schema, name));
  return found == by_name_.end() ? nullptr : find(found->second);
}

bool Snapshot::has_schema(std::string_view schema) const noexcept { return schemas_.contains(std::string(schema)); }

std::vector<const Function*> Snapshot::find_functions(std::string_view schema, std::string_view name) const {
  std::vector<const Function*> found;
  const auto [begin, end] = functions_by_name_.equal_range(name_key(schema, name));
  for (auto it = begin; it != end; ++it) {
    if (const auto function = functions.find(it->second); function != functions.end()) {
      found.push_back(&function->second);
    }
  }
  return found;
}

bool Snapshot::same_content(const Snapshot& other) const {
  return database == other.database && server_version == other.server_version &&
         server_encoding == other.server_encoding && relations == other.relations && functions == other.functions &&
         system_relations == other.system_relations && system_functions == other.system_functions &&
         types == other.types && dialect == other.dialect;
}

void Snapshot::fold_names() {
  for (auto& [oid, relation] : relations) {
    sql::fold_relation_name(relation.schema, dialect);
    sql::fold_relation_name(relation.name, dialect);
    for (Column& column : relation.columns) sql::fold_column_name(column.name, dialect);
  }
  for (auto& [oid, function] : functions) {
    sql::fold_relation_name(function.schema, dialect);
    sql::fold_column_name(function.name, dialect);
  }
}

void Snapshot::build_index() {
  fold_names();
  by_name_.clear();
  functions_by_name_.clear();
  schemas_.clear();
  for (const auto& [oid, relation] : relations) {
    by_name_.emplace(name_key(relation.schema, relation.name), oid);
    schemas_.emplace(relation.schema, true);
  }
  for (const auto& [oid, function] : functions) {
    functions_by_name_.emplace(name_key(function.schema, function.name), oid);
    schemas_.emplace(function.schema, true);
  }
}

}  // namespace sealrow::catalog
