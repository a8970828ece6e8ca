// ProtectedTraffic: Bind, Describe, Execute, Close, Sync, FunctionCall.
#include "parameter_text.hpp"
#include "protected_traffic.hpp"

#include "session/seal.hpp"

#include "sealrow/wire/postgres/builder.hpp"

#include <algorithm>
#include <array>

namespace sealrow::session::postgres {

using plan::LiteralRef;
using plan::ParameterRef;
using wire::postgres::Bind;

namespace {

// What drivers know: they prepare again by themselves.
constexpr std::string_view cached_plan_state = "0A000";

// Oids of pg_catalog's functions that work on large objects by number and descriptor; fixed in pg_proc.dat. Not
// lo_import and lo_export, which read and write the server's files.
bool is_large_object_call(ByteView body) {
  constexpr std::array<Oid, 13> functions = {715, 952, 953, 954, 955, 956, 957, 958, 964, 1004, 3170, 3171, 3172};
  return body.size() >= 4 && std::ranges::find(functions, load_u32(body.data())) != functions.end();
}

}  // namespace

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
  if (auto valid = revalidate(*statement, environment_, names_.database(), names_); !valid) {
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
    SEALROW_CHECK(check_sealed_for(*statement->plan, statement->sealed_for, activity->named, tenants_));
    return write_bind(bind, *statement, *activity, keys);
  };
  auto written = prepare();
  if (keys.outcome() == Outcome::failed) return refuse_bind({keys.error(), {}, 0});
  if (written.has_error()) return refuse_bind({written.error(), {}, 0});
  if (keys.outcome() == Outcome::pending) {
    auto waiting = wait_for_keys(Leg::client, keys);
    return waiting ? *waiting : refuse_bind({waiting.error(), {}, 0});
  }
  waits_.have_keys(Leg::client);
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

Result<std::optional<std::string>> ProtectedTraffic::bind_value(const Bind& bind, std::size_t index,
                                                                const plan::ParameterPlan::Sent& sent,
                                                                const Statement& statement, const Activity& activity,
                                                                KeyGather& keys) {
  const auto& value = bind.values[index];
  if (!value) return std::optional<std::string>{};
  const auto format = bind.format(index) == 0 ? Format::text : Format::binary;
  Oid source = index < statement.client_types.size() ? statement.client_types[index] : 0;
  if (!sent.destination) {
    if (opens(*statement.body)) SEALROW_CHECK(clear_values().check(format, source, *value));
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

// Any function with raw arguments, out of sight of every rule (the same reply shape as a failed FunctionCall). What
// libpq and pgjdbc use the message for are the functions of large objects, which no policy names.
wire::postgres::Progress ProtectedTraffic::on_function(const Look& look) {
  if (is_large_object_call(look.frame.body)) {
    send(RequestKind::function, nullptr, look);
    return Progress::taken;
  }
  return refuse_query(
      {Error{ErrorCode::function_call, "function-call messages are refused", {}, "call the function in a SELECT"},
       {},
       0});
}

}  // namespace sealrow::session::postgres
