// ProtectedTraffic: Query and Parse, the messages that carry a statement's text.
#include "protected_traffic.hpp"

#include "sealrow/wire/postgres/builder.hpp"

#include <algorithm>

namespace sealrow::session::postgres {

using plan::Verdict;
namespace {

bool is_reserved(std::string_view name) { return name.starts_with(reserved_prefix); }

Error reserved_error() {
  return Error{ErrorCode::statement_name_reserved, "names that begin with \"sealrow_\" are reserved"};
}

}  // namespace

ProtectedTraffic::Planned ProtectedTraffic::plan_text(std::string_view text, plan::Protocol protocol,
                                                      const std::vector<Oid>& types) {
  catalog_tried_ = false;
  Planned planned;
  planned.binding = environment_.binding(names_.database());
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
                                    "what this session defined over a protected table is not in the catalog yet",
                                    {},
                                    "commit the definition first; temporary ones cannot be used"},
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
    SEALROW_CHECK(check_settings_order(*planned.plan, names_.settings()));
    const StatementText statement{text, scratch().shape, names_.now().lexer, *planned.plan};
    SEALROW_CHECK(clear_values().check_literals(statement));
    SEALROW_CHECK(keep_literals(statement, activity->literals));
    if (has_executes(*planned.plan)) return write_executes(text, *activity, keys);
    return write_text(sealing(keys), statement, activity->named, nullptr);
  };
  auto written = prepare();
  if (keys.outcome() == Outcome::failed) return refuse_query(refusal_for(keys.error(), text));
  if (written.has_error()) return refuse_query(refusal_for(written.error(), text));
  if (keys.outcome() == Outcome::pending) {
    auto waiting = wait_for_keys(Leg::client, keys);
    return waiting ? *waiting : refuse_query(refusal_for(waiting.error(), text));
  }
  waits_.have_keys(Leg::client);
  auto work = std::make_shared<Work>();
  work->activity = activity;
  work->settles = std::ranges::any_of(planned.plan->statements, must_settle);
  activity->edited = !planned.plan->edits.empty() || has_executes(*planned.plan);
  // PREPARE keeps its own text, so that it can be planned anew.
  for (const auto& statement : planned.plan->statements) {
    for (const auto& effect : statement.effects) {
      if (!std::holds_alternative<plan::PrepareEffect>(effect)) continue;
      activity->statement = std::make_shared<Statement>();
      auto& kept = *activity->statement;
      kept.plan = planned.plan;
      kept.text = text;
      kept.protocol = plan::Protocol::simple;
      kept.binding = planned.binding;
      kept.names_key = names_.key();
      kept.literals = activity->literals;
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
    const StatementText prepared{parse.text, scratch().shape, names_.now().lexer, *planned.plan};
    SEALROW_CHECK(clear_values().check_literals(prepared));
    SEALROW_CHECK(keep_literals(prepared, statement->literals));
    Activity scratch;
    scratch.plan = planned.plan;
    scratch.literals = statement->literals;
    if (!has_executes(*planned.plan)) return write_text(sealing(keys), prepared, scratch.named, &statement->sealed_for);
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
  waits_.have_keys(Leg::client);
  std::string message;
  wire::postgres::append_parse(message, name, *written, parse_types(parse, *planned.plan));
  work->ticket = statements_.expect(name, statement);
  send(RequestKind::parse, std::move(work), message);
  return Progress::taken;
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
