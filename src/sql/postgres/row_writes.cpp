// What a trigger's PL/pgSQL code may do to the row that it was called for. Not a parser: wherever NEW or OLD is not
// clearly read, it counts as written (pl_gram.y; targets stand at the start of a statement, behind INTO, in FOR, in GET
// DIAGNOSTICS and among the arguments of CALL).
#include "sealrow/sql/postgres.hpp"
#include "sql/postgres/lexer.hpp"

#include <algorithm>
#include <array>

namespace sealrow::sql::postgres {
namespace {

// Behind these words stands an expression.
constexpr std::array<std::string_view, 36> before_expressions = {
    "all",      "and",     "array", "as",   "assert", "between", "by",    "case",    "default",
    "distinct", "elseif",  "elsif", "from", "having", "if",      "ilike", "in",      "is",
    "like",     "limit",   "next",  "not",  "offset", "on",      "or",    "perform", "return",
    "select",   "similar", "slice", "to",   "using",  "values",  "when",  "where",   "while",
};
// Lists of targets, and of arguments that may be changed.
constexpr std::array<std::string_view, 4> with_targets = {"call", "for", "foreach", "get"};
constexpr std::array<std::string_view, 7> before_statements = {"begin", "declare", "else", "exception",
                                                               "loop",  "then",    "do"};
constexpr std::array<std::string_view, 4> kept_rows = {"new", "old", "null", "coalesce"};

bool is_one_of(const auto& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

class RowWriteScanner {
 public:
  explicit RowWriteScanner(std::string_view text) : text_(text), lexer_(text, {}) {}

  RowWrites scan() {
    // Names in Unicode escapes may be any; whether \' ends a string depends on a setting.
    if (text_.find("U&\"") != std::string_view::npos || text_.find("u&\"") != std::string_view::npos ||
        text_.find("\\'") != std::string_view::npos) {
      return {.whole = true, .columns = {}};
    }
    for (take(); token_.kind != TokenKind::end; take()) {
      if (token_.kind == TokenKind::unknown) result_.whole = true;
      if (token_.kind == TokenKind::unknown) break;
      step();
      before_ = std::move(word_);
      kind_before_ = token_.kind;
    }
    return std::move(result_);
  }

 private:
  void take() {
    token_ = lexer_.next();
    word_ = written();
    if (token_.kind == TokenKind::word) word_ = fold_case(word_);
    if (token_.kind == TokenKind::quoted_word) word_ = word_.substr(1, word_.size() - 2);
  }
  [[nodiscard]] std::string written() const {
    return std::string(text_.substr(token_.span.begin, token_.span.end - token_.span.begin));
  }
  [[nodiscard]] bool is_word() const { return token_.kind == TokenKind::word || token_.kind == TokenKind::quoted_word; }
  [[nodiscard]] bool follows_word() const {
    return kind_before_ == TokenKind::word || kind_before_ == TokenKind::quoted_word;
  }
  [[nodiscard]] bool starts_statement() const {
    return kind_before_ == TokenKind::end || before_ == ";" || before_ == ">>" ||
           (kind_before_ == TokenKind::word && is_one_of(before_statements, before_));
  }

  void step() {
    if (word_ == "(" || word_ == "[") ++depth_;
    if (word_ == ")" || word_ == "]") --depth_;
    if (starts_statement()) {
      first_ = word_;
      into_depth_.reset();
    }
    // The list behind INTO ends where a word follows one of its names.
    const bool ends = is_word() && (before_ == "]" || (follows_word() && before_ != "into" && before_ != "strict"));
    if (into_depth_ && (depth_ < *into_depth_ || (ends && depth_ == *into_depth_))) into_depth_.reset();
    if (token_.kind == TokenKind::word && word_ == "into" && before_ != "insert" && before_ != "merge") {
      into_depth_ = depth_;
    }
    if (token_.kind == TokenKind::word && word_ == "return" && before_ != ".") check_return();
    if (is_word() && (word_ == "new" || word_ == "old") && !is_read()) add_target();
  }

  [[nodiscard]] bool is_read() const {
    if (into_depth_ || first_ == "call") return false;
    if (depth_ > 0) return true;
    if (kind_before_ == TokenKind::op) return before_ != ">>";
    if (before_ == ":=" || before_ == "..") return true;
    if (before_ == ",") return !is_one_of(with_targets, first_);
    return kind_before_ == TokenKind::word && is_one_of(before_expressions, before_);
  }

  void add_target() {
    Lexer ahead = lexer_;
    const auto text_of = [&](const Token& token) {
      return text_.substr(token.span.begin, token.span.end - token.span.begin);
    };
    if (text_of(ahead.next()) != ".") {
      result_.whole = true;
      return;
    }
    const Token column = ahead.next();
    if (column.kind == TokenKind::word) {
      result_.columns.push_back(fold_case(text_of(column)));
    } else if (column.kind == TokenKind::quoted_word) {
      result_.columns.emplace_back(text_of(column).substr(1, text_of(column).size() - 2));
    } else {
      result_.whole = true;
    }
  }

  // Another row than the one that came in: RETURN anything else than NEW, OLD, NULL or COALESCE(NEW, OLD).
  void check_return() {
    Lexer ahead = lexer_;
    for (Token token = ahead.next(); token.kind != TokenKind::end; token = ahead.next()) {
      const std::string_view part = text_.substr(token.span.begin, token.span.end - token.span.begin);
      if (part == ";") return;
      const bool kept = token.kind == TokenKind::word ? is_one_of(kept_rows, fold_case(part))
                                                      : part == "(" || part == ")" || part == ",";
      if (kept) continue;
      result_.whole = true;
      return;
    }
  }

  std::string_view text_;
  Lexer lexer_;
  Token token_;
  std::string word_, before_, first_;
  TokenKind kind_before_ = TokenKind::end;
  int depth_ = 0;
  std::optional<int> into_depth_;  // in a list of targets, within so many brackets
  RowWrites result_;
};

}  // namespace

RowWrites row_writes(std::string_view body) { return RowWriteScanner(body.substr(0, max_text_size)).scan(); }

}  // namespace sealrow::sql::postgres
