// The clauses of a query that order, group or compare rows.
#include "plan/analyzer.hpp"
#include "plan/types.hpp"

#include <algorithm>
#include <charconv>

namespace sealrow::plan {

namespace {

bool is_integer_literal(const sql::Expr& expr, const sql::Parsed& parsed) {
  return expr.kind == sql::ExprKind::literal && expr.number < parsed.literals.size() &&
         parsed.literals[expr.number].kind == sql::LiteralKind::integer;
}

bool is_bare_name(const sql::Expr& expr) { return expr.kind == sql::ExprKind::column && expr.names.size() == 1; }

Field* output_named(const Query& query, const std::string& name) {
  for (Field* field : query.outputs) {
    if (field->name == name) return field;
  }
  return nullptr;
}

// End of the key word DISTINCT right before `position`, if there is one.
std::optional<std::uint32_t> end_of_distinct(std::string_view text, std::uint32_t position) {
  constexpr std::string_view word = "distinct";
  std::size_t end = position;
  while (end > 0 && std::string_view(" \t\r\n\f\v").find(text[end - 1]) != std::string_view::npos) --end;
  if (end < word.size()) return std::nullopt;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if ((text[end - word.size() + i] | 0x20) != word[i]) return std::nullopt;
  }
  return static_cast<std::uint32_t>(end);
}

}  // namespace

void Analyzer::check_query(Query& query) {
  if (query.checked) return;
  query.checked = true;
  if (query.left) {
    check_set_operation(query);
  } else if (!query.select->values.empty()) {
    for (Field* field : query.outputs) (void)value_of(*field);
    check_order(query, *query.scope);
  } else {
    check_leaf(query);
  }
}

void Analyzer::check_set_operation(Query& query) {
  check_query(*query.left);
  check_query(*query.right);
  check_into(query);
  if (!query.outputs_known) require_clear_outputs(query);
  const bool compares = query.select->set_op != sql::SetOp::union_ || !query.select->set_all;
  for (Field* field : query.outputs) {
    if (const Value value = value_of(*field); compares && !value.is_clear()) {
      refuse(ErrorCode::sealed_search, "UNION, INTERSECT and EXCEPT compare a sealed column",
             "use UNION ALL, or leave the column out", display(value), field->origins[0].expr);
    }
  }
  check_order(query, *query.scope);
}

void Analyzer::check_leaf(Query& query) {
  const sql::Select& select = *query.select;
  Scope& scope = *query.scope;
  require_clear(select.where, scope, "WHERE");
  check_group_by(query);
  for (Field* field : query.outputs) (void)value_of(*field);
  if (select.having) require_clear(select.having, scope_with_aliases(query), "HAVING");
  check_into(query);
  for (const sql::WindowParts& window : select.windows) {
    for (const auto& key : window.partition) {
      if (key && !eval(*key, scope).is_clear()) tag_key(*key, scope, "PARTITION BY");
    }
    require_clear(window.order, scope, "ORDER BY in a window");
    require_clear(window.frame, scope, "a window frame");
  }
  check_distinct(query);
  check_order(query, scope);
  pick_group_members(query);
}

// Which column meets which, or what a number in ORDER BY means, cannot be told where * is not known.
void Analyzer::require_clear_outputs(const Query& query) {
  for (const Query* each : {&query, static_cast<const Query*>(query.left), static_cast<const Query*>(query.right)}) {
    if (!each) continue;
    for (Field* field : each->outputs) {
      if (!value_of(*field).is_clear()) refuse_unknown_columns(nullptr);
    }
  }
}

// Position of an output column, or none. Only asked where the answer matters: the plan then holds for this text only.
const sql::Expr* Analyzer::ordinal(const sql::Expr& expr, std::size_t& position) {
  if (!is_integer_literal(expr, parsed_)) return nullptr;
  decided_by_literal();
  const auto text = literal_text(expr);
  position = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), position);
  return &expr;
}

