// Collects every problem of one configuration file, each with its place.
#pragma once

#include "sealrow/base/result.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sealrow::policy::yaml {

struct Position {  // 1-based
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  friend auto operator<=>(const Position&, const Position&) = default;
};

class Report {
 public:
  explicit Report(std::string file) : file_(std::move(file)) {}

  void add(ErrorCode code, Position at, std::string message, std::string hint = {});
  [[nodiscard]] std::size_t count() const noexcept { return found_.size() + dropped_; }
  [[nodiscard]] bool clean() const noexcept { return count() == 0; }
  // In the file's order. At most `max_errors`, then one that says how many more there are.
  [[nodiscard]] std::vector<Error> take();

  static constexpr std::size_t max_errors = 200;

 private:
  struct Problem {
    Position at;
    Error error;
  };
  std::string file_;
  std::vector<Problem> found_;  // in the file's order
  std::size_t dropped_ = 0;
};

// A word from the file, fit for a message: quoted, control characters replaced, cut to a sane length.
[[nodiscard]] std::string shown(std::string_view text);

}  // namespace sealrow::policy::yaml
