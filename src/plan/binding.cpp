#include "plan/binding.hpp"

#include "plan/types.hpp"

#include <algorithm>

namespace sealrow::plan {

namespace {

using Impl = Binding::Impl;

Error column_problem(ErrorCode code, const policy::ProtectedTable& table, const std::string& column,
                     std::string message, std::string hint) {
  return Error{code, std::move(message), "", std::move(hint), table.schema + "." + table.name + "." + column};
}

Error missing_table(const policy::ProtectedTable& table) {
  return Error{ErrorCode::policy_object_missing, "the policy names a table that does not exist", "",
               "create the table or change the policy", table.schema + "." + table.name};
}

// A database of MySQL is a schema of the one catalog: only its own tables count.
bool has_tables_beside(const Impl& impl, const policy::ProtectedTable& table) {
  const bool mysql = sql::is_mysql(impl.catalog->dialect);
  return std::any_of(impl.catalog->relations.begin(), impl.catalog->relations.end(), [&](const auto& entry) {
    const catalog::Relation& relation = entry.second;
    const catalog::RelationKind kind = relation.kind;
    return (kind == catalog::RelationKind::table || kind == catalog::RelationKind::partitioned_table ||
            kind == catalog::RelationKind::foreign_table) &&
           (!mysql || relation.schema == table.schema);
  });
}

std::string type_hint(const policy::SealedColumn& column) {
  if (column.type != policy::LogicalType::physical) return "a column with a value type of its own is stored as bytea";
  return "sealed columns are text, varchar, json, jsonb or bytea";
}

// What the type's OID does not say. Empty: nothing is wrong.
std::string_view mysql_problem(const catalog::Column& stored, const policy::SealedColumn& column,
                               const sql::Dialect& dialect) {
  if (!sql::is_mysql(dialect)) return {};
  const auto is = [&](std::string_view type) { return stored.native_type.substr(0, type.size()) == type; };
  if (column.type != policy::LogicalType::physical) return "value types of their own are not supported on MySQL yet";
  if (is("char") || is("binary")) return "the column's type pads or strips values";
  if (is("enum") || is("set") || is("uuid") || is("inet")) return "the column's type cannot hold an envelope";
  const std::string_view set = stored.character_set;
  if (set == "ucs2" || set.substr(0, 5) == "utf16" || set == "utf32")
    return "the column's character set takes several bytes for a character of an envelope";
  return {};
}

bool holds(Storage storage, policy::LogicalType type) {
  return type == policy::LogicalType::physical || storage == Storage::text || storage == Storage::bytea;
}

BoundColumn bound_column(const policy::ProtectedTable& table, const policy::SealedColumn& column, Storage storage,
                         const catalog::Column& stored) {
  BoundColumn bound;
  bound.table = &table;
  bound.column = &column;
  bound.storage = storage;
  // atttypmod of varchar(n) is n + 4 (VARHDRSZ). MySQL's other types have a limit too, in bytes.
  if (stored.type_modifier > 4) bound.max_characters = stored.type_modifier - 4;
  bound.physical_type = physical_oid(storage);
  bound.logical_type = column.type == policy::LogicalType::physical ? bound.physical_type : logical_oid(column.type);
  bound.display = table.schema + "." + table.name + "." + column.name;
  return bound;
}

// Partitions and inheritance children have the columns of their parents, by name.
std::vector<const catalog::Relation*> inheritance_tree(const catalog::Snapshot& catalog,
                                                       const catalog::Relation& root) {
  std::vector<const catalog::Relation*> tree = {&root};
  std::unordered_set<Oid> seen = {root.oid};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    for (const auto* related : {&tree[i]->parents, &tree[i]->children}) {
      for (const Oid next : *related) {
        const catalog::Relation* relation = catalog.find(next);
        if (relation && seen.insert(next).second) tree.push_back(relation);
      }
    }
  }
  return tree;
}

std::optional<Error> bind_column(Impl& impl, BoundRelation& bound, const policy::SealedColumn& column) {
  const catalog::Relation& relation = *bound.relation;
  const catalog::Column* stored = relation.find(column.name);
  if (!stored) {
    return column_problem(ErrorCode::policy_object_missing, *bound.table, column.name,
                          "the policy names a column that the table does not have",
                          "add the column or change the policy");
  }
  const auto storage = storage_of(stored->type);
  if (is_array(stored->type)) {
    return column_problem(ErrorCode::policy_type_mismatch, *bound.table, column.name, "an array cannot be sealed",
                          "keep the values as json or jsonb, or in a table of their own, one per row");
  }
  if (!storage || !holds(*storage, column.type)) {
    return column_problem(ErrorCode::policy_type_mismatch, *bound.table, column.name,
                          "the column's type cannot hold an envelope", type_hint(column));
  }
  if (const std::string_view problem = mysql_problem(*stored, column, impl.catalog->dialect); !problem.empty()) {
    return column_problem(ErrorCode::policy_type_mismatch, *bound.table, column.name, std::string(problem),
                          "use varchar, text, json or blob types in utf8mb4");
  }
  if (stored->generated || stored->identity) {
    return column_problem(ErrorCode::policy_type_mismatch, *bound.table, column.name,
                          "a generated column cannot be sealed", "change the column or the policy");
  }
  // MySQL normalises documents as jsonb does; MariaDB keeps their text.
  const bool native =
      *storage == Storage::json && sql::is_mysql(impl.catalog->dialect) && !sql::is_mariadb(impl.catalog->dialect);
  impl.columns.push_back(bound_column(*bound.table, column, native ? Storage::jsonb : *storage, *stored));
  bound.columns[static_cast<std::size_t>(stored - relation.columns.data())] = &impl.columns.back();
  return std::nullopt;
}

void bind_relation(Impl& impl, const policy::ProtectedTable& table, const catalog::Relation& relation, bool named) {
  if (const auto known = impl.relations.find(relation.oid); known != impl.relations.end()) {
    if (!named) return;  // the relation's own policy entry wins over a relative's
    if (known->second.table->schema == table.schema && known->second.table->name == table.name) return;
  }
  BoundRelation bound{&relation, &table, std::vector<const BoundColumn*>(relation.columns.size()), std::nullopt};
  bool any = named;
  const bool stores = relation.view_definition.empty() && relation.kind != catalog::RelationKind::view &&
                      relation.kind != catalog::RelationKind::materialized_view;
  if (!stores) {
    bound.problem = Error{ErrorCode::policy_type_mismatch, "the policy names a view", "",
                          "name the tables that the view reads", table.schema + "." + table.name};
    impl.unfit.push_back(*bound.problem);
    impl.relations.insert_or_assign(relation.oid, std::move(bound));
    return;
  }
  for (const policy::SealedColumn& column : table.columns) {
    // A parent may lack columns that only the child has.
    if (!named && !relation.find(column.name)) continue;
    any = true;
    if (auto problem = bind_column(impl, bound, column)) {
      impl.unfit.push_back(*problem);
      bound.problem = std::move(problem);
    }
  }
  if (any) impl.relations.insert_or_assign(relation.oid, std::move(bound));
}

void bind_tables(Impl& impl) {
  for (const policy::ProtectedTable& table : impl.policy->tables) {
    const catalog::Relation* relation = impl.catalog->find(table.schema, table.name);
    impl.words.insert(table.name);
    if (!relation) {
      impl.missing_tables.push_back(&table);
      continue;
    }
    bind_relation(impl, table, *relation, true);
  }
  // Relatives second: a partition that has a policy entry of its own keeps it.
  for (const policy::ProtectedTable& table : impl.policy->tables) {
    const catalog::Relation* relation = impl.catalog->find(table.schema, table.name);
    if (!relation) continue;
    for (const catalog::Relation* relative : inheritance_tree(*impl.catalog, *relation)) {
      if (relative == relation) continue;
      bind_relation(impl, table, *relative, false);
      if (impl.relations.contains(relative->oid)) impl.words.insert(relative->name);
    }
  }
}

bool contains_any(const std::vector<std::string>& words, const std::unordered_set<std::string>& wanted) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) { return wanted.contains(word); });
}

