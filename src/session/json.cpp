#include "json.hpp"

#include <cstdint>
#include <vector>

namespace sealrow::session {
namespace {

constexpr std::size_t max_depth = 1000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

class Scanner {
 public:
  Scanner(std::string_view text, const std::function<void(const JsonString&)>& on_string)
      : text_(text), on_string_(on_string) {}

  bool run() {
    // What may come next: a value, or (inside a container) a member, or what separates and ends.
    if (!value()) return false;
    while (!open_.empty()) {
      blanks();
      if (i_ >= text_.size()) return false;
      if (!next_in_container()) return false;
    }
    blanks();
    return i_ == text_.size();
  }

 private:
  void blanks() {
    while (i_ < text_.size() && (text_[i_] == ' ' || text_[i_] == '\t' || text_[i_] == '\n' || text_[i_] == '\r')) ++i_;
  }
  bool take(char c) {
    if (i_ >= text_.size() || text_[i_] != c) return false;
    ++i_;
    return true;
  }

  // After a value inside a container: comma and the next value, or the end.
  bool next_in_container() {
    const char close = open_.back().object ? '}' : ']';
    if (take(close)) {
      open_.pop_back();
      return true;
    }
    ++open_.back().position;
    return take(',') && element();
  }

  bool element() {
    if (!open_.back().object) return value();
    blanks();
    const std::size_t begin = i_;
    if (!string(true)) return false;
    open_.back().name = text_.substr(begin, i_ - begin);
    blanks();
    return take(':') && value();
  }

  bool value() {
    blanks();
    if (i_ >= text_.size()) return false;
    const char c = text_[i_];
    if (c == '{' || c == '[') return container(c);
    if (c == '"') return string(false);
    if (c == 't') return word("true");
    if (c == 'f') return word("false");
    if (c == 'n') return word("null");
    return number();
  }

  bool container(char c) {
    if (open_.size() >= max_depth) return false;
    ++i_;
    open_.push_back({c == '{', 0, {}});
    blanks();
    if (take(c == '{' ? '}' : ']')) {
      open_.pop_back();
      return true;
    }
    return element();
  }

  bool word(std::string_view w) {
    if (text_.substr(i_, w.size()) != w) return false;
    i_ += w.size();
    return true;
  }

  bool digits() {
    const std::size_t start = i_;
    while (i_ < text_.size() && is_digit(text_[i_])) ++i_;
    return i_ > start;
  }

  bool number() {
    (void)take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (i_ < text_.size() && (text_[i_] == 'e' || text_[i_] == 'E')) {
      ++i_;
      if (!take('+')) (void)take('-');
      if (!digits()) return false;
    }
    return true;
  }

  bool escape() {
    if (i_ >= text_.size()) return false;
    const char c = text_[i_++];
    if (c != 'u') return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
    for (int n = 0; n < 4; ++n, ++i_) {
      if (i_ >= text_.size() || !is_hex(text_[i_])) return false;
    }
    return true;
  }

  bool string(bool key) {
    const std::size_t begin = i_;
    if (!take('"')) return false;
    while (i_ < text_.size()) {
      const char c = text_[i_++];
      if (c == '"') {
        on_string_({begin, i_, key, &open_});
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\' && !escape()) return false;
    }
    return false;
  }

  std::string_view text_;
  const std::function<void(const JsonString&)>& on_string_;
  std::size_t i_ = 0;
  std::vector<JsonStep> open_;
};

unsigned hex4(std::string_view s) {
  unsigned v = 0;
  for (const char c : s.substr(0, 4)) v = v * 16 + static_cast<unsigned>(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
  return v;
}

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (c >> 6)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (c >> 12)));
    out.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | (c >> 18)));
    out.push_back(static_cast<char>(0x80 | ((c >> 12) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
}

// `i` stands behind "\u".
bool decode_unicode(std::string_view s, std::size_t& i, std::string& out) {
  std::uint32_t c = hex4(s.substr(i));
  i += 4;
  if (c >= 0xDC00 && c <= 0xDFFF) return false;
  if (c >= 0xD800 && c <= 0xDBFF) {
    if (s.substr(i, 2) != "\\u") return false;
    const std::uint32_t low = hex4(s.substr(i + 2));
    if (low < 0xDC00 || low > 0xDFFF) return false;
    c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    i += 6;
  }
  if (c == 0) return false;
  append_utf8(out, c);
  return true;
}

}  // namespace

bool scan_json(std::string_view text, const std::function<void(const JsonString&)>& on_string) {
  return Scanner(text, on_string).run();
}

bool decode_json_string(std::string_view token, std::string& out) {
  const auto s = token.substr(1, token.size() - 2);
  for (std::size_t i = 0; i < s.size();) {
    const char c = s[i++];
    if (c != '\\') {
      out.push_back(c);
      continue;
    }
    const char e = s[i++];
    switch (e) {
      case 'b':
        out.push_back('\b');
        break;
      case 'f':
        out.push_back('\f');
        break;
      case 'n':
        out.push_back('\n');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case 't':
        out.push_back('\t');
        break;
      case 'u':
        if (!decode_unicode(s, i, out)) return false;
        break;
      default:
        out.push_back(e);
        break;
    }
  }
  return true;
}

void append_json_string(std::string& out, std::string_view utf8) {
  static constexpr std::string_view hex = "0123456789abcdef";
  out.push_back('"');
  for (const char c : utf8) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out.push_back(hex[static_cast<unsigned char>(c) >> 4]);
          out.push_back(hex[c & 15]);
        } else {
          out.push_back(c);
        }
    }
  }
  out.push_back('"');
}

}  // namespace sealrow::session
