#include "text_edit.hpp"

namespace sealrow::session {
namespace {

// make_template() writes a literal as this byte and a letter, and an exact text as this byte, '=' and the text.
constexpr char placeholder_mark = '\x01';
constexpr std::size_t placeholder_size = 2, exact_prefix_size = 2;

Error mismatch() { return Error{ErrorCode::internal, "edits do not fit the statement's template"}; }

class Writer {
 public:
  Writer(std::string_view text, const sql::Template& shape) : text_(text), shape_(shape) {
    if (shape.exact) at_ = exact_prefix_size;
  }

  // Copies the template up to `end`, with literals put back.
  bool copy_to(std::size_t end) {
    if (end < at_ || end > shape_.text.size()) return false;
    while (at_ < end) {
      if (shape_.exact || shape_.text[at_] != placeholder_mark) {
        out_.push_back(shape_.text[at_++]);
        continue;
      }
      if (literal_ >= shape_.literals.size() || at_ + placeholder_size > end) return false;
      const auto& span = shape_.literals[literal_++].span;
      out_.append(text_.substr(span.begin, span.end - span.begin));
      at_ += placeholder_size;
    }
    return true;
  }

  bool replace_text(const plan::ReplaceText& edit, const std::string& with) {
    if (edit.end < edit.begin || !copy_to(edit.begin) || edit.end > shape_.text.size()) return false;
    out_ += with;
    // Literals inside a replaced range are gone.
    for (; at_ < edit.end; ++at_) literal_ += !shape_.exact && shape_.text[at_] == placeholder_mark;
    return true;
  }

  bool replace_literal(std::uint32_t literal, const std::string& token) {
    while (literal_ < literal) {
      const std::size_t next = shape_.text.find(placeholder_mark, at_);
      if (next == std::string::npos || !copy_to(next + placeholder_size)) return false;
    }
    const std::size_t here = shape_.text.find(placeholder_mark, at_);
    if (shape_.exact || literal_ != literal || here == std::string::npos || !copy_to(here)) return false;
    out_ += token;
    at_ += placeholder_size;
    ++literal_;
    return true;
  }

  bool finish() { return copy_to(shape_.text.size()) && (shape_.exact || literal_ == shape_.literals.size()); }
  std::string take() { return std::move(out_); }

 private:
  std::string_view text_;
  const sql::Template& shape_;
  std::string out_;
  std::size_t at_ = 0, literal_ = 0;
};

}  // namespace

Result<std::string> edit_text(std::string_view text, const sql::Template& shape, const std::vector<plan::Edit>& edits,
                              const std::function<std::string(const plan::Edit&)>& replacement) {
  Writer writer(text, shape);
  for (const auto& edit : edits) {
    const auto* literal = std::get_if<plan::ReplaceLiteral>(&edit);
    const auto* range = std::get_if<plan::ReplaceText>(&edit);
    const std::string token = plan::destination_of(edit) != nullptr ? replacement(edit) : range->text;
    const bool fits =
        literal != nullptr ? writer.replace_literal(literal->literal, token) : writer.replace_text(*range, token);
    if (!fits) return mismatch();
  }
  if (!writer.finish()) return mismatch();
  return writer.take();
}

}  // namespace sealrow::session
