// The policy bound to a catalog: which columns of which relations are protected, and which views, functions and rules
// lead to them.
#pragma once

#include "sealrow/plan/planner.hpp"

#include <deque>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace sealrow::plan {

// A relation with protected columns: the policy's table, or a partition, inheritance child or parent of it.
struct BoundRelation {
  const catalog::Relation* relation = nullptr;
  const policy::ProtectedTable* table = nullptr;
  std::vector<const BoundColumn*> columns;  // parallel to relation->columns; null: not protected
  std::optional<Error> problem;             // policy and catalog disagree: writes are refused
};

// What a call of a function may do out of the planner's sight.
enum class FunctionRisk : std::uint8_t { none, names_protected, dynamic_sql };

struct Binding::Impl {
  std::shared_ptr<const policy::Policy> policy;
  std::shared_ptr<const catalog::Snapshot> catalog;
  std::vector<const policy::ProtectedTable*> missing_tables;  // not in the catalog
  std::vector<Error> unfit;                                   // tables and columns that are there and cannot be sealed
  std::vector<Error> problems;                                // both
  std::deque<BoundColumn> columns;                            // stable addresses
  std::unordered_map<Oid, BoundRelation> relations;
  std::unordered_set<Oid> views;                      // views that lead to a protected relation
  std::unordered_map<Oid, FunctionRisk> functions;    // only risky ones
  std::set<std::pair<Oid, std::string>> row_writers;  // triggers of protected relations that may set sealed columns
  std::unordered_set<Oid> hidden_writers;             // relations whose triggers or rules may reach protected ones
  std::unordered_set<Oid> risky_definitions;          // … through a default or constraint
  std::unordered_set<std::string> words;              // names of all these relations
  std::unordered_set<std::string> risky_words;        // bare names of risky functions
  std::unordered_set<std::string> tracked_settings;
  std::unordered_set<Oid> setting_changers;       // functions that may change a tracked setting
  std::unordered_set<std::string> setting_words;  // their bare names
  [[nodiscard]] bool has_tenant_settings() const;

  [[nodiscard]] const BoundRelation* find(const catalog::Relation& relation) const;
  // A relation whose name in a statement makes the statement worth a full look.
  [[nodiscard]] bool leads_to_protected(const catalog::Relation& relation) const;
  [[nodiscard]] FunctionRisk risk_of(const catalog::Function& function) const;
  // The trigger may write values that nobody has sealed, to whatever table.
  [[nodiscard]] bool is_risky(const catalog::Relation& relation, const catalog::Trigger& trigger) const;
  // The code of a trigger may set a sealed column of its row, which is one of `relation`.
  [[nodiscard]] bool sets_sealed(const BoundRelation& relation, std::string_view language, std::string_view body) const;
  [[nodiscard]] bool is_allowed(std::string_view schema, std::string_view name) const;
  // Words of code that the catalog holds.
  [[nodiscard]] sql::WordScan scan(std::string_view code) const;
  // Code that names a protected column of the table.
  [[nodiscard]] bool names_sealed(const BoundRelation& relation, std::string_view code) const;
  // Code given as text: names a protected relation or a risky function, or builds SQL.
  [[nodiscard]] FunctionRisk risk_of_code(std::string_view language, std::string_view body) const;
};

}  // namespace sealrow::plan
