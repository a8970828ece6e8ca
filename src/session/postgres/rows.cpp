// ProtectedTraffic: descriptions and rows.
#include "protected_traffic.hpp"

#include "sealrow/base/secret.hpp"
#include "sealrow/wire/postgres/builder.hpp"

#include <algorithm>

namespace sealrow::session::postgres {

namespace {

template <class Effect>
const Effect* effect_of(const plan::StatementPlan* body) {
  if (body == nullptr) return nullptr;
  for (const auto& effect : body->effects) {
    if (const auto* found = std::get_if<Effect>(&effect)) return found;
  }
  return nullptr;
}

// pg_type.typlen of the logical types.
std::int16_t size_of(Oid type) {
  switch (type) {
    case oid::boolean:
      return 1;
    case oid::int2:
      return 2;
    case oid::int4:
    case oid::float4:
    case oid::date:
      return 4;
    case oid::int8:
    case oid::float8:
    case oid::time:
    case oid::timestamp:
    case oid::timestamptz:
      return 8;
    case oid::uuid:
      return 16;
    default:
      return -1;
  }
}

}  // namespace

// FETCH and EXECUTE show the rows of another statement.
ReadView ProtectedTraffic::view_of(Activity& activity) {
  const auto* body = activity.current();
  if (body == nullptr) return {};
  auto& source = activity.sources[activity.body ? 0 : activity.index];
  if (!source) {
    if (const auto* fetch = effect_of<plan::FetchEffect>(body)) source = portals_.find(fetch->name);
  }
  if (source && source->current() != nullptr) {
    return {source->plan.get(), &source->current()->outputs, &source->named, &activity.granted};
  }
  return {activity.plan.get(), &body->outputs, &activity.named, &activity.granted};
}

ReadView ProtectedTraffic::view_of(Statement& statement) {
  if (!statement.body) return {};
  if (const auto* fetch = effect_of<plan::FetchEffect>(statement.body.get())) {
    const auto cursor = portals_.find(fetch->name);
    if (cursor && cursor->current() != nullptr)
      return {cursor->plan.get(), &cursor->current()->outputs, nullptr, nullptr};
  }
  return {statement.plan.get(), &statement.body->outputs, nullptr, nullptr};
}

ReadView ProtectedTraffic::view_of_entry(const Entry& entry) {
  if (!entry.work) return {};
  if (entry.kind == RequestKind::describe_statement)
    return entry.work->statement ? view_of(*entry.work->statement) : ReadView{};
  return entry.work->activity ? view_of(*entry.work->activity) : ReadView{};
}

ReadGate ProtectedTraffic::gate(const ReadView& view) {
  return [this, &view](const policy::ProtectedTable& table, const TenantId& owner) {
    return may_read(view, tenants_, names_.settings().version(), table, owner);
  };
}

// ---- descriptions
// -----------------------------------------------------------------------------------------------------

wire::postgres::Progress ProtectedTraffic::on_parameter_description(const Look& look) {
  Entry& front = *queue_.front();
  std::vector<Oid> types;
  if (front.kind != RequestKind::describe_statement || !wire::postgres::read_types(look.frame.body, types)) {
    port_->fail(Error{ErrorCode::protocol_violation, "unexpected ParameterDescription from the server"});
    return Progress::stop;
  }
  const auto* statement = front.work ? front.work->statement.get() : nullptr;
  if (statement == nullptr || !statement->body || front.action == Action::swallow) {
    pass_on(look, &front);
    return Progress::taken;
  }
  // Added parameters are ours; the client sees its own, with the types it would see without us.
  const auto& body = *statement->body;
  types.resize(types.size() - std::min<std::size_t>(types.size(), body.added_parameters));
  for (std::size_t i = 0; i < types.size() && i < body.parameters.size(); ++i) {
    if (body.parameters[i].logical_type != 0) types[i] = body.parameters[i].logical_type;
  }
  std::string message;
  {
    wire::postgres::Message m(message, 't');
    m.u16(static_cast<std::uint16_t>(types.size()));
    for (const Oid type : types) m.u32(type);
  }
  to_client(message);
  return Progress::taken;
}

wire::postgres::Progress ProtectedTraffic::on_row_description(const Look& look) {
  Entry& front = *queue_.front();
  const bool describes = front.kind == RequestKind::describe_statement || front.kind == RequestKind::describe_portal;
  if (!front.work) {
    pass_on(look, &front);
    if (describes) {
      queue_.completed();
      progressed();
    }
    return Progress::taken;
  }
  auto& fields = scratch().fields;
  if (!wire::postgres::read(look.frame.body, fields)) {
    port_->fail(Error{ErrorCode::protocol_violation, "malformed RowDescription from the server"});
    return Progress::stop;
  }
  Shape* shape = describes ? shape_of(front) : front.work->activity ? &front.work->activity->shape : nullptr;
  if (shape != nullptr) {
    shape->columns.emplace();
    for (const auto& field : fields) shape->columns->push_back({field.type, field.format});
  }
  const ReadView view = view_of_entry(front);
  const bool told = front.work->activity && front.work->activity->failed;
  bool changed = false;
  if (view.any() && view.outputs->kind == plan::Outputs::Kind::columns && view.outputs->fits(fields.size())) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const auto* column = view.outputs->at(i, fields.size());
      if (column == nullptr || column->logical_type == 0) continue;
      fields[i].type = column->logical_type;
      fields[i].size = size_of(column->logical_type);
      fields[i].modifier = column->logical_modifier;
      changed = true;
    }
  }
  if (front.action == Action::forward && !told) {
    if (changed) {
      std::string message;
      wire::postgres::append_row_description(message, fields);
      to_client(message);
    } else {
      port_->forward(Leg::client, look.frame.whole, look.lifetime);
    }
  }
  if (describes) {
    queue_.completed();
    progressed();
  }
  return Progress::taken;
}

