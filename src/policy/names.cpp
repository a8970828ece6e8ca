#include "policy/names.hpp"

#include "policy/yaml/fields.hpp"

#include <algorithm>
#include <string>

namespace sealrow::policy {
namespace {

using yaml::shown;

// PostgreSQL: NAMEDATALEN - 1 bytes; MySQL: 64 characters of up to four bytes.
constexpr std::size_t max_identifier_bytes = 256;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
// Plain identifier characters; bytes of non-ASCII letters count as letters, as in PostgreSQL's scanner.
bool is_word(char c) {
  return is_lower(c) || is_upper(c) || is_digit(c) || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

enum class Fault { none, empty, open_quote, stray, capital, too_long };

// Takes one part off the front of `text`.
Fault take_part(std::string_view& text, std::string& part) {
  if (!text.empty() && text.front() == '"') {
    text.remove_prefix(1);
    for (;;) {
      const auto end = text.find('"');
      if (end == text.npos) return Fault::open_quote;
      part += text.substr(0, end);
      text.remove_prefix(end + 1);
      if (text.empty() || text.front() != '"') break;
      part += '"';
      text.remove_prefix(1);
    }
  } else {
    const auto end = std::find_if_not(text.begin(), text.end(), is_word);
    part.assign(text.begin(), end);
    text.remove_prefix(part.size());
    if (std::any_of(part.begin(), part.end(), is_upper)) return Fault::capital;
  }
  if (part.empty()) return Fault::empty;
  return part.size() > max_identifier_bytes ? Fault::too_long : Fault::none;
}

std::string_view explain(Fault fault) {
  switch (fault) {
    case Fault::none:
      return "";
    case Fault::empty:
      return "has an empty part";
    case Fault::open_quote:
      return "has an open double quote";
    case Fault::stray:
      return "is not of the form schema.name";
    case Fault::capital:
      return "has a capital letter outside double quotes";
    case Fault::too_long:
      return "is too long";
  }
  return "";
}

std::string advise(Fault fault, std::string_view first) {
  if (fault == Fault::capital)
    return R"(write "Name" in double quotes if the database spells it so, else in lower case)";
  if (fault == Fault::stray && !first.empty()) return "did you mean 'public." + std::string(first) + "'?";
  return "";
}

}  // namespace

std::optional<QualifiedName> read_qualified_name(yaml::Report& report, const yaml::Node& node, std::string_view what) {
  const auto text = yaml::read_text(report, node, what);
  if (!text) return std::nullopt;
  QualifiedName name;
  std::string_view rest = *text;
  Fault fault = take_part(rest, name.schema);
  const bool lone = fault == Fault::none && rest.empty();
  if (fault == Fault::none) {
    if (rest.empty() || rest.front() != '.') {
      fault = Fault::stray;
    } else {
      rest.remove_prefix(1);
      fault = take_part(rest, name.name);
      if (fault == Fault::none && !rest.empty()) fault = Fault::stray;
    }
  }
  if (fault == Fault::none) return name;
  report.add(ErrorCode::config_value, node.at,
             std::string(what) + " " + shown(*text) + " " + std::string(explain(fault)),
             advise(fault, lone ? std::string_view(*text) : std::string_view{}));
  return std::nullopt;
}

bool check_identifier(yaml::Report& report, yaml::Position at, std::string_view name, std::string_view what) {
  if (!name.empty() && name.size() <= max_identifier_bytes) return true;
  report.add(ErrorCode::config_value, at, std::string(what) + (name.empty() ? " is empty" : " is too long"));
  return false;
}

std::optional<std::string> read_label(yaml::Report& report, const yaml::Node& node, std::string_view what) {
  auto text = yaml::read_text(report, node, what);
  if (!text) return std::nullopt;
  const bool fits =
      text->size() <= 128 && std::all_of(text->begin(), text->end(), [](char c) {
        return is_lower(c) || is_upper(c) || is_digit(c) || std::string_view("_-.:").find(c) != std::string_view::npos;
      });
  if (fits) return text;
  report.add(ErrorCode::config_value, node.at, std::string(what) + " " + shown(*text) + " is malformed",
             "use letters, digits, '_', '-', '.' and ':', at most 128 characters");
  return std::nullopt;
}

std::optional<std::string> read_setting(yaml::Report& report, const yaml::Node& node) {
  auto text = yaml::read_text(report, node, "session setting");
  if (!text) return std::nullopt;
  std::size_t parts = 0;
  bool fits = text->size() <= 128;
  std::string_view rest = *text;
  const bool variable = rest.starts_with('@');  // a user variable of MySQL: one part
  if (variable) rest.remove_prefix(1);
  while (fits) {
    const std::string_view part = rest.substr(0, rest.find('.'));
    fits = !part.empty() && !is_digit(part.front()) && part.front() != '$' &&
           std::all_of(part.begin(), part.end(), is_word);
    ++parts;
    if (part.size() == rest.size()) break;
    rest.remove_prefix(part.size() + 1);
  }
  if (!fits || (variable ? parts != 1 : parts < 2)) {
    report.add(ErrorCode::config_value, node.at, "session setting " + shown(*text) + " is malformed",
               "PostgreSQL's own settings have two parts, such as app.tenant_id; a variable of MySQL is written "
               "\"@app_tenant\"");
    return std::nullopt;
  }
  std::transform(text->begin(), text->end(), text->begin(),
                 [](char c) { return is_upper(c) ? static_cast<char>(c + 32) : c; });
  return text;
}

}  // namespace sealrow::policy
