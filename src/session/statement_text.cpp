#include "statement_text.hpp"

#include "seal.hpp"
#include "text_edit.hpp"

#include "sealrow/base/bytes.hpp"
#include "sealrow/base/secret.hpp"

#include <algorithm>

namespace sealrow::session {

namespace {

// All inputs that the session must know the value of: they name tenants or settings.
template <class F>
void for_each_input(const plan::Plan& plan, F use) {
  for (const auto& rule : plan.tenants) {
    for (const auto& input : rule.inputs) use(input);
  }
  for (const auto& statement : plan.statements) {
    for (const auto& effect : statement.effects) {
      if (const auto* set = std::get_if<plan::SetSetting>(&effect); set != nullptr && set->input) use(*set->input);
    }
  }
}

bool holds_tenant(const plan::Plan& plan, const std::string& name) {
  return std::ranges::any_of(plan.tenants, [&](const plan::TenantRule& rule) {
    return std::ranges::any_of(rule.table->tenant, [&](const policy::TenantSource& s) {
      const auto* setting = std::get_if<policy::SessionTenant>(&s);
      return setting != nullptr && setting->setting == name;
    });
  });
}

}  // namespace

Result<std::string> StatementText::literal(std::uint32_t index) const {
  if (index >= shape.literals.size()) {
    return Error{ErrorCode::internal, "plan names a literal that the statement lacks"};
  }
  return sql::literal_value(text, shape.literals[index], dialect);
}

Result<> keep_literals(const StatementText& statement, Literals& kept) {
  std::optional<Error> error;
  for_each_input(statement.plan, [&](const plan::InputRef& input) {
    const auto* literal = std::get_if<plan::LiteralRef>(&input);
    if (literal == nullptr || error) return;
    auto value = statement.literal(literal->index);
    if (!value) {
      error = value.error();
      return;
    }
    if (kept.size() <= literal->index) kept.resize(literal->index + 1);
    kept[literal->index] = std::move(*value);
  });
  if (error) return *error;
  return {};
}

Result<> name_by_literals(const plan::Plan& plan, const Literals& literals, NamedTenants& named) {
  named.assign(plan.tenants.size(), {});
  for (std::size_t i = 0; i < plan.tenants.size(); ++i) {
    for (const auto& input : plan.tenants[i].inputs) {
      const auto* literal = std::get_if<plan::LiteralRef>(&input);
      if (literal == nullptr || literal->index >= literals.size() || !literals[literal->index]) continue;
      SEALROW_TRY(TenantId tenant, canonical_tenant(*literals[literal->index]));
      named[i].push_back(std::move(tenant));
    }
  }
  return {};
}

// MySQL has no text spelling of bytes: they are what they are, written in hexadecimal whatever the sql_mode.
std::string sealed_token(const Sealing& sealing, const sql::Dialect& dialect, const plan::Plan& plan,
                         const plan::Destination& destination, const TenantId& tenant, std::string_view value) {
  const bool mysql = sql::is_mysql(dialect);
  const bool bytes = mysql && plan.columns.at(destination.column).storage == plan::Storage::bytea;
  const SealTask task{&plan,
                      destination,
                      &tenant,
                      bytes ? Format::binary : Format::text,
                      destination.json_as_text ? oid::text : 0,
                      mysql ? ZeroByte::allowed : ZeroByte::refused};
  std::string sealed, token;
  (void)seal_value(sealing.keys, sealing.sealer, task, value, sealed);
  if (bytes) {
    token = "x'";
    append_hex(token, as_bytes(sealed));
    token += '\'';
  } else {
    sql::append_string_literal(token, sealed, dialect);
  }
  return token;
}

Result<std::string> write_text(const Sealing& sealing, const StatementText& statement, NamedTenants& named,
                               SealedFor* sealed_for) {
  const plan::Plan& plan = statement.plan;
  Literals literals;
  SEALROW_CHECK(keep_literals(statement, literals));
  SEALROW_CHECK(name_by_literals(plan, literals, named));
  const auto seal_edit = [&](const plan::Edit& edit) -> Result<std::string> {
    const auto& destination = *plan::destination_of(edit);
    const auto* literal = std::get_if<plan::ReplaceLiteral>(&edit);
    if (destination.tenant >= plan.tenants.size()) {
      return Error{ErrorCode::internal, "plan does not fit the statement"};
    }
    SEALROW_TRY(const TenantId tenant,
                sealing.tenants.for_write(*plan.tenants[destination.tenant].table, named[destination.tenant]));
    // The text is sent once and run often: every run must be for the tenant it was sealed for.
    if (sealed_for != nullptr) sealed_for->emplace(destination.tenant, tenant);
    if (literal == nullptr) {
      const auto& text = std::get<plan::ReplaceText>(edit).text;
      return sealed_token(sealing, statement.dialect, plan, destination, tenant, text);
    }
    SEALROW_TRY(std::string value, statement.literal(literal->literal));
    if (literal->negative) value.insert(0, 1, '-');
    auto token = sealed_token(sealing, statement.dialect, plan, destination, tenant, value);
    wipe(value);
    return token;
  };
  std::optional<Error> error;
  auto written = edit_text(statement.text, statement.shape, plan.edits, [&](const plan::Edit& edit) -> std::string {
    auto token = error ? Result<std::string>(std::string()) : seal_edit(edit);
    if (token) return std::move(*token);
    error = token.error();
    return {};
  });
  if (error) return *error;
  return written;
}

Result<> check_sealed_for(const plan::Plan& plan, const SealedFor& sealed_for, const NamedTenants& named,
                          TenantResolver& tenants) {
  for (const auto& [rule, tenant] : sealed_for) {
    SEALROW_TRY(const TenantId now, tenants.for_write(*plan.tenants.at(rule).table, named.at(rule)));
    if (now == tenant) continue;
    return Error{ErrorCode::tenant_conflict,
                 "the statement's literals were sealed for another tenant",
                 {},
                 "pass sealed values as parameters",
                 plan.tenants[rule].table->name};
  }
  return {};
}

Result<> check_settings_order(const plan::Plan& plan, const SettingsTracker& settings) {
  const bool seals =
      std::ranges::any_of(plan.edits, [](const plan::Edit& e) { return plan::destination_of(e) != nullptr; });
  if (plan.statements.size() < 2 || !seals) return {};
  for (const auto& statement : plan.statements) {
    for (const auto& effect : statement.effects) {
      const auto* set = std::get_if<plan::SetSetting>(&effect);
      const bool other = std::holds_alternative<plan::ResetAllSettings>(effect) ||
                         std::holds_alternative<plan::SearchPathUnknown>(effect);
      const bool same = set != nullptr && set->value && settings.get(set->name) == set->value;
      if (other || (set != nullptr && holds_tenant(plan, set->name) && !same)) {
        return Error{ErrorCode::statement_not_understood,
                     "a text that seals values also changes the tenant they are sealed for",
                     {},
                     "send the setting in a statement of its own"};
      }
    }
  }
  return {};
}

}  // namespace sealrow::session
