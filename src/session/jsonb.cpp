#include "jsonb.hpp"

#include "json.hpp"
#include "numeric.hpp"

#include "sealrow/base/secret.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace sealrow::session {
namespace {

// "1e131071" is eight bytes and as many digits as it says: a document of such would fill the memory.
constexpr std::size_t max_growth = 16u << 20;

// Two walks over the text, each over every byte once: the first finds the objects whose members must change places, the
// second writes. Nesting is bounded by scan_json, and so is the recursion.
class Normalizer {
 public:
  Normalizer(std::string_view text, std::string& out) : text_(text), out_(out), limit_(out.size() + text.size()) {}

  ~Normalizer() {
    wipe(scratch_);
    for (auto& object : objects_) {
      for (auto& member : object.second.members) wipe(member.name);
    }
  }
  Normalizer(const Normalizer&) = delete;
  Normalizer& operator=(const Normalizer&) = delete;

  bool run() {
    order(0);
    write(0);
    return ok_;
  }

 private:
  struct Member {
    std::string name;
    std::size_t token, value;  // where the name and the value begin
  };
  struct Object {
    std::vector<Member> members;
    std::size_t end;
  };

  static bool before(const Member& a, const Member& b) {
    return a.name.size() != b.name.size() ? a.name.size() < b.name.size() : a.name < b.name;
  }

  std::size_t skip_blanks(std::size_t i) const {
    while (i < text_.size() && (text_[i] == ' ' || text_[i] == '\t' || text_[i] == '\n' || text_[i] == '\r')) ++i;
    return i;
  }
  std::size_t string_end(std::size_t i) const {
    for (++i; text_[i] != '"'; ++i) i += text_[i] == '\\';
    return i + 1;
  }
  std::size_t word_end(std::size_t i) const { return std::min(text_.find_first_of(",]} \t\n\r", i), text_.size()); }
  std::string_view part(std::size_t begin, std::size_t end) const { return text_.substr(begin, end - begin); }

  // Calls `each` with the start of every element or member; it returns where that ended. Gives the container's end.
  template <class F>
  std::size_t for_each(std::size_t i, F each) {
    i = skip_blanks(i + 1);
    if (text_[i] == ']' || text_[i] == '}') return i + 1;
    for (;;) {
      i = skip_blanks(each(i));
      if (text_[i] != ',') return i + 1;
      i = skip_blanks(i + 1);
    }
  }
  std::size_t value_of(std::size_t name_end) const { return skip_blanks(skip_blanks(name_end) + 1); }

  // ---- first walk ----
  std::size_t order(std::size_t i) {
    i = skip_blanks(i);
    if (text_[i] == '"') return string_end(i);
    if (text_[i] == '[') return for_each(i, [this](std::size_t at) { return order(at); });
    return text_[i] == '{' ? order_object(i) : word_end(i);
  }

  std::size_t order_object(std::size_t begin) {
    std::vector<Member> members;
    bool in_order = true;
    const std::size_t end = for_each(begin, [&](std::size_t at) {
      const std::size_t name_end = string_end(at);
      Member member{{}, at, value_of(name_end)};
      ok_ = decode_json_string(part(at, name_end), member.name) && ok_;
      in_order = in_order && (members.empty() || before(members.back(), member));
      members.push_back(std::move(member));
      return order(members.back().value);
    });
    if (!in_order) {
      std::ranges::sort(members, [](const Member& a, const Member& b) {
        return before(a, b) || (a.name == b.name && a.token < b.token);
      });
      std::vector<Member> kept;
      for (auto& member : members) {
        if (!kept.empty() && kept.back().name == member.name) kept.pop_back();
        kept.push_back(std::move(member));
      }
      objects_.emplace(begin, Object{std::move(kept), end});
    }
    return end;
  }

  // ---- second walk ----
  std::size_t write(std::size_t i) {
    i = skip_blanks(i);
    if (!ok_) return text_.size();
    if (text_[i] == '"') return write_string(i);
    if (text_[i] == '{') return write_object(i);
    if (text_[i] == '[') return write_array(i);
    return write_word(i);
  }

  std::size_t write_array(std::size_t i) {
    out_.push_back('[');
    bool first = true;
    for (i = skip_blanks(i + 1); ok_ && text_[i] != ']';) {
      if (!first) out_ += ", ";
      first = false;
      i = skip_blanks(write(i));
      if (ok_ && text_[i] == ',') i = skip_blanks(i + 1);
    }
    out_.push_back(']');
    return i + 1;
  }

  std::size_t write_object(std::size_t i) {
    out_.push_back('{');
    bool first = true;
    const auto member = [&](std::size_t token, std::size_t value) {
      if (!first) out_ += ", ";
      first = false;
      write_string(token);
      out_ += ": ";
      return write(value);
    };
    std::size_t end = 0;
    if (const auto changed = objects_.find(i); changed != objects_.end()) {
      for (const auto& m : changed->second.members) member(m.token, m.value);
      end = changed->second.end;
    } else {
      for (i = skip_blanks(i + 1); ok_ && text_[i] != '}';) {
        i = skip_blanks(member(i, value_of(string_end(i))));
        if (ok_ && text_[i] == ',') i = skip_blanks(i + 1);
      }
      end = i + 1;
    }
    out_.push_back('}');
    return end;
  }

  std::size_t write_string(std::size_t i) {
    const std::size_t end = string_end(i);
    scratch_.clear();
    ok_ = decode_json_string(part(i, end), scratch_) && ok_;
    append_json_string(out_, scratch_);
    return end;
  }

  std::size_t write_word(std::size_t i) {
    const std::size_t end = word_end(i);
    const auto word = part(i, end);
    if (word == "true" || word == "false" || word == "null") {
      out_ += word;
      return end;
    }
    const auto number = parse_numeric(word);
    if (number) out_ += *number;
    ok_ = ok_ && number && out_.size() <= limit_ + max_growth;
    return end;
  }

  std::string_view text_;
  std::string& out_;
  std::size_t limit_;
  std::map<std::size_t, Object> objects_;  // by where they begin
  std::string scratch_;
  bool ok_ = true;
};

}  // namespace

bool append_jsonb(std::string& out, std::string_view document) { return Normalizer(document, out).run(); }

}  // namespace sealrow::session
