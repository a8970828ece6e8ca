// LOAD DATA's files as the servers read them (READ_INFO in sql_load.cc): lines that begin behind a prefix, fields that
// may be enclosed, escapes. The planner has seen to it that no two of the deciding characters are the same, but that
// the escape may be the enclosing one, and that all of them are ASCII: in UTF-8 they stand for nothing else.
#include "load_format.hpp"

namespace sealrow::session::mysql {
namespace {

class LineScanner {
 public:
  LineScanner(const plan::LineFormat& format, std::size_t fields) : format_(format), wanted_(fields) { begin(); }

  // `whole`: the line is a row of fields; otherwise one that is skipped.
  void begin(bool whole = true) {
    at_ = field_ = 0;
    enclosed_ = closed_ = unclosed_ = false;
    stage_ = !whole ? Stage::rest : format_.lines_starting.empty() ? Stage::field : Stage::prefix;
  }
  [[nodiscard]] std::size_t at() const noexcept { return at_; }
  [[nodiscard]] bool any_field() const noexcept { return stage_ != Stage::prefix; }
  // An enclosed field that the file ends in is taken with its quote: nobody means that.
  [[nodiscard]] bool unclosed() const noexcept { return unclosed_; }

  // True: the line has ended, behind at(). False: more is needed, or with `last` the file ends here. Fields are put
  // into `out`, if there is one.
  bool scan(std::string_view data, bool last, std::vector<CopyField>* out) {
    while (at_ < data.size()) {
      const Step step = one(data, last, out);
      if (step == Step::line) return true;
      if (step == Step::more) return false;
    }
    if (last && stage_ == Stage::inside) {
      unclosed_ = enclosed_ && !closed_;
      end_field(data.size(), out);
    }
    return false;
  }

 private:
  enum class Stage : std::uint8_t {
    prefix,  // LINES STARTING BY is looked for
    field,   // one begins
    inside,  // one
    rest,    // to the end of the line: fields that nobody wants, lines that are ignored
  };
  enum class Step : std::uint8_t { on, line, more };
  enum class Match : std::uint8_t { yes, no, maybe };

  [[nodiscard]] static Match match(std::string_view data, std::size_t at, std::string_view mark, bool last) {
    const auto there = data.substr(std::min(at, data.size()), mark.size());
    if (there.size() == mark.size()) return there == mark ? Match::yes : Match::no;
    return !last && mark.starts_with(there) ? Match::maybe : Match::no;
  }

  Step one(std::string_view data, bool last, std::vector<CopyField>* out) {
    switch (stage_) {
      case Stage::prefix:
        return prefix(data, last);
      case Stage::field:
        if (out != nullptr) out->push_back({at_, at_, std::string()});
        enclosed_ = format_.enclosed && data[at_] == *format_.enclosed;
        closed_ = null_ = false;
        stage_ = Stage::inside;
        if (enclosed_) ++at_;
        return Step::on;
      case Stage::inside:
        return inside(data, last, out);
      case Stage::rest:
        return rest(data, last);
    }
    return Step::more;
  }

  Step prefix(std::string_view data, bool last) {
    const Match found = match(data, at_, format_.lines_starting, last);
    if (found == Match::maybe) return Step::more;
    at_ += found == Match::yes ? format_.lines_starting.size() : 1;
    if (found == Match::yes) stage_ = Stage::field;
    return Step::on;
  }

  Step inside(std::string_view data, bool last, std::vector<CopyField>* out) {
    const char c = data[at_];
    if (format_.escape && c == *format_.escape) {
      if (at_ + 1 == data.size() && !last) return Step::more;
      const bool doubles = format_.escape == format_.enclosed;  // it escapes itself alone
      if (at_ + 1 < data.size() && (!doubles || data[at_ + 1] == c)) {
        put(out, unescaped(data[at_ + 1]));
        at_ += 2;
        return Step::on;
      }
    }
    if (enclosed_) return c == *format_.enclosed ? quote(data, last, out) : keep(c, out);
    const Match line = match(data, at_, format_.lines_terminated, last);
    const Match field = match(data, at_, format_.fields_terminated, last);
    if (line == Match::maybe || field == Match::maybe) return Step::more;
    if (line == Match::yes) return end_line(at_, out);
    if (field == Match::no) return keep(c, out);
    end_field(at_, out);
    at_ += format_.fields_terminated.size();
    return Step::on;
  }

  // The enclosing character ends the field before a terminator, stands for itself when doubled, and elsewhere.
  Step quote(std::string_view data, bool last, std::vector<CopyField>* out) {
    const std::size_t next = at_ + 1;
    if (next == data.size() && !last) return Step::more;
    if (next < data.size() && data[next] == *format_.enclosed) {
      put(out, data[next]);
      at_ += 2;
      return Step::on;
    }
    const Match line = match(data, next, format_.lines_terminated, last);
    const Match field = match(data, next, format_.fields_terminated, last);
    if (line == Match::maybe || field == Match::maybe) return Step::more;
    closed_ = line == Match::yes || field == Match::yes || next == data.size();
    if (!closed_) return keep(data[at_], out);
    at_ = next;
    if (line == Match::yes) return end_line(next, out);
    if (field != Match::yes) return Step::on;  // the file ends
    end_field(next, out);
    at_ += format_.fields_terminated.size();
    return Step::on;
  }

