// What a server answers in the command phase: OK, ERR, EOF and the packets around a result set's rows.
#pragma once

#include "sealrow/wire/mysql/codec.hpp"
#include "sealrow/wire/mysql/constants.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::wire::mysql {

inline constexpr std::uint8_t ok_header = 0x00;
inline constexpr std::uint8_t local_infile_header = 0xFB;
inline constexpr std::uint8_t eof_header = 0xFE;
inline constexpr std::uint8_t err_header = 0xFF;

// Among rows a packet ends them iff it is ERR, EOF (shorter than nine bytes) or, with DEPRECATE_EOF, the OK that took
// EOF's place (0xFE, one packet): a row can begin with 0xFE only if its first cell has 16 MiB or more (facts: MY-9).
enum class RowPacket : std::uint8_t { row, end, error };
[[nodiscard]] RowPacket row_packet(const Head& head, Capabilities capabilities) noexcept;

struct Ok {
  std::uint8_t header = ok_header;  // eof_header where OK ends a result set's rows
  std::uint64_t affected = 0, insert_id = 0;
  std::uint16_t status = 0, warnings = 0;
  std::string_view info;
  ByteView state;           // session state changes as sent; there are none unless status::session_state_changed
  bool state_lost = false;  // there are changes that cannot be read
};
[[nodiscard]] bool read(ByteView payload, Capabilities capabilities, Ok& out);
// Writes `state` only with SESSION_TRACK, and session_state_changed only then.
void append_ok(std::string& out, Sequence& sequence, Capabilities capabilities, const Ok& ok);

struct StateChange {
  enum class Type : std::uint8_t {
    system_variable = 0,
    schema = 1,
    state = 2,
    gtids = 3,
    transaction_characteristics = 4,
    transaction_state = 5,
  };
  Type type = Type::state;  // an unknown number stays what it is
  std::string_view name;    // system variable
  std::string_view value;   // its value; schema, "1", GTIDs, characteristics, state; an unknown type's block
};
[[nodiscard]] bool read(ByteView state, std::vector<StateChange>& out);
// Appends one change to a buffer that becomes Ok::state.
void append_state_change(std::string& state, const StateChange& change);

struct Err {
  std::uint16_t code = 0;
  std::string_view state;  // five characters; empty in the form without '#' (before capabilities are agreed)
  std::string_view message;
};
[[nodiscard]] bool read(ByteView payload, Err& out);
void append_err(std::string& out, Sequence& sequence, const Err& err);

// MariaDB's progress report looks like an ERR with code 0xFFFF and ends nothing.
struct ProgressReport {
  std::uint8_t stage = 0, stages = 0;
  std::uint32_t thousandths = 0;  // of a percent
  std::string_view info;
};
[[nodiscard]] bool is_progress_report(ByteView payload) noexcept;
[[nodiscard]] bool read(ByteView payload, ProgressReport& out);

struct Eof {
  std::uint16_t warnings = 0, status = 0;
};
[[nodiscard]] bool read(ByteView payload, Eof& out);
void append_eof(std::string& out, Sequence& sequence, const Eof& eof);
// EOF, or with DEPRECATE_EOF the OK in its place.
void append_result_end(std::string& out, Sequence& sequence, Capabilities capabilities, const Eof& eof);

// File name of a LOCAL INFILE request.
[[nodiscard]] std::optional<std::string_view> read_local_infile(ByteView payload) noexcept;
void append_local_infile(std::string& out, Sequence& sequence, std::string_view file);

enum class Metadata : std::uint8_t { none = 0, full = 1 };

// First packet of a result set. The metadata byte is there with OPTIONAL_RESULTSET_METADATA (MySQL) or CACHE_METADATA
// (MariaDB).
struct ColumnCount {
  std::uint64_t count = 0;
  Metadata metadata = Metadata::full;
};
[[nodiscard]] bool read(ByteView payload, Capabilities capabilities, ColumnCount& out);
void append_column_count(std::string& out, Sequence& sequence, Capabilities capabilities, const ColumnCount& count);

struct ColumnDefinition {
  std::string_view catalog = "def", schema, table, org_table, name, org_name;
  ByteView extended;  // MariaDB EXTENDED_METADATA: items of type byte and length-encoded string, as sent
  std::uint16_t charset = 0;
  std::uint32_t length = 0;
  ColumnType type = ColumnType::var_string;
  std::uint16_t flags = 0;
  std::uint8_t decimals = 0;
  std::optional<Cell> default_value;  // COM_FIELD_LIST only
};
[[nodiscard]] bool read(ByteView payload, Capabilities capabilities, ColumnDefinition& out);
void append_column_definition(std::string& out, Sequence& sequence, Capabilities capabilities,
                              const ColumnDefinition& column);

struct ExtendedMetadata {
  enum class Type : std::uint8_t { type = 0, format = 1 };
  Type type = Type::type;
  std::string_view value;  // "json", "uuid", "inet6", "point", …
};
[[nodiscard]] bool read(ByteView extended, std::vector<ExtendedMetadata>& out);
void append_extended(std::string& extended, const ExtendedMetadata& item);

// First packet of COM_STMT_PREPARE's answer. Counts are 16 bits wide and overflow beyond 65535 (facts: MY-13).
struct PrepareOk {
  std::uint32_t statement = 0;
  std::uint16_t columns = 0, parameters = 0, warnings = 0;
  Metadata metadata = Metadata::full;  // with OPTIONAL_RESULTSET_METADATA
};
[[nodiscard]] bool read(ByteView payload, Capabilities capabilities, PrepareOk& out);
void append_prepare_ok(std::string& out, Sequence& sequence, Capabilities capabilities, const PrepareOk& ok);

}  // namespace sealrow::wire::mysql
