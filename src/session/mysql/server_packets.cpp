// ProtectedTraffic: answers of the server.
#include "protected_traffic.hpp"
#include "scratch.hpp"

#include <utility>

namespace sealrow::session::mysql {

using wire::Lifetime;
using Event = ReplyTracker::Event;

// Definitions and rows that somebody needs; the others pass.
bool ProtectedTraffic::must_look(Part part) {
  if (!run_) return false;
  if (run_->kind == Run::Kind::names) return true;
  if (run_->failed) return false;
  if (part == Part::parameter) return hidden_parameters_ > 0;
  if (run_->kind != Run::Kind::query && run_->kind != Run::Kind::execute && run_->kind != Run::Kind::fetch)
    return false;
  return view().any();
}

// Sends the packet on with the id that is next for the client.
void ProtectedTraffic::pass_on(const Look& look) {
  if (run_ && run_->failed) return;
  if (look.frame.sequence == to_client_.next()) {
    port_->forward(Leg::client, look.frame.whole, look.lifetime);
    to_client_.reset(static_cast<std::uint8_t>(look.frame.last_sequence + 1));
    return;
  }
  std::string packets;
  wire::mysql::append_renumbered(packets, look.frame.whole, to_client_);
  to_client(packets);
}

wire::Progress ProtectedTraffic::from_server(const Look& look) {
  if (auth_) return relay(Leg::server, look);
  if (reply_.client_streams()) return Progress::again;
  const Part part = reply_.part(head_of(look.frame));
  if (run_ && run_->kind == Run::Kind::names) return on_names_packet(part, look);
  if (part == Part::row) return on_row(look);
  if (part == Part::unasked || !reply_.took(part, look.frame.body)) return broken("unexpected packet from the server");
  Progress progress = Progress::taken;
  switch (part) {
    case Part::head:
      progress = on_head(look);
      break;
    case Part::parameter:
    case Part::column:
      progress = on_definition(part, look);
      break;
    case Part::parameters_end:
    case Part::columns_end:
    case Part::rows_end:
      progress = on_end(part, look);
      break;
    case Part::error:
      progress = on_error(look);
      break;
    case Part::row:
    case Part::authentication:
    case Part::opaque:
    case Part::unasked:
      return broken("unexpected packet from the server");
  }
  if (progress == Progress::taken && !reply_.outstanding()) finished(part != Part::error);
  return progress;
}

// ---- our own question
// ---------------------------------------------------------------------------------------------------

wire::Progress ProtectedTraffic::on_names_packet(Part part, const Look& look) {
  auto& cells = scratch().cells;
  if (part == Part::row && wire::mysql::read_text_row(look.frame.body, names_.columns(), cells))
    (void)names_.answer(cells);
  if (part == Part::unasked || !reply_.took(part, look.frame.body)) return broken("unexpected packet from the server");
  if (!reply_.outstanding()) {
    run_.reset();
    port_->wake(Leg::client);
  }
  return Progress::taken;
}

// ---- what an answer begins with
// -------------------------------------------------------------------------------------------

wire::Progress ProtectedTraffic::on_head(const Look& look) {
  switch (reply_.event()) {
    case Event::prepared:
      return on_prepared(look);
    case Event::file:
      return on_file_request(look);
    case Event::columns:
      if (run_) run_->columns.clear();
      break;
    case Event::ok:
      read_state(look.frame.body);
      [[fallthrough]];
    case Event::result_end:
      result_done();
      break;
    case Event::none:
    case Event::whole:
      break;
  }
  pass_on(look);
  return Progress::taken;
}

// Parameters that we added are not shown: all definitions are the same dummy (facts: MY-13).
wire::Progress ProtectedTraffic::on_prepared(const Look& look) {
  wire::mysql::PrepareOk ok;
  if (!read(look.frame.body, agreed_.capabilities, ok) || !run_ || !run_->prepared)
    return broken("unexpected answer to COM_STMT_PREPARE");
  Prepared& prepared = *run_->prepared;
  const std::uint32_t added = prepared.body ? prepared.body->added_parameters : 0;
  if (added > ok.parameters) return broken("a prepared statement has too few parameters");
  prepared.id = ok.statement;
  prepared.placeholders = ok.parameters - added;
  hidden_parameters_ = added;
  shown_parameters_ = ok.parameters - added;
  prepared_[ok.statement] = run_->prepared;
  last_prepared_ = ok.statement;
  if (added == 0) {
    pass_on(look);
    return Progress::taken;
  }
  ok.parameters = static_cast<std::uint16_t>(ok.parameters - added);
  std::string packet;
  append_prepare_ok(packet, to_client_, agreed_.capabilities, ok);
  to_client(packet);
  return Progress::taken;
}

// ---- definitions and ends
// ---------------------------------------------------------------------------------------------------

wire::Progress ProtectedTraffic::on_definition(Part part, const Look& look) {
  if (part == Part::parameter) {
    if (shown_parameters_ == 0) return Progress::taken;
    --shown_parameters_;
    pass_on(look);
    return Progress::taken;
  }
  wire::mysql::ColumnDefinition column;
  if (!read(look.frame.body, agreed_.capabilities, column))
    return broken("malformed column definition from the server");
  if (run_) run_->columns.push_back({column.type, column.charset});
  pass_on(look);
  return Progress::taken;
}

wire::Progress ProtectedTraffic::on_end(Part part, const Look& look) {
  if (part == Part::rows_end || reply_.event() == Event::result_end) {
    if (look.frame.body.size() > 5) read_state(look.frame.body);
    result_done();
  }
  // Without parameters to show there is no end of them either.
  const bool hidden = part == Part::parameters_end && hidden_parameters_ > 0 && run_ && run_->prepared &&
                      run_->prepared->placeholders == 0;
  if (!hidden) pass_on(look);
  return Progress::taken;
}

wire::Progress ProtectedTraffic::on_error(const Look& look) {
  if (!reply_.outstanding() && run_) doubt_effects(*run_);
  pass_on(look);
  return Progress::taken;
}

// Session state changes that the server reports by itself (facts: MY-10).
void ProtectedTraffic::read_state(ByteView body) {
  wire::mysql::Ok ok;
  std::vector<wire::mysql::StateChange> changes;
  if (!read(body, agreed_.capabilities, ok) || (ok.state.empty() && !ok.state_lost)) return;
  if (ok.state_lost || !wire::mysql::read(ok.state, changes)) return names_.settings().make_stale();
  for (const auto& change : changes) {
    using Type = wire::mysql::StateChange::Type;
    if (change.type == Type::schema) names_.use_database(change.value);
    if (change.type == Type::system_variable) names_.saw_variable(change.name);
  }
}

// One result of the command is complete and was good.
void ProtectedTraffic::result_done() {
  names_.saw_status(reply_.status());
  if (!run_) return;
  if (run_->kind == Run::Kind::query || run_->kind == Run::Kind::execute) apply_effects(*run_);
  if (run_->kind == Run::Kind::query && reply_.outstanding() && run_->plan &&
      run_->index + 1 < run_->plan->statements.size()) {
    ++run_->index;
  }
}

void ProtectedTraffic::finished(bool succeeded) {
  const auto run = std::exchange(run_, nullptr);
  hidden_parameters_ = shown_parameters_ = 0;
  if (succeeded && reply_.command() == Command::init_db && run) names_.use_database(run->database);
  if (succeeded && reply_.command() == Command::reset_connection) forget_session();
  port_->wake(Leg::client);
}

// The client gets an error in place of what was to come; for it the answer ends here, however much the server sends.
void ProtectedTraffic::fail_current(const Error& error) {
  std::string packet;
  append_refusal(packet, to_client_, {error});
  to_client(packet);
  if (run_) run_->failed = true;
}

}  // namespace sealrow::session::mysql
