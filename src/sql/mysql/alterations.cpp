// ALTER TABLE and the other ALTER statements.
#include "sql/mysql/parser.hpp"

namespace sealrow::sql::mysql {

using Action = AlterTable::Action;

void Parser::alter_statement(Statement& out) {
  const std::size_t first = pos_;
  result_.exact = true;
  expect("alter");
  create_modifiers();
  if (is("table")) return alter_table(out);
  if (is("view")) return create_view(out);
  if (is("event")) {
    create_event_or_plain(out);
    return;
  }
  const std::string kind = "alter_" + (is_kind(TokenKind::word) ? fold_case(token_text()) : std::string("other"));
  pos_ = first;
  opaque(out, kind, true);
}

// ALTER EVENT may replace the body.
void Parser::create_event_or_plain(Statement& out) {
  const std::size_t first = pos_;
  while (!is("do") && !at_end()) advance();
  const bool body = is("do");
  pos_ = first;
  if (body)
    create_event(out);
  else
    opaque(out, "alter_event", true);
}

void Parser::alter_table(Statement& out) {
  AlterTable result;
  expect("table");
  if_exists();
  result.table = relation();
  if (accept("wait")) static_cast<void>(primary());
  accept("nowait");
  while (!at_end()) {
    alteration(result);
    accept(",");
  }
  out.node = std::move(result);
}

// Over what is not modelled, to the comma that ends it.
void Parser::skip_to_comma() {
  const std::size_t first = pos_;
  while (!at_end() && !is(",")) {
    if (is("("))
      skip_brackets();
    else
      advance();
  }
  mention_positions(first, pos_);
}

void Parser::alteration(AlterTable& out) {
  if (accept("add")) return alter_add(out);
  AlterTable::Command command;
  if (accept("drop")) {
    command = alter_drop();
  } else if (is_any({"modify", "change", "alter"}) && !is_any({"index", "key", "constraint", "check"}, 1)) {
    command = alter_column();
  } else if (accept("rename")) {
    command = alter_rename();
  } else if (accept_sequence({"exchange", "partition"})) {
    static_cast<void>(label_name());
    expect("with");
    expect("table");
    command.action = Action::attach_partition;
    command.other = relation();
    skip_to_comma();
  } else if (accept("union")) {  // the tables whose rows a MERGE table shows
    accept("=");
    expect("(");
    command.action = Action::inherit;
    if (!is(")")) command.other = relations().back();
    expect(")");
  } else {
    skip_to_comma();
  }
  out.commands.push_back(std::move(command));
}

void Parser::alter_add(AlterTable& out) {
  AlterTable::Command command;
  TableConstraint constraint;
  const bool column = accept("column");
  if (!column && (is_any({"partition", "system"}) || (is("period") && is("for", 1)))) {
    skip_to_comma();
    out.commands.push_back(std::move(command));
    return;
  }
  if (!column && table_constraint(constraint)) {
    command.action = Action::add_constraint;
    command.constraint = std::move(constraint);
    out.commands.push_back(std::move(command));
    return;
  }
  if_exists();
  const bool list = accept("(");
  do {
    AlterTable::Command added;
    if (TableConstraint inner; list && table_constraint(inner)) {
      added.action = Action::add_constraint;
      added.constraint = std::move(inner);
    } else {
      added.action = Action::add_column;
      added.definition = column_definition();
      added.column = added.definition->name;
    }
    out.commands.push_back(std::move(added));
  } while (list && accept(","));
  if (list) expect(")");
  skip_to_comma();  // FIRST, AFTER c
}

AlterTable::Command Parser::alter_drop() {
  AlterTable::Command command;
  const bool column = accept("column");
  if (!column && (is_any({"primary", "index", "key", "foreign", "constraint", "check", "partition", "system"}) ||
                  (is("period") && is("for", 1)))) {
    skip_to_comma();
    return command;
  }
  if_exists();
  command.action = Action::drop_column;
  command.column = column_name();
  accept_any({"restrict", "cascade"});
  return command;
}

// MODIFY c definition, CHANGE c d definition, ALTER c SET/DROP DEFAULT
AlterTable::Command Parser::alter_column() {
  AlterTable::Command command;
  const std::string word = any_word();
  accept("column");
  if_exists();
  if (word == "alter") {
    command.column = column_name();
    if (accept_sequence({"drop", "default"})) {
      command.action = Action::drop_default;
    } else if (accept_sequence({"set", "default"})) {
      command.action = Action::set_default;
      command.expr = expr();
    } else {
      skip_to_comma();
    }
    return command;
  }
  command.action = Action::set_type;
  if (word == "change") command.column = column_name();
  command.definition = column_definition();
  if (word == "modify")
    command.column = command.definition->name;
  else if (command.definition->name != command.column)
    command.new_name = command.definition->name;
  command.type = command.definition->type;
  skip_to_comma();
  return command;
}

AlterTable::Command Parser::alter_rename() {
  AlterTable::Command command;
  if (accept("column")) {
    if_exists();
    command.action = Action::rename_column;
    command.column = column_name();
    expect("to");
    command.new_name = column_name();
  } else if (is_any({"index", "key"})) {
    skip_to_comma();
  } else {
    accept_any({"to", "as", "="});
    command.action = Action::rename_table;
    command.other = relation();
    command.new_name = command.other->name;
  }
  return command;
}

}  // namespace sealrow::sql::mysql
