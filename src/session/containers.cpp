#include "containers.hpp"

#include <algorithm>

namespace sealrow::session {
namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_null_word(std::string_view word) {
  return word.size() == 4 && (word[0] | 0x20) == 'n' && (word[1] | 0x20) == 'u' && (word[2] | 0x20) == 'l' &&
         (word[3] | 0x20) == 'l';
}

// "[1:3][0:1]=" ahead of the braces.
std::size_t skip_dimensions(std::string_view text, std::size_t i) {
  if (i >= text.size() || text[i] != '[') return i;
  const std::size_t equals = text.find('=', i);
  if (equals == std::string_view::npos) return text.size();
  const auto head = text.substr(i, equals - i);
  const bool plain = std::ranges::all_of(head, [](char c) {
    return (c >= '0' && c <= '9') || c == '[' || c == ']' || c == ':' || c == '+' || c == '-' || is_blank(c);
  });
  return plain ? equals + 1 : text.size();
}

class ArrayScan {
 public:
  ArrayScan(std::string_view text, std::vector<Element>& out) : text_(text), out_(out) {}

  bool run() {
    blanks();
    i_ = skip_dimensions(text_, i_);
    blanks();
    if (!take('{')) return false;
    path_ = {0};
    bool want_element = true, fresh = true;  // fresh: directly behind an opening brace
    while (!path_.empty()) {
      blanks();
      if (i_ >= text_.size()) return false;
      if (take('{')) {
        if (!want_element || path_.size() >= 6) return false;  // MAXDIM
        path_.push_back(0);
        fresh = true;
      } else if (take('}')) {
        if (want_element && !fresh) return false;
        path_.pop_back();
        want_element = fresh = false;
      } else if (take(',')) {
        if (want_element) return false;
        ++path_.back();
        want_element = true;
        fresh = false;
      } else {
        if (!want_element || !element()) return false;
        want_element = fresh = false;
      }
    }
    blanks();
    return i_ == text_.size();
  }

 private:
  void blanks() {
    while (i_ < text_.size() && is_blank(text_[i_])) ++i_;
  }
  bool take(char c) {
    if (i_ >= text_.size() || text_[i_] != c) return false;
    ++i_;
    return true;
  }
  bool element() { return text_[i_] == '"' ? quoted() : bare(); }

  bool quoted() {
    Element e{i_++, 0, std::string(), path_};
    while (i_ < text_.size() && text_[i_] != '"') {
      if (text_[i_] == '\\' && ++i_ >= text_.size()) return false;
      e.value->push_back(text_[i_++]);
    }
    if (!take('"')) return false;
    e.end = i_;
    out_.push_back(std::move(e));
    return true;
  }

  bool bare() {
    Element e{i_, 0, std::string(), path_};
    bool escaped = false;
    std::size_t kept = 0;  // trailing blanks do not belong to the element
    while (i_ < text_.size() && text_[i_] != ',' && text_[i_] != '}') {
      if (text_[i_] == '{' || text_[i_] == '"') return false;
      const bool slash = text_[i_] == '\\';
      if (slash && ++i_ >= text_.size()) return false;
      escaped = escaped || slash;
      e.value->push_back(text_[i_]);
      if (slash || !is_blank(text_[i_])) kept = e.value->size();
      ++i_;
    }
    e.value->resize(kept);
    e.end = i_;
    if (e.value->empty()) return false;
    if (!escaped && is_null_word(*e.value)) e.value.reset();
    out_.push_back(std::move(e));
    return true;
  }

  std::string_view text_;
  std::vector<Element>& out_;
  std::size_t i_ = 0;
  std::vector<std::uint32_t> path_;
};

bool needs_quotes(std::string_view value, std::string_view special) {
  return value.empty() ||
         std::ranges::any_of(value, [&](char c) { return is_blank(c) || special.find(c) != std::string_view::npos; });
}

}  // namespace

bool scan_array(std::string_view text, std::vector<Element>& out) {
  out.clear();
  return ArrayScan(text, out).run();
}

bool scan_record(std::string_view text, std::vector<Element>& out) {
  out.clear();
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') return false;
  std::size_t i = 1;
  const std::size_t last = text.size() - 1;
  for (;;) {
    Element e{i, 0, std::nullopt, {static_cast<std::uint32_t>(out.size())}};
    bool in_quotes = false;
    while (i < last && (in_quotes || text[i] != ',')) {
      if (!e.value) e.value.emplace();
      const char c = text[i++];
      if (c == '\\') {
        if (i >= last) return false;
        e.value->push_back(text[i++]);
      } else if (c == '"' && in_quotes && i < last && text[i] == '"') {
        e.value->push_back(text[i++]);
      } else if (c == '"') {
        in_quotes = !in_quotes;
      } else {
        if (!in_quotes && (c == '(' || c == ')')) return false;
        e.value->push_back(c);
      }
    }
    if (in_quotes) return false;
    e.end = i;
    out.push_back(std::move(e));
    if (i >= last) return true;
    ++i;
  }
}

void append_array_element(std::string& out, std::string_view value) {
  if (!needs_quotes(value, "\"\\{},") && !is_null_word(value)) {
    out.append(value);
    return;
  }
  out.push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
}

void append_record_field(std::string& out, std::string_view value) {
  if (!needs_quotes(value, "\"\\(),")) {
    out.append(value);
    return;
  }
  out.push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') out.push_back(c);
    out.push_back(c);
  }
  out.push_back('"');
}

}  // namespace sealrow::session
