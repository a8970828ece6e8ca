// ProtectedTraffic: the server's messages, matched to the requests they answer.
#include "protected_traffic.hpp"

#include "sealrow/wire/postgres/builder.hpp"

#include <utility>

namespace sealrow::session::postgres {

namespace {
Error out_of_step() { return Error{ErrorCode::protocol_violation, "the server's answer belongs to no request"}; }
}  // namespace

void ProtectedTraffic::pass_on(const Look& look, const Entry* entry) {
  if (entry != nullptr && entry->action == Action::swallow) return;
  port_->forward(Leg::client, look.frame.whole, look.lifetime);
}

wire::postgres::Progress ProtectedTraffic::from_server(const Look& look) {
  switch (look.frame.type) {
    case 'Z':
      return on_ready(look);
    case 'E':
      return on_error(look);
    case 'S': {
      wire::postgres::Reader r(look.frame.body);
      const auto name = r.cstring(), value = r.cstring();
      if (r.ok()) names_.parameter_status(name, value);
      pass_on(look, nullptr);
      return Progress::taken;
    }
    case 'N':
    case 'A':
    case 'K':
    case 'v':
      pass_on(look, nullptr);
      return Progress::taken;
    default:
      break;
  }
  if (queue_.front() == nullptr) {
    port_->fail(out_of_step());
    return Progress::stop;
  }
  switch (look.frame.type) {
    case '1':
    case '2':
    case '3':
    case 'n':
    case 's':
    case 'I':
      on_reply_end(look);
      return Progress::taken;
    case 't':
      return on_parameter_description(look);
    case 'T':
      return on_row_description(look);
    case 'D':
      return on_row(look);
    case 'C':
      return on_command_complete(look);
    case 'V':
      if (queue_.front()->kind != RequestKind::function) break;
      pass_on(look, queue_.front());
      return Progress::taken;
    case 'G':
    case 'H':
    case 'W':
      return on_copy_response(look);
    case 'd':
      return on_copy_out(look);
    case 'c':
      copy_out_.reset();
      pass_on(look, queue_.front());
      return Progress::taken;
    default:
      break;
  }
  port_->fail(out_of_step());
  return Progress::stop;
}

// Messages that end a request of the extended protocol, or say "nothing" inside a simple Query.
void ProtectedTraffic::on_reply_end(const Look& look) {
  Entry& front = *queue_.front();
  const char type = look.frame.type;
  const bool fits = type == '1'   ? front.kind == RequestKind::parse
                    : type == '2' ? front.kind == RequestKind::bind
                    : type == '3' ? front.kind == RequestKind::close
                    : type == 'n'
                        ? front.kind == RequestKind::describe_statement || front.kind == RequestKind::describe_portal
                    : type == 's' ? front.kind == RequestKind::execute
                                  : front.kind == RequestKind::execute || front.kind == RequestKind::query;
  if (!fits) {
    port_->fail(out_of_step());
    return;
  }
  pass_on(look, &front);
  if (front.kind == RequestKind::query) return;
  confirm(front, type);
  forget_settled(front.work.get());
  queue_.completed();
  progressed();
}

void ProtectedTraffic::confirm(const Entry& entry, char type) {
  Work* work = entry.work.get();
  if (work == nullptr || work->injected != Injected::no) {
    if (work != nullptr && work->injected == Injected::shape && type == 'n') work->activity->shape.columns.emplace();
    return;
  }
  if (type == '1') {
    statements_.confirm(work->ticket, work->name, work->statement);
  } else if (type == '2') {
    portals_.confirm(work->ticket, work->name, work->activity);
  } else if (type == '3' && work->close_kind == 'S') {
    // Closing a statement closes its portals.
    const auto statement = statements_.confirmed(work->name);
    if (statement)
      portals_.erase_if([&](const Activity& a) { return a.statement == statement || &a == statement->passing.get(); });
    statements_.confirm(work->ticket, work->name, nullptr);
  } else if (type == '3') {
    portals_.confirm(work->ticket, work->name, nullptr);
  } else if (type == 'n') {
    if (Shape* shape = shape_of(entry)) shape->columns.emplace();
  }
}

void ProtectedTraffic::forget_settled(Work* work) {
  if (work == nullptr || !work->settles) return;
  work->settles = false;
  --unsettled_;
}

// The server discards this request: what it promised does not come.
void ProtectedTraffic::dropped(const Entry& entry) {
  Work* work = entry.work.get();
  if (work == nullptr) return;
  forget_settled(work);
  const bool of_statement =
      entry.kind == RequestKind::parse || (entry.kind == RequestKind::close && work->close_kind == 'S');
  if (of_statement)
    statements_.give_up(work->ticket, work->name);
  else if (entry.kind == RequestKind::bind || entry.kind == RequestKind::close)
    portals_.give_up(work->ticket, work->name);
  if (Shape* shape = shape_of(entry); shape != nullptr && !shape->columns) shape->asked = false;
}

Shape* ProtectedTraffic::shape_of(const Entry& entry) const {
  Work* work = entry.work.get();
  if (work == nullptr) return nullptr;
  if (entry.kind == RequestKind::describe_statement) return work->statement ? &work->statement->shape : nullptr;
  return entry.kind == RequestKind::describe_portal && work->activity ? &work->activity->shape : nullptr;
}

// ---- CommandComplete ------------------------------------------------------------------------------------------------

wire::postgres::Progress ProtectedTraffic::on_command_complete(const Look& look) {
  Entry& front = *queue_.front();
  const auto tag = wire::postgres::read_string(look.frame.body);
  if (!tag || (front.kind != RequestKind::query && front.kind != RequestKind::execute)) {
    port_->fail(out_of_step());
    return Progress::stop;
  }
  Work* work = front.work.get();
  queue_.copy_finished();
  copy_in_.reset();
  copy_out_.reset();
  copy_refused_ = false;
  const bool failed = work != nullptr && work->activity && work->activity->failed;
  if (work != nullptr && work->activity) apply_effects(*work->activity, *tag);
  if (!failed) pass_on(look, &front);
  if (front.kind == RequestKind::execute) {
    forget_settled(work);
    queue_.completed();
  } else if (work != nullptr && work->activity) {
    ++work->activity->index;
    work->activity->shape = {};
  }
  progressed();
  return Progress::taken;
}

// ---- ErrorResponse --------------------------------------------------------------------------------------------------

namespace {

// The position belongs to the text that we sent.
void append_without_position(std::string& out, ByteView body) {
  wire::postgres::ErrorFields fields;
  wire::postgres::Reader r(body);
  while (r.ok() && r.left() > 1) {
    const char code = static_cast<char>(r.u8());
    if (code == '\0') break;
    const auto value = r.cstring();
    if (code != 'P') fields.emplace_back(code, value);
  }
  wire::postgres::append_error(out, fields);
}

bool is_edited(const Work& work) {
  if (work.activity && work.activity->edited) return true;
  const auto* statement = work.statement  ? work.statement.get()
                          : work.activity ? work.activity->statement.get()
                                          : nullptr;
  return statement != nullptr && statement->body != nullptr && !statement->plan->edits.empty();
}

}  // namespace

wire::postgres::Progress ProtectedTraffic::on_error(const Look& look) {
  Entry* front = queue_.front();
  Work* work = front != nullptr ? front->work.get() : nullptr;
  const auto severity = wire::postgres::error_field(look.frame.body, 'V');
  const bool ends_session = severity && (*severity == "FATAL" || *severity == "PANIC");
  const bool already_told = work != nullptr && work->activity && work->activity->failed;
  const bool ours =
      front != nullptr && front->action == Action::swallow && (work == nullptr || work->injected != Injected::shape);
  std::string message;
  if (ends_session || front == nullptr) {
    port_->forward(Leg::client, look.frame.whole, look.lifetime);
  } else if (already_told || ours) {
    // Not for the client: it was told of another error, or has nothing to do with ours.
  } else if (work != nullptr && work->refusal) {
    append_refusal(message, *work->refusal, Severity::error);
    to_client(message);
  } else if (work != nullptr && is_edited(*work) && wire::postgres::error_field(look.frame.body, 'P')) {
    append_without_position(message, look.frame.body);
    to_client(message);
  } else {
    port_->forward(Leg::client, look.frame.whole, look.lifetime);
  }
  cycle_failed_ = true;
  copy_in_.reset();
  copy_out_.reset();
  copy_refused_ = false;
  // A failed Parse of the unnamed statement has destroyed the old one all the same.
  if (front != nullptr && front->kind == RequestKind::parse && work != nullptr && work->name.empty())
    statements_.erase("");
  queue_.error([this](const Entry& entry) { dropped(entry); });
  progressed();
  return Progress::taken;
}

// ---- ReadyForQuery --------------------------------------------------------------------------------------------------

// The server's first ReadyForQuery is held: the client must not send a statement before its names are known.
void ProtectedTraffic::start() {
  if (must_wait_to_plan()) return;
  starting_ = catalog_tried_ = names_tried_ = false;
  to_client(*held_ready_);
  held_ready_.reset();
  port_->wake(Leg::client);
}

wire::postgres::Progress ProtectedTraffic::on_ready(const Look& look) {
  if (look.frame.body.size() != 1) {
    port_->fail(out_of_step());
    return Progress::stop;
  }
  const char before = status_;
  status_ = static_cast<char>(look.frame.body[0]);
  if (starting_ && queue_.empty()) {
    held_ready_ = std::make_unique<std::string>(as_text(look.frame.whole));
    start();
    return Progress::taken;
  }
  const Entry* front = queue_.front();
  const auto work = front != nullptr ? front->work : nullptr;
  const bool simple = front != nullptr && front->kind == RequestKind::query;
  const auto injected = work ? work->injected : Injected::no;
  const bool told = std::exchange(told_error_, false);
  forget_settled(work.get());
  if (!queue_.ready([this](const Entry& entry) { dropped(entry); })) {
    port_->fail(out_of_step());
    return Progress::stop;
  }
  if (simple) {
    statements_.erase("");
    portals_.erase("");
  }
  if (status_ == 'I') portals_.erase_if([](const Activity& a) { return !a.hold; });
  // A transaction ended out of sight: a failed one was rolled back, of another nobody knows.
  if (status_ == 'I' && before == 'E') names_.settings().rollback();
  names_.settings().ready(status_, cycle_failed_);
  if (status_ == 'I' && changed_catalog_) {
    changed_catalog_ = false;
    catalog_stale_ = true;
  }
  cycle_failed_ = false;
  if (injected == Injected::names) {
    if (starting_) start();
  } else if (told && status_ == 'T' && queue_.empty()) {
    // The client was told of an error inside a transaction: the transaction must be as dead as it believes.
    auto abort = std::make_shared<Work>();
    abort->injected = Injected::abort;
    std::string poison;
    wire::postgres::append_query(poison, poison_text);
    send(RequestKind::query, std::move(abort), poison, Action::swallow);
    return Progress::taken;
  } else {
    names_tried_ = false;
    port_->forward(Leg::client, look.frame.whole, look.lifetime);
  }
  progressed();
  return Progress::taken;
}

}  // namespace sealrow::session::postgres