// ---- rows
// -------------------------------------------------------------------------------------------------------------

Result<bool> ProtectedTraffic::open_row(const ReadView& view, const Activity& activity,
                                        const std::vector<wire::postgres::Cell>& cells, KeyGather& keys,
                                        std::string& out) {
  if (!view.fits(cells.size())) {
    catalog_stale_ = true;
    return shape_changed();
  }
  const auto* shape = activity.shape.columns                                    ? &*activity.shape.columns
                      : activity.statement && activity.statement->shape.columns ? &*activity.statement->shape.columns
                                                                                : nullptr;
  const auto& formats = activity.result_formats;
  const ReadGate may_read = gate(view);
  CellOpener opener(keys, environment_.sealer(), may_read);
  wire::postgres::Message m(out, 'D');
  m.u16(static_cast<std::uint16_t>(cells.size()));
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto* column = view.at(i, cells.size());
    if (!cells[i] || column == nullptr || column->readable.empty()) {
      m.cell(cells[i]);
      continue;
    }
    const bool known = shape != nullptr && i < shape->size();
    // Portals take the formats of Bind; a simple Query those of its RowDescription (a BINARY cursor's, too).
    std::int16_t format = known ? (*shape)[i].format : std::int16_t{0};
    if (activity.extended)
      format = formats.empty()       ? std::int16_t{0}
               : formats.size() == 1 ? formats[0]
               : i < formats.size()  ? formats[i]
                                     : std::int16_t{0};
    const OpenContext context{view.plan,
                              column->readable,
                              column->places.get(),
                              column->direct,
                              format == 0 ? Format::text : Format::binary,
                              known ? (*shape)[i].type : 0};
    const std::size_t at = m.begin_value();
    if (opener.open(context, *cells[i], out) == Cell::opened) {
      m.end_value(at);
    } else {
      out.resize(at);
      m.cell(cells[i]);
    }
  }
  return keys.outcome() == Outcome::done;
}

wire::postgres::Progress ProtectedTraffic::on_row(const Look& look) {
  Entry& front = *queue_.front();
  if (front.kind != RequestKind::query && front.kind != RequestKind::execute && front.kind != RequestKind::function) {
    port_->fail(Error{ErrorCode::protocol_violation, "a row that no request asked for"});
    return Progress::stop;
  }
  if (!front.work) {
    pass_on(look, &front);
    return Progress::taken;
  }
  if (front.work->injected == Injected::names) return on_names_row(look);
  if (front.action == Action::swallow) return Progress::taken;
  if (!front.work->activity) {
    fail_current(Error{ErrorCode::statement_not_understood, "rows of a portal that was not opened through Sealrow"});
    return Progress::taken;
  }
  Activity& activity = *front.work->activity;
  if (activity.failed) return Progress::taken;
  const ReadView view = view_of(activity);
  if (!view.any()) {
    pass_on(look, &front);
    return Progress::taken;
  }
  auto& cells = scratch().cells;
  if (!wire::postgres::read_row(look.frame.body, cells)) {
    port_->fail(Error{ErrorCode::protocol_violation, "malformed DataRow from the server"});
    return Progress::stop;
  }
  KeyGather keys(environment_.keys());
  // Written where it is sent from; what does not become a row is wiped there.
  auto& to = port_->to(Leg::client);
  std::string& out = to.owned();
  const std::size_t begin = out.size();
  auto opened = open_row(view, activity, cells, keys, out);
  if (opened && keys.outcome() == Outcome::done) {
    waits_.have_keys(Leg::server);
    to.commit_owned();
    return Progress::taken;
  }
  wipe(out.data() + begin, out.size() - begin);
  out.resize(begin);
  if (opened.has_error()) {
    fail_current(opened.error());
  } else if (keys.outcome() == Outcome::failed) {
    fail_current(keys.error());
  } else {
    auto waiting = wait_for_keys(Leg::server, keys);
    if (waiting) return *waiting;
    fail_current(waiting.error());
  }
  return Progress::taken;
}

wire::postgres::Progress ProtectedTraffic::on_names_row(const Look& look) {
  auto& cells = scratch().cells;
  if (wire::postgres::read_row(look.frame.body, cells)) (void)names_.answer(cells);
  return Progress::taken;
}

// The client gets an error in place of what was to come. It believes that the rest of its request, up to the next
// ReadyForQuery, did not happen; what can still be undone is undone (see on_sync and on_ready).
void ProtectedTraffic::fail_current(const Error& error) {
  std::string message;
  append_refusal(message, {error, {}, 0}, Severity::error);
  to_client(message);
  const bool simple = queue_.front()->kind == RequestKind::query;
  if (queue_.front()->work->activity) queue_.front()->work->activity->failed = true;
  told_error_ = true;
  if (simple) return;
  const auto entries = queue_.entries();
  const bool synced = std::ranges::any_of(entries, [](const Entry& e) { return ReplyQueue::ends_with_ready(e.kind); });
  queue_.swallow_to_ready();
  if (!synced) client_skip_ = true;
}

}  // namespace sealrow::session::postgres
