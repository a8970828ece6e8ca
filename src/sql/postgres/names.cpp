// Names, types and their spans.
#include "sql/postgres/converter.hpp"

#include <algorithm>
#include <array>

namespace sealrow::sql::postgres {
namespace {

template <std::size_t N>
bool is_any_word(const TokenMap& tokens, std::size_t index, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return tokens.is_word(index, word); });
}

constexpr std::array<std::string_view, 4> character_types = {"character", "char", "nchar", "bit"};
constexpr std::array<std::string_view, 2> time_types = {"timestamp", "time"};
constexpr std::array<std::string_view, 6> interval_fields = {"year", "month", "day", "hour", "minute", "second"};

}  // namespace

std::string word_of(const PgQuery__AConst& constant) {
  switch (constant.val_case) {
    case PG_QUERY__A__CONST__VAL_IVAL:
      return std::to_string(constant.ival->ival);
    case PG_QUERY__A__CONST__VAL_FVAL:
      return constant.fval->fval;
    case PG_QUERY__A__CONST__VAL_BOOLVAL:
      return constant.boolval->boolval ? "true" : "false";
    case PG_QUERY__A__CONST__VAL_SVAL:
      return constant.sval->sval;
    case PG_QUERY__A__CONST__VAL_BSVAL:
      return constant.bsval->bsval;
    default:
      return {};
  }
}

void cover(Span& span, Span part) {
  if (part.end == 0) return;
  if (span.end == 0) {
    span = part;
    return;
  }
  span.begin = std::min(span.begin, part.begin);
  span.end = std::max(span.end, part.end);
}

const ProtobufCMessage* content_of(const Node* node) {
  if (!node || node->node_case == PG_QUERY__NODE__NODE__NOT_SET) return nullptr;
  return reinterpret_cast<const ProtobufCMessage*>(node->alias);  // all members of the union are message pointers
}

std::string word_of(const Node* node) {
  if (!node) return {};
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_STRING:
      return node->string->sval;
    case PG_QUERY__NODE__NODE_INTEGER:
      return std::to_string(node->integer->ival);
    case PG_QUERY__NODE__NODE_FLOAT:
      return node->float_->fval;
    case PG_QUERY__NODE__NODE_BOOLEAN:
      return node->boolean->boolval ? "true" : "false";
    case PG_QUERY__NODE__NODE_A_CONST:
      return word_of(*node->a_const);
    case PG_QUERY__NODE__NODE_TYPE_CAST:
      return word_of(node->type_cast->arg);
    case PG_QUERY__NODE__NODE_TYPE_NAME: {
      const auto& names = *node->type_name;
      return names.n_names == 0 ? std::string() : word_of(names.names[names.n_names - 1]);
    }
    default:
      return {};
  }
}

std::vector<std::string> strings_of(Nodes nodes) {
  std::vector<std::string> words;
  words.reserve(nodes.size());
  for (const Node* node : nodes) words.push_back(word_of(node));
  return words;
}

bool is_true(const Node* option_value) {
  if (!content_of(option_value)) return true;
  const std::string word = fold_case(word_of(option_value));
  return word == "true" || word == "on" || word == "1" || word == "yes";
}

RelationName relation_of_names(Nodes names) {
  RelationName result;
  if (!names.empty()) result.name = word_of(names.back());
  if (names.size() > 1) result.schema = word_of(names[names.size() - 2]);
  return result;
}

Span Converter::name_span(std::int32_t location, std::size_t parts) const {
  const std::size_t first = tokens_.at(location);
  if (first == TokenMap::none) return {};
  return {tokens_[first].span.begin, tokens_[tokens_.last_of_name(first, parts)].span.end};
}

// "f(…)", "schema.f(…)", "ARRAY[…]" or "(…)" that starts at the position.
Span Converter::bracketed_span(std::int32_t location, std::size_t name_parts) const {
  const std::size_t first = tokens_.at(location);
  if (first == TokenMap::none) return {};
  std::size_t last = first;
  if (tokens_.partner(first) == TokenMap::none) last = tokens_.last_of_name(first, name_parts);
  for (const std::size_t open : {last, last + 1}) {
    if (open < tokens_.size() && tokens_.partner(open) != TokenMap::none) {
      return {tokens_[first].span.begin, tokens_[tokens_.partner(open)].span.end};
    }
  }
  return {tokens_[first].span.begin, tokens_[last].span.end};
}

