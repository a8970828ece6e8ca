// Templates, see the header: one pass, no parse.
#include "sealrow/sql/postgres.hpp"
#include "sql/postgres/lexer.hpp"
#include "sql/template_builder.hpp"

namespace sealrow::sql::postgres {
namespace {

// False where the text cannot be taken apart.
bool take_apart(std::string_view text, LexerOptions options, TemplateBuilder& builder) {
  if (text.size() > max_text_size) return false;
  Lexer lexer(text, options);
  for (;;) {
    lexer.skip_to_special();
    const Token token = lexer.next_with_comments();
    switch (token.kind) {
      case TokenKind::literal:
        builder.literal(token.span, token.literal);
        break;
      case TokenKind::comment:
        builder.blank(token.span);
        break;
      case TokenKind::end:
        return true;
      case TokenKind::unknown:
        return false;
      case TokenKind::word:
      case TokenKind::quoted_word:
      case TokenKind::parameter:
      case TokenKind::op:
      case TokenKind::punctuation:
        break;
    }
  }
}

}  // namespace

void make_template(std::string_view text, LexerOptions options, Template& out) {
  TemplateBuilder builder(text, out);
  if (!take_apart(text, options, builder)) builder.exact();
  builder.finish();
}

}  // namespace sealrow::sql::postgres
