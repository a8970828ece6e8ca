// Where the answer to the command at hand stands. The first byte of a packet says nothing by itself (facts: MY-9): what
// the server's next packet is follows from what came before.
#pragma once

#include "sealrow/wire/mysql/commands.hpp"
#include "sealrow/wire/mysql/replies.hpp"

#include <algorithm>
#include <cstdint>

namespace sealrow::session::mysql {

enum class Part : std::uint8_t {
  unasked,         // no command is outstanding
  head,            // what an answer, or the next result of it, begins with: OK, number of columns, file request, …
  parameter,       // definition of a prepared statement's parameter
  parameters_end,  // EOF behind them
  column,          // definition of a result's column
  columns_end,     // EOF behind them
  row,
  rows_end,        // EOF or the OK in its place
  error,           // or MariaDB's progress report, which ends nothing
  authentication,  // COM_CHANGE_USER, until OK or ERR
  opaque,          // replication: whatever comes, without an end
};

// The head that a looked-at packet had.
[[nodiscard]] inline wire::mysql::Head head_of(const wire::mysql::Frame& frame) noexcept {
  const auto size = std::min<std::size_t>(frame.body.size(), wire::mysql::max_packet);
  return {static_cast<std::uint32_t>(size), frame.sequence, frame.body.empty() ? std::uint8_t{0} : frame.body[0]};
}

class ReplyTracker {
 public:
  explicit ReplyTracker(wire::mysql::Capabilities capabilities) noexcept : capabilities_(capabilities) {}

  // Commands without an answer do not become outstanding.
  void sent(wire::mysql::Command command) noexcept;
  [[nodiscard]] bool outstanding() const noexcept { return stage_ != Stage::idle; }
  [[nodiscard]] wire::mysql::Command command() const noexcept { return command_; }
  // Definitions and rows may be passed unread; every other part must be looked at.
  [[nodiscard]] Part part(const wire::mysql::Head& head) const noexcept;
  // The next definition is the answer's last packet (COM_STMT_PREPARE without EOF packets).
  [[nodiscard]] bool ends_with_definition() const noexcept {
    return prepares() && !has_eof() &&
           ((stage_ == Stage::parameters && parameters_left_ == 1 && columns_left_ == 0) ||
            (stage_ == Stage::columns && columns_left_ == 1));
  }
  // The packet was that part. False: it is malformed. Definitions and rows need no body.
  [[nodiscard]] bool took(Part part, ByteView body);
  // The client streams a file (LOCAL INFILE) until an empty packet.
  [[nodiscard]] bool client_streams() const noexcept { return stage_ == Stage::streaming; }
  void stream_ended() noexcept { stage_ = Stage::head; }
  // COM_CHANGE_USER was accepted or denied.
  void authenticated() noexcept { stage_ = Stage::idle; }

  // Of the last OK or EOF.
  [[nodiscard]] std::uint16_t status() const noexcept { return status_; }
  void start_with(std::uint16_t status) noexcept { status_ = status; }
  // What the last `took` of Part::head or Part::rows_end found.
  enum class Event : std::uint8_t { none, ok, prepared, columns, file, result_end, whole };
  [[nodiscard]] Event event() const noexcept { return event_; }
  [[nodiscard]] std::uint64_t columns() const noexcept { return columns_; }  // of the current result

 private:
  enum class Stage : std::uint8_t {
    idle,
    head,
    parameters,
    parameters_end,
    columns,
    columns_end,
    rows,
    field_list,
    streaming,
    authenticating,
    opaque
  };

  bool on_head(ByteView body);
  bool on_prepared(ByteView body);
  bool on_columns(ByteView body);
  bool on_end(ByteView body);
  void after_parameters() noexcept;
  void after_columns() noexcept;
  void finish_result() noexcept;
  [[nodiscard]] bool prepares() const noexcept { return command_ == wire::mysql::Command::stmt_prepare; }
  [[nodiscard]] bool has_eof() const noexcept {
    return !wire::mysql::has(capabilities_, wire::mysql::capability::deprecate_eof);
  }

  wire::mysql::Capabilities capabilities_;
  wire::mysql::Command command_ = wire::mysql::Command::sleep;
  Stage stage_ = Stage::idle;
  Event event_ = Event::none;
  std::uint64_t columns_ = 0, parameters_left_ = 0, columns_left_ = 0;
  std::uint16_t status_ = 0;
};

}  // namespace sealrow::session::mysql