  Step rest(std::string_view data, bool last) {
    if (format_.escape && data[at_] == *format_.escape) {
      if (at_ + 1 == data.size() && !last) return Step::more;
      at_ = std::min(at_ + 2, data.size());
      return Step::on;
    }
    const Match line = match(data, at_, format_.lines_terminated, last);
    if (line == Match::maybe) return Step::more;
    at_ += line == Match::yes ? format_.lines_terminated.size() : 1;
    return line == Match::yes ? Step::line : Step::on;
  }

  Step end_line(std::size_t end, std::vector<CopyField>* out) {
    end_field(end, out);
    at_ = end + format_.lines_terminated.size();
    return Step::line;
  }

  // \N is NULL, and so is the word where fields may be enclosed and this one is not.
  void end_field(std::size_t end, std::vector<CopyField>* out) {
    stage_ = ++field_ < wanted_ ? Stage::field : Stage::rest;
    if (out == nullptr) return;
    CopyField& field = out->back();
    field.end = end;
    const bool word = format_.enclosed && !enclosed_ && *field.value == "NULL";
    if (word || (null_ && field.value->size() == 1)) field.value.reset();
  }

  static void put(std::vector<CopyField>* out, char c) {
    if (out != nullptr) out->back().value->push_back(c);
  }
  Step keep(char c, std::vector<CopyField>* out) {
    put(out, c);
    ++at_;
    return Step::on;
  }

  char unescaped(char c) {
    switch (c) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case 'b':
        return '\b';
      case '0':
        return '\0';
      case 'Z':
        return '\x1A';
      case 'N':
        null_ = true;
        return c;
      default:
        return c;
    }
  }

  const plan::LineFormat& format_;
  std::size_t wanted_;  // fields of a row
  std::size_t at_ = 0, field_ = 0;
  Stage stage_ = Stage::field;
  bool enclosed_ = false, closed_ = false, null_ = false;  // the current field
  bool unclosed_ = false;                                  // the last field of the file
};

class LoadFormat final : public CopyFormat {
 public:
  explicit LoadFormat(const plan::CopyPlan& plan)
      : format_(plan.lines), wanted_(plan.fields.size()), skip_(plan.lines.skipped), scanner_(format_, wanted_) {
    scanner_.begin(skip_ == 0);
  }

  std::unique_ptr<CopyFormat> clone() const override { return std::make_unique<LoadFormat>(*this); }

  Cut cut(std::string_view data, bool last, std::size_t& size) override {
    const bool ended = scanner_.scan(data, last, nullptr);
    if (!ended && !last) return Cut::more;
    if (scanner_.unclosed()) return Cut::malformed;
    size = ended ? scanner_.at() : data.size();
    return skip_ > 0 || !scanner_.any_field() ? Cut::header : Cut::row;
  }

  void taken() override {
    if (skip_ > 0) --skip_;
    scanner_.begin(skip_ == 0);
  }

  bool fields(std::string_view row, std::vector<CopyField>& out) override {
    out.clear();
    LineScanner scanner(format_, wanted_);
    (void)scanner.scan(row, true, &out);
    return !scanner.unclosed();
  }

  void append_field(std::string& out, std::size_t, const std::optional<std::string>& value) override {
    if (format_.enclosed) out.push_back(*format_.enclosed);
    for (const char c : *value) {
      if (decides(c)) out.push_back(format_.escape ? *format_.escape : *format_.enclosed);
      out.push_back(c);
    }
    if (format_.enclosed) out.push_back(*format_.enclosed);
  }

  Format value_format(plan::Storage storage) const noexcept override {
    return storage == plan::Storage::bytea ? Format::binary : Format::text;
  }
  ZeroByte zero_byte() const noexcept override { return ZeroByte::allowed; }

  // What a row lacks is left to defaults, what it has beyond is ignored.
  bool fits(std::size_t found, std::size_t planned) const noexcept override { return found <= planned; }

 private:
  // Within an enclosed field only the enclosing character and the escape do. Without an escape, the planner lets no
  // value in that has a deciding character unless fields are enclosed.
  [[nodiscard]] bool decides(char c) const noexcept {
    if (c == format_.escape) return true;
    if (format_.enclosed) return c == *format_.enclosed;
    return format_.escape && (c == format_.fields_terminated[0] || c == format_.lines_terminated[0]);
  }

  const plan::LineFormat& format_;
  std::size_t wanted_;
  std::uint64_t skip_;
  LineScanner scanner_;
};

}  // namespace

std::unique_ptr<CopyFormat> make_load_format(const plan::CopyPlan& plan) { return std::make_unique<LoadFormat>(plan); }

}  // namespace sealrow::session::mysql
