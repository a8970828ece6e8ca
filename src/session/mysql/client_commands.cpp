// ProtectedTraffic: which commands there are, and those that carry no statement.
#include "protected_traffic.hpp"

#include "pass_traffic.hpp"

#include "sealrow/wire/mysql/handshake.hpp"

#include <algorithm>

namespace sealrow::session::mysql {

wire::Progress ProtectedTraffic::broken(const char* what) {
  port_->fail(Error{ErrorCode::protocol_violation, what});
  return Progress::stop;
}

wire::Progress ProtectedTraffic::from_client(const Look& look) {
  if (reply_.client_streams()) return on_file_data(look);
  if (auth_) return relay(Leg::client, look);
  if (reply_.outstanding() || waits_.waiting(Leg::client)) return Progress::again;
  const auto command = wire::mysql::command_of(look.frame.body);
  to_client_.reset(static_cast<std::uint8_t>(look.frame.last_sequence + 1));
  if (!command || look.frame.sequence != 0) return broken("packet of the client out of order");
  return on_command(*command, look);
}

// What is not on this list is refused, and nothing of it forwarded (facts: 1.1).
wire::Progress ProtectedTraffic::on_command(Command command, const Look& look) {
  switch (command) {
    case Command::query:
      return on_query(look);
    case Command::stmt_prepare:
      return on_prepare(look);
    case Command::stmt_execute:
      return on_execute(look);
    case Command::stmt_bulk_execute:
      return on_bulk(look);
    case Command::stmt_send_long_data:
      return on_long_data(look);
    case Command::stmt_fetch:
      return on_fetch(look);
    case Command::stmt_close:
    case Command::stmt_reset:
      return on_statement_command(command, look);
    case Command::init_db:
      return on_init_db(look);
    case Command::change_user:
      return on_change_user(look);
    case Command::quit:
    case Command::field_list:
    case Command::set_option:
    case Command::ping:
    case Command::statistics:
    case Command::process_kill:
    case Command::reset_connection:
      forward_command(command, look, nullptr);
      return Progress::taken;
    default:
      return refuse(Error{ErrorCode::protocol_unsupported, "Unknown command"}, unknown_command);
  }
}

void ProtectedTraffic::forward_command(Command command, const Look& look, std::shared_ptr<Run> run) {
  run_ = std::move(run);
  reply_.sent(command);
  port_->forward(Leg::server, look.frame.whole, look.lifetime);
}

void ProtectedTraffic::send_command(Command command, std::string_view packets, std::shared_ptr<Run> run) {
  run_ = std::move(run);
  reply_.sent(command);
  port_->to(Leg::server).append(packets);
}

// What a client sends too large is the server's to refuse; what sealing made too large is ours (facts: MY-30).
Result<> ProtectedTraffic::check_size(std::string_view packets) const {
  using wire::mysql::header_size;
  const std::size_t headers = header_size * (packets.size() / (wire::mysql::max_packet + header_size) + 1);
  if (packets.size() - headers <= std::min<std::uint64_t>(settings_.max_message, names_.max_packet())) return {};
  return Error{ErrorCode::message_too_large,
               "the command with its sealed values exceeds what the server takes",
               {},
               "a larger max_allowed_packet"};
}

// Nothing was sent: the transaction stays as it is, as after any error of a statement (facts: 2).
wire::Progress ProtectedTraffic::refuse(const Error& error, ErrorShape shape) {
  names_tried_ = catalog_tried_ = reread_ = false;
  std::string packet;
  append_refusal(packet, to_client_, {error, shape});
  to_client(packet);
  return Progress::taken;
}

wire::Progress ProtectedTraffic::on_init_db(const Look& look) {
  wire::mysql::TextCommand init;
  if (!read(look.frame.body, init)) return broken("malformed COM_INIT_DB");
  auto run = std::make_shared<Run>();
  run->database = init.text;
  forward_command(Command::init_db, look, std::move(run));
  return Progress::taken;
}

// ---- COM_CHANGE_USER ------------------------------------------------------------------------------------------------

wire::Progress ProtectedTraffic::on_change_user(const Look& look) {
  wire::mysql::ChangeUser change;
  auto begun = begin_change_user(look.frame, agreed_);
  if (!begun || !read(look.frame.body, agreed_.capabilities, change)) {
    port_->fail(begun ? Error{ErrorCode::protocol_violation, "malformed COM_CHANGE_USER"} : begun.error());
    return Progress::stop;
  }
  changed_ = agreed_;
  changed_.user = change.user;
  changed_.database = change.database;
  auth_.emplace(std::move(*begun));
  forward_command(Command::change_user, look, nullptr);
  return Progress::taken;
}

wire::Progress ProtectedTraffic::relay(Leg from, const Look& look) {
  auto outcome = auth_->take(from, look.frame, *port_);
  to_client_ = auth_->next().client;
  if (!outcome) {
    port_->fail(outcome.error());
    return Progress::stop;
  }
  if (*outcome == AuthStep::Outcome::more) return Progress::taken;
  auth_.reset();
  reply_.authenticated();
  // After a refusal the server keeps the old user or closes; what the session was is gone either way.
  if (*outcome == AuthStep::Outcome::accepted) agreed_ = std::move(changed_);
  forget_session();
  reply_.start_with(0);
  port_->wake(Leg::client);
  return Progress::taken;
}

}  // namespace sealrow::session::mysql
