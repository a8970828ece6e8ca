// ProtectedTraffic: COPY data of both directions.
#include "copy_formats.hpp"
#include "protected_traffic.hpp"

#include "sealrow/base/secret.hpp"
#include "sealrow/wire/postgres/builder.hpp"

namespace sealrow::session::postgres {

namespace {

void append_copy_fail(std::string& out) { wire::postgres::Message(out, 'f').cstring("refused"); }

std::vector<Oid> tenant_types(const plan::Plan& plan, const plan::CopyPlan& copy, const catalog::Snapshot& catalog) {
  std::vector<Oid> types(plan.tenants.size(), oid::text);
  for (std::size_t i = 0; i < plan.tenants.size() && i < copy.tenant_fields.size(); ++i) {
    const auto& table = *plan.tenants[i].table;
    const auto* relation = catalog.find(table.schema, table.name);
    for (const auto& source : table.tenant) {
      const auto* column = std::get_if<policy::ColumnTenant>(&source);
      const auto* found = column != nullptr && relation != nullptr ? relation->find(column->column) : nullptr;
      if (found != nullptr) types[i] = found->type;
    }
  }
  return types;
}

}  // namespace

std::unique_ptr<CopyFormat> make_copy_format(const plan::CopyPlan& plan, std::vector<Oid> tenant_types) {
  switch (plan.format) {
    case plan::CopyPlan::Format::text:
      return make_text_format(plan);
    case plan::CopyPlan::Format::csv:
      return make_csv_format(plan);
    case plan::CopyPlan::Format::binary:
      return make_binary_format(std::move(tenant_types));
    case plan::CopyPlan::Format::lines:
      break;  // MySQL's
  }
  return nullptr;
}

wire::postgres::Progress ProtectedTraffic::on_copy_response(const Look& look) {
  Entry& front = *queue_.front();
  if (look.frame.type == 'W' || (front.kind != RequestKind::query && front.kind != RequestKind::execute)) {
    port_->fail(Error{ErrorCode::replication, "COPY in both directions is refused"});
    return Progress::stop;
  }
  auto* activity = front.work ? front.work->activity.get() : nullptr;
  const auto* body = activity != nullptr ? activity->current() : nullptr;
  const bool told = front.action == Action::swallow || (activity != nullptr && activity->failed);
  if (look.frame.type == 'G') {
    queue_.copy_in();
    if (told) {
      // The client does not know of this COPY: end it in its place.
      std::string fail;
      append_copy_fail(fail);
      send(RequestKind::copy_end, nullptr, fail);
      return Progress::taken;
    }
    if (body != nullptr && body->copy) {
      const auto binding = environment_.binding(names_.database());
      auto types = binding ? tenant_types(*activity->plan, *body->copy, binding->catalog())
                           : std::vector<Oid>(activity->plan->tenants.size(), oid::text);
      copy_in_ = std::make_unique<CopyIn>(activity->plan, *body->copy, make_copy_format(*body->copy, std::move(types)),
                                          NamedTenants{}, settings_.max_message);
    }
  } else if (body != nullptr && body->copy && !told) {
    copy_out_ = std::make_unique<CopyOut>(activity->plan, *body->copy, make_copy_format(*body->copy, {}),
                                          settings_.max_message);
  }
  pass_on(look, &front);
  progressed();
  return Progress::taken;
}

// ---- in -----------------------------------------------------------------------------------------------------------

wire::postgres::Progress ProtectedTraffic::on_copy_data(const Look& look) {
  if (!queue_.client_copies()) {
    // Data ahead of CopyInResponse waits for it; data behind a failed COPY is dropped, as the server would.
    return queue_.empty() || queue_.copying_in() || copy_refused_ ? Progress::taken : wait_for_replies();
  }
  if (!copy_in_) {
    port_->forward(Leg::server, look.frame.whole, look.lifetime);
    return Progress::taken;
  }
  if (waits_.any()) return Progress::again;
  KeyGather keys(environment_.keys());
  std::string sealed;
  switch (copy_in_->feed(as_text(look.frame.body), keys, environment_.sealer(), tenants_, sealed)) {
    case Outcome::pending: {
      auto waiting = wait_for_keys(Leg::client, keys);
      return waiting ? *waiting : refuse_copy(waiting.error());
    }
    case Outcome::failed:
      return refuse_copy(keys.error());
    case Outcome::done:
      break;
  }
  waits_.have_keys(Leg::client);
  if (!sealed.empty()) {
    std::string message;
    wire::postgres::Message(message, 'd').bytes(sealed);
    to_server(message);
  }
  return Progress::taken;
}

wire::postgres::Progress ProtectedTraffic::on_copy_end(const Look& look) {
  if (!queue_.client_copies()) {
    return queue_.empty() || queue_.copying_in() || copy_refused_ ? Progress::taken : wait_for_replies();
  }
  if (look.frame.type == 'c' && copy_in_) {
    if (waits_.any()) return Progress::again;
    KeyGather keys(environment_.keys());
    std::string sealed;
    switch (copy_in_->finish(keys, environment_.sealer(), tenants_, sealed)) {
      case Outcome::pending: {
        auto waiting = wait_for_keys(Leg::client, keys);
        return waiting ? *waiting : refuse_copy(waiting.error());
      }
      case Outcome::failed:
        return refuse_copy(keys.error());
      case Outcome::done:
        break;
    }
    if (!sealed.empty()) {
      std::string message;
      wire::postgres::Message(message, 'd').bytes(sealed);
      to_server(message);
    }
  }
  send(RequestKind::copy_end, nullptr, look);
  return Progress::taken;
}

// CopyFail makes the server end the COPY with an error (57014), which is rewritten to ours.
wire::postgres::Progress ProtectedTraffic::refuse_copy(const Error& error) {
  queue_.front()->work->refusal = Refusal{error, {}, 0};
  copy_refused_ = true;
  std::string fail;
  append_copy_fail(fail);
  send(RequestKind::copy_end, nullptr, fail);
  return Progress::taken;
}

// ---- out ----------------------------------------------------------------------------------------------------------

wire::postgres::Progress ProtectedTraffic::on_copy_out(const Look& look) {
  Entry& front = *queue_.front();
  const bool told = front.work && front.work->activity && front.work->activity->failed;
  if (front.action == Action::swallow || told) return Progress::taken;
  if (!copy_out_) {
    pass_on(look, &front);
    return Progress::taken;
  }
  KeyGather keys(environment_.keys());
  std::string opened;
  const ReadView view{front.work->activity->plan.get(), nullptr, &front.work->activity->named,
                      &front.work->activity->granted};
  const ReadGate may_read = gate(view);
  switch (copy_out_->feed(as_text(look.frame.body), keys, environment_.sealer(), may_read, opened)) {
    case Outcome::pending: {
      auto waiting = wait_for_keys(Leg::server, keys);
      if (waiting) return *waiting;
      fail_current(waiting.error());
      return Progress::taken;
    }
    case Outcome::failed:
      fail_current(keys.error());
      return Progress::taken;
    case Outcome::done:
      break;
  }
  waits_.have_keys(Leg::server);
  if (!opened.empty()) {
    std::string message;
    wire::postgres::Message(message, 'd').bytes(opened);
    to_client(message);
    wipe(opened);
  }
  return Progress::taken;
}

}  // namespace sealrow::session::postgres
