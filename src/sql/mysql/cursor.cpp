// Tokens and names.
#include "sql/mysql/parser.hpp"

#include <algorithm>

namespace sealrow::sql::mysql {

const Token& Parser::at(std::size_t ahead) const { return tokens_[std::min(pos_ + ahead, tokens_.size() - 1)]; }

std::string_view Parser::token_text(std::size_t ahead) const {
  const Span span = at(ahead).span;
  return text_.substr(span.begin, span.end - span.begin);
}

bool Parser::is(std::string_view what, std::size_t ahead) const {
  const TokenKind kind = at(ahead).kind;
  return (kind == TokenKind::word || kind == TokenKind::symbol) && equals_word(token_text(ahead), what);
}

bool Parser::is_any(std::initializer_list<std::string_view> words, std::size_t ahead) const {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return is(word, ahead); });
}

bool Parser::is_sequence(std::initializer_list<std::string_view> words) const {
  std::size_t ahead = 0;
  return std::all_of(words.begin(), words.end(), [&](std::string_view word) { return is(word, ahead++); });
}

bool Parser::accept(std::string_view what) {
  const bool found = is(what);
  if (found) ++pos_;
  return found;
}

bool Parser::accept_sequence(std::initializer_list<std::string_view> words) {
  const bool found = is_sequence(words);
  if (found) pos_ += words.size();
  return found;
}

bool Parser::accept_any(std::initializer_list<std::string_view> words) {
  const bool found = is_any(words);
  if (found) ++pos_;
  return found;
}

void Parser::expect(std::string_view what) {
  if (!accept(what)) fail("unexpected token");
}

void Parser::fail(const char* reason) {
  if (!error_) {
    error_ = Error{.code = ErrorCode::statement_syntax,
                   .message = "statement cannot be parsed",
                   .detail = reason,
                   .offset = at().span.begin};
  }
  pos_ = tokens_.size() - 1;
}

bool Parser::at_end() const { return is_kind(TokenKind::end) || is(";"); }

bool Parser::is_string(std::size_t ahead) const {
  return is_kind(TokenKind::literal, ahead) && at(ahead).literal == LiteralKind::string;
}

bool Parser::is_name(std::size_t ahead) const {
  return is_kind(TokenKind::name, ahead) ||
         (is_kind(TokenKind::word, ahead) && !is_reserved(token_text(ahead), options_.flavour));
}

// From that token to the one before the current one.
Span Parser::span_from(std::size_t first_token) const {
  const std::size_t last = pos_ > first_token ? pos_ - 1 : first_token;
  return {tokens_[first_token].span.begin, tokens_[last].span.end};
}

std::string Parser::any_word() {
  if (!is_kind(TokenKind::word) && !is_kind(TokenKind::name)) {
    fail("a word was expected");
    return {};
  }
  std::string word = fold_case(name_value(token_text()));
  advance();
  return word;
}

std::string Parser::name_token() {
  if (!is_name()) {
    fail("a name was expected");
    return {};
  }
  std::string name = name_value(token_text());
  advance();
  return name;
}

std::string Parser::fold_table(std::string_view name) const {
  return options_.table_names == TableNameCase::insensitive ? fold_case(name) : std::string(name);
}

std::string Parser::column_name() { return fold_case(name_token()); }
std::string Parser::table_name() { return fold_table(name_token()); }
std::string Parser::label_name() { return name_token(); }

std::string Parser::string_value() {
  if (!is_string()) {
    fail("a string was expected");
    return {};
  }
  auto value = literal_value(text_, {at().span, at().literal}, options_);
  if (value.has_error()) {
    fail("a string cannot be read");
    return {};
  }
  result_.exact = true;
  advance();
  return std::move(*value);
}

std::string Parser::name_or_string() { return is_string() ? string_value() : name_token(); }

// AS name, AS 'name', name, 'name': compared without regard to case, as columns are.
std::string Parser::output_alias() {
  const bool introduced = accept("as");
  if (is_string()) {
    // Behind another string it is the second part of one that a version comment splits.
    if (!introduced && pos_ > 0 && tokens_[pos_ - 1].kind == TokenKind::literal &&
        tokens_[pos_ - 1].literal == LiteralKind::string) {
      fail("two strings in a row");
    }
    return fold_case(string_value());
  }
  return introduced || is_name() ? column_name() : std::string();
}

std::string Parser::table_alias() {
  if (accept("as")) return is_string() ? fold_table(string_value()) : table_name();
  // Words that begin a clause although they may be names.
  const bool window = is("window") && is_name(1) && is("as", 2);
  if (!is_name() || window || is_any({"offset", "fetch", "returning", "tablesample"})) return {};
  return table_name();
}

std::string Parser::variable_name() {
  if (!is_kind(TokenKind::variable)) {
    fail("a variable was expected");
    return {};
  }
  std::string_view name = token_text().substr(1);
  advance();
  if (name.starts_with('\'') || (name.starts_with('"') && !options_.ansi_quotes)) {
    const Literal literal{{0, static_cast<std::uint32_t>(name.size())}, LiteralKind::string};
    auto value = literal_value(name, literal, options_);
    return value.has_value() ? fold_case(*value) : std::string(name);
  }
  return fold_case(name_value(name));
}

RelationName Parser::relation_without_mention() {
  const std::size_t first = pos_;
  RelationName result;
  accept(".");  // ".t" is t of the default database
  result.name = table_name();
  if (accept(".")) {
    result.schema = std::move(result.name);
    result.name = table_name();
  }
  result.span = span_from(first);
  return result;
}

RelationName Parser::relation() {
  RelationName result = relation_without_mention();
  if (!error_) mentioned_.push_back(result);
  return result;
}

std::vector<RelationName> Parser::relations() {
  std::vector<RelationName> result;
  do result.push_back(relation());
  while (accept(","));
  return result;
}

std::vector<std::string> Parser::names_in_brackets() {
  std::vector<std::string> result;
  expect("(");
  if (accept(")")) return result;
  do result.push_back(column_name());
  while (accept(","));
  expect(")");
  return result;
}

void Parser::skip_brackets() {
  if (!is("(")) return fail("a bracket was expected");
  pos_ = at().index + 1;
}

}  // namespace sealrow::sql::mysql
