// ProtectedTraffic: what confirmed statements change in the session.
#include "protected_traffic.hpp"

namespace sealrow::session::postgres {

// Statements behind such a one depend on its outcome: they wait until it is known.
bool ProtectedTraffic::must_settle(const plan::StatementPlan& body) {
  for (const auto& effect : body.effects) {
    if (const auto* control = std::get_if<plan::TransactionControl>(&effect)) {
      using Kind = plan::TransactionControl::Kind;
      if (control->kind == Kind::begin || control->kind == Kind::savepoint || control->kind == Kind::release) continue;
      return true;
    }
    if (std::holds_alternative<plan::ExecuteEffect>(effect) || std::holds_alternative<plan::FetchEffect>(effect) ||
        std::holds_alternative<plan::CloseEffect>(effect)) {
      continue;
    }
    return true;
  }
  return false;
}

void ProtectedTraffic::apply_effects(Activity& activity, std::string_view tag) {
  const auto* body = activity.current();
  if (body == nullptr) return;
  for (const auto& effect : body->effects) apply_effect(effect, activity, tag);
}

void ProtectedTraffic::apply_setting(const plan::SetSetting& set, const Activity& activity) {
  std::optional<std::string> value = set.value;
  if (set.input) {
    const auto* literal = std::get_if<plan::LiteralRef>(&*set.input);
    const auto* parameter = std::get_if<plan::ParameterRef>(&*set.input);
    if (literal != nullptr && literal->index < activity.literals.size()) value = activity.literals[literal->index];
    if (parameter != nullptr && parameter->number >= 1 && parameter->number <= activity.parameters.size()) {
      value = activity.parameters[parameter->number - 1];
    }
  }
  names_.settings().set(set.name, value,
                        set.local ? SettingsTracker::Span::transaction : SettingsTracker::Span::session);
}

void ProtectedTraffic::apply_transaction(const plan::TransactionControl& control, std::string_view tag) {
  using Kind = plan::TransactionControl::Kind;
  auto& settings = names_.settings();
  switch (control.kind) {
    case Kind::begin:
      break;
    case Kind::commit:
      // A COMMIT of a failed transaction is answered with ROLLBACK.
      if (tag == "ROLLBACK")
        settings.rollback();
      else
        settings.commit();
      break;
    case Kind::rollback:
      settings.rollback();
      break;
    case Kind::savepoint:
      settings.savepoint(control.name);
      break;
    case Kind::release:
      settings.release(control.name);
      break;
    case Kind::rollback_to:
      settings.rollback_to(control.name);
      break;
  }
}

void ProtectedTraffic::apply_effect(const plan::Effect& effect, Activity& activity, std::string_view tag) {
  if (const auto* set = std::get_if<plan::SetSetting>(&effect)) {
    apply_setting(*set, activity);
  } else if (std::holds_alternative<plan::ResetAllSettings>(effect)) {
    names_.settings().reset_all();
  } else if (const auto* control = std::get_if<plan::TransactionControl>(&effect)) {
    apply_transaction(*control, tag);
  } else if (const auto* prepare = std::get_if<plan::PrepareEffect>(&effect)) {
    auto statement = std::make_shared<Statement>();
    if (activity.statement) *statement = *activity.statement;
    statement->passing.reset();
    statement->plan = activity.plan;
    statement->body = prepare->body;
    statements_.confirm(0, prepare->name, std::move(statement));
  } else if (const auto* gone = std::get_if<plan::DeallocateEffect>(&effect)) {
    if (gone->name.empty())
      statements_.clear();
    else
      statements_.erase(gone->name);
  } else if (const auto* declare = std::get_if<plan::DeclareEffect>(&effect)) {
    auto cursor = std::make_shared<Activity>();
    cursor->plan = activity.plan;
    const auto* body = activity.current();
    cursor->body = std::shared_ptr<const plan::StatementPlan>(activity.plan, body);
    cursor->named = activity.named;
    cursor->hold = declare->hold;
    portals_.confirm(0, declare->name, std::move(cursor));
  } else if (const auto* close = std::get_if<plan::CloseEffect>(&effect)) {
    if (close->name.empty())
      portals_.clear();
    else
      portals_.erase(close->name);
  } else if (const auto* discard = std::get_if<plan::DiscardEffect>(&effect)) {
    if (discard->what == "all") {
      statements_.clear();
      portals_.clear();
      names_.settings().reset_all();
    }
  } else if (const auto* definition = std::get_if<plan::CatalogEffect>(&effect)) {
    unknown_.made(*definition);
    if (!definition->reread) return;
    catalog_stale_ = changed_catalog_ = true;
    names_.settings().make_stale();  // a schema may have come or gone
  } else if (std::holds_alternative<plan::SearchPathUnknown>(effect)) {
    names_.settings().make_stale();
  }
}

}  // namespace sealrow::session::postgres
