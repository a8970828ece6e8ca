// All tokens of a text by position: turns libpg_query's start positions into exact spans.
#pragma once

#include "sealrow/base/result.hpp"
#include "sql/postgres/lexer.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace sealrow::sql::postgres {

class TokenMap {
 public:
  // Refuses what the lexer cannot take apart and what nests too deeply for the recursive parts behind it.
  static Result<TokenMap> make(std::string_view text, LexerOptions options);

  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  [[nodiscard]] std::size_t size() const { return tokens_.size(); }
  [[nodiscard]] const Token& operator[](std::size_t index) const { return tokens_[index]; }
  [[nodiscard]] const std::vector<Literal>& literals() const { return literals_; }
  [[nodiscard]] std::uint32_t parameter_count() const { return parameter_count_; }
  [[nodiscard]] std::string_view text(std::size_t index) const;

  // The token that starts at or contains the position; none if the position is not known (-1) or in white space.
  [[nodiscard]] std::size_t at(std::int32_t location) const;
  [[nodiscard]] std::size_t first_from(std::uint32_t position) const;
  [[nodiscard]] Span span_at(std::int32_t location) const;
  // First literal that starts at or behind the position: a negated constant is located at its sign.
  [[nodiscard]] std::optional<std::uint32_t> literal_from(std::int32_t location) const;
  // Closing partner of an opening ( or [; none if there is none.
  [[nodiscard]] std::size_t partner(std::size_t open) const { return partners_[open]; }
  // The innermost bracket that is open at the token; for a bracket that closes, the one that it closes.
  [[nodiscard]] std::size_t enclosing(std::size_t index) const { return index < size() ? enclosing_[index] : none; }
  // First comma behind `from` that stands directly inside the bracket; none behind the last element.
  [[nodiscard]] std::size_t next_comma(std::size_t open, std::size_t from) const;

  [[nodiscard]] bool is_punctuation(std::size_t index, std::string_view what) const;
  [[nodiscard]] bool is_word(std::size_t index, std::string_view lower_case_word) const;
  [[nodiscard]] bool is_name(std::size_t index) const;
  // "a.b.c" from a token on: index of the last of at most `parts` names.
  [[nodiscard]] std::size_t last_of_name(std::size_t first, std::size_t parts) const;

 private:
  TokenMap(std::string_view text) : text_(text) {}
  Result<> scan(LexerOptions options);
  void match_brackets();

  std::string_view text_;
  std::vector<Token> tokens_;
  std::vector<std::size_t> partners_;
  std::vector<std::size_t> enclosing_;
  std::vector<Literal> literals_;
  std::uint32_t parameter_count_ = 0;
};

}  // namespace sealrow::sql::postgres
