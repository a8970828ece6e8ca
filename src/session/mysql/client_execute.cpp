// ProtectedTraffic: prepared statements at work.
#include "protected_traffic.hpp"

#include "parameter_text.hpp"
#include "placement.hpp"
#include "scratch.hpp"

#include "session/seal.hpp"

#include <algorithm>

namespace sealrow::session::mysql {

using wire::mysql::ColumnType;
using wire::mysql::Parameter;

namespace {

constexpr ErrorShape wrong_arguments{1210, "HY000"};  // ER_WRONG_ARGUMENTS

bool is_bytes(ColumnType type) noexcept {
  return type == ColumnType::tiny_blob || type == ColumnType::medium_blob || type == ColumnType::long_blob ||
         type == ColumnType::blob;
}

bool is_string(ColumnType type) noexcept {
  return is_bytes(type) || type == ColumnType::varchar || type == ColumnType::var_string ||
         type == ColumnType::string || type == ColumnType::json;
}

}  // namespace

std::shared_ptr<Prepared> ProtectedTraffic::prepared_of(std::uint32_t id) const {
  const auto it = prepared_.find(id == wire::mysql::last_statement ? last_prepared_ : id);
  return it == prepared_.end() ? nullptr : it->second;
}

wire::Progress ProtectedTraffic::refuse_unknown(std::uint32_t id) {
  return refuse({ErrorCode::protocol_violation, "Unknown prepared statement handler (" + std::to_string(id) + ")"},
                unknown_statement);
}

// Null: it may run as it was planned.
std::optional<wire::Progress> ProtectedTraffic::check_prepared(Prepared* prepared) {
  if (must_wait_to_plan()) return Progress::again;
  names_tried_ = catalog_tried_ = false;
  if (auto valid = revalidate(*prepared, environment_, {}, names_); !valid) {
    const bool changed = valid.error().code == ErrorCode::statement_not_understood;
    return refuse(valid.error(), changed ? needs_reprepare : ErrorShape{});
  }
  if (prepared->long_error) {
    const Error error = *prepared->long_error;
    prepared->forget_long_values();
    return refuse(error);
  }
  return std::nullopt;
}

// ---- COM_STMT_EXECUTE
// -------------------------------------------------------------------------------------------------

wire::Progress ProtectedTraffic::on_execute(const Look& look) {
  const auto id = wire::mysql::statement_of(look.frame.body);
  if (!id) return broken("malformed COM_STMT_EXECUTE");
  auto prepared = prepared_of(*id);
  if (!prepared) return refuse_unknown(*id);
  if (const auto stopped = check_prepared(prepared.get())) return *stopped;
  if (prepared->body) return run_execute(look, std::move(prepared));
  auto run = std::make_shared<Run>();
  prepared->cursor = run;
  forward_command(Command::stmt_execute, look, std::move(run));
  return Progress::taken;
}

wire::Progress ProtectedTraffic::run_execute(const Look& look, std::shared_ptr<Prepared> prepared) {
  auto& execute = scratch().execute;
  std::vector<std::uint8_t> long_data(prepared->placeholders, 0);
  for (std::size_t i = 0; i < std::min(prepared->long_values.size(), long_data.size()); ++i)
    long_data[i] = prepared->long_values[i].sent ? 1 : 0;
  const wire::mysql::StatementState state{agreed_.capabilities, prepared->placeholders, prepared->types, long_data};
  if (!read(look.frame.body, state, execute)) return refuse(misfit(), wrong_arguments);
  const std::span<Parameter> placeholders(execute.parameters.data(),
                                          std::min(prepared->placeholders, execute.parameters.size()));
  std::vector<wire::mysql::ParameterType> types;
  for (std::size_t i = 0; i < placeholders.size(); ++i) {
    types.push_back(placeholders[i].type);
    if (!placeholders[i].long_data) continue;
    placeholders[i].value = prepared->long_values[i].bytes;
    placeholders[i].long_data = false;
    // Long data is a string whatever type was said.
    if (!is_string(placeholders[i].type.type)) placeholders[i].type = {ColumnType::var_string, false};
  }
  auto run = std::make_shared<Run>();
  run->kind = Run::Kind::execute;
  run->plan = prepared->plan;
  run->body = prepared->body;
  run->binary = true;
  KeyGather keys(environment_.keys());
  std::deque<std::string> made;
  const auto prepare = [&]() -> Result<std::string> {
    SEALROW_CHECK(name_tenants(*prepared, execute.parameters, run->named));
    SEALROW_CHECK(keep_parameters(*prepared, execute.parameters, *run));
    SEALROW_CHECK(check_sealed_for(*prepared->plan, prepared->sealed_for, run->named, *tenants_));
    SEALROW_TRY(auto placed, place(*prepared, run->named, execute.parameters, keys, made));
    if (keys.outcome() != Outcome::done) return std::string();
    wire::mysql::Execute sent = execute;
    sent.statement = prepared->id;
    sent.types_sent = true;
    sent.parameters = std::move(placed);
    std::string packets;
    wire::mysql::Sequence sequence;
    append_execute(packets, sequence, agreed_.capabilities, sent);
    return packets;
  };
  const auto written = prepare();
  if (const auto stopped = unfinished(written, keys)) {
    if (*stopped != Progress::again) prepared->forget_long_values();
    return *stopped;
  }
  prepared->types = std::move(types);
  prepared->forget_long_values();
  if (auto fits = check_size(*written); !fits) return refuse(fits.error());
  prepared->cursor = run;
  send_command(Command::stmt_execute, *written, std::move(run));
  return Progress::taken;
}

Result<> ProtectedTraffic::name_tenants(const Prepared& prepared, const std::vector<Parameter>& parameters,
                                        NamedTenants& named) const {
  const plan::Plan& plan = *prepared.plan;
  SEALROW_CHECK(name_by_literals(plan, prepared.literals, named));
  for (std::size_t i = 0; i < plan.tenants.size(); ++i) {
    for (const auto& input : plan.tenants[i].inputs) {
      const auto* ref = std::get_if<plan::ParameterRef>(&input);
      if (ref == nullptr) continue;
      if (ref->number == 0 || ref->number > prepared.placeholders || ref->number > parameters.size()) return misfit();
      const Parameter& parameter = parameters[ref->number - 1];
      if (!parameter.value) return null_tenant(*plan.tenants[i].table);
      const auto text = parameter_text(parameter.type, *parameter.value);
      if (!text) return Error{ErrorCode::tenant_invalid, "a binary parameter cannot be read as text"};
      SEALROW_TRY(TenantId tenant, canonical_tenant(*text));
      named[i].push_back(std::move(tenant));
    }
  }
  return {};
}

Result<> ProtectedTraffic::keep_parameters(const Prepared& prepared, const std::vector<Parameter>& parameters,
                                           Run& run) const {
  run.literals = prepared.literals;
  for (const auto& effect : prepared.body->effects) {
    const auto* set = std::get_if<plan::SetSetting>(&effect);
    const auto* ref = set != nullptr && set->input ? std::get_if<plan::ParameterRef>(&*set->input) : nullptr;
    if (ref == nullptr) continue;
    if (ref->number == 0 || ref->number > parameters.size()) return misfit();
    const Parameter& parameter = parameters[ref->number - 1];
    if (run.parameters.size() < ref->number) run.parameters.resize(ref->number);
    if (!parameter.value) continue;
    auto text = parameter_text(parameter.type, *parameter.value);
    if (!text) return Error{ErrorCode::tenant_invalid, "a binary parameter cannot be read as text"};
    run.parameters[ref->number - 1] = std::move(text);
  }
  return {};
}

Result<std::vector<Parameter>> ProtectedTraffic::place(const Prepared& prepared, const NamedTenants& named,
                                                       const std::vector<Parameter>& parameters, KeyGather& keys,
                                                       std::deque<std::string>& made) {
  const std::size_t count = prepared.placeholders, total = count + prepared.body->added_parameters;
  if (parameters.size() < count) return misfit();
  std::vector<Parameter> sent(total + (parameters.size() - count));
  SEALROW_CHECK(
      each_sent(*prepared.body, count,
                [&](std::size_t i, std::size_t at, const std::optional<plan::Destination>& destination) -> Result<> {
                  SEALROW_TRY(sent[at], place_one(prepared, named, parameters[i], destination, keys, made));
                  return {};
                }));
  std::ranges::copy(parameters.begin() + static_cast<std::ptrdiff_t>(count), parameters.end(),
                    sent.begin() + static_cast<std::ptrdiff_t>(total));
  return sent;
}

Result<Parameter> ProtectedTraffic::place_one(const Prepared& prepared, const NamedTenants& named,
                                              const Parameter& parameter,
                                              const std::optional<plan::Destination>& destination, KeyGather& keys,
                                              std::deque<std::string>& made) {
  if (!parameter.value) return parameter;
  if (!destination) {
    if (is_string(parameter.type.type) && opens(*prepared.body)) {
      SEALROW_CHECK(clear_values().check(Format::text, oid::text, *parameter.value));
      SEALROW_CHECK(clear_values().check(Format::binary, oid::bytea, *parameter.value));
    }
    return parameter;
  }
  const plan::Plan& plan = *prepared.plan;
  const auto& column = plan.columns.at(destination->column);
  const auto text = parameter_text(parameter.type, *parameter.value);
  if (!text) {
    return Error{ErrorCode::expression_not_sealable,
                 "a floating-point or bit parameter has no text of its own",
                 {},
                 "pass the value as a string",
                 column.display};
  }
  SEALROW_TRY(const TenantId tenant,
              tenants_->for_write(*plan.tenants.at(destination->tenant).table, named.at(destination->tenant)));
  const bool bytes = column.storage == plan::Storage::bytea;
  const SealTask task{&plan,
                      *destination,
                      &tenant,
                      bytes ? Format::binary : Format::text,
                      destination->json_as_text ? oid::text : 0,
                      ZeroByte::allowed};
  std::string& sealed = made.emplace_back();
  (void)seal_value(keys, environment_.sealer(), task, *text, sealed);
  Parameter out = parameter;
  out.type = sealed_type(column);
  out.value = sealed;
  return out;
}

wire::mysql::ParameterType ProtectedTraffic::sealed_type(const plan::BoundColumn& column) {
  return {column.storage == plan::Storage::bytea ? ColumnType::blob : ColumnType::var_string, false};
}

// ---- long data, cursors, ends ---------------------------------------------------------------------------------------

// No answer is possible: the next execution gives it (facts: MY-16).
wire::Progress ProtectedTraffic::on_long_data(const Look& look) {
  wire::mysql::LongData data;
  if (!read(look.frame.body, data)) return broken("malformed COM_STMT_SEND_LONG_DATA");
  const auto prepared = prepared_of(data.statement);
  if (!prepared || !prepared->body) {
    forward_command(Command::stmt_send_long_data, look, nullptr);
    return Progress::taken;
  }
  std::size_t held = data.data.size();
  for (const auto& value : prepared->long_values) held += value.bytes.size();
  if (data.parameter >= prepared->placeholders) {
    prepared->long_error = misfit();
  } else if (held > settings_.max_message) {
    prepared->forget_long_values();
    prepared->long_error = Error{ErrorCode::message_too_large, "long data of a statement exceeds the limit"};
  } else if (!prepared->long_error) {
    prepared->long_values.resize(prepared->placeholders);
    auto& value = prepared->long_values[data.parameter];
    value.sent = true;
    value.bytes.append(data.data);
  }
  return Progress::taken;
}

wire::Progress ProtectedTraffic::on_fetch(const Look& look) {
  wire::mysql::Fetch fetch;
  if (!read(look.frame.body, fetch)) return broken("malformed COM_STMT_FETCH");
  const auto prepared = prepared_of(fetch.statement);
  if (!prepared) return refuse_unknown(fetch.statement);
  auto run = std::make_shared<Run>();
  if (prepared->cursor) *run = *prepared->cursor;
  run->kind = Run::Kind::fetch;
  run->failed = false;
  forward_command(Command::stmt_fetch, look, std::move(run));
  return Progress::taken;
}

wire::Progress ProtectedTraffic::on_statement_command(Command command, const Look& look) {
  wire::mysql::StatementCommand statement;
  if (!read(look.frame.body, statement)) return broken("malformed command of a prepared statement");
  const auto prepared = prepared_of(statement.statement);
  if (prepared) prepared->forget_long_values();
  if (prepared && command == Command::stmt_close) {
    if (last_prepared_ == prepared->id) last_prepared_ = 0;
    prepared_.erase(prepared->id);
  }
  forward_command(command, look, nullptr);
  return Progress::taken;
}

}  // namespace sealrow::session::mysql
