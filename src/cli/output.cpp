#include "cli/output.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace sealrow::cli {
namespace {

constexpr std::size_t narrowest_last_column = 30;

std::string_view escape_of(Style style) {
  switch (style) {
    case Style::plain:
      return "";
    case Style::bold:
      return "\x1b[1m";
    case Style::dim:
      return "\x1b[2m";
    case Style::red:
      return "\x1b[31m";
    case Style::yellow:
      return "\x1b[33m";
    case Style::green:
      return "\x1b[32m";
    case Style::cyan:
      return "\x1b[36m";
  }
  return "";
}

bool colourful(std::FILE* stream) { return ::isatty(::fileno(stream)) == 1 && std::getenv("NO_COLOR") == nullptr; }

std::size_t terminal_width(std::FILE* stream) {
  winsize size{};
  if (::ioctl(::fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return SIZE_MAX;
}

// Characters, not bytes: continuation bytes of UTF-8 take no room.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  while (width_of(text) > width) {
    std::size_t cut = text.rfind(' ', width);
    if (cut == std::string_view::npos || cut == 0) cut = text.find(' ', width);
    if (cut == std::string_view::npos) break;
    lines.emplace_back(text.substr(0, cut));
    text.remove_prefix(cut + 1);
  }
  lines.emplace_back(text);
  return lines;
}

}  // namespace

std::string paint(std::FILE* stream, Style style, std::string_view text) {
  if (style == Style::plain || !colourful(stream)) return std::string(text);
  return fmt::format("{}{}\x1b[0m", escape_of(style), text);
}

void Table::add(std::vector<std::string> cells, Style first_cell) { rows_.push_back({std::move(cells), first_cell}); }

void Table::print(std::FILE* stream) const {
  const std::size_t last = headings_.size() - 1;
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i <= last; ++i) {
    std::size_t width = width_of(headings_[i]);
    for (const Row& row : rows_) width = std::max(width, width_of(row.cells[i]));
    widths.push_back(width);
  }
  std::size_t indent = 0;
  for (std::size_t i = 0; i < last; ++i) indent += widths[i] + 2;
  const std::size_t whole = terminal_width(stream);
  const std::size_t room = whole > indent + narrowest_last_column ? whole - indent : narrowest_last_column;

  const auto padded = [&](const std::string& text, std::size_t column, Style style) {
    return paint(stream, style, text) + std::string(widths[column] - width_of(text) + 2, ' ');
  };
  if (std::ranges::any_of(headings_, [](const std::string& heading) { return !heading.empty(); })) {
    for (std::size_t i = 0; i < last; ++i) fmt::print(stream, "{}", padded(headings_[i], i, Style::bold));
    fmt::print(stream, "{}\n", paint(stream, Style::bold, headings_[last]));
  }
  for (const Row& row : rows_) {
    for (std::size_t i = 0; i < last; ++i)
      fmt::print(stream, "{}", padded(row.cells[i], i, i == 0 ? row.first_cell : Style::plain));
    bool first = true;
    for (const std::string& line : wrap(row.cells[last], room))
      fmt::print(stream, "{}{}\n", std::exchange(first, false) ? "" : std::string(indent, ' '), line);
  }
}

nlohmann::json to_json(const Error& error) {
  nlohmann::json document{
      {"code", error_slug(error.code)}, {"sqlstate", sqlstate(error.code)}, {"message", error.message}};
  if (!error.detail.empty()) document["detail"] = error.detail;
  if (!error.hint.empty()) document["hint"] = error.hint;
  if (!error.object.empty()) document["object"] = error.object;
  if (error.offset) document["offset"] = *error.offset;
  return document;
}

void print_json(const nlohmann::json& document) {
  // Names in a database need not be valid UTF-8.
  fmt::print("{}\n", document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

void print_errors(const std::vector<Error>& errors) {
  for (const Error& error : errors)
    fmt::print(stderr, "{} {}\n", paint(stderr, Style::red, "error:"), to_string(error));
}

Exit fail(const Error& error) {
  print_errors({error});
  const int family = static_cast<int>(error.code) / 100;
  return family == 1 ? Exit::usage : Exit::environment;
}

}  // namespace sealrow::cli
