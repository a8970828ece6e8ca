// Numbers of the MySQL and MariaDB protocol.
#pragma once

#include <cstdint>
#include <string_view>

namespace sealrow::wire::mysql {

// Capabilities of both families in one 64-bit set: bits 0-31 as in the handshake, bits 32-63 MariaDB's extended ones
// (sent in the filler, only where bit 0 is clear).
using Capabilities = std::uint64_t;

namespace capability {
// Set: MySQL ("long password"). Clear: MariaDB, extended capabilities follow in the filler.
inline constexpr Capabilities mysql = 1u << 0;
inline constexpr Capabilities found_rows = 1u << 1;
inline constexpr Capabilities long_flag = 1u << 2;
inline constexpr Capabilities connect_with_db = 1u << 3;
inline constexpr Capabilities no_schema = 1u << 4;
inline constexpr Capabilities compress = 1u << 5;
inline constexpr Capabilities odbc = 1u << 6;
inline constexpr Capabilities local_files = 1u << 7;
inline constexpr Capabilities ignore_space = 1u << 8;
inline constexpr Capabilities protocol_41 = 1u << 9;
inline constexpr Capabilities interactive = 1u << 10;
inline constexpr Capabilities ssl = 1u << 11;
inline constexpr Capabilities ignore_sigpipe = 1u << 12;
inline constexpr Capabilities transactions = 1u << 13;
inline constexpr Capabilities reserved = 1u << 14;
inline constexpr Capabilities secure_connection = 1u << 15;
inline constexpr Capabilities multi_statements = 1u << 16;
inline constexpr Capabilities multi_results = 1u << 17;
inline constexpr Capabilities ps_multi_results = 1u << 18;
inline constexpr Capabilities plugin_auth = 1u << 19;
inline constexpr Capabilities connect_attributes = 1u << 20;
inline constexpr Capabilities plugin_auth_lenenc = 1u << 21;
inline constexpr Capabilities expired_passwords = 1u << 22;
inline constexpr Capabilities session_track = 1u << 23;
inline constexpr Capabilities deprecate_eof = 1u << 24;
inline constexpr Capabilities optional_metadata = 1u << 25;
inline constexpr Capabilities zstd_compression = 1u << 26;
inline constexpr Capabilities query_attributes = 1u << 27;
inline constexpr Capabilities multi_factor = 1u << 28;
inline constexpr Capabilities extension = 1u << 29;
inline constexpr Capabilities verify_server_certificate = 1u << 30;
inline constexpr Capabilities remember_options = 1ull << 31;
// MariaDB
inline constexpr Capabilities progress = 1ull << 32;
inline constexpr Capabilities com_multi = 1ull << 33;
inline constexpr Capabilities bulk_operations = 1ull << 34;
inline constexpr Capabilities extended_metadata = 1ull << 35;
inline constexpr Capabilities cache_metadata = 1ull << 36;
inline constexpr Capabilities bulk_unit_results = 1ull << 37;
}  // namespace capability

[[nodiscard]] constexpr bool has(Capabilities set, Capabilities bit) noexcept { return (set & bit) == bit; }
// The extended half counts only for MariaDB.
[[nodiscard]] constexpr bool is_mariadb(Capabilities set) noexcept { return !has(set, capability::mysql); }

enum class Command : std::uint8_t {
  sleep = 0x00,
  quit = 0x01,
  init_db = 0x02,
  query = 0x03,
  field_list = 0x04,
  create_db = 0x05,
  drop_db = 0x06,
  refresh = 0x07,
  shutdown = 0x08,
  statistics = 0x09,
  process_info = 0x0A,
  connect = 0x0B,
  process_kill = 0x0C,
  debug = 0x0D,
  ping = 0x0E,
  time = 0x0F,
  delayed_insert = 0x10,
  change_user = 0x11,
  binlog_dump = 0x12,
  table_dump = 0x13,
  connect_out = 0x14,
  register_replica = 0x15,
  stmt_prepare = 0x16,
  stmt_execute = 0x17,
  stmt_send_long_data = 0x18,
  stmt_close = 0x19,
  stmt_reset = 0x1A,
  set_option = 0x1B,
  stmt_fetch = 0x1C,
  daemon = 0x1D,
  binlog_dump_gtid = 0x1E,
  reset_connection = 0x1F,
  clone = 0x20,
  subscribe_group_replication_stream = 0x21,
  stmt_bulk_execute = 0xFA,  // MariaDB
};
// "COM_QUERY"; empty for a byte that is no command.
[[nodiscard]] std::string_view name(Command command) noexcept;

enum class ColumnType : std::uint8_t {
  decimal = 0,
  tiny = 1,
  int16 = 2,
  int32 = 3,
  float32 = 4,
  float64 = 5,
  null = 6,
  timestamp = 7,
  int64 = 8,
  int24 = 9,
  date = 10,
  time = 11,
  datetime = 12,
  year = 13,
  newdate = 14,
  varchar = 15,
  bit = 16,
  timestamp2 = 17,
  datetime2 = 18,
  time2 = 19,
  typed_array = 20,
  vector = 242,
  invalid = 243,
  boolean = 244,
  json = 245,
  newdecimal = 246,
  enumeration = 247,
  set = 248,
  tiny_blob = 249,
  medium_blob = 250,
  long_blob = 251,
  blob = 252,
  var_string = 253,
  string = 254,
  geometry = 255,
};

namespace column_flag {
inline constexpr std::uint16_t not_null = 1;
inline constexpr std::uint16_t primary_key = 2;
inline constexpr std::uint16_t unique_key = 4;
inline constexpr std::uint16_t multiple_key = 8;
inline constexpr std::uint16_t blob = 16;
inline constexpr std::uint16_t is_unsigned = 32;
inline constexpr std::uint16_t zerofill = 64;
inline constexpr std::uint16_t binary = 128;
inline constexpr std::uint16_t enumeration = 256;
inline constexpr std::uint16_t auto_increment = 512;
inline constexpr std::uint16_t timestamp = 1024;
inline constexpr std::uint16_t set = 2048;
inline constexpr std::uint16_t no_default_value = 4096;
inline constexpr std::uint16_t on_update_now = 8192;
inline constexpr std::uint16_t part_key = 16384;
inline constexpr std::uint16_t number = 32768;
}  // namespace column_flag

namespace status {
inline constexpr std::uint16_t in_transaction = 0x0001;
inline constexpr std::uint16_t autocommit = 0x0002;
inline constexpr std::uint16_t more_results = 0x0008;
inline constexpr std::uint16_t no_good_index = 0x0010;
inline constexpr std::uint16_t no_index = 0x0020;
inline constexpr std::uint16_t cursor_exists = 0x0040;
inline constexpr std::uint16_t last_row_sent = 0x0080;
inline constexpr std::uint16_t database_dropped = 0x0100;
inline constexpr std::uint16_t no_backslash_escapes = 0x0200;
inline constexpr std::uint16_t metadata_changed = 0x0400;
inline constexpr std::uint16_t query_was_slow = 0x0800;
inline constexpr std::uint16_t out_parameters = 0x1000;
inline constexpr std::uint16_t in_read_only_transaction = 0x2000;
inline constexpr std::uint16_t session_state_changed = 0x4000;
inline constexpr std::uint16_t ansi_quotes = 0x8000;  // MariaDB only
}  // namespace status

namespace cursor_flag {
inline constexpr std::uint8_t read_only = 1;
inline constexpr std::uint8_t for_update = 2;
inline constexpr std::uint8_t scrollable = 4;
inline constexpr std::uint8_t parameter_count_available = 8;
}  // namespace cursor_flag

namespace bulk_flag {
inline constexpr std::uint16_t unit_results = 64;
inline constexpr std::uint16_t send_types = 128;
}  // namespace bulk_flag

// The last prepared statement (MariaDB).
inline constexpr std::uint32_t last_statement = 0xFFFFFFFF;

namespace plugin {
inline constexpr std::string_view native = "mysql_native_password";
inline constexpr std::string_view old_password = "mysql_old_password";
inline constexpr std::string_view caching_sha2 = "caching_sha2_password";
inline constexpr std::string_view sha256 = "sha256_password";
inline constexpr std::string_view clear = "mysql_clear_password";
inline constexpr std::string_view ed25519 = "client_ed25519";
inline constexpr std::string_view parsec = "parsec";
}  // namespace plugin

}  // namespace sealrow::wire::mysql
