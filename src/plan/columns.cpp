// Column names in expressions (parse_relation.c: innermost scope first, columns before whole rows).
#include "plan/analyzer.hpp"

#include <algorithm>
#include <array>

namespace sealrow::plan {

namespace {

bool is_system_column(std::string_view name) {
  constexpr std::array<std::string_view, 6> names = {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Field* Analyzer::field_in(Source& source, const std::string& name) {
  for (Field* field : source.fields) {
    if (field->name == name) return field;
  }
  return nullptr;
}

Source* Analyzer::find_source(const std::vector<std::string>& names, std::size_t count, Scope* scope, Scope** found) {
  if (count == 0 || names.size() < count) return nullptr;
  const std::string& alias = names[count - 1];
  const std::string* schema = count > 1 ? &names[count - 2] : nullptr;
  for (Scope* s = scope; s; s = s->outer) {
    for (Source* source : s->sources) {
      if (source->alias != alias || (schema && source->schema != *schema)) continue;
      if (found) *found = s;
      return source;
    }
  }
  return nullptr;
}

Analyzer::Name Analyzer::find_unqualified(const std::string& name, Scope* scope, const sql::Expr& at) {
  bool opaque = false;  // an inner scope might have the column without our knowing
  for (Scope* s = scope; s; s = s->outer) {
    for (const StarColumn& column : s->star) {  // merged columns have no source, and hide those of both sides
      if (!column.source && column.field->name == name) return {column.field, nullptr, s, false};
    }
    Field* found = nullptr;
    for (Source* source : s->sources) {
      Field* field = field_in(*source, name);
      // Two candidates are the server's error to report; the protected one is the careful reading.
      if (field && (!found || field->bound)) found = field;
    }
    if (found) {
      if (opaque && !value_of(*found).is_clear()) {
        refuse(ErrorCode::name_unresolved, "the column cannot be resolved with certainty",
               "qualify the column with its table", name, &at);
      }
      return {found, nullptr, s, false};
    }
    for (Source* source : s->sources) {
      if (!mysql_ && source->alias == name) return {nullptr, source, s, false};
    }
    opaque = opaque || std::any_of(s->sources.begin(), s->sources.end(), [](Source* each) { return each->opaque; });
  }
  if (!opaque && (mysql_ || !is_system_column(name))) {
    refuse(ErrorCode::name_unresolved, "the column is not known", "check the name; qualify it with its table", name,
           &at);
  }
  return {nullptr, nullptr, nullptr, true};
}

Analyzer::Name Analyzer::find_name(const std::vector<std::string>& names, Scope* scope, const sql::Expr& at) {
  if (names.empty()) return {nullptr, nullptr, nullptr, true};
  if (names.size() == 1) return find_unqualified(names[0], scope, at);
  Scope* found = scope;
  Source* source = find_source(names, names.size() - 1, scope, &found);
  const std::string& column = names.back();
  if (source) {
    if (Field* field = field_in(*source, column)) return {field, nullptr, found, false};
    if (source->opaque || (!mysql_ && is_system_column(column))) return {nullptr, nullptr, found, true};
  } else if (Source* row = find_source(names, names.size(), scope, &found); row && row->schema == names[0]) {
    return {nullptr, row, found, false};  // schema.table as a whole row
  }
  // Also "alias.function", which calls the function with the whole row.
  refuse(ErrorCode::name_unresolved, "the column is not known", "check the name of the column and of its table",
         names[names.size() - 2] + "." + column, &at);
  return {nullptr, nullptr, nullptr, true};
}

Field* Analyzer::quiet_field(const std::vector<std::string>& names, Scope* scope) {
  if (names.empty()) return nullptr;
  if (names.size() > 1) {
    Source* source = find_source(names, names.size() - 1, scope);
    return source ? field_in(*source, names.back()) : nullptr;
  }
  for (Scope* s = scope; s; s = s->outer) {
    for (Source* source : s->sources) {
      if (Field* field = field_in(*source, names[0])) return field;
    }
  }
  return nullptr;
}

Field* Analyzer::base_field(Field& field) {
  Field* current = &field;
  for (std::size_t steps = 0; current && steps < fields_.size(); ++steps) {
    if (current->column) return current;
    if (current->origins.size() != 1) return nullptr;
    current = current->origins[0].field ? current->origins[0].field : field_of(current->origins[0]);
  }
  return nullptr;
}

}  // namespace sealrow::plan