RelationName Converter::relation(const PgQuery__RangeVar& var) const {
  RelationName result;
  result.schema = var.schemaname;
  result.name = var.relname;
  result.only = !var.inh;
  const std::size_t parts = 1 + (*var.schemaname ? 1 : 0) + (*var.catalogname ? 1 : 0);
  result.span = name_span(var.location, parts);
  return result;
}

std::optional<RelationName> Converter::optional_relation(const PgQuery__RangeVar* var) const {
  if (!var) return std::nullopt;
  return relation(*var);
}

std::vector<RelationName> Converter::relations(Nodes nodes) const {
  std::vector<RelationName> result;
  for (const Node* node : nodes) {
    if (const auto* var = as<PgQuery__RangeVar>(node, pg_query__range_var__descriptor))
      result.push_back(relation(*var));
  }
  return result;
}

void Converter::collect_relations(const ProtobufCMessage& message, std::vector<RelationName>& out) const {
  if (message.descriptor == &pg_query__range_var__descriptor) {
    out.push_back(relation(reinterpret_cast<const PgQuery__RangeVar&>(message)));
  }
  for_each_child(message, [&](const ProtobufCMessage& child) { collect_relations(child, out); });
}

TypeName Converter::type(const PgQuery__TypeName& node) const {
  const RelationName name = relation_of_names(Nodes{node.names, node.n_names});
  TypeName result{.schema = name.schema, .name = name.name};
  if (node.pct_type) result.name += "%type";
  result.array = node.n_array_bounds != 0;
  for (const Node* modifier : Nodes{node.typmods, node.n_typmods}) {
    const auto* value = as<PgQuery__AConst>(modifier, pg_query__a__const__descriptor);
    if (value && value->val_case == PG_QUERY__A__CONST__VAL_IVAL) result.modifiers.push_back(value->ival->ival);
  }
  result.span = type_span(node.location);
  return result;
}

// gram.y, SimpleTypename: the words that make up the name, without modifiers and array bounds.
std::size_t Converter::base_type_end(std::size_t first) const {
  std::size_t last = first;
  if (tokens_.is_word(first, "double") && tokens_.is_word(first + 1, "precision")) return first + 1;
  if (tokens_.is_word(first, "national")) ++last;
  if (is_any_word(tokens_, last, character_types)) return tokens_.is_word(last + 1, "varying") ? last + 1 : last;
  last = tokens_.last_of_name(last, 4);
  const bool percent = last + 2 < tokens_.size() && tokens_.text(last + 1) == "%" && tokens_.is_word(last + 2, "type");
  return percent ? last + 2 : last;
}

Span Converter::type_span(std::int32_t location) const {
  const std::size_t first = tokens_.at(location);
  if (first == TokenMap::none) return {};
  std::size_t last = base_type_end(first);
  const auto skip_brackets = [&](std::string_view open) {
    const bool found = tokens_.is_punctuation(last + 1, open) && tokens_.partner(last + 1) != TokenMap::none;
    if (found) last = tokens_.partner(last + 1);
    return found;
  };
  skip_brackets("(");
  if (is_any_word(tokens_, first, time_types) && tokens_.is_word(last + 2, "time") &&
      tokens_.is_word(last + 3, "zone") &&
      (tokens_.is_word(last + 1, "with") || tokens_.is_word(last + 1, "without"))) {
    last += 3;
  }
  if (tokens_.is_word(first, "interval") && is_any_word(tokens_, last + 1, interval_fields)) {
    ++last;
    if (tokens_.is_word(last + 1, "to") && is_any_word(tokens_, last + 2, interval_fields)) last += 2;
    skip_brackets("(");
  }
  if (tokens_.is_word(last + 1, "array")) ++last;
  while (skip_brackets("[")) {
  }
  return {tokens_[first].span.begin, tokens_[last].span.end};
}

}  // namespace sealrow::sql::postgres
