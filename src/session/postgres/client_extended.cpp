// ProtectedTraffic: Bind, Describe, Execute, Close, Sync, FunctionCall.
#include "parameter_text.hpp"
#include "protected_traffic.hpp"

#include "session/seal.hpp"

#include "sealrow/wire/postgres/builder.hpp"

#include <algorithm>

namespace sealrow::session::postgres {

using plan::LiteralRef;
using plan::ParameterRef;
using wire::postgres::Bind;

namespace {

Error plan_changed() {
  return Error{ErrorCode::statement_not_understood, "cached plan must not change result type",
               "the table, the policy or the way names resolve has changed", "prepare the statement again"};
}
// What drivers know: they prepare again by themselves.
constexpr std::string_view cached_plan_state = "0A000";

bool same_column(const plan::BoundColumn& a, const plan::BoundColumn& b) {
  return a.table->id == b.table->id && a.table->schema == b.table->schema && a.table->name == b.table->name &&
         a.column->id == b.column->id && a.column->type == b.column->type && a.column->search == b.column->search &&
         a.column->domain == b.column->domain && a.storage == b.storage && a.max_characters == b.max_characters;
}

bool same_places(const plan::Places* a, const plan::Places* b) {
  if (a == b || a == nullptr || b == nullptr) return a == b;
  return a->kind == b->kind && a->names == b->names && a->size == b->size &&
         std::ranges::equal(a->parts, b->parts,
                            [](const auto& x, const auto& y) { return same_places(x.get(), y.get()); });
}

bool same_outputs(const plan::Outputs& a, const plan::Outputs& b) {
  return a.kind == b.kind && a.gap == b.gap &&
         std::ranges::equal(a.columns, b.columns, [](const auto& x, const auto& y) {
           return x.readable == y.readable && x.direct == y.direct && x.logical_type == y.logical_type &&
                  same_places(x.places.get(), y.places.get());
         });
}

bool same_destination(const std::optional<plan::Destination>& a, const std::optional<plan::Destination>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a || (a->purpose == b->purpose && a->column == b->column && a->tenant == b->tenant);
}

bool same_parameters(const plan::StatementPlan& a, const plan::StatementPlan& b) {
  return std::ranges::equal(a.parameters, b.parameters, [](const auto& x, const auto& y) {
    return std::ranges::equal(x.sent, y.sent, [](const auto& s, const auto& t) {
      return s.sent_as == t.sent_as && s.physical_type == t.physical_type &&
             same_destination(s.destination, t.destination);
    });
  });
}

bool same_edit(const plan::Edit& a, const plan::Edit& b) {
  if (a.index() != b.index()) return false;
  if (const auto* text = std::get_if<plan::ReplaceText>(&a)) {
    const auto& other = std::get<plan::ReplaceText>(b);
    return text->begin == other.begin && text->end == other.end && text->text == other.text &&
           same_destination(text->destination, other.destination);
  }
  const auto &x = std::get<plan::ReplaceLiteral>(a), &y = std::get<plan::ReplaceLiteral>(b);
  return x.negative == y.negative && same_destination(x.destination, y.destination);
}

// What was sent to the server under `a` is right under `b` too.
bool same_plan(const plan::Plan& a, const plan::Plan& b) {
  if (a.verdict != b.verdict || b.verdict == plan::Verdict::refuse) return false;
  if (a.verdict == plan::Verdict::pass) return true;
  return std::ranges::equal(a.columns, b.columns, same_column) && std::ranges::equal(a.edits, b.edits, same_edit) &&
         std::ranges::equal(a.statements, b.statements, [](const auto& x, const auto& y) {
           return same_outputs(x.outputs, y.outputs) && same_parameters(x, y);
         });
}

}  // namespace

// A statement was planned under some catalog, policy and way of resolving names; the server itself resolves again when
// they change, so the plan must hold for what is true now.
Result<> ProtectedTraffic::revalidate(Statement& statement) {
  const auto binding = environment_.binding(database_);
  if (!binding) return Error{ErrorCode::catalog_unavailable, "the database's catalog has not been read"};
  if (binding == statement.binding && names_.key() == statement.names_key) return {};
  sql::Template shape;
  sql::make_template(statement.text, names_.now().lexer, shape);
  const auto now = environment_.plans().get(*binding, names_.now(), names_.key(),
                                            {statement.text, &shape, statement.protocol, &statement.client_types});
  if (!same_plan(*statement.plan, *now)) return plan_changed();
  statement.binding = binding;
  statement.names_key = names_.key();
  return {};
}

// ---- Bind -------------------------------------------------------------------------------------------------------

namespace {

// Nothing is kept for such a portal, so that all of the statement's share one object. It does not name the statement.
std::shared_ptr<Activity> passing_portal(Statement& statement) {
  if (!statement.passing) {
    statement.passing = std::make_shared<Activity>();
    statement.passing->extended = true;
    statement.passing->plan = statement.plan;
  }
  return statement.passing;
}

}  // namespace

wire::postgres::Progress ProtectedTraffic::on_bind(const Look& look) {
  Bind& bind = scratch().bind;
  if (!read(look.frame.body, bind)) {
    port_->fail(Error{ErrorCode::protocol_violation, "malformed Bind message"});
    return Progress::stop;
  }
  if (!bind.formats_fit()) {
    return refuse_bind({Error{ErrorCode::protocol_violation, "bind message has " + std::to_string(bind.formats.size()) +
                                                                 " parameter formats but " +
                                                                 std::to_string(bind.values.size()) + " parameters"},
                        "08P01", 0});
  }
  if (must_wait_to_plan()) return wait_for_replies();
  catalog_tried_ = false;
  const std::string name(bind.statement);
  const auto statement = statements_.find(name);
  if (!statement) {
    const std::string what = name.empty() ? "unnamed prepared statement" : "prepared statement \"" + name + "\"";
    return refuse_bind(
        {Error{ErrorCode::protocol_violation, what + " does not exist"}, std::string(unknown_statement_state), 0});
  }
  if (bind.portal.starts_with(reserved_prefix)) {
    return refuse_bind(
        {Error{ErrorCode::statement_name_reserved, "names that begin with \"sealrow_\" are reserved"}, {}, 0});
  }
  if (auto valid = revalidate(*statement); !valid) {
    const bool changed = valid.error().code == ErrorCode::statement_not_understood;
    return refuse_bind({valid.error(), changed ? std::string(cached_plan_state) : std::string(), 0});
  }
  if (!statement->body) return send_bind(look, bind, passing_portal(*statement), nullptr);
  auto activity = std::make_shared<Activity>();
  activity->extended = true;
  activity->statement = statement;
  activity->plan = statement->plan;
  activity->body = statement->body;
  activity->result_formats = bind.result_formats;
  activity->sources = statement->sources;
  KeyGather keys(environment_.keys());
  const auto prepare = [&]() -> Result<std::string> {
    SEALROW_CHECK(name_tenants(*statement->plan, *statement, bind, *activity));
    SEALROW_CHECK(keep_parameters(*statement, bind, *activity));
    SEALROW_CHECK(check_sealed_literals(*statement, *activity));
    return write_bind(bind, *statement, *activity, keys);
  };
  auto written = prepare();
  if (keys.outcome() == Outcome::failed) return refuse_bind({keys.error(), {}, 0});
  if (written.has_error()) return refuse_bind({written.error(), {}, 0});
  if (keys.outcome() == Outcome::pending) {
    auto waiting = wait_for_keys(Leg::client, keys);
    return waiting ? *waiting : refuse_bind({waiting.error(), {}, 0});
  }
  key_rounds_[0] = 0;
  return send_bind(look, bind, std::move(activity), &*written);
}

Result<std::optional<std::string>> ProtectedTraffic::parameter_text(const Statement& statement, const Bind& bind,
                                                                    std::uint32_t number, Oid fallback) const {
  if (number == 0 || number > bind.values.size()) {
    return Error{ErrorCode::protocol_violation, "a parameter of the statement is missing"};
  }
  const auto& value = bind.values[number - 1];
  if (!value) return std::optional<std::string>{};
  if (bind.format(number - 1) == 0) return std::optional(std::string(*value));
  const Oid declared = number <= statement.client_types.size() ? statement.client_types[number - 1] : 0;
  auto text = binary_text(declared != 0 ? declared : fallback, *value);
  if (!text) return Error{ErrorCode::tenant_invalid, "a binary parameter cannot be read as text"};
  return text;
}

Result<> ProtectedTraffic::name_tenants(const plan::Plan& plan, const Statement& statement, const Bind& bind,
                                        Activity& activity) {
  SEALROW_CHECK(name_by_literals(plan, statement.literals, activity.named));
  for (std::size_t i = 0; i < plan.tenants.size(); ++i) {
    const auto& rule = plan.tenants[i];
    Oid type = oid::text;
    for (const auto& source : rule.table->tenant) {
      const auto* column = std::get_if<policy::ColumnTenant>(&source);
      const auto* relation =
          column != nullptr ? statement.binding->catalog().find(rule.table->schema, rule.table->name) : nullptr;
      const auto* found = relation != nullptr ? relation->find(column->column) : nullptr;
      if (found != nullptr) type = found->type;
    }
    for (const auto& input : rule.inputs) {
      const auto* parameter = std::get_if<ParameterRef>(&input);
      if (parameter == nullptr) continue;
      SEALROW_TRY(const auto text, parameter_text(statement, bind, parameter->number, type));
      if (!text) return null_tenant(*rule.table);
      SEALROW_TRY(TenantId tenant, canonical_tenant(*text));
      activity.named[i].push_back(std::move(tenant));
    }
  }
  return {};
}

Result<> ProtectedTraffic::keep_parameters(const Statement& statement, const Bind& bind, Activity& activity) const {
  activity.literals = statement.literals;
  for (const auto& effect : statement.body->effects) {
    const auto* set = std::get_if<plan::SetSetting>(&effect);
    const auto* parameter = set != nullptr && set->input ? std::get_if<ParameterRef>(&*set->input) : nullptr;
    if (parameter == nullptr) continue;
    SEALROW_TRY(auto text, parameter_text(statement, bind, parameter->number, oid::text));
    if (activity.parameters.size() < parameter->number) activity.parameters.resize(parameter->number);
    activity.parameters[parameter->number - 1] = std::move(text);
  }
  return {};
}

Result<> ProtectedTraffic::check_sealed_literals(const Statement& statement, const Activity& activity) {
  for (const auto& [rule, tenant] : statement.sealed_for) {
    SEALROW_TRY(const TenantId now,
                tenants_.for_write(*statement.plan->tenants.at(rule).table, activity.named.at(rule)));
    if (now == tenant) continue;
    return Error{ErrorCode::tenant_conflict,
                 "the statement's literals were sealed for another tenant",
                 {},
                 "pass sealed values as parameters",
                 statement.plan->tenants[rule].table->name};
  }
  return {};
}

Result<std::optional<std::string>> ProtectedTraffic::bind_value(const Bind& bind, std::size_t index,
                                                                const plan::ParameterPlan::Sent& sent,
                                                                const Statement& statement, const Activity& activity,
                                                                KeyGather& keys) {
  const auto& value = bind.values[index];
  if (!value) return std::optional<std::string>{};
  const auto format = bind.format(index) == 0 ? Format::text : Format::binary;
  Oid source = index < statement.client_types.size() ? statement.client_types[index] : 0;
  if (!sent.destination) {
    if (opens(*statement.body)) SEALROW_CHECK(check_clear_value(format, source, *value));
    return std::optional(std::string(*value));
  }
  const auto& destination = *sent.destination;
  SEALROW_TRY(const TenantId tenant, tenants_.for_write(*activity.plan->tenants.at(destination.tenant).table,
                                                        activity.named.at(destination.tenant)));
  if (source == 0 && destination.json_as_text) source = oid::text;
  std::string sealed;
  (void)seal_value(keys, environment_.sealer(), {activity.plan.get(), destination, &tenant, format, source}, *value,
                   sealed);
  return std::optional(std::move(sealed));
}

Result<std::string> ProtectedTraffic::write_bind(const Bind& bind, const Statement& statement, const Activity& activity,
                                                 KeyGather& keys) {
  const auto& parameters = statement.body->parameters;
  const std::size_t total = bind.values.size() + statement.body->added_parameters;
  std::vector<std::optional<std::string>> values(total);
  std::vector<std::int16_t> formats(total, 0);
  std::vector<bool> placed(total, false);
  const Error misfit{ErrorCode::protocol_violation, "parameters do not fit the statement"};
  if (parameters.size() > bind.values.size() || total > 65535) return misfit;
  for (std::size_t i = 0; i < bind.values.size(); ++i) {
    const plan::ParameterPlan::Sent plain{static_cast<std::uint32_t>(i + 1), std::nullopt, 0};
    const auto* sent = i < parameters.size() && !parameters[i].sent.empty() ? &parameters[i].sent : nullptr;
    const std::size_t copies = sent != nullptr ? sent->size() : 1;
    for (std::size_t j = 0; j < copies; ++j) {
      const auto& one = sent != nullptr ? (*sent)[j] : plain;
      const std::size_t at = one.sent_as - 1;
      if (one.sent_as == 0 || at >= total || placed[at]) return misfit;
      placed[at] = true;
      formats[at] = bind.format(i);
      SEALROW_TRY(values[at], bind_value(bind, i, one, statement, activity, keys));
    }
  }
  if (std::ranges::find(placed, false) != placed.end()) return misfit;
  std::string message;
  {
    wire::postgres::Message m(message, 'B');
    m.cstring(bind.portal).cstring(bind.statement).u16(static_cast<std::uint16_t>(total));
    for (const auto format : formats) m.u16(static_cast<std::uint16_t>(format));
    m.u16(static_cast<std::uint16_t>(total));
    for (const auto& value : values) m.cell(value ? wire::postgres::Cell(*value) : std::nullopt);
    m.bytes(as_text(bind.result_part));
  }
  if (message.size() > settings_.max_message)
    return Error{ErrorCode::message_too_large, "sealed values exceed the message limit"};
  return message;
}

wire::postgres::Progress ProtectedTraffic::send_bind(const Look& look, const Bind& bind,
                                                     std::shared_ptr<Activity> activity, const std::string* rewritten) {
  auto work = std::make_shared<Work>();
  work->name = bind.portal;
  work->activity = activity;
  work->ticket = portals_.expect(work->name, std::move(activity));
  if (rewritten != nullptr)
    send(RequestKind::bind, std::move(work), *rewritten);
  else
    send(RequestKind::bind, std::move(work), look);
  return Progress::taken;
}

// A statement name that does not exist: 26000, and the server skips to Sync.
wire::postgres::Progress ProtectedTraffic::refuse_bind(Refusal refusal) {
  auto work = std::make_shared<Work>();
  work->refusal = std::move(refusal);
  std::string message;
  wire::postgres::Message(message, 'B').cstring("").cstring(poison_name).u16(0).u16(0).u16(0);
  send(RequestKind::bind, std::move(work), message);
  return Progress::taken;
}

// ---- Describe, Execute, Close ---------------------------------------------------------------------------------------

wire::postgres::Progress ProtectedTraffic::on_describe(const Look& look) {
  wire::postgres::Target target;
  if (!read(look.frame.body, target)) {
    port_->fail(Error{ErrorCode::protocol_violation, "malformed Describe message"});
    return Progress::stop;
  }
  if (wait_for_settled()) return wait_for_replies();
  std::string name(target.name);
  const bool portal = target.kind == 'P';
  auto activity = portal ? portals_.find(name) : nullptr;
  auto statement = portal ? nullptr : statements_.find(name);
  const RequestKind kind = portal ? RequestKind::describe_portal : RequestKind::describe_statement;
  if ((activity && activity->passes()) || (statement && !statement->body)) {
    send(kind, nullptr, look);
    return Progress::taken;
  }
  if (activity) activity->shape.asked = true;
  if (statement) statement->shape.asked = true;
  auto work = std::make_shared<Work>();
  work->name = std::move(name);
  work->activity = std::move(activity);
  work->statement = std::move(statement);
  send(kind, std::move(work), look);
  return Progress::taken;
}

// Rows may come without a RowDescription in this cycle; then we ask for one ourselves and keep it to us.
void ProtectedTraffic::ask_for_shape(const std::string& portal, const std::shared_ptr<Activity>& activity) {
  Activity& run = *activity;
  if (run.shape.asked || run.shape.columns) return;
  if (run.statement && (run.statement->shape.asked || run.statement->shape.columns)) return;
  if (!view_of(run).any()) return;
  run.shape.asked = true;
  auto work = std::make_shared<Work>();
  work->injected = Injected::shape;
  work->activity = activity;
  std::string describe;
  wire::postgres::append_target(describe, 'D', 'P', portal);
  send(RequestKind::describe_portal, std::move(work), describe, Action::swallow);
}

wire::postgres::Progress ProtectedTraffic::on_execute(const Look& look) {
  wire::postgres::Execute execute;
  if (!read(look.frame.body, execute)) {
    port_->fail(Error{ErrorCode::protocol_violation, "malformed Execute message"});
    return Progress::stop;
  }
  const std::string portal(execute.portal);
  const auto activity = portals_.find(portal);
  // FETCH reads from a cursor that must be known before its shape can matter.
  if (wait_for_settled()) return wait_for_replies();
  if (activity && activity->passes()) {
    send(RequestKind::execute, nullptr, look);
    return Progress::taken;
  }
  if (activity) ask_for_shape(portal, activity);
  auto work = std::make_shared<Work>();
  work->name = portal;
  work->activity = activity;
  work->settles = activity && activity->body && must_settle(*activity->body);
  send(RequestKind::execute, std::move(work), look);
  return Progress::taken;
}

wire::postgres::Progress ProtectedTraffic::on_close(const Look& look) {
  wire::postgres::Target target;
  if (!read(look.frame.body, target)) {
    port_->fail(Error{ErrorCode::protocol_violation, "malformed Close message"});
    return Progress::stop;
  }
  auto work = std::make_shared<Work>();
  work->name = target.name;
  work->close_kind = target.kind;
  if (target.kind == 'S')
    work->ticket = statements_.expect(work->name, nullptr);
  else
    work->ticket = portals_.expect(work->name, nullptr);
  send(RequestKind::close, std::move(work), look);
  return Progress::taken;
}

wire::postgres::Progress ProtectedTraffic::on_sync(const Look& look) {
  if (client_skip_) {
    // The client believes that everything since its error was skipped: let the server undo it.
    client_skip_ = false;
    auto work = std::make_shared<Work>();
    work->injected = Injected::abort;
    std::string poison;
    wire::postgres::append_parse(poison, "", poison_text, {});
    send(RequestKind::parse, std::move(work), poison, Action::swallow);
  }
  send(RequestKind::sync, nullptr, look);
  return Progress::taken;
}

// Any function with raw arguments, out of sight of every rule (the same reply shape as a failed FunctionCall).
wire::postgres::Progress ProtectedTraffic::on_function(const Look&) {
  return refuse_query(
      {Error{ErrorCode::function_call, "function-call messages are refused", {}, "call the function in a SELECT"},
       {},
       0});
}

}  // namespace sealrow::session::postgres
