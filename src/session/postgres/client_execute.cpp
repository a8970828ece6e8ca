// ProtectedTraffic: SQL's own EXECUTE, whose literals are the values of a PREPAREd statement's parameters.
#include "protected_traffic.hpp"

#include "session/text_edit.hpp"

#include "sealrow/base/secret.hpp"

#include <algorithm>

namespace sealrow::session::postgres {

namespace {

Error unclear() {
  return Error{ErrorCode::statement_not_understood,
               "EXECUTE with sealed values must stand alone and have plain literals"};
}

const plan::ExecuteEffect* execute_of(const plan::StatementPlan& statement) {
  for (const auto& effect : statement.effects) {
    if (const auto* execute = std::get_if<plan::ExecuteEffect>(&effect)) return execute;
  }
  return nullptr;
}

bool is_null(const plan::ExecuteEffect& execute, std::uint32_t number) {
  return number >= 1 && number <= execute.arguments.size() && execute.arguments[number - 1] &&
         std::holds_alternative<plan::NullRef>(*execute.arguments[number - 1]);
}

}  // namespace

bool ProtectedTraffic::has_executes(const plan::Plan& plan) {
  return std::ranges::any_of(plan.statements, [](const auto& s) { return execute_of(s) != nullptr; });
}

Result<std::uint32_t> ProtectedTraffic::argument_literal(const plan::ExecuteEffect& execute,
                                                         std::uint32_t number) const {
  if (number == 0 || number > execute.arguments.size() || !execute.arguments[number - 1]) return unclear();
  const auto* literal = std::get_if<plan::LiteralRef>(&*execute.arguments[number - 1]);
  if (literal == nullptr || literal->index >= scratch().shape.literals.size()) return unclear();
  return literal->index;
}

Result<> ProtectedTraffic::place_argument(std::string_view text, const plan::ExecuteEffect& execute,
                                          std::uint32_t number, const std::vector<plan::ParameterPlan::Sent>& sent,
                                          const Activity& run, KeyGather& keys, ExecuteEdits& made) {
  for (std::size_t j = 0; j < sent.size(); ++j) {
    const auto& destination = sent[j].destination;
    if (!destination && j == 0) continue;
    // NULL stays NULL, as in a Bind.
    if (is_null(execute, number)) {
      if (j > 0) made.appended += ", NULL";
      continue;
    }
    SEALROW_TRY(const std::uint32_t literal, argument_literal(execute, number));
    SEALROW_TRY(std::string value, sql::literal_value(text, scratch().shape.literals[literal], names_.now().lexer));
    std::string token;
    if (destination) {
      const auto& rule = run.plan->tenants.at(destination->tenant);
      SEALROW_TRY(const TenantId tenant, tenants_.for_write(*rule.table, run.named.at(destination->tenant)));
      token = sealed_token(sealing(keys), names_.now().lexer, *run.plan, *destination, tenant, value);
    } else {
      sql::append_string_literal(token, value, names_.now().lexer);
    }
    wipe(value);
    if (j > 0) {
      made.appended += ", " + token;
    } else {
      made.edits.emplace_back(plan::ReplaceLiteral{literal, *destination});
      made.tokens[literal] = std::move(token);
    }
  }
  return {};
}

// Null: the prepared statement is nobody's business.
Result<std::shared_ptr<Activity>> ProtectedTraffic::plan_execute(std::string_view text,
                                                                 const plan::ExecuteEffect& execute,
                                                                 std::shared_ptr<Statement> statement, KeyGather& keys,
                                                                 ExecuteEdits& made) {
  if (!statement->body) return std::shared_ptr<Activity>();
  auto run = std::make_shared<Activity>();
  run->plan = statement->plan;
  run->body = statement->body;
  SEALROW_CHECK(name_by_literals(*run->plan, statement->literals, run->named));
  for (std::size_t r = 0; r < run->plan->tenants.size(); ++r) {
    for (const auto& input : run->plan->tenants[r].inputs) {
      const auto* parameter = std::get_if<plan::ParameterRef>(&input);
      if (parameter == nullptr) continue;
      if (is_null(execute, parameter->number)) return null_tenant(*run->plan->tenants[r].table);
      SEALROW_TRY(const std::uint32_t literal, argument_literal(execute, parameter->number));
      SEALROW_TRY(const std::string value,
                  sql::literal_value(text, scratch().shape.literals[literal], names_.now().lexer));
      SEALROW_TRY(TenantId tenant, canonical_tenant(value));
      run->named[r].push_back(std::move(tenant));
    }
  }
  if (opens(*run->body)) {
    for (std::uint32_t n = 1; n <= execute.arguments.size(); ++n) {
      if (!execute.arguments[n - 1] || is_null(execute, n)) continue;
      SEALROW_TRY(const std::uint32_t literal, argument_literal(execute, n));
      SEALROW_TRY(const std::string value,
                  sql::literal_value(text, scratch().shape.literals[literal], names_.now().lexer));
      SEALROW_CHECK(clear_values().check(Format::text, oid::text, value));
    }
  }
  for (std::uint32_t n = 1; n <= statement->body->parameters.size(); ++n) {
    SEALROW_CHECK(place_argument(text, execute, n, statement->body->parameters[n - 1].sent, *run, keys, made));
  }
  return run;
}

// What a name of a prepared statement means at the k-th statement of a text, whose PREPAREs count before they have run.
Result<std::shared_ptr<Statement>> ProtectedTraffic::prepared_at(const Activity& activity, std::size_t k,
                                                                 const std::string& name) {
  for (std::size_t i = k; i-- > 0;) {
    for (const auto& effect : activity.plan->statements[i].effects) {
      const auto* prepare = std::get_if<plan::PrepareEffect>(&effect);
      if (prepare == nullptr || prepare->name != name) continue;
      auto statement = std::make_shared<Statement>();
      statement->plan = activity.plan;
      statement->body = prepare->body;
      statement->literals = activity.literals;
      return statement;
    }
  }
  auto statement = statements_.find(name);
  if (!statement) return Error{ErrorCode::name_unresolved, "prepared statement \"" + name + "\" does not exist"};
  SEALROW_CHECK(revalidate(*statement, environment_, names_.database(), names_));
  return statement;
}

Result<std::string> ProtectedTraffic::write_executes(std::string_view text, Activity& activity, KeyGather& keys) {
  const plan::Plan& plan = *activity.plan;
  ExecuteEdits made;
  SEALROW_CHECK(name_by_literals(plan, activity.literals, activity.named));
  for (std::size_t k = 0; k < plan.statements.size(); ++k) {
    const auto* execute = execute_of(plan.statements[k]);
    if (execute == nullptr) continue;
    SEALROW_TRY(auto statement, prepared_at(activity, k, execute->name));
    SEALROW_TRY(auto run, plan_execute(text, *execute, std::move(statement), keys, made));
    if (run) activity.sources[k] = std::move(run);
  }
  const bool edited = !made.edits.empty() || !made.appended.empty();
  if (edited && (plan.statements.size() != 1 || !plan.edits.empty())) return unclear();
  // Edits of the plan's own would seal literals outside of any EXECUTE: not together with one.
  const bool seals = std::ranges::any_of(plan.edits, [](const auto& e) { return plan::destination_of(e) != nullptr; });
  if (seals) return unclear();
  std::ranges::sort(made.edits, {}, [](const plan::Edit& e) { return std::get<plan::ReplaceLiteral>(e).literal; });
  const auto& edits = edited ? made.edits : plan.edits;
  SEALROW_TRY(std::string written, edit_text(text, scratch().shape, edits, [&](const plan::Edit& e) {
                return made.tokens[std::get<plan::ReplaceLiteral>(e).literal];
              }));
  if (!made.appended.empty()) {
    const std::size_t close = written.rfind(')');
    if (close == std::string::npos) return unclear();
    written.insert(close, made.appended);
  }
  return written;
}

}  // namespace sealrow::session::postgres
