// A conservative look at code that is not parsed: routine bodies.
#include "sealrow/sql/mysql.hpp"
#include "sql/mysql/lexer.hpp"

#include <algorithm>

namespace sealrow::sql::mysql {
namespace {

// Strings within strings: dynamic SQL in a body. Beyond, quotes are not told apart any more.
constexpr int max_depth = 8;

class WordScanner {
 public:
  explicit WordScanner(LexerOptions options) : options_(options) {}

  void scan(std::string_view text, int depth) {
    if (depth > max_depth) return scan_plainly(text);
    Lexer lexer(text, options_);
    for (Token token = lexer.next_with_comments(); token.kind != TokenKind::end; token = lexer.next_with_comments()) {
      const std::string_view written = text.substr(token.span.begin, token.span.end - token.span.begin);
      switch (token.kind) {
        case TokenKind::word:
          result_.words.push_back(fold_case(written));
          // PREPARE and EXECUTE run a text.
          if (equals_word(written, "execute") || equals_word(written, "prepare")) result_.has_execute = true;
          break;
        case TokenKind::name:
          result_.words.push_back(name_value(written));
          break;
        case TokenKind::literal:
          add_literal(text, token, depth);
          break;
        // Code for other servers or versions; this one's catalog may be read by a different one.
        case TokenKind::comment:
          if (written.starts_with("/*!") || written.starts_with("/*M!")) scan_plainly(written);
          break;
        case TokenKind::unknown:
          return scan_plainly(text.substr(token.span.begin));
        case TokenKind::variable:
          result_.words.push_back("@" + fold_case(name_value(written.substr(1))));
          break;
        case TokenKind::end:
        case TokenKind::parameter:
        case TokenKind::system_variable:
        case TokenKind::symbol:
          break;
      }
    }
  }

  WordScan take() {
    std::sort(result_.words.begin(), result_.words.end());
    result_.words.erase(std::unique(result_.words.begin(), result_.words.end()), result_.words.end());
    return std::move(result_);
  }

 private:
  void add_literal(std::string_view text, const Token& token, int depth) {
    if (token.literal == LiteralKind::integer || token.literal == LiteralKind::number) return;
    const auto value = literal_value(text, {token.span, token.literal}, options_);
    if (value.has_value())
      scan(*value, depth + 1);
    else
      scan_plainly(text.substr(token.span.begin, token.span.end - token.span.begin));
  }

  // Every run of identifier characters, whatever it stands in; folded and as written.
  void scan_plainly(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t begin = at;
      while (at < text.size() && is_identifier_part(text[at])) ++at;
      if (at == begin) {
        ++at;
        continue;
      }
      const std::string_view word = text.substr(begin, at - begin);
      if (equals_word(word, "execute") || equals_word(word, "prepare")) result_.has_execute = true;
      result_.words.emplace_back(word);
      result_.words.push_back(fold_case(word));
    }
  }

  LexerOptions options_;
  WordScan result_;
};

}  // namespace

WordScan scan_words(std::string_view text, LexerOptions options) {
  WordScanner scanner(options);
  scanner.scan(text.substr(0, max_text_size), 0);
  return scanner.take();
}

}  // namespace sealrow::sql::mysql
