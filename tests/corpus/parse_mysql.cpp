// Reads records "sql_mode \x01 statement \0" from standard input and parses each. Prints how many were accepted, by the
// node they became; with --failures every statement that was not, with the error's place. With --values, instead: one
// line per record, "error" or the outputs of its query: the bytes of a literal in hex, "-" for anything else.
#include "sealrow/sql/mysql.hpp"

#include <algorithm>
#include <cstring>
#include <iostream>
#include <map>
#include <string>

using namespace sealrow::sql;

namespace {

struct Options {
  mysql::LexerOptions lexer;
  bool failures = false;
  bool values = false;
};

Options options_of(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--mariadb") == 0) options.lexer.flavour = mysql::Flavour::mariadb;
    if (std::strcmp(argv[i], "--failures") == 0) options.failures = true;
    if (std::strcmp(argv[i], "--values") == 0) options.values = true;
    if (std::strcmp(argv[i], "--version") == 0 && i + 1 < argc) options.lexer.version = std::stoul(argv[++i]);
  }
  return options;
}

std::string node_of(const Parsed& parsed) {
  if (parsed.statements.empty()) return "empty";
  const auto& node = parsed.statements[0].node;
  if (const auto* utility = std::get_if<Utility>(&node)) return "utility " + utility->kind;
  return std::holds_alternative<DoBlock>(node) ? "block" : "modelled";
}

std::string values_of(std::string_view text, const Parsed& parsed, mysql::LexerOptions lexer) {
  const auto* select = parsed.statements.size() == 1 ? std::get_if<Select>(&parsed.statements[0].node) : nullptr;
  if (!select) return "other";
  std::string line;
  for (const auto& item : select->output) {
    line += line.empty() ? "" : " ";
    const bool literal = item.expr->kind == ExprKind::literal;
    const auto value = mysql::literal_value(text, literal ? parsed.literals[item.expr->number] : Literal{}, lexer);
    if (!literal || value.has_error()) {
      line += "-";
      continue;
    }
    line += "=";
    for (const unsigned char byte : *value) {
      constexpr std::string_view digits = "0123456789abcdef";
      line += digits[byte >> 4];
      line += digits[byte & 15];
    }
  }
  return line;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = options_of(argc, argv);
  std::size_t total = 0, accepted = 0;
  std::map<std::string, std::size_t> nodes;
  for (std::string record; std::getline(std::cin, record, '\0');) {
    const std::size_t mark = record.find('\x01');
    if (mark == std::string::npos) continue;
    mysql::LexerOptions lexer = options.lexer;
    if (!mysql::apply_sql_mode(std::string_view(record).substr(0, mark), lexer)) continue;
    const std::string text = record.substr(mark + 1);
    const auto parsed = mysql::parse(text, lexer);
    if (options.values) {
      std::cout << (parsed.has_value() ? values_of(text, *parsed, lexer) : "error") << "\n";
      continue;
    }
    ++total;
    accepted += parsed.has_value();
    if (parsed.has_value()) {
      ++nodes[node_of(*parsed)];
    } else if (options.failures) {
      const std::size_t at = std::min<std::size_t>(parsed.error().offset.value_or(0), text.size());
      std::cout << parsed.error().detail << ": " << text.substr(0, at) << " <<<HERE>>> " << text.substr(at) << "\n";
    }
  }
  if (options.values) return 0;
  std::cout << "accepted " << accepted << " of " << total << " statements";
  if (total > 0) std::cout << " (" << 100.0 * static_cast<double>(accepted) / static_cast<double>(total) << " %)";
  std::cout << "\n";
  for (const auto& [node, count] : nodes) std::cout << "  " << node << " " << count << "\n";
  return total > 0 ? 0 : 1;
}
