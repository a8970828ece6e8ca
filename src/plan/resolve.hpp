// What a relation or function name in a statement means, under the session's search_path.
#pragma once

#include "plan/binding.hpp"
#include "sealrow/sql/ast.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace sealrow::plan {

struct RelationMeaning {
  enum class Kind : std::uint8_t {
    known,      // in the catalog
    elsewhere,  // system schema, temporary, or not there at all: never protected
    uncertain,  // could be a protected relation: must be refused
  };
  Kind kind = Kind::elsewhere;
  const catalog::Relation* relation = nullptr;
  const BoundRelation* bound = nullptr;
  bool view_to_protected = false;
  [[nodiscard]] bool matters() const noexcept { return kind == Kind::uncertain || bound || view_to_protected; }
};

class Names {
 public:
  Names(const Binding::Impl& binding, const SessionNames& session) : binding_(binding), session_(session) {}

  [[nodiscard]] RelationMeaning relation(const sql::RelationName& name) const;
  // False: neither the catalog nor the system has a relation that the name could mean.
  [[nodiscard]] bool is_known(const sql::RelationName& name) const;
  // A name inside a view's definition: deparsed with its schema, or a CTE.
  [[nodiscard]] RelationMeaning relation_in_view(const sql::RelationName& name) const;
  // A CREATE of this name would make or hide a table of the policy.
  [[nodiscard]] const policy::ProtectedTable* policy_table(const sql::RelationName& name) const;
  // The table of the policy that the catalog lacks, if the name can mean no other: it may have been created by the
  // same text or transaction.
  [[nodiscard]] const policy::ProtectedTable* absent_table(const sql::RelationName& name) const;

  struct FunctionMeaning {
    bool known = false;  // outside pg_catalog: nothing is assumed about its results
    FunctionRisk risk = FunctionRisk::none;
    bool changes_settings = false;
  };
  // names = [schema…, function]
  [[nodiscard]] FunctionMeaning function(const std::vector<std::string>& names) const;
  // All that the name may mean, of those in the catalog.
  [[nodiscard]] std::vector<const catalog::Function*> functions(const std::vector<std::string>& names) const;
  // False: neither the catalog nor the system has a function that the name could mean, or a type to cast to.
  [[nodiscard]] bool is_known_function(const std::vector<std::string>& names) const;
  // Nothing but a function of the server's own that this Sealrow may know by its name. In a view's definition a name
  // without a schema means nothing else; in a statement it might, for all that the catalog shows.
  enum class Place : std::uint8_t { statement, view };
  [[nodiscard]] bool is_builtin(const std::vector<std::string>& names, Place place) const;
  [[nodiscard]] std::string creation_schema() const;
  // The statements before it in the same text changed search_path.
  void forget_search_path() { search_path_known_ = false; }
  [[nodiscard]] bool search_path_known() const noexcept { return session_.search_path_known && search_path_known_; }

 private:
  [[nodiscard]] bool is_system(std::string_view schema) const;
  [[nodiscard]] RelationMeaning meaning(const catalog::Relation* relation) const;

  const Binding::Impl& binding_;
  const SessionNames& session_;
  bool search_path_known_ = true;
};

[[nodiscard]] bool is_system_schema(std::string_view schema, const sql::Dialect& dialect);

}  // namespace sealrow::plan
