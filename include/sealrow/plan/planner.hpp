// Text + policy + catalog + session names → Plan. Pure functions; thread-safe.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/catalog/snapshot.hpp"
#include "sealrow/plan/plan.hpp"
#include "sealrow/sql/dialect.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::plan {

// Policy bound to a catalog snapshot: made once per (policy generation, catalog generation), shared.
class Binding {
 public:
  [[nodiscard]] static std::shared_ptr<const Binding> make(std::shared_ptr<const policy::Policy> policy,
                                                           std::shared_ptr<const catalog::Snapshot> catalog);
  ~Binding();
  [[nodiscard]] const policy::Policy& policy() const noexcept;
  [[nodiscard]] const catalog::Snapshot& catalog() const noexcept;
  // Policy tables and columns that the catalog lacks or whose type does not fit; writes to such tables are refused.
  [[nodiscard]] const std::vector<Error>& problems() const noexcept;
  struct Impl;
  [[nodiscard]] const Impl& impl() const noexcept { return *impl_; }

 private:
  explicit Binding(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Why the policy must not come into force over these databases, all bound to the same policy: a table that is there
// and cannot be sealed as the policy says, or a table that none of them has, unless they have no tables at all or the
// policy allows it. Looking healthy with a misspelt name would store plaintext.
[[nodiscard]] std::vector<Error> faults(const std::vector<std::shared_ptr<const Binding>>& databases);

// The parts of a session that a plan depends on; all of them are part of the cache key.
struct SessionNames {
  std::vector<std::string> search_path = {"public"};  // resolved: "$user" replaced, pg_catalog and pg_temp left out
  bool search_path_known = true;                      // false: unqualified names of protected tables are refused
  std::string user;
  std::string database;
  sql::Dialect lexer;
  bool utf8 = true;  // client_encoding
};

enum class Protocol : std::uint8_t { simple, extended };

// `text` is an instance of `shape`; literal indexes and edit positions of the plan refer to `shape` and therefore hold
// for every other instance, unless `*exact` comes back true: then literal values decided the plan and it may only be
// used for the very same text.
struct PlanRequest {
  std::string_view text;
  const sql::Template* shape = nullptr;
  Protocol protocol = Protocol::simple;
  const std::vector<Oid>* parameter_types = nullptr;  // as declared by the client in Parse, may be shorter
};
struct PlanOutcome {
  std::shared_ptr<const Plan> plan;
  bool exact = false;
};
[[nodiscard]] PlanOutcome make_plan(const Binding& binding, const SessionNames& names, const PlanRequest& request);

// Per worker, bounded, no locks. Key: template text (full bytes), protocol, parameter types, SessionNames, generations.
class PlanCache {
 public:
  explicit PlanCache(std::size_t capacity = 4096);
  ~PlanCache();
  // Plans on a miss. `names_key` is SessionNames folded to a string once per change (names_key()).
  [[nodiscard]] std::shared_ptr<const Plan> get(const Binding& binding, const SessionNames& names,
                                                std::string_view names_key, const PlanRequest& request);
  struct Stats {
    std::uint64_t hits = 0, misses = 0, evictions = 0;
  };
  [[nodiscard]] Stats stats() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};
[[nodiscard]] std::string names_key(const SessionNames& names);

// Lines about a policy against a live schema: too short varchar, indexes, unique constraints, generated columns,
// full-text siblings, defaults, triggers, missing objects, tenant columns. Severity error: traffic would be refused.
struct Finding {
  enum class Severity : std::uint8_t { error, warning, note };
  Severity severity = Severity::note;
  Error error;  // code, message, object, hint (an exact SQL statement where there is one)
};
[[nodiscard]] std::vector<Finding> check(const Binding& binding);

}  // namespace sealrow::plan
