// ProtectedTraffic: what confirmed statements change in the session. Variables do not follow transactions.
#include "protected_traffic.hpp"

namespace sealrow::session::mysql {

void ProtectedTraffic::apply_effects(Run& run) {
  const auto* body = run.current();
  if (body == nullptr) return;
  for (const auto& effect : body->effects) apply_effect(effect, run);
}

void ProtectedTraffic::apply_setting(const plan::SetSetting& set, const Run& run) {
  std::optional<std::string> value = set.value;
  if (set.input) {
    const auto* literal = std::get_if<plan::LiteralRef>(&*set.input);
    const auto* parameter = std::get_if<plan::ParameterRef>(&*set.input);
    if (literal != nullptr && literal->index < run.literals.size()) value = run.literals[literal->index];
    if (parameter != nullptr && parameter->number >= 1 && parameter->number <= run.parameters.size())
      value = run.parameters[parameter->number - 1];
  }
  names_.set(set.name, value);
}

void ProtectedTraffic::apply_effect(const plan::Effect& effect, const Run& run) {
  if (const auto* set = std::get_if<plan::SetSetting>(&effect)) {
    apply_setting(*set, run);
  } else if (const auto* prepare = std::get_if<plan::PrepareEffect>(&effect)) {
    text_statements_[text_statement_key(prepare->name)] = {run.plan, prepare->body, run.binding};
  } else if (const auto* gone = std::get_if<plan::DeallocateEffect>(&effect)) {
    text_statements_.erase(text_statement_key(gone->name));
  } else if (const auto* definition = std::get_if<plan::CatalogEffect>(&effect)) {
    unknown_.made(*definition);
    if (!definition->reread) return;
    catalog_stale_ = true;
    names_.settings().make_stale();  // the current database may be gone
  } else if (std::holds_alternative<plan::SearchPathUnknown>(effect) ||
             std::holds_alternative<plan::ResetAllSettings>(effect)) {
    names_.settings().make_stale();
  }
}

// A statement that failed may have changed something all the same: a DROP of several tables, a SET of several
// variables, a CALL.
void ProtectedTraffic::doubt_effects(const Run& run) {
  const auto* body = run.current();
  if (body == nullptr) return;
  for (const auto& effect : body->effects) {
    if (std::holds_alternative<plan::TransactionControl>(effect)) continue;
    const auto* definition = std::get_if<plan::CatalogEffect>(&effect);
    catalog_stale_ = catalog_stale_ || (definition != nullptr && definition->reread);
    names_.settings().make_stale();
  }
}

// COM_RESET_CONNECTION, COM_CHANGE_USER: statements, temporary tables and variables are gone (facts: MY-6).
void ProtectedTraffic::forget_session() {
  prepared_.clear();
  text_statements_.clear();
  last_prepared_ = 0;
  names_ = Names(agreed_);
  tenants_.emplace(names_.settings(), agreed_.user);
  unknown_ = {};
  names_tried_ = false;
}

}  // namespace sealrow::session::mysql
