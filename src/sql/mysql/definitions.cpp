// CREATE, DROP and RENAME but for tables: indexes, views, stored code. Bodies stay text.
#include "sql/mysql/parser.hpp"

#include <array>

namespace sealrow::sql::mysql {

void Parser::if_exists() {
  if (!accept("if")) return;
  accept("not");
  expect("exists");
}

// user, 'user'@'host', CURRENT_USER()
void Parser::skip_user() {
  if (!is_kind(TokenKind::word) && !is_kind(TokenKind::name) && !is_string()) fail("a user was expected");
  advance();
  if (is_kind(TokenKind::variable)) advance();
  if (is("(")) skip_brackets();
}

// OR REPLACE, ALGORITHM = …, DEFINER = …, SQL SECURITY …
void Parser::create_modifiers() {
  for (bool found = true; found && !error_;) {
    found = accept_sequence({"or", "replace"}) || accept_any({"online", "offline", "ignore", "aggregate"});
    if (is("algorithm") && is("=", 1)) {
      pos_ += 3;
      found = true;
    }
    if (is("definer") && is("=", 1)) {
      pos_ += 2;
      skip_user();
      found = true;
    }
    if (accept_sequence({"sql", "security"})) {
      static_cast<void>(any_word());
      found = true;
    }
  }
}

void Parser::create_statement(Statement& out) {
  const std::size_t first = pos_;
  result_.exact = true;
  expect("create");
  create_modifiers();
  const bool temporary = accept("temporary");
  if (is("table")) return create_table(out, temporary);
  const bool unique = is("unique");
  if (is("index") || (is_any({"unique", "fulltext", "spatial", "vector"}) && is("index", 1))) {
    if (!is("index")) advance();
    return create_index(out, unique);
  }
  if (is("view")) return create_view(out);
  if (is_any({"procedure", "function"}) && !is("soname", 4) && !is("soname", 3)) return create_routine(out);
  if (is("trigger")) return create_trigger(out);
  if (is("event")) return create_event(out);
  const std::string kind = "create_" + (is_kind(TokenKind::word) ? fold_case(token_text()) : std::string("other"));
  pos_ = first;
  if (kind == "create_package") {
    static_cast<void>(rest_as_body());
    return opaque(out, kind, true);
  }
  opaque(out, kind, true);
}

void Parser::create_index(Statement& out, bool unique) {
  CreateIndex result;
  expect("index");
  if_exists();
  result.unique = unique;
  result.name = label_name();
  if (accept_any({"using", "type"})) result.method = any_word();
  expect("on");
  result.table = relation();
  result.elements = key_parts();
  if (accept_any({"using", "type"})) result.method = any_word();
  skip_to_end();
  out.node = std::move(result);
}

// Columns with or without a prefix length, or expressions in brackets of their own.
std::vector<ExprPtr> Parser::key_parts() {
  std::vector<ExprPtr> result;
  expect("(");
  do {
    if (is("(")) {
      result.push_back(bracketed());
    } else {
      const std::size_t first = pos_;
      std::string name = column_name();
      result.push_back(make(ExprKind::column, first, {std::move(name)}));
      if (is("(")) skip_brackets();
      if (accept("without")) expect("overlaps");
    }
    accept_any({"asc", "desc"});
  } while (accept(","));
  expect(")");
  return result;
}

void Parser::create_view(Statement& out) {
  CreateView result;
  expect("view");
  if_exists();
  result.view = relation();
  if (is("(")) result.columns = names_in_brackets();
  expect("as");
  result.query = nested_statement(&Parser::select_statement);
  if (accept("with")) {
    accept_any({"cascaded", "local"});
    if (!accept_sequence({"check", "option"})) fail("CHECK OPTION was expected");
  }
  out.node = std::move(result);
}

bool Parser::at_compound() const {
  const bool labelled = (is_kind(TokenKind::word) || is_kind(TokenKind::name)) && is(":", 1);
  return labelled || is_any({"begin", "if", "case", "loop", "while", "repeat", "for", "declare", "is", "as"});
}

// A compound statement has semicolons of its own: it is taken to reach to the end of the text. What it could name is
// mentioned.
std::string Parser::rest_as_body() {
  const std::size_t first = pos_;
  if (at_compound() || is("create")) {
    pos_ = tokens_.size() - 1;
    if (pos_ > first && text_[tokens_[pos_ - 1].span.begin] == ';' && tokens_[pos_ - 1].kind == TokenKind::symbol)
      --pos_;
  } else {
    skip_to_end();
  }
  mention_everything(first, pos_);
  if (pos_ == first) {
    fail("a body was expected");
    return {};
  }
  const Span span = span_from(first);
  result_.exact = true;
  return std::string(text_.substr(span.begin, span.end - span.begin));
}

void Parser::create_routine(Statement& out) {
  CreateFunction result;
  const bool function = is("function");
  advance();
  if_exists();
  const RelationName name = relation_without_mention();
  result.schema = name.schema;
  result.name = name.name;
  result.language = "sql";
  if (is("(")) skip_brackets();
  if (function && accept("returns")) static_cast<void>(type());
  routine_characteristics(result);
  result.body = rest_as_body();
  out.node = std::move(result);
}

void Parser::routine_characteristics(CreateFunction& out) {
  for (bool found = true; found && !error_;) {
    found = accept("deterministic") || accept_sequence({"not", "deterministic"}) ||
            accept_sequence({"contains", "sql"}) || accept_sequence({"no", "sql"}) ||
            accept_sequence({"reads", "sql", "data"}) || accept_sequence({"modifies", "sql", "data"});
    if (accept("comment")) {
      static_cast<void>(string_value());
      found = true;
    }
    if (accept("language")) {
      out.language = any_word();
      found = true;
    }
    if (accept_sequence({"sql", "security"})) {
      static_cast<void>(any_word());
      found = true;
    }
    if (accept("collate")) {
      static_cast<void>(any_word());
      found = true;
    }
  }
}

void Parser::create_trigger(Statement& out) {
  CreateTrigger result;
  expect("trigger");
  if_exists();
  result.name = relation_without_mention().name;
  if (!accept_any({"before", "after"})) fail("BEFORE or AFTER was expected");
  do {
    if (!accept_any({"insert", "update", "delete"})) fail("an event was expected");
    if (accept("of")) {
      do static_cast<void>(column_name());
      while (accept(","));
    }
  } while (accept("or"));
  expect("on");
  result.table = relation();
  if (!accept_sequence({"for", "each", "row"})) fail("FOR EACH ROW was expected");
  if (accept_any({"follows", "precedes"})) static_cast<void>(relation_without_mention());
  result.body = rest_as_body();
  out.node = std::move(result);
}

void Parser::create_event(Statement& out) {
  const std::size_t first = pos_;
  while (!is("do") && !at_end()) advance();
  mention_positions(first, pos_);
  expect("do");
  Utility result;
  result.kind = "create_event";
  result.changes_catalog = true;
  result.carries_text = true;
  result.body = rest_as_body();
  out.node = std::move(result);
}

void Parser::drop_statement(Statement& out) {
  static constexpr std::array<std::string_view, 8> kinds = {"table",    "view",    "index", "procedure",
                                                            "function", "trigger", "event", "sequence"};
  const std::size_t first = pos_;
  if (is("prepare", 1)) return deallocate_statement(out);
  expect("drop");
  while (accept_any({"temporary", "online", "offline"})) {
  }
  Drop result;
  if (accept_any({"database", "schema"})) result.kind = "schema";
  if (accept("tables")) result.kind = "table";
  for (const auto kind : kinds) {
    if (result.kind.empty() && accept(kind)) result.kind = kind;
  }
  if (result.kind.empty()) {
    const std::string kind = "drop_" + (is_kind(TokenKind::word) ? fold_case(token_text()) : std::string("other"));
    pos_ = first;
    return opaque(out, kind, true);
  }
  if_exists();
  do result.names.push_back(relation());
  while (accept(","));
  if (result.kind == "index") {
    expect("on");
    static_cast<void>(relation());
    skip_to_end();
  }
  if (accept("wait")) static_cast<void>(primary());
  accept_any({"nowait", "restrict", "cascade"});
  out.node = std::move(result);
}

void Parser::rename_statement(Statement& out) {
  if (!is_any({"table", "tables"}, 1)) return opaque(out, "rename", true);
  const std::size_t first = pos_;
  pos_ += 2;
  if_exists();
  AlterTable result;
  result.table = relation();
  if (accept("wait")) static_cast<void>(primary());
  accept("nowait");
  expect("to");
  AlterTable::Command command;
  command.action = AlterTable::Action::rename_table;
  command.other = relation();
  command.new_name = command.other->name;
  result.commands.push_back(std::move(command));
  if (is(",")) {
    // Several at once, possibly a swap: every name is mentioned.
    pos_ = first;
    opaque(out, "rename_table", true);
    return mention_everything(first + 2, pos_);
  }
  out.node = std::move(result);
}

}  // namespace sealrow::sql::mysql
