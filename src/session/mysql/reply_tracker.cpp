#include "reply_tracker.hpp"

namespace sealrow::session::mysql {

using wire::mysql::Command;
using wire::mysql::Head;
namespace capability = wire::mysql::capability;
namespace status = wire::mysql::status;

namespace {

// Servers allow 4096 columns; the count is a length-encoded integer.
constexpr std::uint64_t max_columns = 65535;
constexpr std::size_t eof_size = 5;
constexpr std::size_t max_end_size = 8;  // a column count that begins with 0xFE has nine bytes

bool is_error(const Head& head) noexcept { return head.first == wire::mysql::err_header && !head.empty(); }

}  // namespace

void ReplyTracker::sent(Command command) noexcept {
  command_ = command;
  switch (command) {
    case Command::stmt_send_long_data:
    case Command::stmt_close:
    case Command::quit:
      return;
    case Command::field_list:
      stage_ = Stage::field_list;
      break;
    case Command::stmt_fetch:
      stage_ = Stage::rows;
      break;
    case Command::change_user:
      stage_ = Stage::authenticating;
      break;
    case Command::binlog_dump:
    case Command::binlog_dump_gtid:
    case Command::table_dump:
    case Command::clone:
    case Command::subscribe_group_replication_stream:
      stage_ = Stage::opaque;
      break;
    default:
      stage_ = Stage::head;
  }
}

Part ReplyTracker::part(const Head& head) const noexcept {
  switch (stage_) {
    case Stage::idle:
      return is_error(head) ? Part::error : Part::unasked;
    case Stage::streaming:
      return Part::unasked;
    case Stage::head:
      return is_error(head) ? Part::error : Part::head;
    case Stage::parameters:
      return is_error(head) ? Part::error : Part::parameter;
    case Stage::parameters_end:
      return is_error(head) ? Part::error : Part::parameters_end;
    case Stage::columns:
      return is_error(head) ? Part::error : Part::column;
    case Stage::columns_end:
      return is_error(head) ? Part::error : Part::columns_end;
    case Stage::field_list:
    case Stage::rows:
      switch (wire::mysql::row_packet(head, capabilities_)) {
        case wire::mysql::RowPacket::end:
          return Part::rows_end;
        case wire::mysql::RowPacket::error:
          return Part::error;
        case wire::mysql::RowPacket::row:
          return stage_ == Stage::rows ? Part::row : Part::column;
      }
      break;
    case Stage::authenticating:
      return Part::authentication;
    case Stage::opaque:
      return Part::opaque;
  }
  return Part::unasked;
}

bool ReplyTracker::took(Part part, ByteView body) {
  event_ = Event::none;
  switch (part) {
    case Part::head:
      return on_head(body);
    case Part::parameter:
      if (--parameters_left_ == 0) after_parameters();
      return true;
    case Part::column:
      if (stage_ == Stage::columns && --columns_left_ == 0) after_columns();
      return true;
    case Part::parameters_end:
    case Part::columns_end:
    case Part::rows_end:
      return on_end(body);
    case Part::error:
      if (wire::mysql::has(capabilities_, capability::progress) && wire::mysql::is_progress_report(body)) return true;
      stage_ = Stage::idle;
      status_ &= static_cast<std::uint16_t>(~status::more_results);
      return true;
    case Part::row:
    case Part::authentication:
    case Part::opaque:
    case Part::unasked:
      return true;
  }
  return false;
}

bool ReplyTracker::on_head(ByteView body) {
  if (prepares()) return on_prepared(body);
  if (command_ == Command::statistics) {
    event_ = Event::whole;
    stage_ = Stage::idle;
    return true;
  }
  if (body.empty()) return false;
  if (body[0] == wire::mysql::ok_header) {
    wire::mysql::Ok ok;
    if (!read(body, capabilities_, ok)) return false;
    status_ = ok.status;
    event_ = Event::ok;
    finish_result();
    return true;
  }
  // COM_SET_OPTION and COM_DEBUG answer with EOF (facts: M9).
  if (body[0] == wire::mysql::eof_header && body.size() <= max_end_size) return on_end(body);
  if (body[0] == wire::mysql::local_infile_header) {
    if (command_ != Command::query) return false;
    event_ = Event::file;
    stage_ = Stage::streaming;
    return true;
  }
  return on_columns(body);
}

bool ReplyTracker::on_columns(ByteView body) {
  wire::mysql::ColumnCount count;
  if (!read(body, capabilities_, count) || count.count == 0 || count.count > max_columns) return false;
  event_ = Event::columns;
  columns_ = columns_left_ = count.count;
  stage_ = Stage::columns;
  if (count.metadata == wire::mysql::Metadata::none) after_columns();
  return true;
}

bool ReplyTracker::on_prepared(ByteView body) {
  wire::mysql::PrepareOk ok;
  if (!read(body, capabilities_, ok)) return false;
  event_ = Event::prepared;
  parameters_left_ = ok.metadata == wire::mysql::Metadata::none ? 0 : ok.parameters;
  columns_left_ = ok.metadata == wire::mysql::Metadata::none ? 0 : ok.columns;
  if (parameters_left_ > 0) {
    stage_ = Stage::parameters;
  } else if (columns_left_ > 0) {
    stage_ = Stage::columns;
  } else {
    stage_ = Stage::idle;
  }
  return true;
}

bool ReplyTracker::on_end(ByteView body) {
  if (has_eof() || body.size() == eof_size) {
    wire::mysql::Eof eof;
    if (!read(body, eof)) return false;
    status_ = eof.status;
  } else {
    wire::mysql::Ok ok;
    if (!read(body, capabilities_, ok)) return false;
    status_ = ok.status;
  }
  if (stage_ == Stage::parameters_end) {
    stage_ = columns_left_ > 0 ? Stage::columns : Stage::idle;
  } else if (stage_ == Stage::columns_end) {
    // A cursor's rows come by COM_STMT_FETCH (facts: M6).
    const bool cursor = (status_ & status::cursor_exists) != 0;
    if (prepares())
      stage_ = Stage::idle;
    else if (cursor && command_ == Command::stmt_execute)
      finish_result();
    else
      stage_ = Stage::rows;
  } else {
    event_ = Event::result_end;
    finish_result();
  }
  return true;
}

void ReplyTracker::after_parameters() noexcept {
  if (has_eof())
    stage_ = Stage::parameters_end;
  else
    stage_ = columns_left_ > 0 ? Stage::columns : Stage::idle;
}

void ReplyTracker::after_columns() noexcept {
  if (has_eof())
    stage_ = Stage::columns_end;
  else
    stage_ = prepares() ? Stage::idle : Stage::rows;
}

void ReplyTracker::finish_result() noexcept {
  const bool more = (status_ & status::more_results) != 0 && command_ != Command::stmt_fetch;
  stage_ = more ? Stage::head : Stage::idle;
}

}  // namespace sealrow::session::mysql
