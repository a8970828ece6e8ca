// COPY's text format (PostgreSQL 18 manual, COPY, File Formats).
#include "copy_formats.hpp"

namespace sealrow::session::postgres {
namespace {

bool is_octal(char c) { return c >= '0' && c <= '7'; }
int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = static_cast<char>(c | 0x20);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

constexpr std::string_view escaped = "\b\f\n\r\t\v", letters = "bfnrtv";

// CopyReadAttributesText: what follows a backslash at `i`.
void decode_escape(std::string_view s, std::size_t& i, std::string& out) {
  const char c = s[i++];
  if (const auto letter = letters.find(c); letter != std::string_view::npos) {
    out.push_back(escaped[letter]);
  } else if (is_octal(c)) {
    int v = c - '0';
    for (int n = 0; n < 2 && i < s.size() && is_octal(s[i]); ++n) v = v * 8 + (s[i++] - '0');
    out.push_back(static_cast<char>(v & 0xFF));
  } else if (c == 'x' && i < s.size() && hex_digit(s[i]) >= 0) {
    int v = hex_digit(s[i++]);
    if (i < s.size() && hex_digit(s[i]) >= 0) v = v * 16 + hex_digit(s[i++]);
    out.push_back(static_cast<char>(v));
  } else {
    out.push_back(c);
  }
}

class TextFormat final : public CopyFormat {
 public:
  explicit TextFormat(const plan::CopyPlan& plan) : plan_(plan), header_(plan.header) {}

  std::unique_ptr<CopyFormat> clone() const override { return std::make_unique<TextFormat>(*this); }

  Cut cut(std::string_view data, bool last, std::size_t& size) override {
    while (at_ < data.size()) {
      const char c = data[at_];
      if (c == '\\') {
        if (at_ + 1 >= data.size()) break;
        at_ += 2;
        continue;
      }
      if (c == '\r' && at_ + 1 >= data.size() && !last) break;  // a newline may follow
      if (c == '\n' || c == '\r') {
        size = at_ + (c == '\r' && at_ + 1 < data.size() && data[at_ + 1] == '\n' ? 2 : 1);
        return kind(data.substr(0, at_));
      }
      ++at_;
    }
    if (!last || data.empty()) return Cut::more;
    size = data.size();
    return kind(data);
  }

  void taken() override {
    at_ = 0;
    header_ = false;
  }

  bool fields(std::string_view row, std::vector<CopyField>& out) override {
    out.clear();
    row = without_newline(row);
    std::size_t i = 0;
    for (;;) {
      CopyField field{i, 0, std::string()};
      while (i < row.size() && row[i] != plan_.delimiter) {
        if (row[i] == '\\' && i + 1 < row.size())
          decode_escape(row, ++i, *field.value);
        else
          field.value->push_back(row[i++]);
      }
      field.end = i;
      if (row.substr(field.begin, field.end - field.begin) == plan_.null_string) field.value.reset();
      out.push_back(std::move(field));
      if (i >= row.size()) return true;
      ++i;
    }
  }

  void append_field(std::string& out, std::size_t, const std::optional<std::string>& value) override {
    if (!value) {
      out += plan_.null_string;
      return;
    }
    for (const char c : *value) {
      if (const auto i = escaped.find(c); i != std::string_view::npos) {
        out.push_back('\\');
        out.push_back(letters[i]);
      } else {
        if (c == '\\' || c == plan_.delimiter) out.push_back('\\');
        out.push_back(c);
      }
    }
  }

 private:
  Cut kind(std::string_view line) const {
    if (line == "\\.") return Cut::end;
    return header_ ? Cut::header : Cut::row;
  }

  const plan::CopyPlan& plan_;
  bool header_;
  std::size_t at_ = 0;  // looked at so far
};

}  // namespace

std::string_view without_newline(std::string_view row) {
  if (row.ends_with('\n')) row.remove_suffix(1);
  if (row.ends_with('\r')) row.remove_suffix(1);
  return row;
}

std::unique_ptr<CopyFormat> make_text_format(const plan::CopyPlan& plan) { return std::make_unique<TextFormat>(plan); }

}  // namespace sealrow::session::postgres