void Analyzer::check_group_by(Query& query) {
  Scope& scope = *query.scope;
  std::vector<const sql::Expr*> ordinals;
  std::vector<Field*> aliases;
  std::vector<const Field*> grouped;
  for (const auto& key : query.select->group_by) {
    if (!key) continue;
    if (key->kind == sql::ExprKind::literal) {
      ordinals.push_back(key.get());
      continue;
    }
    if (is_bare_name(*key)) {  // a column of FROM before a name of the select list
      const bool input = std::any_of(scope.sources.begin(), scope.sources.end(),
                                     [&](Source* source) { return field_in(*source, key->names[0]); });
      Field* output = output_named(query, key->names[0]);
      if (!input && output) {
        aliases.push_back(output);
        continue;
      }
    }
    const Value value = eval(*key, scope);
    if (value.is_clear()) continue;
    // The rows of totals have NULL where a picked envelope would stand.
    if (query.select->grouping_sets) refuse_operand(value, *key, "GROUPING SETS, ROLLUP and CUBE");
    tag_key(*key, scope, "GROUP BY");
    if (key->kind != sql::ExprKind::column) continue;
    if (const Name name = find_name(key->names, &scope, *key); name.field) grouped.push_back(name.field);
  }
  scope.group_fields = std::move(grouped);
  scope.grouped = !scope.group_fields.empty();
  const auto refuse_output = [&](Field& field, const sql::Expr* at) {
    if (const Value value = value_of(field); !value.is_clear()) {
      refuse(ErrorCode::sealed_search, "GROUP BY names a sealed column by its place or alias",
             "name the column itself in GROUP BY", display(value), at);
    }
  };
  for (Field* field : aliases) refuse_output(*field, nullptr);
  const bool matters = std::any_of(query.outputs.begin(), query.outputs.end(),
                                   [&](Field* field) { return !value_of(*field).is_clear(); });
  for (const sql::Expr* key : ordinals) {
    std::size_t position = 0;
    if (!matters) continue;
    if (!scope.editable) return refuse_output(*query.outputs[0], key);
    if (!query.outputs_known) return refuse_unknown_columns(key);
    if (ordinal(*key, position) && position >= 1 && position <= query.outputs.size()) {
      refuse_output(*query.outputs[position - 1], key);
    }
  }
}

void Analyzer::check_order(Query& query, Scope& scope) {
  const bool matters = std::any_of(query.outputs.begin(), query.outputs.end(),
                                   [&](Field* field) { return !value_of(*field).is_clear(); });
  const auto require_clear_output = [&](Field& field, const sql::Expr& at) {
    if (const Value value = value_of(field); !value.is_clear()) refuse_operand(value, at, "ORDER BY");
  };
  for (const sql::SortKey& key : query.select->order_by) {
    if (!key.expr) continue;
    const sql::Expr& expr = *key.expr;
    if (expr.kind == sql::ExprKind::literal) {
      std::size_t position = 0;
      if (!matters) continue;
      if (!scope.editable) {
        refuse(ErrorCode::statement_not_understood, "a view orders sealed columns by their place",
               "name the column in the view's ORDER BY", "", nullptr);
      } else if (!query.outputs_known) {
        refuse_unknown_columns(&expr);
      } else if (ordinal(expr, position) && position >= 1 && position <= query.outputs.size()) {
        require_clear_output(*query.outputs[position - 1], expr);
      }
      continue;
    }
    Field* output = is_bare_name(expr) ? output_named(query, expr.names[0]) : nullptr;
    if (output) {
      require_clear_output(*output, expr);
    } else if (!query.left) {
      require_clear(expr, scope_with_aliases(query), "ORDER BY");
    }
  }
  require_clear(query.select->limit, scope, "LIMIT");
  require_clear(query.select->offset, scope, "OFFSET");
}

