// A conservative look at code that is not parsed: function bodies and DO blocks.
#include "sealrow/sql/postgres.hpp"
#include "sql/postgres/lexer.hpp"

#include <algorithm>

namespace sealrow::sql::postgres {
namespace {

// Strings within strings: dynamic SQL in a function body in a DO block. Beyond, quotes are not told apart any more.
constexpr int max_depth = 8;

std::string unquoted(std::string_view quoted) {
  std::string name;
  for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
    name.push_back(quoted[i]);
    if (quoted[i] == '"') ++i;
  }
  return name;
}

class WordScanner {
 public:
  void scan(std::string_view text, int depth) {
    // Whether \' ends a string depends on a setting that is not known here.
    if (depth > max_depth || text.find("\\'") != std::string_view::npos) scan_plainly(text);
    if (depth > max_depth) return;
    Lexer lexer(text, {});
    std::string before;
    Token token = lexer.next();
    while (token.kind != TokenKind::end && token.kind != TokenKind::unknown) {
      const std::string_view written = text.substr(token.span.begin, token.span.end - token.span.begin);
      const Token next = lexer.next();
      const std::string_view behind = text.substr(next.span.begin, next.span.end - next.span.begin);
      std::string word;
      if (token.kind == TokenKind::word) {
        word = fold_case(written);
        const bool runs = word == "execute" && before != "on" && !is_privilege_or_trigger(behind);
        if (runs && !is_whole_command(text, next, lexer)) result_.has_execute = true;
        result_.words.push_back(word);
      } else if (token.kind == TokenKind::quoted_word) {
        add_quoted(written);
      } else if (token.kind == TokenKind::literal) {
        add_literal(text, token, depth);
      }
      before = std::move(word);
      token = next;
    }
    if (token.kind == TokenKind::unknown) scan_plainly(text.substr(token.span.begin));
  }

  WordScan take() {
    std::sort(result_.words.begin(), result_.words.end());
    result_.words.erase(std::unique(result_.words.begin(), result_.words.end()), result_.words.end());
    return std::move(result_);
  }

 private:
  // EXECUTE FUNCTION of a trigger, GRANT EXECUTE ON.
  static bool is_privilege_or_trigger(std::string_view behind) {
    return equals_word(behind, "function") || equals_word(behind, "procedure") || equals_word(behind, "on");
  }

  // EXECUTE 'select 1'; the words of the literal are all that it can run. Behind a backslash the server may read
  // another text than we do, by its settings.
  static bool is_whole_command(std::string_view text, const Token& command, Lexer behind) {
    const auto written = [&](const Token& token) {
      return text.substr(token.span.begin, token.span.end - token.span.begin);
    };
    if (command.kind != TokenKind::literal || written(command).find('\\') != std::string_view::npos) return false;
    if (command.literal != LiteralKind::string && command.literal != LiteralKind::dollar_string) return false;
    const Token token = behind.next();
    if (token.kind == TokenKind::end || written(token) == ";") return true;
    return token.kind == TokenKind::word &&
           (equals_word(written(token), "into") || equals_word(written(token), "using") ||
            equals_word(written(token), "loop"));
  }

  void add_quoted(std::string_view written) {
    if (written[0] == '"') {
      result_.words.push_back(unquoted(written));
      return;
    }
    // U&"…": the escapes can spell any name; read them as in a string.
    std::string token(written);
    std::replace(token.begin(), token.end(), '"', '\'');
    const Literal literal{{0, static_cast<std::uint32_t>(token.size())}, LiteralKind::unicode_string};
    if (auto value = literal_value(token, literal, {})) result_.words.push_back(std::move(*value));
    scan_plainly(written);
  }

  void add_literal(std::string_view text, const Token& token, int depth) {
    if (token.literal == LiteralKind::integer || token.literal == LiteralKind::number) return;
    const auto value = literal_value(text, {token.span, token.literal}, {});
    if (value.has_value()) {
      scan(*value, depth + 1);
    } else {
      scan_plainly(text.substr(token.span.begin, token.span.end - token.span.begin));
    }
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
      if (equals_word(word, "execute")) result_.has_execute = true;
      result_.words.emplace_back(word);
      result_.words.push_back(fold_case(word));
    }
  }

  WordScan result_;
};

}  // namespace

WordScan scan_words(std::string_view text) {
  WordScanner scanner;
  scanner.scan(text.substr(0, max_text_size), 0);
  return scanner.take();
}

}  // namespace sealrow::sql::postgres
