// `sealrow check`: what of a live schema would hinder sealing or undo it.
#include "plan/binding.hpp"
#include "plan/index_statements.hpp"
#include "plan/types.hpp"

#include <algorithm>

namespace sealrow::plan {

namespace {

constexpr Oid tsvector = 3614;       // pg_type.dat
constexpr std::size_t max_utf8 = 4;  // bytes per character

using Severity = Finding::Severity;

class Checker {
 public:
  explicit Checker(const Binding::Impl& binding) : binding_(binding) {}

  std::vector<Finding> run() {
    for (const Error& problem : binding_.problems) findings_.push_back({Severity::error, problem});
    std::vector<const BoundRelation*> relations;
    for (const auto& [oid, bound] : binding_.relations) relations.push_back(&bound);
    std::sort(relations.begin(), relations.end(), [](const auto* a, const auto* b) {
      return std::tie(a->relation->schema, a->relation->name) < std::tie(b->relation->schema, b->relation->name);
    });
    for (const BoundRelation* bound : relations) check(*bound);
    return std::move(findings_);
  }

 private:
  void add(Severity severity, ErrorCode code, std::string object, std::string message, std::string hint) {
    findings_.push_back({severity, Error{code, std::move(message), "", std::move(hint), std::move(object)}});
  }
  [[nodiscard]] const sql::Dialect& dialect() const { return binding_.catalog->dialect; }
  [[nodiscard]] std::string quoted(std::string_view name) const { return plan::quoted(name, dialect()); }
  [[nodiscard]] std::string table_of(const catalog::Relation& relation) const {
    return plan::quoted(relation, dialect());
  }
  static std::string object_of(const catalog::Relation& relation, std::string_view part) {
    return relation.schema + "." + relation.name + "." + std::string(part);
  }
  static const BoundColumn* sealed_at(const BoundRelation& bound, std::int16_t number) {
    for (std::size_t i = 0; i < bound.columns.size(); ++i) {
      if (bound.columns[i] && bound.relation->columns[i].number == number) return bound.columns[i];
    }
    return nullptr;
  }
  bool names_sealed(const BoundRelation& bound, std::string_view expression) const {
    return binding_.names_sealed(bound, expression);
  }

  void check(const BoundRelation& bound) {
    check_tenants(bound);
    for (std::size_t i = 0; i < bound.columns.size(); ++i) {
      const catalog::Column& stored = bound.relation->columns[i];
      if (bound.columns[i]) {
        check_column(bound, *bound.columns[i], stored);
      } else {
        check_sibling(bound, stored);
      }
    }
    for (const catalog::Index& index : bound.relation->indexes) check_index(bound, index);
    for (const catalog::Constraint& constraint : bound.relation->constraints) check_constraint(bound, constraint);
    check_triggers(bound);
  }

  void check_tenants(const BoundRelation& bound) {
    for (const policy::TenantSource& source : bound.table->tenant) {
      const auto* column = std::get_if<policy::ColumnTenant>(&source);
      if (!column || bound.relation->find(column->column)) continue;
      add(Severity::error, ErrorCode::policy_object_missing, object_of(*bound.relation, column->column),
          "the policy takes the tenant from a column that the table does not have",
          "add the column or change the policy");
    }
  }

  // `max` characters for a value of n bytes; bytes where the column holds them.
  static std::size_t stored_size(const BoundColumn& column, std::size_t bytes) {
    const std::size_t envelope = crypto::envelope_size(column.column->suite, has_tag(column), bytes);
    return column.storage == Storage::bytea ? envelope : crypto::text_spelling_size(envelope);
  }

  [[nodiscard]] std::string widen(const catalog::Relation& relation, const BoundColumn& column,
                                  const catalog::Column& stored) const {
    const std::size_t wanted = stored_size(column, std::size_t{column.max_characters} * max_utf8);
    const std::string table = "ALTER TABLE " + table_of(relation);
    if (!sql::is_mysql(dialect()))
      return table + " ALTER COLUMN " + quoted(stored.name) + " TYPE varchar(" + std::to_string(wanted) + ");";
    constexpr std::size_t max_varchar = 16383;  // of utf8mb4 in a row of 65535 bytes
    const bool bytes = column.storage == Storage::bytea;
    std::string type = wanted > 16777215 ? "long" : wanted > 65535 ? "medium" : "";
    type += bytes ? "blob" : "text";
    if (column.storage == Storage::varchar && wanted <= max_varchar) type = "varchar(" + std::to_string(wanted) + ")";
    return table + " MODIFY COLUMN " + quoted(stored.name) + " " + type + (stored.not_null ? " NOT NULL;" : ";");
  }

