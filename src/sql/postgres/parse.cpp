#include "sealrow/sql/postgres.hpp"
#include "sql/postgres/converter.hpp"

namespace sealrow::sql::postgres {

Result<Parsed> parse(std::string_view text, LexerOptions options) {
  if (text.size() > max_text_size) return Error{.code = ErrorCode::statement_syntax, .message = "text is too long"};
  auto tokens = TokenMap::make(text, options);
  if (tokens.has_error()) return std::move(tokens).error();
  std::string readable(text);
  for (const auto& literal : tokens->literals()) blank_comments_between_parts(readable, literal, options);
  SEALROW_TRY(const Tree tree, Tree::parse(readable, options));
  Converter converter(text, *tokens);
  Parsed result;
  for (std::size_t i = 0; i < tree.root().n_stmts; ++i) {
    result.statements.push_back(converter.statement(*tree.root().stmts[i]));
  }
  if (converter.too_deep()) {
    return Error{.code = ErrorCode::statement_syntax, .message = "statement is nested too deeply"};
  }
  result.literals = tokens->literals();
  result.parameter_count = tokens->parameter_count();
  return result;
}

}  // namespace sealrow::sql::postgres
