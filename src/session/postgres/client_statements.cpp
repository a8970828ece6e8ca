// ProtectedTraffic: Query and Parse, the messages that carry a statement's text.
#include "protected_traffic.hpp"
#include "text_edit.hpp"

#include "session/seal.hpp"

#include "sealrow/base/secret.hpp"
#include "sealrow/wire/postgres/builder.hpp"

#include <algorithm>

namespace sealrow::session::postgres {

using plan::LiteralRef;
using plan::Verdict;
namespace {

bool is_reserved(std::string_view name) { return name.starts_with(reserved_prefix); }

Error reserved_error() {
  return Error{ErrorCode::statement_name_reserved, "names that begin with \"sealrow_\" are reserved"};
}

// All literals that the session must know the value of: they name tenants or settings.
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

}  // namespace

ProtectedTraffic::Planned ProtectedTraffic::plan_text(std::string_view text, plan::Protocol protocol,
                                                      const std::vector<Oid>& types) {
  catalog_tried_ = false;
  Planned planned;
  planned.binding = environment_.binding(database_);
  if (!planned.binding) {
    planned.refusal = Refusal{Error{ErrorCode::catalog_unavailable, "the database's catalog has not been read"}, {}, 0};
    return planned;
  }
  const auto& names = names_.now();
  sql::make_template(text, names.lexer, scratch().shape);
  planned.plan =
      environment_.plans().get(*planned.binding, names, names_.key(), {text, &scratch().shape, protocol, &types});
  if (planned.plan->verdict == Verdict::refuse) {
    Error error = planned.plan->refusal;
    // A position belongs to the text that was planned; another instance of the template has its own.
    if (scratch().shape.text.size() != text.size()) error.offset.reset();
    planned.refusal = refusal_for(error, text);
  } else if (unknown_.lead_to_protected(planned.plan->unknown_relations)) {
    planned.refusal = Refusal{Error{ErrorCode::name_unresolved,
                                    "a relation that this session defined over a protected table is not in the catalog",
                                    {},
                                    "commit the definition first; a temporary view cannot be used"},
                              {},
                              0};
  } else if (!names.utf8 && !planned.plan->columns.empty()) {
    planned.refusal =
        Refusal{Error{ErrorCode::client_encoding, "set client_encoding to UTF8 for protected tables"}, {}, 0};
  }
  return planned;
}

// ---- Query ------------------------------------------------------------------------------------------------------

wire::postgres::Progress ProtectedTraffic::on_query(const Look& look) {
  const auto text = wire::postgres::read_string(look.frame.body);
  if (!text) {
    port_->fail(Error{ErrorCode::protocol_violation, "malformed Query message"});
    return Progress::stop;
  }
  if (must_wait_to_plan()) return wait_for_replies();
  const Planned planned = plan_text(*text, plan::Protocol::simple, {});
  if (must_reread_catalog(planned)) return wait_for_replies();
  if (planned.refusal) return refuse_query(*planned.refusal);
  if (planned.plan->verdict == Verdict::pass) {
    send(RequestKind::query, nullptr, look);
    return Progress::taken;
  }
  return run_query(look, *text, planned);
}

wire::postgres::Progress ProtectedTraffic::run_query(const Look& look, std::string_view text, const Planned& planned) {
  auto activity = std::make_shared<Activity>();
  activity->plan = planned.plan;
  KeyGather keys(environment_.keys());
  const auto prepare = [&]() -> Result<std::string> {
    SEALROW_CHECK(check_reserved(*planned.plan));
    SEALROW_CHECK(check_settings_order(*planned.plan));
    SEALROW_CHECK(check_clear_literals(text, *planned.plan));
    SEALROW_CHECK(keep_literals(text, *planned.plan, activity->literals));
    if (has_executes(*planned.plan)) return write_executes(text, *activity, keys);
    return write_text(text, *planned.plan, keys, activity->named, nullptr);
  };
  auto written = prepare();
  if (keys.outcome() == Outcome::failed) return refuse_query(refusal_for(keys.error(), text));
  if (written.has_error()) return refuse_query(refusal_for(written.error(), text));
  if (keys.outcome() == Outcome::pending) {
    auto waiting = wait_for_keys(Leg::client, keys);
    return waiting ? *waiting : refuse_query(refusal_for(waiting.error(), text));
  }
  key_rounds_[0] = 0;
  auto work = std::make_shared<Work>();
  work->activity = activity;
  work->settles = std::ranges::any_of(planned.plan->statements, must_settle);
  activity->edited = !planned.plan->edits.empty() || has_executes(*planned.plan);
  // PREPARE keeps its own text, so that it can be planned anew.
  for (const auto& statement : planned.plan->statements) {
    for (const auto& effect : statement.effects) {
      if (!std::holds_alternative<plan::PrepareEffect>(effect)) continue;
      activity->statement = std::make_shared<Statement>();
      *activity->statement = Statement{planned.plan,
                                       nullptr,
                                       std::string(text),
                                       plan::Protocol::simple,
                                       {},
                                       planned.binding,
                                       names_.key(),
                                       activity->literals,
                                       {},
                                       {},
                                       {}};
    }
  }
  if (!activity->edited) {
    send(RequestKind::query, std::move(work), look);
  } else {
    std::string message;
    wire::postgres::append_query(message, *written);
    send(RequestKind::query, std::move(work), message);
  }
  return Progress::taken;
}

// ---- Parse ------------------------------------------------------------------------------------------------------

wire::postgres::Progress ProtectedTraffic::on_parse(const Look& look) {
  wire::postgres::Parse parse;
  if (!read(look.frame.body, parse)) {
    port_->fail(Error{ErrorCode::protocol_violation, "malformed Parse message"});
    return Progress::stop;
  }
  if (is_reserved(parse.name)) return refuse_parse(parse.name, Refusal{reserved_error(), {}, 0});
  if (must_wait_to_plan()) return wait_for_replies();
  const Planned planned = plan_text(parse.text, plan::Protocol::extended, parse.types);
  if (must_reread_catalog(planned)) return wait_for_replies();
  if (planned.refusal) return refuse_parse(parse.name, *planned.refusal);
  return send_parse(look, parse, planned);
}

std::vector<Oid> ProtectedTraffic::parse_types(const wire::postgres::Parse& parse, const plan::Plan& plan) const {
  std::vector<Oid> types = parse.types;
  if (plan.statements.empty()) return types;
  for (const auto& parameter : plan.statements[0].parameters) {
    for (const auto& sent : parameter.sent) {
      if (sent.physical_type == 0 || sent.sent_as == 0) continue;
      if (types.size() < sent.sent_as) types.resize(sent.sent_as, 0);
      types[sent.sent_as - 1] = sent.physical_type;
    }
  }
  return types;
}

wire::postgres::Progress ProtectedTraffic::send_parse(const Look& look, const wire::postgres::Parse& parse,
                                                      const Planned& planned) {
  auto statement = std::make_shared<Statement>();
  statement->plan = planned.plan;
  statement->text = parse.text;
  statement->client_types = parse.types;
  statement->binding = planned.binding;
  statement->names_key = names_.key();
  const std::string name(parse.name);
  auto work = std::make_shared<Work>();
  work->name = name;
  work->statement = statement;
  if (planned.plan->verdict == Verdict::pass) {
    work->ticket = statements_.expect(name, statement);
    send(RequestKind::parse, std::move(work), look);
    return Progress::taken;
  }
  if (!planned.plan->statements.empty()) {
    statement->body = std::shared_ptr<const plan::StatementPlan>(planned.plan, planned.plan->statements.data());
  }
  KeyGather keys(environment_.keys());
  const auto prepare = [&]() -> Result<std::string> {
    SEALROW_CHECK(check_reserved(*planned.plan));
    SEALROW_CHECK(check_clear_literals(parse.text, *planned.plan));
    SEALROW_CHECK(keep_literals(parse.text, *planned.plan, statement->literals));
    Activity scratch;
    scratch.plan = planned.plan;
    scratch.literals = statement->literals;
    if (!has_executes(*planned.plan))
      return write_text(parse.text, *planned.plan, keys, scratch.named, statement.get());
    auto text = write_executes(parse.text, scratch, keys);
    statement->sources = std::move(scratch.sources);
    return text;
  };
  auto written = prepare();
  if (keys.outcome() == Outcome::failed) return refuse_parse(name, refusal_for(keys.error(), parse.text));
  if (written.has_error()) return refuse_parse(name, refusal_for(written.error(), parse.text));
  if (keys.outcome() == Outcome::pending) {
    auto waiting = wait_for_keys(Leg::client, keys);
    return waiting ? *waiting : refuse_parse(name, refusal_for(waiting.error(), parse.text));
  }
  key_rounds_[0] = 0;
  std::string message;
  wire::postgres::append_parse(message, name, *written, parse_types(parse, *planned.plan));
  work->ticket = statements_.expect(name, statement);
  send(RequestKind::parse, std::move(work), message);
  return Progress::taken;
}

// ---- literals -----------------------------------------------------------------------------------------------------

Result<> ProtectedTraffic::keep_literals(std::string_view text, const plan::Plan& plan,
                                         std::vector<std::optional<std::string>>& kept) {
  std::optional<Error> error;
  const auto keep = [&](const plan::InputRef& input) {
    const auto* literal = std::get_if<LiteralRef>(&input);
    if (literal == nullptr || error) return;
    if (literal->index >= scratch().shape.literals.size()) {
      error = Error{ErrorCode::internal, "plan names a literal that the statement lacks"};
      return;
    }
    auto value = sql::literal_value(text, scratch().shape.literals[literal->index], names_.now().lexer);
    if (!value) {
      error = value.error();
      return;
    }
    if (kept.size() <= literal->index) kept.resize(literal->index + 1);
    kept[literal->index] = std::move(*value);
  };
  for_each_input(plan, keep);
  if (error) return *error;
  return {};
}

Result<> ProtectedTraffic::name_by_literals(const plan::Plan& plan,
                                            const std::vector<std::optional<std::string>>& literals,
                                            std::vector<std::vector<TenantId>>& named) const {
  named.assign(plan.tenants.size(), {});
  for (std::size_t i = 0; i < plan.tenants.size(); ++i) {
    for (const auto& input : plan.tenants[i].inputs) {
      const auto* literal = std::get_if<LiteralRef>(&input);
      if (literal == nullptr || literal->index >= literals.size() || !literals[literal->index]) continue;
      SEALROW_TRY(TenantId tenant, canonical_tenant(*literals[literal->index]));
      named[i].push_back(std::move(tenant));
    }
  }
  return {};
}

Result<std::string> ProtectedTraffic::sealed_token(const plan::Plan& plan, const plan::Destination& destination,
                                                   const TenantId& tenant, std::string_view value, KeyGather& keys) {
  const SealTask task{&plan, destination, &tenant, Format::text, destination.json_as_text ? oid::text : 0};
  std::string sealed, token;
  (void)seal_value(keys, environment_.sealer(), task, value, sealed);
  sql::append_string_literal(token, sealed, names_.now().lexer);
  return token;
}

Result<std::string> ProtectedTraffic::write_text(std::string_view text, const plan::Plan& plan, KeyGather& keys,
                                                 std::vector<std::vector<TenantId>>& named, Statement* parsed) {
  std::vector<std::optional<std::string>> literals;
  SEALROW_CHECK(keep_literals(text, plan, literals));
  SEALROW_CHECK(name_by_literals(plan, literals, named));
  const auto seal_edit = [&](const plan::Edit& edit) -> Result<std::string> {
    const auto& destination = *plan::destination_of(edit);
    const auto* literal = std::get_if<plan::ReplaceLiteral>(&edit);
    if ((literal != nullptr && literal->literal >= scratch().shape.literals.size()) ||
        destination.tenant >= plan.tenants.size()) {
      return Error{ErrorCode::internal, "plan does not fit the statement"};
    }
    SEALROW_TRY(const TenantId tenant,
                tenants_.for_write(*plan.tenants[destination.tenant].table, named[destination.tenant]));
    // The text is sent once and run often: every run must be for the tenant it was sealed for.
    if (parsed != nullptr) parsed->sealed_for.emplace(destination.tenant, tenant);
    if (literal == nullptr) {
      return sealed_token(plan, destination, tenant, std::get<plan::ReplaceText>(edit).text, keys);
    }
    SEALROW_TRY(std::string value,
                sql::literal_value(text, scratch().shape.literals[literal->literal], names_.now().lexer));
    if (literal->negative) value.insert(0, 1, '-');
    auto token = sealed_token(plan, destination, tenant, value, keys);
    wipe(value);
    return token;
  };
  std::optional<Error> error;
  auto written = edit_text(text, scratch().shape, plan.edits, [&](const plan::Edit& edit) -> std::string {
    auto token = error ? Result<std::string>(std::string()) : seal_edit(edit);
    if (token) return std::move(*token);
    error = token.error();
    return {};
  });
  if (error) return *error;
  return written;
}

// ---- checks -------------------------------------------------------------------------------------------------------

Result<> ProtectedTraffic::check_reserved(const plan::Plan& plan) const {
  for (const auto& statement : plan.statements) {
    for (const auto& effect : statement.effects) {
      const auto* prepare = std::get_if<plan::PrepareEffect>(&effect);
      const auto* declare = std::get_if<plan::DeclareEffect>(&effect);
      if ((prepare != nullptr && is_reserved(prepare->name)) || (declare != nullptr && is_reserved(declare->name))) {
        return reserved_error();
      }
    }
  }
  return {};
}

// Values of a text are sealed before any of it runs: a tenant that the text itself changes is not known in time.
Result<> ProtectedTraffic::check_settings_order(const plan::Plan& plan) {
  const bool seals =
      std::ranges::any_of(plan.edits, [](const plan::Edit& e) { return plan::destination_of(e) != nullptr; });
  if (plan.statements.size() < 2 || !seals) return {};
  const auto holds_tenant = [&](const std::string& name) {
    return std::ranges::any_of(plan.tenants, [&](const plan::TenantRule& rule) {
      return std::ranges::any_of(rule.table->tenant, [&](const policy::TenantSource& s) {
        const auto* setting = std::get_if<policy::SessionTenant>(&s);
        return setting != nullptr && setting->setting == name;
      });
    });
  };
  for (const auto& statement : plan.statements) {
    for (const auto& effect : statement.effects) {
      const auto* set = std::get_if<plan::SetSetting>(&effect);
      const bool other = std::holds_alternative<plan::ResetAllSettings>(effect) ||
                         std::holds_alternative<plan::SearchPathUnknown>(effect);
      const bool same = set != nullptr && set->value && names_.settings().get(set->name) == set->value;
      if (other || (set != nullptr && holds_tenant(set->name) && !same)) {
        return Error{ErrorCode::statement_not_understood,
                     "a text that seals values also changes the tenant they are sealed for",
                     {},
                     "send the setting in a statement of its own"};
      }
    }
  }
  return {};
}

// ---- refusing -------------------------------------------------------------------------------------------------------

wire::postgres::Progress ProtectedTraffic::refuse_query(Refusal refusal) {
  auto work = std::make_shared<Work>();
  work->refusal = std::move(refusal);
  std::string message;
  wire::postgres::append_query(message, poison_text);
  send(RequestKind::query, std::move(work), message);
  return Progress::taken;
}

wire::postgres::Progress ProtectedTraffic::refuse_parse(std::string_view name, Refusal refusal) {
  auto work = std::make_shared<Work>();
  work->name = name;
  work->refusal = std::move(refusal);
  std::string message;
  wire::postgres::append_parse(message, name, poison_text, {});
  send(RequestKind::parse, std::move(work), message);
  return Progress::taken;
}

}  // namespace sealrow::session::postgres
