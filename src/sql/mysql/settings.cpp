// SET in all its forms, and USE.
#include "sql/mysql/parser.hpp"

#include <array>

namespace sealrow::sql::mysql {

void Parser::set_statement(Statement& out) {
  for (const std::string_view what : {"password", "default", "statement", "resource"}) {
    const bool assignment = is("=", 2) || is(":=", 2) || is(".", 2);
    if (is(what, 1) && !assignment) return opaque(out, "set_" + std::string(what), false);
  }
  if (is_sequence({"set", "password"})) return opaque(out, "set_password", false);
  expect("set");
  SetVariables result;
  do {
    if (!set_item(result)) break;
  } while (accept(","));
  for (const auto& item : result.items) {
    if (item.scope != VariableScope::user) result_.exact = true;
  }
  out.node = std::move(result);
}

VariableScope Parser::variable_scope() {
  struct Word {
    std::string_view word;
    VariableScope scope;
  };
  static constexpr auto words = std::to_array<Word>({{"global", VariableScope::global},
                                                     {"session", VariableScope::session},
                                                     {"local", VariableScope::session},
                                                     {"persist", VariableScope::persist},
                                                     {"persist_only", VariableScope::persist_only}});
  // A word in front of a dot is a name token.
  const std::string word = fold_case(name_value(token_text()));
  for (const auto& entry : words) {
    if (word != entry.word || is("=", 1) || is(":=", 1)) continue;
    advance();
    accept(".");
    return entry.scope;
  }
  return VariableScope::session;
}

// False: nothing may follow.
bool Parser::set_item(SetVariables& out) {
  SetVariable item;
  if (is_kind(TokenKind::variable)) {
    item.scope = VariableScope::user;
    item.name = variable_name();
  } else {
    if (is_kind(TokenKind::system_variable)) {
      // "@@global" of "@@global.x" is one token.
      std::string name = fold_case(name_value(token_text().substr(2)));
      const bool scoped = is(".", 1) && (name == "global" || name == "session" || name == "local" ||
                                         name == "persist" || name == "persist_only");
      advance();
      if (scoped) {
        accept(".");
        item.scope = name == "global"         ? VariableScope::global
                     : name == "persist"      ? VariableScope::persist
                     : name == "persist_only" ? VariableScope::persist_only
                                              : VariableScope::session;
        name = any_word();
      }
      item.name = std::move(name);
    } else {
      item.scope = variable_scope();
      if (set_named(out, item.scope)) return !error_;
      item.name = any_word();
    }
    while (accept(".")) item.name += "." + any_word();
    item.local = item.scope == VariableScope::session;
  }
  if (!accept_any({"=", ":="})) fail("an assignment was expected");
  set_value(item);
  out.items.push_back(std::move(item));
  return true;
}

// What is not "name = value".
bool Parser::set_named(SetVariables& out, VariableScope scope) {
  SetVariable item;
  item.scope = scope;
  const auto word_or_string = [&] { item.values.push_back(is_string() ? fold_case(string_value()) : any_word()); };
  if (is("=", 1) || is(":=", 1) || is(".", 1)) return false;
  if (accept("names")) {
    item.name = "names";
    word_or_string();
    if (accept("collate")) word_or_string();
  } else if (accept_sequence({"character", "set"}) || accept_sequence({"char", "set"}) || accept("charset")) {
    item.name = "character_set";
    word_or_string();
  } else if (accept("transaction")) {
    item.name = "transaction";
    while (!at_end() && !error_) {
      if (!accept(",")) item.values.push_back(any_word());
    }
  } else if (accept("role")) {
    item.name = "role";
    while (!at_end() && !error_) {
      if (is_kind(TokenKind::word) || is_kind(TokenKind::name))
        item.values.push_back(any_word());
      else if (is_string())
        item.values.push_back(string_value());
      else
        advance();
    }
  } else {
    return false;
  }
  item.reset = item.values.size() == 1 && item.values[0] == "default";
  out.items.push_back(std::move(item));
  return true;
}

void Parser::set_value(SetVariable& item) {
  if (accept("default")) {
    item.reset = true;
    return;
  }
  const bool alone = is(",", 1) || is(";", 1) || is_kind(TokenKind::end, 1);
  if (alone && is_kind(TokenKind::word) && !is_any({"null", "true", "false"})) {
    const std::size_t first = pos_;
    std::string word = any_word();
    item.values.push_back(word);
    item.value =
        make(item.scope == VariableScope::user ? ExprKind::column : ExprKind::constant, first, {std::move(word)});
    return;
  }
  if (alone && is_kind(TokenKind::literal)) {
    auto value = literal_value(text_, {at().span, at().literal}, options_);
    if (value.has_value()) item.values.push_back(std::move(*value));
  }
  item.value = expr();
}

void Parser::use_statement(Statement& out) {
  expect("use");
  SetVariable item;
  item.name = "database";
  item.values.push_back(table_name());
  SetVariables result;
  result.items.push_back(std::move(item));
  out.node = std::move(result);
}

}  // namespace sealrow::sql::mysql
