// CREATE TABLE: columns, constraints, options.
#include "sql/mysql/parser.hpp"

namespace sealrow::sql::mysql {

void Parser::create_table(Statement& out, bool temporary) {
  CreateTable result;
  expect("table");
  result.temporary = temporary;
  result.if_not_exists = is("if");
  if_exists();
  result.table = relation();
  if (accept("like")) {
    result.inherits.push_back(relation());
  } else if (is("(") && is("like", 1)) {
    pos_ += 2;
    result.inherits.push_back(relation());
    expect(")");
  } else if (is("(") && !is_query_start(pos_ + 1)) {
    table_elements(result);
  }
  table_options(result);
  if (at_end()) {
    out.node = std::move(result);
    return;
  }
  accept_any({"ignore", "replace"});
  accept("as");
  CreateTableAs from_query;
  from_query.table = result.table;
  from_query.temporary = temporary;
  from_query.query = nested_statement(&Parser::select_statement);
  out.node = std::move(from_query);
}

bool Parser::at_table_query() const {
  if (is_any({"as", "select", "values", "table"})) return true;
  if (is("with")) return !is("system", 1);
  if (is_any({"ignore", "replace"})) return is_any({"as", "select", "(", "with", "values", "table"}, 1);
  return is("(") && is_query_start(pos_ + 1);
}

// ENGINE = x and so on, PARTITION BY …: up to the end or a query.
void Parser::table_options(CreateTable& out) {
  while (!at_end() && !at_table_query()) {
    if (accept("union")) {  // the tables whose rows a MERGE table shows
      accept("=");
      expect("(");
      while (!is(")") && !error_) {
        out.inherits.push_back(relation());
        accept(",");
      }
      expect(")");
    } else if (is("(")) {
      skip_brackets();
    } else {
      advance();
    }
  }
}

void Parser::table_elements(CreateTable& out) {
  expect("(");
  do {
    TableConstraint constraint;
    if (is("period") && is("for", 1)) {
      pos_ += 2;
      static_cast<void>(any_word());
      skip_brackets();
    } else if (table_constraint(constraint)) {
      out.constraints.push_back(std::move(constraint));
    } else {
      out.columns.push_back(column_definition());
    }
  } while (accept(","));
  expect(")");
}

// Also indexes. False: a column follows.
bool Parser::table_constraint(TableConstraint& out) {
  using Kind = TableConstraint::Kind;
  const bool named = accept("constraint");
  if (named) {
    if_exists();
    if (is_name() && !is("check")) out.name = label_name();
  }
  if (accept("check")) {
    out.kind = Kind::check;
    out.expr = bracketed();
    accept("not");
    accept("enforced");
    return true;
  }
  if (accept("primary")) {
    expect("key");
    out.kind = Kind::primary_key;
  } else if (accept("unique")) {
    out.kind = Kind::unique;
    accept_any({"key", "index"});
  } else if (accept("foreign")) {
    expect("key");
    out.kind = Kind::foreign_key;
  } else if (!named && (accept_any({"index", "key"}) ||
                        (is_any({"fulltext", "spatial", "vector"}) && is_any({"key", "index", "("}, 1)) ||
                        (is_any({"fulltext", "spatial"}) && is("(", 2)))) {
    accept_any({"fulltext", "spatial", "vector"});
    accept_any({"key", "index"});
  } else {
    if (named) fail("a constraint was expected");
    return false;
  }
  if_exists();
  if (is_name() && !is_any({"using", "type"})) {
    std::string name = label_name();
    if (out.name.empty()) out.name = std::move(name);
  }
  if (accept_any({"using", "type"})) static_cast<void>(any_word());
  for (auto& part : key_parts()) {
    if (part->kind == ExprKind::column)
      out.columns.push_back(part->names.back());
    else
      out.expr = std::move(part);
  }
  if (out.kind == Kind::foreign_key && is("references")) references();
  // Index options.
  while (!at_end() && !is_any({",", ")"})) {
    if (is("("))
      skip_brackets();
    else
      advance();
  }
  return true;
}

void Parser::references() {
  expect("references");
  static_cast<void>(relation());
  if (is("(")) skip_brackets();
  for (bool found = true; found && !error_;) {
    found = false;
    if (accept("match")) {
      static_cast<void>(any_word());
      found = true;
    }
    if (is("on") && is_any({"delete", "update"}, 1)) {
      pos_ += 2;
      if (!accept_sequence({"set", "null"}) && !accept_sequence({"set", "default"}) &&
          !accept_sequence({"no", "action"})) {
        static_cast<void>(any_word());
      }
      found = true;
    }
  }
}

ColumnDefinition Parser::column_definition() {
  ColumnDefinition result;
  const std::size_t first = pos_;
  result.name = column_name();
  while (accept(".")) result.name = column_name();
  result.name_span = span_from(first);
  result.type = type();
  column_attributes(result);
  return result;
}

void Parser::column_attributes(ColumnDefinition& out) {
  while (!at_end() && !is_any({",", ")", "first", "after"})) {
    if (column_attribute(out)) continue;
    // COLUMN_FORMAT x, STORAGE x, SRID n, engine attributes: a word and its value.
    if (is("("))
      skip_brackets();
    else
      advance();
  }
}

bool Parser::column_attribute(ColumnDefinition& out) {
  if (key_attribute(out)) return true;
  if (accept("default")) {
    if (accept("(")) {
      out.default_value = expr();
      expect(")");
    } else {
      out.default_value = binary(1);
    }
    return true;
  }
  if (is("as") || is("generated")) {
    if (accept("generated")) expect("always");
    expect("as");
    if (accept("row")) {  // system versioning
      static_cast<void>(any_word());
    } else {
      expect("(");
      out.generated = expr();
      expect(")");
    }
    return true;
  }
  if (accept("check")) {
    out.checks.push_back(bracketed());
    return true;
  }
  if (accept("constraint")) {
    if (is_name()) static_cast<void>(label_name());
    return true;
  }
  if (is("references")) {
    references();
    return true;
  }
  if (accept("collate")) {
    if (is_string())
      static_cast<void>(string_value());
    else
      static_cast<void>(any_word());
    return true;
  }
  if (accept_sequence({"on", "update"})) {
    static_cast<void>(binary(1));
    return true;
  }
  return false;
}

bool Parser::key_attribute(ColumnDefinition& out) {
  if (accept_sequence({"not", "null"})) {
    out.not_null = true;
  } else if (accept("unique")) {
    out.unique = true;
    accept("key");
  } else if (accept("primary") || accept("key")) {
    accept("key");
    out.primary_key = true;
  } else {
    return accept("null");
  }
  return true;
}

}  // namespace sealrow::sql::mysql
