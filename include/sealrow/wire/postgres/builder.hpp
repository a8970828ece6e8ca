// Writes messages by appending to a string.
#pragma once

#include "sealrow/base/bytes.hpp"
#include "sealrow/wire/postgres/messages.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sealrow::wire::postgres {

// One message: the length is filled in when the object ends.
class Message {
 public:
  Message(std::string& out, char type) : out_(out) {
    out_.push_back(type);
    start_ = out_.size();
    out_.append(4, '\0');
  }
  ~Message() { store_u32(out_.data() + start_, static_cast<std::uint32_t>(out_.size() - start_)); }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  Message& u8(std::uint8_t v) {
    out_.push_back(static_cast<char>(v));
    return *this;
  }
  Message& u16(std::uint16_t v) {
    append_u16(out_, v);
    return *this;
  }
  Message& u32(std::uint32_t v) {
    append_u32(out_, v);
    return *this;
  }
  Message& cstring(std::string_view s) {
    out_.append(s).push_back('\0');
    return *this;
  }
  Message& bytes(std::string_view s) {
    out_.append(s);
    return *this;
  }
  Message& cell(const Cell& c);
  // A value written in place: begin, append to out(), end.
  [[nodiscard]] std::size_t begin_value() {
    const std::size_t at = out_.size();
    out_.append(4, '\0');
    return at;
  }
  void end_value(std::size_t at) { store_u32(out_.data() + at, static_cast<std::uint32_t>(out_.size() - at - 4)); }
  [[nodiscard]] std::string& out() noexcept { return out_; }

 private:
  std::string& out_;
  std::size_t start_;
};

using ErrorFields = std::vector<std::pair<char, std::string>>;
void append_error(std::string& out, const ErrorFields& fields);
void append_row_description(std::string& out, const std::vector<Field>& fields);
void append_parse(std::string& out, std::string_view name, std::string_view text, const std::vector<Oid>& types);
// Describe, Close ('D' or 'C').
void append_target(std::string& out, char type, char kind, std::string_view name);
void append_execute(std::string& out, std::string_view portal, std::uint32_t limit);
void append_query(std::string& out, std::string_view text);
// A message without a body (Sync, Flush, CopyDone, ParseComplete, …).
void append_empty(std::string& out, char type);
void append_ready(std::string& out, char status);

}  // namespace sealrow::wire::postgres
