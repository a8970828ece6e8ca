// COPY's CSV format.
#include "copy_formats.hpp"

namespace sealrow::session::postgres {
namespace {

class CsvFormat final : public CopyFormat {
 public:
  explicit CsvFormat(const plan::CopyPlan& plan) : plan_(plan), header_(plan.header) {}

  std::unique_ptr<CopyFormat> clone() const override { return std::make_unique<CsvFormat>(*this); }

  // A quote toggles; a doubled one toggles twice, which comes to the same. Where escape and quote differ, the escape
  // takes the next character along (CopyReadLineText).
  Cut cut(std::string_view data, bool last, std::size_t& size) override {
    while (at_ < data.size()) {
      const char c = data[at_];
      if (quoted_ && plan_.escape != plan_.quote && c == plan_.escape) {
        if (at_ + 1 >= data.size()) break;
        const char next = data[at_ + 1];
        at_ += next == plan_.quote || next == plan_.escape ? 2 : 1;
        continue;
      }
      if (c == plan_.quote) quoted_ = !quoted_;
      if (!quoted_ && c == '\r' && at_ + 1 >= data.size() && !last) break;
      if (!quoted_ && (c == '\n' || c == '\r')) {
        size = at_ + (c == '\r' && at_ + 1 < data.size() && data[at_ + 1] == '\n' ? 2 : 1);
        return kind(data.substr(0, at_));
      }
      ++at_;
    }
    if (!last || data.empty()) return Cut::more;
    if (quoted_) return Cut::malformed;
    size = data.size();
    return kind(data);
  }

  void taken() override {
    at_ = 0;
    quoted_ = header_ = false;
  }

  bool fields(std::string_view row, std::vector<CopyField>& out) override {
    out.clear();
    row = without_newline(row);
    std::size_t i = 0;
    for (;;) {
      CopyField field{i, 0, std::string()};
      bool was_quoted = false;
      if (!read_field(row, i, *field.value, was_quoted)) return false;
      field.end = i;
      const std::size_t index = out.size();
      const bool may_be_null = was_quoted ? flag(plan_.force_null, index) : !flag(plan_.force_not_null, index);
      if (may_be_null && *field.value == plan_.null_string) field.value.reset();
      out.push_back(std::move(field));
      if (i >= row.size()) return true;
      ++i;
    }
  }

  void append_field(std::string& out, std::size_t index, const std::optional<std::string>& value) override {
    if (!value) {
      out += plan_.null_string;
      return;
    }
    const bool in = plan_.direction == plan::CopyPlan::Direction::in;
    if (!in && !flag(plan_.force_quote, index) && !needs_quotes(*value)) {
      out += *value;
      return;
    }
    out.push_back(plan_.quote);
    for (const char c : *value) {
      if (c == plan_.quote || c == plan_.escape) out.push_back(plan_.escape);
      out.push_back(c);
    }
    out.push_back(plan_.quote);
  }

 private:
  static bool flag(const std::vector<bool>& flags, std::size_t index) { return index < flags.size() && flags[index]; }

  bool read_field(std::string_view row, std::size_t& i, std::string& value, bool& was_quoted) const {
    bool inside = false;
    while (i < row.size()) {
      const char c = row[i];
      if (!inside) {
        if (c == plan_.delimiter) return true;
        if (c == plan_.quote)
          inside = was_quoted = true;
        else
          value.push_back(c);
        ++i;
        continue;
      }
      if (c == plan_.escape && i + 1 < row.size() && (row[i + 1] == plan_.escape || row[i + 1] == plan_.quote)) {
        value.push_back(row[i + 1]);
        i += 2;
      } else {
        if (c == plan_.quote)
          inside = false;
        else
          value.push_back(c);
        ++i;
      }
    }
    return !inside;
  }

  bool needs_quotes(std::string_view value) const {
    if (value == plan_.null_string || value == "\\.") return true;
    for (const char c : value) {
      if (c == plan_.delimiter || c == plan_.quote || c == '\n' || c == '\r') return true;
    }
    return false;
  }

  Cut kind(std::string_view line) const {
    if (line == "\\.") return Cut::end;
    return header_ ? Cut::header : Cut::row;
  }

  const plan::CopyPlan& plan_;
  bool header_, quoted_ = false;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<CopyFormat> make_csv_format(const plan::CopyPlan& plan) { return std::make_unique<CsvFormat>(plan); }

}  // namespace sealrow::session::postgres
