// DO blocks that are definitions and nothing else. Generated migrations guard a constraint this way, because ADD
// CONSTRAINT knows no IF NOT EXISTS: DO $$ BEGIN ALTER TABLE …; EXCEPTION WHEN duplicate_object THEN null; END $$.
#include "plan/analyzer.hpp"

#include <algorithm>

namespace sealrow::plan {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// A text of words and semicolons that is eaten from both ends. Comments are not among them.
class Body {
 public:
  explicit Body(std::string_view text) : text_(text) {}

  bool eat_front(std::string_view word) {
    while (!text_.empty() && is_space(text_.front())) text_.remove_prefix(1);
    const auto end = std::find_if_not(text_.begin(), text_.end(), is_word);
    const auto length = static_cast<std::size_t>(end - text_.begin());
    if (!is(text_.substr(0, length), word)) return false;
    text_.remove_prefix(length);
    return true;
  }
  bool eat_back(std::string_view word) { return is(last_word(), word) && drop(word.size()); }
  bool eat_back_any_word() { return drop(last_word().size()); }
  bool eat_semicolon() {
    trim();
    return text_.ends_with(';') && drop(1);
  }
  [[nodiscard]] std::string_view rest() const { return text_; }

 private:
  static bool is(std::string_view text, std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(), [](char a, char b) { return lower(a) == b; });
  }
  void trim() {
    while (!text_.empty() && is_space(text_.back())) text_.remove_suffix(1);
  }
  bool drop(std::size_t length) {
    text_.remove_suffix(length);
    return length > 0;
  }
  std::string_view last_word() {
    trim();
    const auto begin = std::find_if_not(text_.rbegin(), text_.rend(), is_word);
    return text_.substr(text_.size() - static_cast<std::size_t>(begin - text_.rbegin()));
  }
  std::string_view text_;
};

// WHEN … OR … THEN NULL; (eaten from its end)
bool eat_handler(Body& body) {
  if (!body.eat_semicolon() || !body.eat_back("null") || !body.eat_back("then") || !body.eat_back_any_word())
    return false;
  while (body.eat_back("or")) {
    if (!body.eat_back_any_word()) return false;
  }
  return body.eat_back("when") && body.eat_back("exception");
}

// The statements of BEGIN …; [EXCEPTION WHEN … THEN NULL;] END. Empty: another block.
std::string_view statements_of(std::string_view block) {
  Body body(block);
  if (!body.eat_front("begin")) return {};
  (void)body.eat_semicolon();
  if (!body.eat_back("end")) return {};
  Body guarded = body;
  return eat_handler(guarded) ? guarded.rest() : body.rest();
}

bool is_definition(const sql::Statement& statement) {
  return std::holds_alternative<sql::AlterTable>(statement.node) ||
         std::holds_alternative<sql::CreateTable>(statement.node) ||
         std::holds_alternative<sql::CreateIndex>(statement.node);
}

}  // namespace

// Such statements are SQL's own also inside of PL/pgSQL, without variables: they are planned like a text of their own.
// What would need an edit is refused, since the block is a literal.
bool Analyzer::is_block_of_definitions(const sql::DoBlock& block) {
  if (!block.language.empty() && block.language != "plpgsql") return false;
  const std::string_view text = statements_of(block.body);
  if (text.empty()) return false;
  const auto parsed = sql::parse(text, session_.lexer);
  if (parsed.has_error() || !std::all_of(parsed->statements.begin(), parsed->statements.end(), is_definition))
    return false;
  SessionNames names = session_;
  names.search_path_known = names_.search_path_known();
  sql::Template shape;
  sql::make_template(text, session_.lexer, shape);
  PlanRequest request;
  request.text = text;
  request.shape = &shape;
  const PlanOutcome outcome = Analyzer(binding_, names, request, *parsed).run();
  return outcome.plan->verdict != Verdict::refuse && outcome.plan->edits.empty();
}

}  // namespace sealrow::plan
