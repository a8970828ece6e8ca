// Transactions, prepared statements, EXPLAIN, SHOW, locks, and everything that is not modelled.
#include "sql/mysql/parser.hpp"

#include <algorithm>
#include <array>

namespace sealrow::sql::mysql {
namespace {

// Statements that neither change the catalog nor name relations anywhere but in the usual places.
constexpr std::string_view quiet[] = {
    "analyze",  "backup",  "binlog", "cache",    "change",   "check", "checksum", "clone",     "flush",
    "get",      "grant",   "help",   "kill",     "optimize", "purge", "repair",   "replicate", "reset",
    "resignal", "restart", "revoke", "shutdown", "signal",   "start", "stop",     "unlock",    "xa",
};

}  // namespace

void Parser::skip_to_end() {
  while (!at_end()) advance();
}

// Not modelled: its kind, and the relations in the usual places.
void Parser::opaque(Statement& out, std::string kind, bool changes_catalog) {
  const std::size_t first = pos_;
  skip_to_end();
  mention_positions(first, pos_);
  Utility result;
  result.kind = std::move(kind);
  result.changes_catalog = changes_catalog;
  result.carries_text = std::any_of(
      tokens_.begin() + static_cast<std::ptrdiff_t>(first), tokens_.begin() + static_cast<std::ptrdiff_t>(pos_),
      [](const Token& token) { return token.kind == TokenKind::literal && token.literal == LiteralKind::string; });
  result_.exact = true;
  out.node = std::move(result);
}

void Parser::utility_statement(Statement& out) {
  if (!is_kind(TokenKind::word)) return fail("a statement was expected");
  const std::size_t first = pos_;
  const std::string kind = fold_case(token_text());
  const bool known = std::find(std::begin(quiet), std::end(quiet), kind) != std::end(quiet);
  opaque(out, kind, !known);
  if (!known) mention_everything(first + 1, pos_);
}

void Parser::transaction_statement(Statement& out) {
  using Kind = Transaction::Kind;
  Transaction result;
  if (accept("savepoint")) {
    result.kind = Kind::savepoint;
    result.name = label_name();
  } else if (accept("release")) {
    expect("savepoint");
    result.kind = Kind::release;
    result.name = label_name();
  } else if (is("start")) {
    if (!is("transaction", 1)) return opaque(out, "start", false);
    skip_to_end();
  } else if (accept("begin")) {
    accept("work");
  } else {
    result.kind = is("commit") ? Kind::commit : Kind::rollback;
    advance();
    accept("work");
    if (result.kind == Kind::rollback && accept("to")) {
      accept("savepoint");
      result.kind = Kind::rollback_to;
      result.name = label_name();
    }
    if (accept("and")) {
      result.chain = !accept("no");
      expect("chain");
    }
    accept("no");
    accept("release");
  }
  out.node = std::move(result);
}

// BEGIN [WORK] opens a transaction, BEGIN NOT ATOMIC a block (MariaDB).
void Parser::begin_statement(Statement& out) {
  if (is("not", 1)) return block_statement(out);
  transaction_statement(out);
}

// Code outside of a routine (MariaDB): the rest of the text belongs to it.
void Parser::block_statement(Statement& out) {
  DoBlock result;
  result.language = "sql";
  result.body = rest_as_body();
  out.node = std::move(result);
}

void Parser::prepare_statement(Statement& out) {
  Prepare result;
  expect("prepare");
  result.name = fold_case(label_name());
  expect("from");
  result_.exact = true;
  result.source = expr();
  if (result.source->kind == ExprKind::literal) {
    auto code = literal_value(text_, result_.literals[result.source->number], options_);
    if (code.has_value()) mention_text(*code);
  }
  out.node = std::move(result);
}

void Parser::execute_statement(Statement& out) {
  expect("execute");
  if (accept("immediate")) {
    auto code = expr();
    if (code->kind == ExprKind::literal) {
      auto text = literal_value(text_, result_.literals[code->number], options_);
      if (text.has_value()) mention_text(*text);
    }
    opaque(out, "execute_immediate", true);
    std::get<Utility>(out.node).dynamic = true;
    return;
  }
  Execute result;
  result.name = fold_case(label_name());
  if (accept("using")) {
    do result.args.push_back(value_or_default());
    while (accept(","));
  }
  out.node = std::move(result);
}

void Parser::deallocate_statement(Statement& out) {
  advance();  // DEALLOCATE or DROP
  expect("prepare");
  out.node = Deallocate{fold_case(label_name())};
}

void Parser::call_statement(Statement& out) {
  expect("call");
  const std::size_t first = pos_;
  std::vector<std::string> names = {name_token()};
  while (accept(".")) names.push_back(name_token());
  CallProcedure result;
  if (is("(")) {
    result.call = call(std::move(names), first);
  } else {
    result.call = make(ExprKind::call, first);
    names.back() = fold_case(names.back());
    result.call->names = std::move(names);
  }
  result.call->kind = ExprKind::call;
  out.node = std::move(result);
}

// DO f(x): a query whose result nobody sees.
void Parser::do_statement(Statement& out) {
  expect("do");
  const std::size_t first = pos_;
  Select result;
  result.output = outputs();
  result.span = span_from(first);
  out.node = std::move(result);
}

bool Parser::at_explainable() const {
  return is_any({"select", "insert", "update", "delete", "replace", "with", "table", "values", "("});
}

void Parser::explain_statement(Statement& out) {
  Explain result;
  const std::size_t first = pos_;
  advance();
  for (bool found = true; found && !error_;) {
    found = accept_any({"extended", "partitions"});
    if (accept("analyze")) found = result.analyze = true;
    if (is("format") && is("=", 1)) {
      pos_ += 2;
      if (is_string())
        static_cast<void>(string_value());
      else
        static_cast<void>(any_word());
      found = true;
    }
    if (is("into") && is_kind(TokenKind::variable, 1)) {
      pos_ += 2;
      found = true;
    }
    if (accept_sequence({"for", "schema"}) || accept_sequence({"for", "database"})) {
      static_cast<void>(table_name());
      found = true;
    }
  }
  if (error_) return;
  if (!at_explainable()) {
    pos_ = first;
    return is("connection", 2) ? opaque(out, "explain", false) : describe_table(out);
  }
  const std::size_t known = mentioned_.size();
  result.statement = std::make_unique<Statement>();
  const std::size_t inner = pos_;
  fill(*result.statement);
  result.statement->span = span_from(inner);
  result.statement->mentioned.assign(mentioned_.begin() + static_cast<std::ptrdiff_t>(known), mentioned_.end());
  out.node = std::move(result);
}

// ANALYZE TABLE …, and MariaDB's ANALYZE [FORMAT=JSON] statement.
void Parser::analyze_statement(Statement& out) {
  const bool of_table = is_any({"table", "tables"}, 1) || is_any({"table", "tables"}, 2);
  if (of_table && !is("format", 1)) return opaque(out, "analyze", false);
  explain_statement(out);
  if (auto* explain = std::get_if<Explain>(&out.node))
    explain->analyze = true;
  else if (!error_)
    fail("a statement was expected");
}

// EXPLAIN t [column], also under its other names.
void Parser::describe_table(Statement& out) {
  advance();
  static_cast<void>(relation());
  if (!at_end()) static_cast<void>(name_or_string());
  out.node = Show{"columns"};
}

void Parser::show_statement(Statement& out) {
  const std::size_t first = pos_;
  expect("show");
  std::string name;
  while (is_kind(TokenKind::word) && !is_any({"from", "in", "like", "where", "for", "limit"})) {
    const bool last = is_any({"table", "view", "procedure", "function", "trigger", "event", "database", "schema",
                              "sequence", "user", "package", "code"});
    name += (name.empty() ? "" : " ") + any_word();
    if (last) break;
  }
  skip_to_end();
  mention_positions(first, pos_);
  out.node = Show{std::move(name)};
}

void Parser::lock_statement(Statement& out) {
  if (!is_any({"table", "tables"}, 1)) return opaque(out, "lock", false);
  pos_ += 2;
  LockTable result;
  do {
    result.tables.push_back(relation());
    static_cast<void>(table_alias());
    accept("low_priority");
    if (accept("read"))
      accept_any({"local", "only"});
    else if (accept("write"))
      accept("concurrent");
    else
      fail("READ or WRITE was expected");
  } while (accept(","));
  if (accept("wait")) static_cast<void>(primary());
  accept("nowait");
  out.node = std::move(result);
}

void Parser::truncate_statement(Statement& out) {
  expect("truncate");
  accept("table");
  Truncate result;
  result.tables.push_back(relation());
  if (accept("wait")) static_cast<void>(primary());
  accept("nowait");
  out.node = std::move(result);
}

// HANDLER t OPEN / READ … / CLOSE: rows without a SELECT.
void Parser::handler_statement(Statement& out) {
  expect("handler");
  static_cast<void>(relation());
  opaque(out, "handler", false);
}

}  // namespace sealrow::sql::mysql