// Languages whose code can only do what its text says: everything else may build SQL in ways no scan sees.
bool is_transparent(std::string_view language) {
  return language == "sql" || language == "plpgsql" || language == "c" || language == "internal";
}

FunctionRisk risk_of_words(const Impl& impl, std::string_view language, const sql::WordScan& scan) {
  if (contains_any(scan.words, impl.words) || contains_any(scan.words, impl.risky_words)) {
    return FunctionRisk::names_protected;
  }
  // MySQL's "sql" has PREPARE and EXECUTE.
  const bool executes = language == "plpgsql" || (language == "sql" && sql::is_mysql(impl.catalog->dialect));
  if (!is_transparent(language) || (executes && scan.has_execute)) return FunctionRisk::dynamic_sql;
  return FunctionRisk::none;
}

// Followed settings must not change behind a call.
bool changes_settings(const Impl& impl, const sql::WordScan& scan) {
  const auto has = [&](const std::string& word) {
    return std::find(scan.words.begin(), scan.words.end(), word) != scan.words.end();
  };
  if (sql::is_mysql(impl.catalog->dialect)) {
    // SET is not the only way: SELECT … INTO @v, @v := …, OUT parameters.
    const auto is_variable = [&](const std::string& word) {
      return word.starts_with('@') && impl.tracked_settings.contains(word);
    };
    return std::any_of(scan.words.begin(), scan.words.end(), is_variable) ||
           contains_any(scan.words, impl.setting_words);
  }
  if (has("set_config") || contains_any(scan.words, impl.setting_words)) return true;
  if (!has("set")) return false;
  return std::any_of(impl.tracked_settings.begin(), impl.tracked_settings.end(), [&](const std::string& setting) {
    return has(setting.substr(setting.rfind('.') + 1));  // "app.tenant_id" is two words
  });
}