void Analyzer::check_distinct(Query& query) {
  const sql::Select& select = *query.select;
  Scope& scope = *query.scope;
  for (const auto& key : select.distinct_on) {
    if (key && !eval(*key, scope).is_clear()) tag_key(*key, scope, "DISTINCT ON");
  }
  if (!select.distinct || !select.distinct_on.empty()) return;
  const auto sealed = std::find_if(query.outputs.begin(), query.outputs.end(),
                                   [&](Field* field) { return !value_of(*field).is_clear(); });
  if (sealed == query.outputs.end()) return;
  const bool plain = !mysql_ && scope.editable && query.outputs_known && select.order_by.empty() &&
                     select.group_by.empty() &&
                     std::all_of(query.output_exprs.begin(), query.output_exprs.end(),
                                 [](const sql::Expr* expr) { return expr && expr->kind == sql::ExprKind::column; });
  const auto place = plain ? end_of_distinct(request_.text, query.output_exprs[0]->span.begin) : std::nullopt;
  if (!place) {
    refuse(ErrorCode::sealed_search,
           mysql_ ? "DISTINCT compares a sealed column"
                  : "DISTINCT over a sealed column works for a list of plain columns without ORDER BY",
           mysql_ ? "use GROUP BY on an equality-searchable column"
                  : "list the columns, sort in an outer query, or use GROUP BY",
           display(value_of(**sealed)), query.output_exprs[0]);
    return;
  }
  std::string keys;
  for (std::size_t i = 0; i < query.outputs.size(); ++i) {
    const sql::Expr& expr = *query.output_exprs[i];
    const std::string name(request_.text.substr(expr.span.begin, expr.span.end - expr.span.begin));
    const Value value = value_of(*query.outputs[i]);
    std::string before, after;
    if (!value.is_clear()) {
      const BoundColumn* bound = tagged(value, expr, "DISTINCT");
      if (!bound) return;
      tag_text(before, after, *bound);
    }
    keys += (keys.empty() ? "" : ", ") + before + name + after;
  }
  edits_.insert(*place, " ON (" + keys + ")");
}

// Grouping by the tag leaves several envelopes of the same value per group: any of them will do.
void Analyzer::pick_group_members(const Query& query) {
  const std::vector<const sql::Expr*> uses = std::exchange(group_uses_, {});
  for (const sql::Expr* use : uses) {
    if (!query.scope->editable) {
      refuse(ErrorCode::sealed_search, "a view groups by a sealed column", "group in the statement", "", nullptr);
      return;
    }
    edits_.insert(use->span.begin, mysql_ ? "MIN(" : "(pg_catalog.array_agg(");
    edits_.insert(use->span.end, mysql_ ? ")" : "))[1]");
  }
  for (std::size_t i = 0; i < query.outputs.size(); ++i) {
    const bool star = i >= query.output_exprs.size() || !query.output_exprs[i];
    Field& field = *query.outputs[i];
    if (star) {
      const Field* from = field.origins.empty() ? nullptr : field.origins[0].field;
      const auto& grouped = query.scope->group_fields;
      if (std::find(grouped.begin(), grouped.end(), from) != grouped.end()) {
        refuse(ErrorCode::sealed_search, "* stands for a sealed column that is grouped by", "list the columns",
               display(value_of(field)), nullptr);
      }
    }
  }
  // The client must see the column under its own name.
  for (const sql::OutputItem& item : query.select->output) {
    if (!item.expr || !item.alias.empty()) continue;
    const sql::Expr* inner = item.expr.get();
    std::uint32_t end = inner->span.end;
    bool postfix = true;
    while (inner->kind == sql::ExprKind::cast && inner->type && !inner->args.empty() && inner->args[0]) {
      if (inner == item.expr.get()) end = inner->type->span.end;
      postfix = postfix && inner->type->span.begin > inner->args[0]->span.end &&
                request_.text.substr(inner->args[0]->span.end, inner->type->span.begin - inner->args[0]->span.end)
                        .find("::") != std::string_view::npos;
      inner = inner->args[0].get();
    }
    if (std::find(uses.begin(), uses.end(), inner) == uses.end()) continue;
    if (!postfix) {
      refuse(ErrorCode::sealed_search, "the name of an output column would change", "give it an alias",
             inner->names.back(), inner);
      return;
    }
    std::string alias = " AS ";
    if (mysql_) {  // as written: the AST has it in lower case
      const std::string_view name = written(*inner);
      alias += name.substr(inner->names.size() > 1 ? name.rfind('.') + 1 : 0);
    } else {
      sql::append_identifier(alias, inner->names.back(), session_.lexer);
    }
    edits_.insert(end, alias);
  }
}

}  // namespace sealrow::plan
