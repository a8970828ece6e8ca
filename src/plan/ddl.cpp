// Definitions: what would store, copy or uncover values of protected columns is refused.
#include "plan/analyzer.hpp"
#include "plan/tag.hpp"
#include "plan/types.hpp"
#include "plan/walk.hpp"

#include <algorithm>

namespace sealrow::plan {

namespace {

std::string of_table(const policy::ProtectedTable& table) { return table.schema + "." + table.name; }
std::string of_column(const policy::ProtectedTable& table, std::string_view column) {
  return of_table(table) + "." + std::string(column);
}

// MySQL: characters of VARCHAR, bytes of the TEXT and BLOB types; CHAR is refused as the column's type.
bool is_shorter(const sql::TypeName& type, const catalog::Column& stored) {
  struct Size {
    std::string_view name;
    std::int64_t bytes;
  };
  constexpr Size sizes[] = {{"tinytext", 255},        {"tinyblob", 255},        {"text", 65535},
                            {"blob", 65535},          {"mediumtext", 16777215}, {"mediumblob", 16777215},
                            {"longtext", 4294967295}, {"longblob", 4294967295}, {"json", 4294967295}};
  std::int64_t size = type.modifiers.empty() ? 0 : type.modifiers[0];
  for (const Size& known : sizes) {
    if (known.name == type.name && type.modifiers.empty()) size = known.bytes;
  }
  const std::int64_t before = stored.type_modifier > 4 ? stored.type_modifier - 4 : 4294967295;
  return type.name == "char" || size < before;
}

constexpr std::string_view unique_hint = "create the unique index that `sealrow check` prints instead";

}  // namespace

void Analyzer::check_code(std::string_view language, std::string_view body, const std::string& schema,
                          const std::string& name, std::string_view what) {
  const FunctionRisk risk = bound_.risk_of_code(language, body);
  if (risk == FunctionRisk::none || bound_.is_allowed(schema, name)) return;
  const bool dynamic = risk == FunctionRisk::dynamic_sql;
  refuse(ErrorCode::hidden_write,
         std::string(what) + (dynamic ? " builds SQL that cannot be checked" : " names a protected table"),
         name.empty() ? "send plain statements, or set allow_do_blocks in the policy"
                      : "allow it in the policy (allowed_functions) after checking what it does",
         name.empty() ? "" : schema + "." + name, nullptr);
}

void Analyzer::refuse_sealed_copy(const Shape& shape, std::string_view place) {
  for (Field* field : shape.outputs) {
    const Value value = value_of(*field);
    if (value.is_clear()) continue;
    refuse(ErrorCode::sealed_to_clear, std::string(place) + " would copy sealed values into an unsealed place",
           "leave the column out, or create the table first and name it in the policy", display(value), nullptr);
    return;
  }
}

// A relation of the policy's name would be taken for the protected one, or hide it.
void Analyzer::check_hides_policy_table(const sql::RelationName& name, bool temporary) {
  const bool hides = (temporary || name.schema == "pg_temp") && bound_.policy->names_table(name.name);
  const policy::ProtectedTable* table = hides ? nullptr : names_.policy_table(name);
  if (!hides && !table) return;
  refuse_at(ErrorCode::ddl_refused, "the new relation would stand in the place of a protected table",
            "choose another name, or create the table with CREATE TABLE", name.name, name.span);
}

// MySQL: SUBSTR(c, 21, 24), which `sealrow check` asks for.
bool Analyzer::is_tag_definition(const policy::ProtectedTable& table, const sql::Expr& expr) const {
  if (!mysql_ || expr.kind != sql::ExprKind::call || expr.args.size() != 3 || !expr.args[0]) return false;
  const RelationMeaning meaning = names_.relation({table.schema, table.name, {}});
  if (!meaning.bound) return false;
  std::uint32_t end = expr.span.end;
  for (const auto& arg : expr.args) end = std::max(end, arg ? arg->span.end : 0);
  const std::string text(request_.text.substr(expr.span.begin, end - expr.span.begin));
  return std::any_of(meaning.bound->columns.begin(), meaning.bound->columns.end(), [&](const BoundColumn* column) {
    return column && has_tag(*column) && is_tag_expression(text, *column, session_.lexer);
  });
}

void Analyzer::check_mentions_of_columns(const policy::ProtectedTable& table, const sql::Expr& expr,
                                         std::string_view what) {
  if (is_tag_definition(table, expr)) return;
  for_each_expr(expr, [&](const sql::Expr& each) {
    if (each.kind != sql::ExprKind::column || each.names.empty() || !table.find(each.names.back())) return;
    refuse(ErrorCode::ddl_refused, std::string(what) + " would be applied to sealed data",
           "leave the protected column out", of_column(table, each.names.back()), &each);
  });
}

void Analyzer::check_definition(const policy::ProtectedTable& table, const sql::ColumnDefinition& column) {
  for (const auto& check : column.checks) {
    if (check) check_mentions_of_columns(table, *check, "a CHECK constraint");
  }
  if (column.generated) check_mentions_of_columns(table, *column.generated, "a generated column");
  const policy::SealedColumn* sealed = table.find(column.name);
  if (!sealed) return;
  const std::string object = of_column(table, column.name);
  if (column.generated || (column.default_value && !is_null_constant(*column.default_value))) {
    refuse_at(ErrorCode::ddl_refused, "a default or generated value of a protected column would be stored unsealed",
              "leave out DEFAULT and GENERATED", object, column.name_span);
  }
  if (column.unique || column.primary_key) {
    refuse_at(ErrorCode::ddl_refused, "a unique constraint cannot work on envelopes", std::string(unique_hint), object,
              column.name_span);
  }
  // The application keeps its own type; the database stores an envelope.
  if (sealed->type != policy::LogicalType::physical && !storage_of(type_oid(column.type))) {
    edits_.replace(column.type.span, "bytea");
    note(object + ": stored as bytea");
  }
}

void Analyzer::check_constraint(const policy::ProtectedTable& table, const sql::TableConstraint& constraint) {
  if (constraint.expr) check_mentions_of_columns(table, *constraint.expr, "a constraint");
  for (const std::string& column : constraint.columns) {
    if (!table.find(column)) continue;
    if (mysql_ && constraint.kind == sql::TableConstraint::Kind::other) {  // KEY (c), also with FULLTEXT
      note(of_column(table, column) + ": an index on envelopes finds nothing");
      continue;
    }
    refuse(ErrorCode::ddl_refused, "a constraint cannot work on envelopes", std::string(unique_hint),
           of_column(table, column), nullptr);
  }
}

// CREATE TABLE … LIKE copies no rows. UNION = (…) of the MERGE engine shows those of other tables.
void Analyzer::check_merge_table(const sql::CreateTable& create) {
  for (const sql::RelationName& other : create.inherits) {
    std::string between(request_.text.substr(create.table.span.end, other.span.begin - create.table.span.end));
    std::erase_if(between, [](char c) { return c == ' ' || c == '(' || c == '\t' || c == '\n' || c == '\r'; });
    sql::fold_column_name(between, session_.lexer);
    if (between == "like" || !names_.relation(other).matters()) continue;
    refuse_at(ErrorCode::ddl_refused, "the rows of a protected table would be reached by another name",
              "use the protected table itself", other.name, other.span);
  }
}

void Analyzer::plan_create_table(const sql::CreateTable& create, StatementPlan& out) {
  if (create.temporary || create.table.schema == "pg_temp") check_hides_policy_table(create.table, true);
  const policy::ProtectedTable* table = names_.policy_table(create.table);
  if (mysql_) {
    check_merge_table(create);
  } else if (!table) {  // a partition or child of a protected table is one too
    for (const sql::RelationName& parent : create.inherits) {
      const RelationMeaning meaning = names_.relation(parent);
      if (meaning.bound) table = meaning.bound->table;
    }
  }
  if (table) {
    for (const sql::ColumnDefinition& column : create.columns) check_definition(*table, column);
    for (const sql::TableConstraint& constraint : create.constraints) check_constraint(*table, constraint);
  }
  // MySQL has no inheritance: what it touches is the table itself, or one that it is LIKE.
  const bool leads = !mysql_ && touched_ && !names_.policy_table(create.table);
  catalog_changes(out, {{as_written(create.table), create.temporary, leads}});
}

void Analyzer::plan_create_table_as(const sql::CreateTableAs& create, StatementPlan& out) {
  check_hides_policy_table(create.table, create.temporary);
  if (create.query && std::holds_alternative<sql::Execute>(create.query->node)) {
    refuse_at(ErrorCode::sealed_to_clear, "CREATE TABLE AS EXECUTE could copy sealed values into an unsealed place",
              "create the table first and insert into it", create.table.name, create.table.span);
  }
  if (create.query && touched_) {
    const Shape shape = build(*create.query, nullptr);
    run_checks();
    refuse_sealed_copy(shape, create.materialized_view ? "CREATE MATERIALIZED VIEW" : "CREATE TABLE AS");
    plan_parameters(*create.query, out);
    require_all_seen(*create.query);
  }
  catalog_changes(out, {{as_written(create.table), create.temporary}});
}

// `bound`: unless the catalog does not have the table yet.
void Analyzer::check_alter_command(const sql::AlterTable::Command& command, const policy::ProtectedTable& table,
                                   const BoundRelation* bound) {
  using Action = sql::AlterTable::Action;
  const bool sealed = table.find(command.column) != nullptr;
  const auto refuse_ddl = [&](std::string message, std::string hint) {
    refuse(ErrorCode::ddl_refused, std::move(message), std::move(hint),
           command.column.empty() ? of_table(table) : of_column(table, command.column), nullptr);
  };
  switch (command.action) {
    case Action::add_column:
      if (command.definition) check_definition(table, *command.definition);
      return;
    case Action::set_type: {
      if (command.expr) check_mentions_of_columns(table, *command.expr, "ALTER COLUMN … TYPE … USING");
      if (command.definition) check_definition(table, *command.definition);  // MODIFY, CHANGE
      if (!command.new_name.empty() && (sealed || table.find(command.new_name)))
        refuse_ddl("a protected column would change its name", "change the policy together with the schema");
      if (!sealed) return;
      const catalog::Column* stored = bound ? bound->relation->find(command.column) : nullptr;
      const auto from = stored ? storage_of(stored->type) : std::nullopt;
      const auto to = command.type && !command.type->array ? storage_of(type_oid(*command.type)) : std::nullopt;
      const bool alike = from && to &&
                         (is_character(*from) ? is_character(*to)
                          : is_json(*from)    ? is_json(*to)
                                              : from == to);
      const bool shorter = mysql_ && stored && command.type && is_shorter(*command.type, *stored);
      if (shorter) refuse_ddl("envelopes could be cut off", "keep the column at least as long as it is");
      if (!alike)
        refuse_ddl("the type of a sealed column would change", "migrate the column back first, or change the policy");
      return;
    }
    case Action::set_default:
      if (sealed && command.expr && !is_null_constant(*command.expr)) {
        refuse_ddl("a default of a protected column would be stored unsealed", "leave the column without a default");
      }
      return;
    case Action::add_constraint:
      if (command.constraint) check_constraint(table, *command.constraint);
      return;
    case Action::rename_column:
      if (sealed || table.find(command.new_name)) {
        refuse_ddl("a protected column would change its name", "change the policy together with the schema");
      }
      return;
    case Action::rename_table:
    case Action::set_schema:
      refuse_ddl("a protected table would change its name", "change the policy together with the schema");
      return;
    case Action::attach_partition:
      if (mysql_)
        refuse_ddl("EXCHANGE PARTITION would take rows of another table for sealed ones", "copy the rows by INSERT");
      return;
    case Action::drop_column:
    case Action::drop_default:
    case Action::detach_partition:
    case Action::inherit:
    case Action::other:
      return;
  }
}

void Analyzer::plan_alter_table(const sql::AlterTable& alter, StatementPlan& out) {
  const RelationMeaning meaning = names_.relation(alter.table);
  const policy::ProtectedTable* table = meaning.bound ? meaning.bound->table : names_.absent_table(alter.table);
  if (meaning.kind == RelationMeaning::Kind::uncertain && !table) {
    refuse_at(ErrorCode::name_unresolved, "the table cannot be resolved with certainty",
              "qualify the name with its schema, and check that the table exists", alter.table.name, alter.table.span);
  }
  std::vector<CreatedRelation> created;
  for (const sql::AlterTable::Command& command : alter.commands) {
    if (command.action == sql::AlterTable::Action::rename_table) {
      const std::string& schema =
          command.other && !command.other->schema.empty() ? command.other->schema : alter.table.schema;
      created.push_back({as_written({schema, command.new_name}), false, touched_});
    } else if (command.action == sql::AlterTable::Action::set_schema) {
      created.push_back({as_written({command.new_name, alter.table.name}), false, touched_});
    }
    if (mysql_ && command.other && command.action != sql::AlterTable::Action::rename_table &&
        names_.relation(*command.other).matters()) {
      refuse_at(ErrorCode::ddl_refused, "the rows of a protected table would be reached by another name",
                "use the protected table itself", command.other->name, command.other->span);
    }
    if (table) {
      check_alter_command(command, *table, meaning.bound);
    } else if (command.action == sql::AlterTable::Action::rename_table) {
      const std::string& schema =
          command.other && !command.other->schema.empty() ? command.other->schema : alter.table.schema;
      check_hides_policy_table({schema, command.new_name, alter.table.span}, false);
    } else if (command.action == sql::AlterTable::Action::set_schema) {
      check_hides_policy_table({command.new_name, alter.table.name, alter.table.span}, false);
    } else if (meaning.view_to_protected && command.action == sql::AlterTable::Action::set_default) {
      refuse(ErrorCode::ddl_refused, "a default of a view over a protected table would be stored unsealed",
             "leave the view without defaults", alter.table.name, nullptr);
    }
  }
  catalog_changes(out, std::move(created));
}

// MySQL: an expression stands in brackets of its own. MariaDB has an index over a column that holds the tag, or none.
void Analyzer::index_by_tag(const sql::Expr& column, Scope& scope) {
  const bool own = tag_column(column, scope).has_value();
  if (!own && sql::is_mariadb(session_.lexer)) {
    refuse(ErrorCode::ddl_refused, "an index cannot work on envelopes",
           "create the generated column that `sealrow check` prints", "", &column);
  }
  if (!own) edits_.insert(column.span.begin, "(");
  tag_key(column, scope, "an index");
  if (!own) edits_.insert(column.span.end, ")");
}

// An index that names no protected column needs none of the catalog: its table may be new, or have new columns. The
// table's own name stands for the whole row.
bool Analyzer::index_is_clear(const sql::CreateIndex& index) const {
  const RelationMeaning meaning = names_.relation(index.table);
  const policy::ProtectedTable* table = meaning.bound ? meaning.bound->table : names_.absent_table(index.table);
  if (!table) return false;
  bool clear = true;
  const auto look = [&](const sql::ExprPtr& part) {
    if (!part) return;
    for_each_expr(*part, [&](const sql::Expr& each) {
      if (each.kind == sql::ExprKind::star) clear = false;
      if (each.kind != sql::ExprKind::column || each.names.empty()) return;
      if (table->find(each.names.back()) || each.names.back() == index.table.name) clear = false;
    });
  };
  for (const auto& element : index.elements) look(element);
  look(index.where);
  return clear;
}

void Analyzer::plan_create_index(const sql::CreateIndex& index, StatementPlan& out) {
  if (touched_ && !index_is_clear(index)) {
    Scope& scope = *new_scope(nullptr);
    Source* source = build_relation(index.table, scope);
    scope.sources.push_back(source);
    for (const auto& element : index.elements) {
      if (!element) continue;
      if (source->relation && is_tag_definition(*source->relation->table, *element)) continue;
      const Value value = eval(*element, scope);
      if (value.is_clear()) continue;
      const bool tags = value.kind == Value::Kind::sealed && has_tag(column(value.columns.front()));
      if (tags && mysql_) {
        index_by_tag(*element, scope);
      } else if (tags) {
        tag_key(*element, scope, "an index");
      } else if (index.unique || (!index.method.empty() && index.method != "btree" && index.method != "hash")) {
        refuse(ErrorCode::ddl_refused, "an index cannot work on envelopes",
               "set `search: equality` for the column in the policy, or leave the index out", display(value),
               element.get());
      } else {
        note(display(value) + ": an index on envelopes finds nothing");
      }
    }
    require_clear(index.where, scope, "a partial index");
    run_checks();
  }
  catalog_changes(out);
}

void Analyzer::plan_create_view(const sql::CreateView& view, StatementPlan& out) {
  check_hides_policy_table(view.view, view.temporary);
  if (touched_ && view.query) {
    (void)build(*view.query, nullptr);
    run_checks();
    require_all_seen(*view.query);
    // What the view reads is found again when it is used. A tag cannot be computed inside of it.
    if (!edits_.empty() || !leaves_.empty()) {
      refuse_at(ErrorCode::sealed_search, "a view cannot search in sealed columns",
                "search in the statements that read the view", view.view.name, view.view.span);
    }
  }
  catalog_changes(out, {{as_written(view.view), view.temporary, touched_}});
}

}  // namespace sealrow::plan