  void check_column(const BoundRelation& bound, const BoundColumn& column, const catalog::Column& stored) {
    const catalog::Relation& relation = *bound.relation;
    const std::string object = object_of(relation, stored.name);
    if (column.max_characters != 0 && column.max_characters < stored_size(column, column.max_characters)) {
      const bool none = column.max_characters < stored_size(column, 0);
      add(none ? Severity::error : Severity::warning, ErrorCode::envelope_too_long, object,
          none ? "no envelope fits into the column" : "envelopes of long values do not fit into the column",
          widen(relation, column, stored));
    }
    if (!stored.default_expression.empty() && stored.default_expression.substr(0, 4) != "NULL") {
      add(Severity::error, ErrorCode::clear_to_sealed, object, "the column's default would be stored unsealed",
          "ALTER TABLE " + table_of(relation) + " ALTER COLUMN " + quoted(stored.name) + " DROP DEFAULT;");
    }
    check_characters(column, stored, object);
    if (has_tag(column)) check_tag_index(bound, column, stored);
  }

  // MySQL: what the column's character set and collation say stops holding for sealed values.
  void check_characters(const BoundColumn& column, const catalog::Column& stored, const std::string& object) {
    const std::string_view set = stored.character_set;
    if (!set.empty() && set.substr(0, 4) != "utf8" && set != "ascii") {
      add(Severity::warning, ErrorCode::policy_type_mismatch, object,
          "sealed values are UTF-8: characters that the column's character set lacks are kept, not replaced",
          "change the column to utf8mb4");
    }
    if (has_tag(column) && !column.column->normalize.lower && stored.collation.ends_with("_ci")) {
      add(Severity::warning, ErrorCode::sealed_search, object,
          "the column's collation compares without case, its equality tags do not",
          "set `normalize: [lower]` for the column in the policy, if the application relies on it");
    }
  }

  void check_tag_index(const BoundRelation& bound, const BoundColumn& column, const catalog::Column& stored) {
    const catalog::Column* own = tag_column_of(*bound.relation, column, dialect());
    const auto supports = [&](const catalog::Index& index) {
      return (own && !index.columns.empty() && index.columns[0] == own->number) ||
             std::any_of(index.expressions.begin(), index.expressions.end(),
                         [&](const std::string& expression) { return is_tag(expression, column); });
    };
    if (std::any_of(bound.relation->indexes.begin(), bound.relation->indexes.end(), supports)) return;
    add(Severity::warning, ErrorCode::sealed_search, object_of(*bound.relation, stored.name),
        "no index supports the search for equal values",
        create_index(*bound.relation, {{&stored, &column}}, false, "sealrow_" + stored.name, dialect()));
  }

  [[nodiscard]] bool is_tag(const std::string& expression, const BoundColumn& column) const {
    if (sql::is_mysql(dialect())) return is_tag_expression(expression, column, dialect());
    const auto scan = binding_.scan(expression);
    const auto has = [&](std::string_view word) {
      return std::find(scan.words.begin(), scan.words.end(), word) != scan.words.end();
    };
    return has(column.column->name) && (has("substr") || has("substring")) &&
           (expression.find("21, 24") != std::string::npos || expression.find("13, 18") != std::string::npos ||
            expression.find("FROM 13 FOR 18") != std::string::npos);
  }
  [[nodiscard]] bool is_any_tag(const std::string& expression, const BoundRelation& bound) const {
    return std::any_of(bound.columns.begin(), bound.columns.end(),
                       [&](const BoundColumn* column) { return column && is_tag(expression, *column); });
  }

  void check_sibling(const BoundRelation& bound, const catalog::Column& stored) {
    const std::string object = object_of(*bound.relation, stored.name);
    const std::string drop = "ALTER TABLE " + table_of(*bound.relation) + " DROP COLUMN " + quoted(stored.name) + ";";
    if (stored.generated && is_any_tag(stored.default_expression, bound)) return;
    if (stored.generated && names_sealed(bound, stored.default_expression)) {
      add(Severity::error, ErrorCode::sealed_operand, object, "a generated column is computed from sealed values",
          drop);
    } else if (stored.type == tsvector) {
      add(Severity::warning, ErrorCode::clear_to_sealed, object,
          "a text search column may keep the words of sealed values", drop);
    }
  }

