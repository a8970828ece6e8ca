// How commands speak: tables and errors for people, JSON for programs, colours on a terminal only.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/cli/run.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::cli {

enum class Style : std::uint8_t { plain, bold, dim, red, yellow, green, cyan };
// `text` in that style if the stream is a terminal (and NO_COLOR is not set).
[[nodiscard]] std::string paint(std::FILE* stream, Style style, std::string_view text);

// Columns as wide as their widest cell; the last one is wrapped at the terminal's width.
class Table {
 public:
  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}
  void add(std::vector<std::string> cells, Style first_cell = Style::plain);
  void print(std::FILE* stream) const;

 private:
  struct Row {
    std::vector<std::string> cells;
    Style first_cell;
  };
  std::vector<std::string> headings_;
  std::vector<Row> rows_;
};

[[nodiscard]] nlohmann::json to_json(const Error& error);
void print_json(const nlohmann::json& document);
void print_errors(const std::vector<Error>& errors);
// Prints the error and says which exit code its class has.
[[nodiscard]] Exit fail(const Error& error);

}  // namespace sealrow::cli
