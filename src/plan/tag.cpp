#include "plan/tag.hpp"

#include "sealrow/crypto/envelope.hpp"

namespace sealrow::plan {

namespace {

// Lower case, without blanks and the quotes of names.
std::string bare(std::string_view expression) {
  std::string text;
  for (const char c : expression) {
    if (c == ' ' || c == '`') continue;
    text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

std::string place(std::size_t offset, std::size_t size) {
  return ", " + std::to_string(offset + 1) + ", " + std::to_string(size) + ")";
}

}  // namespace

TagExpression tag_expression(const BoundColumn& column, const sql::Dialect& dialect) {
  const bool mysql = sql::is_mysql(dialect);
  const std::string in_text = place(crypto::equality_tag_text_offset, crypto::equality_tag_text_size);
  if (column.storage == Storage::bytea) {
    const std::size_t offset = crypto::header_size, size = crypto::equality_tag_size;
    if (mysql) return {"SUBSTR(", place(offset, size)};
    return {"substring(", " from " + std::to_string(offset + 1) + " for " + std::to_string(size) + ")"};
  }
  if (!mysql) return {"substr(", (is_json(column.storage) ? " #>> '{}'" : "") + in_text};
  if (is_json(column.storage)) return {"SUBSTR(JSON_UNQUOTE(", ")" + in_text};
  return {"SUBSTR(", in_text};
}

bool is_tag_expression(std::string_view expression, const BoundColumn& column, const sql::Dialect& dialect) {
  const TagExpression tag = tag_expression(column, dialect);
  return bare(expression).find(bare(tag.before + column.column->name + tag.after)) != std::string::npos;
}

}  // namespace sealrow::plan