  void check_index(const BoundRelation& bound, const catalog::Index& index) {
    const catalog::Relation& relation = *bound.relation;
    const std::string object = object_of(relation, index.name);
    const std::string drop = drop_index(relation, index.name, dialect());
    std::vector<IndexElement> elements;
    bool sealed = false, searchable = true;
    for (const std::int16_t number : index.columns) {
      const BoundColumn* column = sealed_at(bound, number);
      const catalog::Column* stored = relation.find(number);
      sealed = sealed || column;
      searchable = searchable && (!column || has_tag(*column));
      if (stored) elements.push_back({stored, column});
    }
    if (sealed && index.unique) {
      add(Severity::error, ErrorCode::sealed_search, object, "a unique index over envelopes never finds a duplicate",
          searchable && elements.size() == index.columns.size()
              ? drop + " " + create_index(relation, elements, true, index.name, dialect())
              : drop);
    } else if (sealed) {
      add(Severity::note, ErrorCode::sealed_search, object, "an index over envelopes finds nothing", drop);
    }
    for (const std::string& expression : index.expressions) {
      if (is_any_tag(expression, bound) || !names_sealed(bound, expression)) continue;
      add(Severity::warning, ErrorCode::sealed_operand, object,
          "an index over an expression of a sealed column fails or keeps its words", drop);
      break;
    }
    if (!index.predicate.empty() && names_sealed(bound, index.predicate)) {
      add(Severity::warning, ErrorCode::sealed_operand, object, "a partial index asks for sealed values", drop);
    }
  }

  void check_constraint(const BoundRelation& bound, const catalog::Constraint& constraint) {
    using Kind = catalog::Constraint::Kind;
    if (constraint.kind != Kind::check && constraint.kind != Kind::foreign_key && constraint.kind != Kind::exclusion)
      return;
    const bool sealed = std::any_of(constraint.columns.begin(), constraint.columns.end(),
                                    [&](std::int16_t number) { return sealed_at(bound, number) != nullptr; });
    if (!sealed && !(constraint.kind == Kind::check && names_sealed(bound, constraint.definition))) return;
    if (constraint.kind == Kind::check && is_json_check(bound, constraint.definition)) return;
    add(Severity::error, ErrorCode::sealed_operand, object_of(*bound.relation, constraint.name),
        "a constraint would be applied to envelopes",
        "ALTER TABLE " + table_of(*bound.relation) + " DROP CONSTRAINT " + quoted(constraint.name) + ";");
  }

  // MariaDB's JSON type: an envelope in a JSON column is a JSON string.
  static bool is_json_check(const BoundRelation& bound, std::string definition) {
    std::erase_if(definition, [](char c) { return c == ' ' || c == '`'; });
    return std::any_of(bound.columns.begin(), bound.columns.end(), [&](const BoundColumn* column) {
      return column && is_json(column->storage) &&
             definition.find("json_valid(" + column->column->name + ")") != std::string::npos;
    });
  }

  void check_triggers(const BoundRelation& bound) {
    for (const catalog::Trigger& trigger : bound.relation->triggers) {
      const auto function = binding_.catalog->functions.find(trigger.function);
      const bool risky = function != binding_.catalog->functions.end() && binding_.is_risky(*bound.relation, trigger);
      add(risky ? Severity::error : Severity::note, ErrorCode::hidden_write, object_of(*bound.relation, trigger.name),
          risky ? "the trigger's function could write unsealed values: writes to the table are refused"
                : "the trigger sees envelopes",
          risky ? "add " + function->second.schema + "." + function->second.name +
                      " to allowed_functions in the policy after checking what it does"
                : "check that it does not look into sealed columns");
    }
    if (!bound.relation->rules.empty()) {
      add(Severity::error, ErrorCode::hidden_write, bound.relation->schema + "." + bound.relation->name,
          "rules of the table hide what is written: writes to it are refused", "replace the rules by triggers");
    }
  }

  const Binding::Impl& binding_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check(const Binding& binding) { return Checker(binding.impl()).run(); }

}  // namespace sealrow::plan
