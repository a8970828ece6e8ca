// Templates, see the header: one pass, no parse.
#include "sealrow/sql/mysql.hpp"
#include "sql/mysql/lexer.hpp"
#include "sql/template_builder.hpp"

namespace sealrow::sql::mysql {
namespace {

// False where the text cannot be taken apart.
bool take_apart(std::string_view text, LexerOptions options, TemplateBuilder& builder) {
  if (text.size() > max_text_size) return false;
  Lexer lexer(text, options);
  for (;;) {
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
      case TokenKind::name:
      case TokenKind::parameter:
      case TokenKind::variable:
      case TokenKind::system_variable:
      case TokenKind::symbol:
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

}  // namespace sealrow::sql::mysql
