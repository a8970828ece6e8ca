// LOAD DATA, LOAD XML, and the file format that SELECT … INTO OUTFILE shares with them.
#include "sql/mysql/parser.hpp"

namespace sealrow::sql::mysql {

void Parser::load_statement(Statement& out) {
  if (!is("data", 1) && !is("xml", 1)) return opaque(out, "load", false);
  LoadData result;
  result.xml = is("xml", 1);
  pos_ += 2;
  accept_any({"low_priority", "concurrent"});
  result.local = accept("local");
  if (!accept("infile")) fail("INFILE was expected");
  result.file_span = at().span;
  result.file = string_value();
  result.replace = accept("replace");
  result.ignore = accept("ignore");
  expect("into");
  expect("table");
  result.table = relation();
  if (accept("partition")) skip_brackets();
  load_format(result);
  if (is("(")) load_targets(result);
  if (accept("set")) result.set = assignments();
  out.node = std::move(result);
}

void Parser::load_format(LoadData& out) {
  if (accept_sequence({"rows", "identified", "by"})) out.lines_starting = string_value();
  file_format(&out);
  if (accept("ignore")) {
    out.ignore_lines = primary();
    if (!accept_any({"lines", "rows"})) fail("LINES was expected");
  }
}

void Parser::load_targets(LoadData& out) {
  expect("(");
  if (accept(")")) return;
  do {
    LoadData::Target target;
    const std::size_t first = pos_;
    if (is_kind(TokenKind::variable))
      target.variable = variable_name();
    else
      target.column = column_name();
    while (target.variable.empty() && accept(".")) target.column = column_name();
    target.span = span_from(first);
    out.targets.push_back(std::move(target));
  } while (accept(","));
  expect(")");
}

// [CHARACTER SET x] [FIELDS …] [LINES …]
void Parser::file_format(LoadData* out) {
  if (accept_sequence({"character", "set"}) || accept_sequence({"char", "set"}) || accept("charset")) {
    std::string name = is_string() ? string_value() : any_word();
    if (out) out->character_set = std::move(name);
  }
  if (accept_any({"fields", "columns"})) {
    while (field_option(out)) {
    }
  }
  if (!accept("lines")) return;
  while (is_any({"starting", "terminated"}) && !error_) {
    const bool starting = is("starting");
    advance();
    expect("by");
    std::string value = line_string();
    if (out) (starting ? out->lines_starting : out->lines_terminated) = std::move(value);
  }
}

bool Parser::field_option(LoadData* out) {
  if (error_) return false;
  const bool optionally = accept("optionally");
  if (!is_any({"terminated", "enclosed", "escaped"})) return false;
  const std::string word = any_word();
  expect("by");
  std::string value = line_string();
  if (!out) return true;
  out->optionally_enclosed = out->optionally_enclosed || optionally;
  (word == "terminated" ? out->fields_terminated
   : word == "enclosed" ? out->fields_enclosed
                        : out->fields_escaped) = std::move(value);
  return true;
}

// A separator may also be written as a hex or bit literal.
std::string Parser::line_string() {
  if (is_string()) return string_value();
  if (!is_kind(TokenKind::literal)) {
    fail("a string was expected");
    return {};
  }
  auto value = literal_value(text_, {at().span, at().literal}, options_);
  advance();
  result_.exact = true;
  return value.has_value() ? std::move(*value) : std::string();
}

}  // namespace sealrow::sql::mysql