// Views and functions lead to each other, so both are widened until nothing changes.
void find_detours(Impl& impl) {
  std::unordered_map<Oid, sql::WordScan> views, functions;
  for (const auto& [oid, relation] : impl.catalog->relations) {
    if (!relation.view_definition.empty()) views.emplace(oid, impl.scan(relation.view_definition));
  }
  for (const auto& [oid, function] : impl.catalog->functions) {
    if (function.language != "c" && function.language != "internal") {
      functions.emplace(oid, impl.scan(function.body));
    }
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& [oid, scan] : views) {
      if (impl.views.contains(oid)) continue;
      if (!contains_any(scan.words, impl.words) && !contains_any(scan.words, impl.risky_words)) continue;
      impl.views.insert(oid);
      impl.words.insert(impl.catalog->find(oid)->name);
      changed = true;
    }
    for (const auto& [oid, scan] : functions) {
      if (changes_settings(impl, scan) && impl.setting_changers.insert(oid).second) {
        impl.setting_words.insert(impl.catalog->functions.at(oid).name);
        changed = true;
      }
      if (impl.functions.contains(oid)) continue;
      const catalog::Function& function = impl.catalog->functions.at(oid);
      const FunctionRisk risk = risk_of_words(impl, function.language, scan);
      if (risk == FunctionRisk::none || impl.is_allowed(function.schema, function.name)) continue;
      impl.functions.emplace(oid, risk);
      impl.risky_words.insert(function.name);
      changed = true;
    }
  }
}

// In defaults, generated columns and constraints.
bool calls_risky_function(const Impl& impl, const catalog::Relation& relation) {
  const auto risky = [&](const std::string& code) {
    return !code.empty() && contains_any(impl.scan(code).words, impl.risky_words);
  };
  return std::any_of(relation.columns.begin(), relation.columns.end(),
                     [&](const catalog::Column& column) { return risky(column.default_expression); }) ||
         std::any_of(relation.constraints.begin(), relation.constraints.end(),
                     [&](const catalog::Constraint& constraint) {
                       return constraint.kind == catalog::Constraint::Kind::check && risky(constraint.definition);
                     });
}

