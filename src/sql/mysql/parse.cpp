// The text as a whole: tokens, statements, dispatch.
#include "sealrow/sql/mysql.hpp"
#include "sql/mysql/parser.hpp"

#include <algorithm>
#include <array>

namespace sealrow::sql::mysql {

Result<Parsed> parse(std::string_view text, LexerOptions options) {
  if (text.size() > max_text_size) return Error{.code = ErrorCode::statement_syntax, .message = "text is too long"};
  return Parser(text, options).parse();
}

struct Parser::StatementTable {
  struct Entry {
    std::string_view word;
    void (Parser::*fill)(Statement&);
  };
  static constexpr auto entries() {
    using P = Parser;
    return std::to_array<Entry>({
        {"(", &P::select_statement},
        {"alter", &P::alter_statement},
        {"analyze", &P::analyze_statement},
        {"begin", &P::begin_statement},
        {"call", &P::call_statement},
        {"commit", &P::transaction_statement},
        {"create", &P::create_statement},
        {"deallocate", &P::deallocate_statement},
        {"delete", &P::delete_statement},
        {"desc", &P::explain_statement},
        {"describe", &P::explain_statement},
        {"do", &P::do_statement},
        {"drop", &P::drop_statement},
        {"execute", &P::execute_statement},
        {"explain", &P::explain_statement},
        {"handler", &P::handler_statement},
        {"insert", &P::insert_statement},
        {"load", &P::load_statement},
        {"lock", &P::lock_statement},
        {"prepare", &P::prepare_statement},
        {"release", &P::transaction_statement},
        {"rename", &P::rename_statement},
        {"replace", &P::insert_statement},
        {"rollback", &P::transaction_statement},
        {"savepoint", &P::transaction_statement},
        {"select", &P::select_statement},
        {"set", &P::set_statement},
        {"show", &P::show_statement},
        {"start", &P::transaction_statement},
        {"table", &P::select_statement},
        {"truncate", &P::truncate_statement},
        {"update", &P::update_statement},
        {"use", &P::use_statement},
        {"values", &P::select_statement},
        {"with", &P::with_statement},
        {"if", &P::block_statement},
        {"case", &P::block_statement},
        {"loop", &P::block_statement},
        {"while", &P::block_statement},
        {"repeat", &P::block_statement},
        {"for", &P::block_statement},
    });
  }
};

Result<Parsed> Parser::parse() {
  if (!tokenize()) return std::move(*error_);
  while (!is_kind(TokenKind::end)) {
    if (accept(";")) continue;
    if (!result_.statements.empty() && changes_language(result_.statements.back())) {
      fail("the statement in front may change how this one is read");
      break;
    }
    mentioned_.clear();
    Statement parsed = statement();
    if (!at_end()) fail("unexpected token");
    if (error_) return std::move(*error_);
    parsed.mentioned = std::move(mentioned_);
    result_.statements.push_back(std::move(parsed));
  }
  if (error_) return std::move(*error_);
  return std::move(result_);
}

// The server reads each statement of a text only when the one in front has run: with its sql_mode and character set.
bool Parser::changes_language(const Statement& statement) const {
  if (std::holds_alternative<Execute>(statement.node)) return true;
  if (const auto* utility = std::get_if<Utility>(&statement.node)) return utility->dynamic;
  const auto* set = std::get_if<SetVariables>(&statement.node);
  return set && std::any_of(set->items.begin(), set->items.end(),
                            [&](const SetVariable& item) { return changes_language(item); });
}

bool Parser::changes_language(const SetVariable& item) const {
  static constexpr std::array<std::string_view, 5> ascii_based = {"utf8", "utf8mb3", "utf8mb4", "ascii", "binary"};
  if (item.scope != VariableScope::session) return false;
  const std::string_view value = item.values.empty() ? std::string_view() : std::string_view(item.values[0]);
  if (item.name == "names" || item.name == "character_set" || item.name == "character_set_client") {
    return std::find(ascii_based.begin(), ascii_based.end(), fold_case(value)) == ascii_based.end();
  }
  if (item.name != "sql_mode") return false;
  LexerOptions changed = options_;
  return item.values.size() != 1 || !apply_sql_mode(value, changed) || changed != options_;
}

// Every token, with brackets matched, literals and parameters numbered.
bool Parser::tokenize() {
  constexpr std::size_t most_tokens = std::size_t{1} << 22;
  Lexer lexer(text_, options_);
  std::vector<std::uint32_t> open;
  for (;;) {
    Token token = lexer.next();
    const auto here = static_cast<std::uint32_t>(tokens_.size());
    const char first = token.kind == TokenKind::symbol ? text_[token.span.begin] : '\0';
    if (first == '(') open.push_back(here);
    if (first == ')') {
      if (open.empty())
        token.kind = TokenKind::unknown;
      else {
        token.index = open.back();
        tokens_[open.back()].index = here;
        open.pop_back();
      }
    }
    if (token.kind == TokenKind::literal) {
      token.index = static_cast<std::uint32_t>(result_.literals.size());
      result_.literals.push_back({token.span, token.literal});
    }
    if (token.kind == TokenKind::parameter) token.index = ++result_.parameter_count;
    tokens_.push_back(token);
    const bool too_many = tokens_.size() > most_tokens;
    if (token.kind == TokenKind::unknown || too_many || (token.kind == TokenKind::end && !open.empty())) {
      tokens_.back().kind = TokenKind::end;
      pos_ = here;
      fail(too_many ? "too many tokens" : "token or bracket that cannot be read");
      return false;
    }
    if (token.kind == TokenKind::end) return true;
  }
}

Statement Parser::statement() {
  Statement result;
  const std::size_t first = pos_;
  fill(result);
  result.span = span_from(first);
  return result;
}

void Parser::fill(Statement& out) {
  const Nesting nesting(*this);
  static constexpr auto entries = StatementTable::entries();
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return is(entry.word); });
  if (found == entries.end()) {
    utility_statement(out);
  } else {
    (this->*found->fill)(out);
  }
}

StatementPtr Parser::nested_statement(void (Parser::*fill_from)(Statement&)) {
  auto result = std::make_unique<Statement>();
  const std::size_t first = pos_;
  const std::size_t known = mentioned_.size();
  (this->*fill_from)(*result);
  result->span = span_from(first);
  result->mentioned.assign(mentioned_.begin() + static_cast<std::ptrdiff_t>(known), mentioned_.end());
  return result;
}

}  // namespace sealrow::sql::mysql
