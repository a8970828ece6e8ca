// Commands of the client. Payloads begin with the command byte, which every reader checks. Values are views into the
// payload; no reader allocates more than the payload could fill.
#pragma once

#include "sealrow/wire/mysql/codec.hpp"
#include "sealrow/wire/mysql/constants.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::wire::mysql {

// No value for an empty payload.
[[nodiscard]] std::optional<Command> command_of(ByteView payload) noexcept;

struct ParameterType {
  ColumnType type = ColumnType::null;
  bool is_unsigned = false;
  friend bool operator==(const ParameterType&, const ParameterType&) = default;
};

struct Parameter {
  ParameterType type;
  std::string_view name;   // with QUERY_ATTRIBUTES; placeholders have none
  Cell value;              // without length prefix (see read_binary_value)
  bool long_data = false;  // was sent by COM_STMT_SEND_LONG_DATA: no inline value
};

// COM_QUERY. With QUERY_ATTRIBUTES attributes stand before the text (facts: MY-15).
struct Query {
  std::vector<Parameter> attributes;
  std::string_view text;
};
[[nodiscard]] bool read(ByteView payload, Capabilities capabilities, Query& out);
void append_query(std::string& out, Sequence& sequence, Capabilities capabilities, const Query& query);

// Commands that are the command byte and a string: COM_STMT_PREPARE, COM_INIT_DB, COM_CREATE_DB, COM_DROP_DB.
struct TextCommand {
  Command command = Command::stmt_prepare;
  std::string_view text;
};
[[nodiscard]] bool read(ByteView payload, TextCommand& out);
void append_text_command(std::string& out, Sequence& sequence, const TextCommand& command);

// What COM_STMT_EXECUTE's reader must know of the statement.
struct StatementState {
  Capabilities capabilities = 0;
  std::size_t placeholders = 0;
  std::span<const ParameterType> types;     // of the execution before, for a packet that sends none
  std::span<const std::uint8_t> long_data;  // per placeholder: not 0 if long data is waiting
};

struct Execute {
  std::uint32_t statement = 0;
  std::uint8_t flags = 0;  // cursor_flag
  std::uint32_t iterations = 1;
  bool types_sent = false;
  std::vector<Parameter> parameters;  // placeholders first, query attributes behind them
};
// The statement of COM_STMT_EXECUTE, _SEND_LONG_DATA, _FETCH, _CLOSE, _RESET or _BULK_EXECUTE.
[[nodiscard]] std::optional<std::uint32_t> statement_of(ByteView payload) noexcept;
// False as well if the packet sends no types and `state` has too few of them (a first execution must send them).
[[nodiscard]] bool read(ByteView payload, const StatementState& state, Execute& out);
// Sends the types iff `types_sent`; names iff QUERY_ATTRIBUTES is agreed.
void append_execute(std::string& out, Sequence& sequence, Capabilities capabilities, const Execute& execute);

struct LongData {
  std::uint32_t statement = 0;
  std::uint16_t parameter = 0;
  std::string_view data;
};
[[nodiscard]] bool read(ByteView payload, LongData& out);
void append_long_data(std::string& out, Sequence& sequence, const LongData& data);

struct Fetch {
  std::uint32_t statement = 0;
  std::uint32_t rows = 0;
};
[[nodiscard]] bool read(ByteView payload, Fetch& out);
void append_fetch(std::string& out, Sequence& sequence, const Fetch& fetch);

// COM_STMT_CLOSE, COM_STMT_RESET.
struct StatementCommand {
  Command command = Command::stmt_close;
  std::uint32_t statement = 0;
};
[[nodiscard]] bool read(ByteView payload, StatementCommand& out);
void append_statement_command(std::string& out, Sequence& sequence, const StatementCommand& command);

// COM_STMT_BULK_EXECUTE (MariaDB): one statement, many rows of parameters.
struct BulkExecute {
  std::uint32_t statement = 0;
  std::uint16_t flags = 0;           // bulk_flag
  std::vector<ParameterType> types;  // with send_types; otherwise those of the execution before
  ByteView rows;                     // read by BulkRows
};
// `placeholders`: from the prepared statement.
[[nodiscard]] bool read(ByteView payload, std::size_t placeholders, BulkExecute& out);

enum class Indicator : std::uint8_t { none = 0, null = 1, use_default = 2, ignore = 3 };
struct BulkCell {
  Indicator indicator = Indicator::none;
  std::string_view value;  // with Indicator::none
};
class BulkRows {
 public:
  BulkRows(ByteView rows, std::span<const ParameterType> types) noexcept : reader_(rows), types_(types) {}
  // False at the end of the rows and at a malformed one: see `ok()`.
  [[nodiscard]] bool next(std::vector<BulkCell>& out);
  [[nodiscard]] bool ok() const noexcept { return reader_.ok(); }

 private:
  Reader reader_;
  std::span<const ParameterType> types_;
};
// Header of a bulk execution, types included iff flags say so; the rows follow by append_bulk_cell on packet.out().
void write_bulk_head(Packet& packet, const BulkExecute& bulk);
void append_bulk_cell(std::string& out, ColumnType type, const BulkCell& cell);

struct FieldList {
  std::string_view table, wildcard;
};
[[nodiscard]] bool read(ByteView payload, FieldList& out);

enum class SetOption : std::uint16_t { multi_statements_on = 0, multi_statements_off = 1 };
[[nodiscard]] std::optional<SetOption> read_set_option(ByteView payload) noexcept;
[[nodiscard]] std::optional<std::uint32_t> read_process_kill(ByteView payload) noexcept;

// A command that is its byte alone: COM_PING, COM_QUIT, COM_STATISTICS, COM_RESET_CONNECTION, COM_DEBUG, …
void append_command(std::string& out, Sequence& sequence, Command command);

}  // namespace sealrow::wire::mysql
