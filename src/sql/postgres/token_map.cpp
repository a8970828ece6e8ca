#include "sql/postgres/token_map.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sealrow::sql::postgres {
namespace {

// libpg_query and protobuf-c recurse over the tree without a limit of their own, so its depth is bounded here before
// they see the text. Along a path of the tree, every level costs at least one token of an open bracket's chain, where a
// chain ends at each comma, AND, OR, …: the grammar makes flat lists of those. Set operations and joins nest to the
// left across commas, so they have a count that only a semicolon ends.
class DepthGuard {
 public:
  static constexpr std::size_t limit = 2000;

  // False: too deep.
  bool add(std::string_view text, const Token& token) {
    Level& level = levels_.back();
    ++level.chain;
    ++total_;
    if (token.kind == TokenKind::punctuation) {
      add_punctuation(text);
    } else if (token.kind == TokenKind::word) {
      add_word(text);
    }
    return total_ <= limit;
  }

 private:
  struct Level {
    std::size_t chain = 0;   // tokens since the last separator
    std::size_t nested = 0;  // set operations and joins since the last semicolon
    bool is_case = false;
  };

  void end_chain() {
    total_ -= levels_.back().chain;
    levels_.back().chain = 0;
  }
  void end_statement() {
    end_chain();
    total_ -= levels_.back().nested;
    levels_.back().nested = 0;
  }
  void open(bool is_case) { levels_.push_back({.is_case = is_case}); }
  void close() {
    if (levels_.size() == 1) return;
    end_statement();
    levels_.pop_back();
  }

  void add_punctuation(std::string_view text) {
    if (text == "(" || text == "[") return open(false);
    if (text == ")" || text == "]") return close();
    if (text == ",") return end_chain();
    if (text == ";") return end_statement();
  }

  void add_word(std::string_view text) {
    static constexpr std::array<std::string_view, 5> separators = {"and", "or", "when", "then", "else"};
    static constexpr std::array<std::string_view, 4> nesting = {"union", "intersect", "except", "join"};
    const auto is = [&](std::string_view word) { return equals_word(text, word); };
    if (text.size() > 9 || text.size() < 2) return;
    if (is("case")) return open(true);
    if (is("end")) {
      if (levels_.back().is_case) close();
      return;
    }
    if (std::any_of(separators.begin(), separators.end(), is)) return end_chain();
    if (std::any_of(nesting.begin(), nesting.end(), is)) {
      ++levels_.back().nested;
      ++total_;
    }
  }

  std::vector<Level> levels_ = {{}};
  std::size_t total_ = 0;
};

Error syntax_error(std::string message, std::uint32_t offset) {
  return {.code = ErrorCode::statement_syntax, .message = std::move(message), .offset = offset};
}

}  // namespace

Result<TokenMap> TokenMap::make(std::string_view text, LexerOptions options) {
  TokenMap map(text);
  SEALROW_CHECK(map.scan(options));
  map.match_brackets();
  return map;
}

Result<> TokenMap::scan(LexerOptions options) {
  Lexer lexer(text_, options);
  DepthGuard depth;
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    tokens_.push_back(token);
    if (token.kind == TokenKind::unknown) return syntax_error("text cannot be split into tokens", token.span.begin);
    const std::string_view written = text(tokens_.size() - 1);
    if (!depth.add(written, token)) return syntax_error("statement is nested too deeply", token.span.begin);
    if (token.kind == TokenKind::literal) literals_.push_back({token.span, token.literal});
    if (token.kind == TokenKind::parameter) {
      std::uint32_t number = 0;
      const auto [end, error] = std::from_chars(written.data() + 1, written.data() + written.size(), number);
      if (error != std::errc{} || number > INT32_MAX)
        return syntax_error("parameter number is too large", token.span.begin);
      parameter_count_ = std::max(parameter_count_, number);
    }
  }
  return {};
}

void TokenMap::match_brackets() {
  partners_.assign(tokens_.size(), none);
  enclosing_.assign(tokens_.size(), none);
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (!open.empty()) enclosing_[i] = open.back();
    if (is_punctuation(i, "(") || is_punctuation(i, "[")) {
      open.push_back(i);
    } else if (!open.empty() && (is_punctuation(i, ")") || is_punctuation(i, "]"))) {
      partners_[open.back()] = i;
      open.pop_back();
    }
  }
}

std::string_view TokenMap::text(std::size_t index) const {
  const Span span = tokens_[index].span;
  return text_.substr(span.begin, span.end - span.begin);
}

std::size_t TokenMap::at(std::int32_t location) const {
  if (location < 0) return none;
  const auto position = static_cast<std::uint32_t>(location);
  const auto after = std::partition_point(tokens_.begin(), tokens_.end(),
                                          [&](const Token& token) { return token.span.begin <= position; });
  if (after == tokens_.begin()) return none;
  const auto found = std::prev(after);
  return position < found->span.end ? static_cast<std::size_t>(found - tokens_.begin()) : none;
}

std::size_t TokenMap::first_from(std::uint32_t position) const {
  const auto found = std::partition_point(tokens_.begin(), tokens_.end(),
                                          [&](const Token& token) { return token.span.begin < position; });
  return static_cast<std::size_t>(found - tokens_.begin());
}

Span TokenMap::span_at(std::int32_t location) const {
  const std::size_t index = at(location);
  return index == none ? Span{} : tokens_[index].span;
}

std::optional<std::uint32_t> TokenMap::literal_from(std::int32_t location) const {
  if (location < 0) return std::nullopt;
  const auto found = std::partition_point(literals_.begin(), literals_.end(), [&](const Literal& literal) {
    return literal.span.begin < static_cast<std::uint32_t>(location);
  });
  if (found == literals_.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - literals_.begin());
}

std::size_t TokenMap::next_comma(std::size_t open, std::size_t from) const {
  if (open >= size() || from >= size() || partners_[open] == none) return none;
  for (std::size_t i = from + 1; i < partners_[open]; ++i) {
    if (enclosing_[i] == open && is_punctuation(i, ",")) return i;
  }
  return none;
}

bool TokenMap::is_punctuation(std::size_t index, std::string_view what) const {
  return index < tokens_.size() && tokens_[index].kind == TokenKind::punctuation && text(index) == what;
}

bool TokenMap::is_word(std::size_t index, std::string_view lower_case_word) const {
  return index < tokens_.size() && tokens_[index].kind == TokenKind::word && equals_word(text(index), lower_case_word);
}

bool TokenMap::is_name(std::size_t index) const {
  return index < tokens_.size() &&
         (tokens_[index].kind == TokenKind::word || tokens_[index].kind == TokenKind::quoted_word);
}

std::size_t TokenMap::last_of_name(std::size_t first, std::size_t parts) const {
  std::size_t last = first;
  for (; parts > 1 && is_punctuation(last + 1, ".") && last + 2 < tokens_.size(); --parts) last += 2;
  return last;
}

}  // namespace sealrow::sql::postgres