void find_row_writers(Impl& impl) {
  for (const auto& [oid, bound] : impl.relations) {
    for (const catalog::Trigger& trigger : bound.relation->triggers) {
      const auto entry = impl.catalog->functions.find(trigger.function);
      if (entry == impl.catalog->functions.end()) continue;
      const catalog::Function& function = entry->second;
      if (!impl.sets_sealed(bound, function.language, function.body)) continue;
      if (!impl.is_allowed(function.schema, function.name)) impl.row_writers.emplace(oid, trigger.name);
    }
  }
}

void find_hidden_writers(Impl& impl) {
  for (const auto& [oid, relation] : impl.catalog->relations) {
    for (const catalog::Trigger& trigger : relation.triggers) {
      if (impl.is_risky(relation, trigger)) impl.hidden_writers.insert(oid);
    }
    for (const std::string& rule : relation.rules) {
      if (impl.risk_of_code("sql", rule) != FunctionRisk::none) impl.hidden_writers.insert(oid);
    }
    if (!calls_risky_function(impl, relation)) continue;
    impl.risky_definitions.insert(oid);
    impl.hidden_writers.insert(oid);
  }
  // A row that is written to a parent lands in a child and fires its triggers.
  const std::unordered_set<Oid> direct = impl.hidden_writers;
  for (const Oid oid : direct) {
    for (const catalog::Relation* relative : inheritance_tree(*impl.catalog, *impl.catalog->find(oid))) {
      impl.hidden_writers.insert(relative->oid);
    }
  }
}

void track_settings(Impl& impl) {
  // Settings that decide how names, literals and results read.
  if (sql::is_mysql(impl.catalog->dialect)) {
    impl.tracked_settings = {"database",
                             "sql_mode",
                             "character_set_client",
                             "character_set_connection",
                             "character_set_results",
                             "collation_connection"};
  } else {
    impl.tracked_settings = {"search_path", "standard_conforming_strings", "client_encoding",
                             "role",        "session_authorization",       "bytea_output"};
  }
  for (const policy::ProtectedTable& table : impl.policy->tables) {
    for (const policy::TenantSource& source : table.tenant) {
      if (const auto* session = std::get_if<policy::SessionTenant>(&source))
        impl.tracked_settings.insert(session->setting);
    }
  }
}

}  // namespace

const BoundRelation* Impl::find(const catalog::Relation& relation) const {
  const auto found = relations.find(relation.oid);
  return found == relations.end() ? nullptr : &found->second;
}

bool Impl::leads_to_protected(const catalog::Relation& relation) const {
  return relations.contains(relation.oid) || views.contains(relation.oid);
}

FunctionRisk Impl::risk_of(const catalog::Function& function) const {
  const auto found = functions.find(function.oid);
  return found == functions.end() ? FunctionRisk::none : found->second;
}

bool Impl::is_risky(const catalog::Relation& relation, const catalog::Trigger& trigger) const {
  return functions.contains(trigger.function) || row_writers.contains({relation.oid, trigger.name});
}

// Languages whose code is not read are a risk wherever they are called. MySQL: SET NEW.c = …, and no more is told
// apart.
bool Impl::sets_sealed(const BoundRelation& relation, std::string_view language, std::string_view body) const {
  if (sql::is_mysql(catalog->dialect)) return names_sealed(relation, body);
  if (language != "plpgsql") return false;
  const auto writes = sql::postgres::row_writes(body);
  const auto sealed = [&](const std::string& column) { return relation.table->find(column) != nullptr; };
  return writes.whole || std::any_of(writes.columns.begin(), writes.columns.end(), sealed);
}

bool Impl::is_allowed(std::string_view schema, std::string_view name) const {
  return std::any_of(
      policy->allowed_functions.begin(), policy->allowed_functions.end(),
      [&](const policy::FunctionAllowance& allowed) { return allowed.schema == schema && allowed.name == name; });
}

bool Impl::has_tenant_settings() const {
  return std::any_of(policy->tables.begin(), policy->tables.end(), [](const policy::ProtectedTable& table) {
    return std::any_of(table.tenant.begin(), table.tenant.end(), [](const policy::TenantSource& source) {
      return std::holds_alternative<policy::SessionTenant>(source);
    });
  });
}

