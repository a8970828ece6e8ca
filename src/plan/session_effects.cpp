// What statements change in the session: settings, prepared statements, cursors, transactions.
#include "plan/analyzer.hpp"
#include "sealrow/sql/postgres.hpp"

#include <algorithm>

namespace sealrow::plan {

namespace {

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool decides_names(std::string_view setting) {
  return setting == "search_path" || setting == "role" || setting == "session_authorization";
}

std::string joined_values(const sql::SetVariable& set) {
  if (set.name != "search_path" && set.values.size() == 1) return set.values[0];
  std::string list;
  for (const std::string& value : set.values) {
    if (!list.empty()) list += ", ";
    if (set.name == "search_path") {
      sql::postgres::append_identifier(list, value);
    } else {
      list += value;
    }
  }
  return list;
}

std::optional<bool> constant_truth(const sql::Expr& expr) {
  const sql::Expr& leaf = *leaf_of(expr);
  if (leaf.kind != sql::ExprKind::constant || leaf.names.empty()) return std::nullopt;
  if (leaf.names[0] == "true") return true;
  if (leaf.names[0] == "false") return false;
  return std::nullopt;
}

}  // namespace

void Analyzer::plan_set(const sql::SetVariable& set, StatementPlan& out) {
  if (set.reset_all) {
    out.effects.emplace_back(ResetAllSettings{});
    names_.forget_search_path();
    return;
  }
  if (!bound_.tracked_settings.contains(set.name)) return;
  decided_by_literal();
  SetSetting effect;
  effect.name = set.name;
  effect.local = set.local;
  if (!set.reset) effect.value = joined_values(set);
  if (set.from_current) {
    out.effects.emplace_back(SearchPathUnknown{});
  } else {
    out.effects.emplace_back(std::move(effect));
  }
  // Whatever follows in the same text was not planned with the new names.
  if (decides_names(set.name)) names_.forget_search_path();
}

void Analyzer::plan_set_config(const sql::Expr& call, bool plain, StatementPlan& out) {
  if (call.args.size() != 3 || !call.args[0] || !call.args[1] || !call.args[2]) return;
  const sql::Expr& name_leaf = *leaf_of(*call.args[0]);
  const auto name_text = literal_text(name_leaf);
  if (!name_text) {
    const bool tenants = std::any_of(bound_.tracked_settings.begin(), bound_.tracked_settings.end(),
                                     [](const std::string& each) { return each.find('.') != std::string::npos; });
    if (tenants) {
      refuse(ErrorCode::tenant_conflict, "set_config() with a computed name could change the tenant unseen",
             "write the setting's name as a literal", "", &call);
    }
    out.effects.emplace_back(SearchPathUnknown{});
    names_.forget_search_path();
    return;
  }
  decided_by_literal();
  const std::string name = lower(*name_text);
  if (!bound_.tracked_settings.contains(name)) return;
  if (decides_names(name)) names_.forget_search_path();
  const sql::Expr& value = *leaf_of(*call.args[1]);
  const auto local = constant_truth(*call.args[2]);
  SetSetting effect;
  effect.name = name;
  effect.local = local.value_or(false);
  bool known = plain && local.has_value();
  if (value.kind == sql::ExprKind::literal) {
    effect.input = LiteralRef{value.number};
  } else if (value.kind == sql::ExprKind::parameter) {
    effect.input = ParameterRef{value.number};
  } else {
    known = known && is_null_constant(value);
  }
  if (known) {
    out.effects.emplace_back(std::move(effect));
  } else if (name == "search_path") {
    out.effects.emplace_back(SearchPathUnknown{});
  } else {
    refuse(ErrorCode::tenant_conflict, "set_config() of " + name + " cannot be followed here",
           "use SELECT set_config(name, value, true or false) with a literal or parameter as the value", "", &call);
  }
}

void Analyzer::plan_prepare(const sql::Prepare& prepare, StatementPlan& out) {
  if (mysql_) return plan_prepared_text(prepare, out);
  if (!prepare.statement) return;
  prepare_ = &prepare;
  auto body = std::make_shared<StatementPlan>();
  scan_calls(*prepare.statement, *body);
  plan_node(*prepare.statement, *body);
  run_checks();
  prepare_ = nullptr;
  out.effects.emplace_back(PrepareEffect{prepare.name, std::move(body)});
}

void Analyzer::plan_execute(const sql::Execute& execute, StatementPlan& out) {
  ExecuteEffect effect;
  effect.name = execute.name;
  for (const auto& arg : execute.args) {
    if (touched_ && arg) require_clear(*arg, *new_scope(nullptr), "EXECUTE … USING");
    std::optional<ArgumentRef> input;
    const sql::Expr* leaf = arg ? leaf_of(*arg) : nullptr;
    if (leaf && leaf->kind == sql::ExprKind::literal) input = LiteralRef{leaf->number};
    if (leaf && leaf->kind == sql::ExprKind::constant && !leaf->names.empty() && leaf->names[0] == "null") {
      input = NullRef{};
    }
    if (leaf && leaf->kind == sql::ExprKind::parameter) input = ParameterRef{leaf->number};
    effect.arguments.push_back(input);
  }
  out.effects.emplace_back(std::move(effect));
}

void Analyzer::plan_explain(const sql::Explain& explain, StatementPlan& out) {
  if (!explain.statement) return;
  StatementPlan inner;
  plan_node(*explain.statement, inner);
  run_checks();
  out.parameters = std::move(inner.parameters);
  out.added_parameters = inner.added_parameters;
  for (Effect& effect : inner.effects) {
    // The arguments of EXPLAIN EXECUTE go where those of EXECUTE go; everything else does not happen.
    if (std::holds_alternative<ExecuteEffect>(effect)) out.effects.push_back(std::move(effect));
  }
}

void Analyzer::plan_transaction(const sql::Transaction& transaction, StatementPlan& out) {
  if (mysql_) return;  // variables stay as they are, whatever becomes of the transaction
  using From = sql::Transaction::Kind;
  using To = TransactionControl::Kind;
  const auto effect = [&](To kind) {
    out.effects.emplace_back(TransactionControl{kind, transaction.name});
    // SET LOCAL ends with the transaction, SET with its rollback.
    if (kind != To::begin && kind != To::savepoint && kind != To::release) names_.forget_search_path();
    if (transaction.chain) out.effects.emplace_back(TransactionControl{To::begin, ""});
  };
  switch (transaction.kind) {
    case From::begin:
      return effect(To::begin);
    case From::commit:
      return effect(To::commit);
    case From::rollback:
      return effect(To::rollback);
    case From::savepoint:
      return effect(To::savepoint);
    case From::release:
      return effect(To::release);
    case From::rollback_to:
      return effect(To::rollback_to);
    case From::prepare:
      return effect(To::commit);  // for the session the transaction is over, its SETs stay
    case From::commit_prepared:
    case From::rollback_prepared:
      return;
  }
}

}  // namespace sealrow::plan
