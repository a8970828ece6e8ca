// ProtectedTraffic: LOAD DATA LOCAL, during which the client streams a file that an empty packet ends (facts: MY-25).
#include "load_format.hpp"
#include "protected_traffic.hpp"

#include <algorithm>

namespace sealrow::session::mysql {

namespace {
// What the server must hold of the file at once: far below its max_allowed_packet.
constexpr std::size_t packet_size = 1u << 20;
}  // namespace

// A server may ask for any file of the client's: only for the one that the statement names.
wire::Progress ProtectedTraffic::on_file_request(const Look& look) {
  const auto file = wire::mysql::read_local_infile(look.frame.body);
  const bool asked = run_ && file && !file->empty() && run_->file_text.find(*file) != std::string::npos;
  if (!asked || look.frame.sequence != to_client_.next())
    return broken("the server asks for a file that no statement names");
  load_.reset();
  load_error_.reset();
  to_server_.reset(static_cast<std::uint8_t>(look.frame.last_sequence + 1));
  if (const auto* body = run_->current(); body != nullptr && body->copy) begin_load(*body->copy);
  pass_on(look);
  return Progress::taken;
}

void ProtectedTraffic::begin_load(const plan::CopyPlan& copy) {
  load_.emplace(run_->plan, copy, make_load_format(copy), run_->named, settings_.max_message);
  if (!names_.stale()) return;
  load_error_ = Error{ErrorCode::statement_not_understood,
                      "a text that loads sealed values also runs something that may change the session",
                      {},
                      "send LOAD DATA in a command of its own"};
}

wire::Progress ProtectedTraffic::on_file_data(const Look& look) {
  if (load_) return on_file_to_seal(look);
  port_->forward(Leg::server, look.frame.whole, look.lifetime);
  if (look.frame.body.empty()) end_file(look);
  return Progress::taken;
}

wire::Progress ProtectedTraffic::on_file_to_seal(const Look& look) {
  if (waits_.waiting(Leg::client)) return Progress::again;
  const bool last = look.frame.body.empty();
  std::string sealed;
  if (!load_error_) {
    KeyGather keys(environment_.keys());
    const auto outcome = last ? load_->finish(keys, environment_.sealer(), *tenants_, sealed)
                              : load_->feed(as_text(look.frame.body), keys, environment_.sealer(), *tenants_, sealed);
    if (outcome == Outcome::pending) {
      auto waiting = waits_.ask_for_keys(*port_, keys, Leg::client);
      if (waiting) return Progress::again;
      load_error_ = waiting.error();
    }
    if (outcome == Outcome::failed) load_error_ = keys.error();
    if (outcome == Outcome::done) waits_.have_keys(Leg::client);
  }
  if (last) to_client_.reset(static_cast<std::uint8_t>(look.frame.last_sequence + 1));
  if (load_error_) {
    // An end of the file would store the rows so far, and whatever else is sent could be a row. A connection that ends
    // before the file does rolls the statement back. The client must have sent its file to read the reason.
    if (!last) return Progress::taken;
    port_->fail(*load_error_);
    return Progress::stop;
  }
  std::string packets;
  for (std::string_view rest = sealed; !rest.empty(); rest.remove_prefix(std::min(rest.size(), packet_size)))
    wire::mysql::append_packet(packets, to_server_, rest.substr(0, packet_size));
  if (last) wire::mysql::append_packet(packets, to_server_, {});
  port_->to(Leg::server).append(packets);
  if (last) end_file(look);
  return Progress::taken;
}

void ProtectedTraffic::end_file(const Look& look) {
  to_client_.reset(static_cast<std::uint8_t>(look.frame.last_sequence + 1));
  load_.reset();
  reply_.stream_ended();
  port_->wake(Leg::server);
}

}  // namespace sealrow::session::mysql
