// The safety net: names of relations in what is not parsed.
#include "sql/mysql/parser.hpp"

namespace sealrow::sql::mysql {

// The identifier chain at the token, if there is one, is mentioned. Returns the token behind it.
std::size_t Parser::mention_chain(std::size_t token, std::size_t last) {
  const auto is_part = [&](std::size_t index) {
    return index < last && (tokens_[index].kind == TokenKind::word || tokens_[index].kind == TokenKind::name);
  };
  const auto part = [&](std::size_t index) {
    const Span span = tokens_[index].span;
    return fold_table(name_value(text_.substr(span.begin, span.end - span.begin)));
  };
  if (!is_part(token)) return token;
  RelationName name;
  name.name = part(token);
  std::size_t end = token + 1;
  while (end + 1 < last && tokens_[end].kind == TokenKind::symbol && text_[tokens_[end].span.begin] == '.' &&
         is_part(end + 1)) {
    // a.b.c: a table and its column, or a schema, its table and a column.
    name.schema = std::move(name.name);
    name.name = part(end + 1);
    name.span = {tokens_[token].span.begin, tokens_[end + 1].span.end};
    mentioned_.push_back(name);
    end += 2;
  }
  RelationName first;
  first.name = part(token);
  first.span = tokens_[token].span;
  mentioned_.push_back(std::move(first));
  return end;
}

// For code that is kept as text: every chain that could be a name.
void Parser::mention_everything(std::size_t first, std::size_t last) {
  for (std::size_t i = first; i < last;) {
    const Token& token = tokens_[i];
    const std::string_view text = text_.substr(token.span.begin, token.span.end - token.span.begin);
    const bool name =
        token.kind == TokenKind::name || (token.kind == TokenKind::word && !is_reserved(text, options_.flavour));
    i = name ? mention_chain(i, last) : i + 1;
  }
}

// For utility statements: chains in the places where relations stand, with the lists that follow them.
void Parser::mention_positions(std::size_t first, std::size_t last) {
  static constexpr std::string_view places[] = {"from", "into",       "update", "join", "table", "tables", "view",
                                                "on",   "references", "like",   "in",   "of",    "for"};
  static constexpr std::string_view alias_word[] = {"as"};
  static constexpr std::string_view skipped[] = {"if", "not", "exists", "table", "tables", "only"};
  const auto is_word = [&](std::size_t index, const auto& words) {
    if (index >= last || tokens_[index].kind != TokenKind::word) return false;
    const Span span = tokens_[index].span;
    for (const auto word : words) {
      if (equals_word(text_.substr(span.begin, span.end - span.begin), word)) return true;
    }
    return false;
  };
  const auto is_comma = [&](std::size_t index) {
    return index < last && tokens_[index].kind == TokenKind::symbol && text_[tokens_[index].span.begin] == ',';
  };
  for (std::size_t i = first; i < last; ++i) {
    if (!is_word(i, places)) continue;
    std::size_t here = i + 1;
    for (;;) {
      while (is_word(here, skipped)) ++here;
      const std::size_t behind = mention_chain(here, last);
      if (behind == here) break;
      here = behind;
      // "t AS a, u": over the alias to the comma.
      if (is_word(here, alias_word)) ++here;
      if (!is_comma(here) && is_comma(here + 1) && !is_word(here, places)) ++here;
      if (!is_comma(here)) break;
      ++here;
    }
    i = here - 1;
  }
}

// A statement text inside of a literal: whatever it names.
void Parser::mention_text(std::string_view code) {
  Parser inner(code, options_);
  if (inner.tokenize()) {
    inner.mention_everything(0, inner.tokens_.size());
  } else {
    // Cannot be read as tokens: every word of it.
    for (std::size_t at = 0; at < code.size();) {
      const std::size_t begin = at;
      while (at < code.size() && is_identifier_part(code[at])) ++at;
      RelationName name;
      name.name = fold_table(code.substr(begin, at - begin));
      if (at > begin)
        inner.mentioned_.push_back(std::move(name));
      else
        ++at;
    }
  }
  for (auto& name : inner.mentioned_) {
    name.span = {};  // not in this text
    mentioned_.push_back(std::move(name));
  }
}

}  // namespace sealrow::sql::mysql