sql::WordScan Impl::scan(std::string_view code) const { return sql::scan_words(code, catalog->dialect); }

bool Impl::names_sealed(const BoundRelation& relation, std::string_view code) const {
  const auto found = scan(code).words;
  return std::any_of(found.begin(), found.end(), [&](const std::string& word) { return relation.table->find(word); });
}

FunctionRisk Impl::risk_of_code(std::string_view language, std::string_view body) const {
  return risk_of_words(*this, language, scan(body));
}

namespace {

// Names as the AST and the catalog have them.
std::shared_ptr<const policy::Policy> folded(std::shared_ptr<const policy::Policy> policy,
                                             const sql::Dialect& dialect) {
  if (!sql::is_mysql(dialect)) return policy;
  auto copy = std::make_shared<policy::Policy>(*policy);
  for (policy::ProtectedTable& table : copy->tables) {
    sql::fold_relation_name(table.schema, dialect);
    sql::fold_relation_name(table.name, dialect);
    for (policy::SealedColumn& column : table.columns) sql::fold_column_name(column.name, dialect);
    for (policy::TenantSource& source : table.tenant) {
      if (auto* column = std::get_if<policy::ColumnTenant>(&source)) sql::fold_column_name(column->column, dialect);
      if (auto* setting = std::get_if<policy::SessionTenant>(&source)) sql::fold_column_name(setting->setting, dialect);
    }
  }
  for (policy::FunctionAllowance& allowed : copy->allowed_functions) {
    sql::fold_relation_name(allowed.schema, dialect);
    sql::fold_column_name(allowed.name, dialect);
  }
  return copy;
}

}  // namespace

Binding::Binding(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Binding::~Binding() = default;

std::shared_ptr<const Binding> Binding::make(std::shared_ptr<const policy::Policy> policy,
                                             std::shared_ptr<const catalog::Snapshot> catalog) {
  auto impl = std::make_unique<Impl>();
  impl->policy = folded(std::move(policy), catalog->dialect);
  impl->catalog = std::move(catalog);
  if (!impl->policy->empty()) {
    bind_tables(*impl);
    for (const auto* table : impl->missing_tables) impl->problems.push_back(missing_table(*table));
    impl->problems.insert(impl->problems.end(), impl->unfit.begin(), impl->unfit.end());
    track_settings(*impl);
    find_detours(*impl);
    find_row_writers(*impl);
    find_hidden_writers(*impl);
  }
  return std::shared_ptr<const Binding>(new Binding(std::move(impl)));
}

const policy::Policy& Binding::policy() const noexcept { return *impl_->policy; }
const catalog::Snapshot& Binding::catalog() const noexcept { return *impl_->catalog; }
const std::vector<Error>& Binding::problems() const noexcept { return impl_->problems; }

std::vector<Error> faults(const std::vector<std::shared_ptr<const Binding>>& databases) {
  std::vector<Error> found;
  // An empty database waits for its application's first migration: nothing speaks for a mistake in the policy yet.
  if (!databases.empty() && !databases.front()->policy().allow_missing_tables) {
    for (const policy::ProtectedTable* table : databases.front()->impl().missing_tables) {
      const bool in_use = std::any_of(databases.begin(), databases.end(),
                                      [&](const auto& binding) { return has_tables_beside(binding->impl(), *table); });
      if (!in_use) continue;
      const bool everywhere = std::all_of(databases.begin(), databases.end(), [&](const auto& binding) {
        const auto& missing = binding->impl().missing_tables;
        return std::find(missing.begin(), missing.end(), table) != missing.end();
      });
      if (!everywhere) continue;
      Error& fault = found.emplace_back(missing_table(*table));
      fault.hint = "correct the name, or set allow.missing_tables while the application has yet to create the table";
    }
  }
  for (const auto& binding : databases) {
    found.insert(found.end(), binding->impl().unfit.begin(), binding->impl().unfit.end());
  }
  return found;
}

}  // namespace sealrow::plan
