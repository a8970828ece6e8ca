// COPY and its options (commands/copy.c, ProcessCopyOptions).
#include "sql/postgres/converter.hpp"

#include <array>

namespace sealrow::sql::postgres {
namespace {

struct TextOption {
  std::string_view name;
  std::optional<std::string> Copy::*value;
};
constexpr std::array<TextOption, 6> text_options = {{
    {"delimiter", &Copy::delimiter},
    {"null", &Copy::null_string},
    {"quote", &Copy::quote},
    {"escape", &Copy::escape},
    {"encoding", &Copy::encoding},
    {"default", &Copy::default_string},
}};

struct ForceOption {
  std::string_view name;
  bool Copy::*all;
  std::vector<std::string> Copy::*columns;
};
constexpr std::array<ForceOption, 3> force_options = {{
    {"force_quote", &Copy::force_quote_all, &Copy::force_quote},
    {"force_null", &Copy::force_null_all, &Copy::force_null},
    {"force_not_null", &Copy::force_not_null_all, &Copy::force_not_null},
}};

bool set_format(const std::string& word, Copy& out) {
  if (word == "text")
    out.format = CopyFormat::text;
  else if (word == "csv")
    out.format = CopyFormat::csv;
  else if (word == "binary")
    out.format = CopyFormat::binary;
  else
    return false;
  return true;
}

bool set_header(const Node* value, Copy& out) {
  out.header_match = fold_case(word_of(value)) == "match";
  out.header = out.header_match || is_true(value);
  return true;
}

bool set_force(const ForceOption& option, const Node* value, Copy& out) {
  if (value && value->node_case == PG_QUERY__NODE__NODE_A_STAR) {
    out.*option.all = true;
    return true;
  }
  const auto* list = as<PgQuery__List>(value, pg_query__list__descriptor);
  if (!list) return false;
  out.*option.columns = strings_of(Nodes{list->items, list->n_items});
  return true;
}

bool set_option(const PgQuery__DefElem& option, Copy& out) {
  const std::string_view name = option.defname;
  if (name == "format") return set_format(word_of(option.arg), out);
  if (name == "header") return set_header(option.arg, out);
  for (const auto& known : text_options) {
    if (known.name != name) continue;
    out.*known.value = word_of(option.arg);
    return true;
  }
  for (const auto& known : force_options) {
    if (known.name == name) return set_force(known, option.arg, out);
  }
  return false;
}

}  // namespace

Copy Converter::copy(const PgQuery__CopyStmt& node) {
  Copy result;
  result.from = node.is_from;
  result.program = node.is_program;
  result.file = node.filename;
  result.table = optional_relation(node.relation);
  for (auto& column_name : strings_of(Nodes{node.attlist, node.n_attlist})) {
    result.columns.push_back({std::move(column_name), {}, false});
  }
  // Positions of the column names are not in the tree: they follow the relation in parentheses.
  if (result.table && !result.columns.empty()) {
    std::size_t token = tokens_.at(static_cast<std::int32_t>(result.table->span.end) - 1) + 1;
    for (auto& column_target : result.columns) {
      if (tokens_.is_name(token + 1)) column_target.span = tokens_[token + 1].span;
      token += 2;
    }
  }
  result.query = statement(node.query);
  result.where = expr(node.where_clause);
  for (const Node* option : Nodes{node.options, node.n_options}) {
    const auto* element = as<PgQuery__DefElem>(option, pg_query__def_elem__descriptor);
    if (element) copy_option(*element, result);
  }
  return result;
}

void Converter::copy_option(const PgQuery__DefElem& option, Copy& out) {
  if (!set_option(option, out)) out.unknown_options.push_back(option.defname);
}

}  // namespace sealrow::sql::postgres
