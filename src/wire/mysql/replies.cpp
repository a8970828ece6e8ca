#include "sealrow/wire/mysql/replies.hpp"

namespace sealrow::wire::mysql {
namespace {

constexpr std::size_t sql_state_size = 5;
constexpr std::uint16_t progress_code = 0xFFFF;

// MySQL and MariaDB spell the same idea in the same place.
constexpr bool sends_metadata_byte(Capabilities set) {
  return has(set, capability::optional_metadata) || (is_mariadb(set) && has(set, capability::cache_metadata));
}

bool read_metadata(Reader& r, Metadata& out) {
  const std::uint8_t value = r.u8();
  out = value == 0 ? Metadata::none : Metadata::full;
  return r.ok() && value <= 1;
}

}  // namespace

RowPacket row_packet(const Head& head, Capabilities capabilities) noexcept {
  if (head.empty()) return RowPacket::row;
  if (head.first == err_header) return RowPacket::error;
  const std::uint32_t limit = has(capabilities, capability::deprecate_eof) ? max_packet : 9;
  return head.first == eof_header && head.size < limit ? RowPacket::end : RowPacket::row;
}

bool read(ByteView payload, Capabilities capabilities, Ok& out) {
  Reader r(payload);
  out = {};
  out.header = r.u8();
  if (out.header != ok_header && out.header != eof_header) return false;
  out.affected = r.lenenc();
  out.insert_id = r.lenenc();
  out.status = r.u16();
  out.warnings = r.u16();
  if (!has(capabilities, capability::session_track)) {
    out.info = r.remainder();
    return r.ok();
  }
  if (r.left() > 0) out.info = r.lenenc_string();
  if ((out.status & status::session_state_changed) != 0 && r.left() > 0) {
    out.state = as_bytes(r.lenenc_string());
    // MariaDB writes the state's length in the character set of the database: two or four bytes where that is ucs2,
    // utf16 or utf32. Clients see no state then, and pass over the rest.
    out.state_lost = r.ok() && r.left() > 0;
    if (out.state_lost) (void)r.remainder();
  }
  return r.done();
}

void append_ok(std::string& out, Sequence& sequence, Capabilities capabilities, const Ok& ok) {
  Packet packet(out, sequence);
  const bool tracks = has(capabilities, capability::session_track);
  const bool changed = tracks && !ok.state.empty();
  const auto rest = static_cast<std::uint16_t>(ok.status & ~status::session_state_changed);
  packet.u8(ok.header).lenenc(ok.affected).lenenc(ok.insert_id);
  packet.u16(changed ? static_cast<std::uint16_t>(rest | status::session_state_changed) : rest).u16(ok.warnings);
  if (!tracks) {
    packet.bytes(ok.info);
  } else if (changed || !ok.info.empty()) {
    packet.lenenc_string(ok.info);
    if (changed) packet.lenenc_string(as_text(ok.state));
  }
}

namespace {

// One entry's block: what it holds depends on the type.
bool read_change(StateChange::Type type, std::string_view block, std::vector<StateChange>& out) {
  using Type = StateChange::Type;
  Reader r(as_bytes(block));
  switch (type) {
    case Type::system_variable:
      while (r.ok() && r.left() > 0) {
        const auto name = r.lenenc_string();
        const auto value = r.lenenc_string();
        out.push_back({type, name, value});
      }
      return r.ok();
    case Type::gtids:
      if (r.u8() != 0) return false;  // the only encoding there is
      out.push_back({type, {}, r.lenenc_string()});
      return r.ok();
    case Type::schema:
    case Type::state:
    case Type::transaction_characteristics:
    case Type::transaction_state:
      out.push_back({type, {}, r.lenenc_string()});
      return r.ok();
  }
  out.push_back({type, {}, block});
  return true;
}

}  // namespace

bool read(ByteView state, std::vector<StateChange>& out) {
  Reader r(state);
  out.clear();
  while (r.ok() && r.left() > 0) {
    const auto type = static_cast<StateChange::Type>(r.u8());
    const auto block = r.lenenc_string();
    if (!r.ok() || !read_change(type, block, out)) return false;
  }
  return r.ok();
}

void append_state_change(std::string& state, const StateChange& change) {
  using Type = StateChange::Type;
  std::string block;
  switch (change.type) {
    case Type::system_variable:
      append_lenenc_string(block, change.name);
      append_lenenc_string(block, change.value);
      break;
    case Type::gtids:
      block.push_back('\0');
      [[fallthrough]];
    case Type::schema:
    case Type::state:
    case Type::transaction_characteristics:
    case Type::transaction_state:
      append_lenenc_string(block, change.value);
      break;
    default:
      block = change.value;
  }
  state.push_back(static_cast<char>(change.type));
  append_lenenc_string(state, block);
}

bool read(ByteView payload, Err& out) {
  Reader r(payload);
  if (r.u8() != err_header) return false;
  out.code = r.u16();
  out.state = {};
  if (r.left() > sql_state_size && r.peek() == '#') out.state = r.bytes(1 + sql_state_size).substr(1);
  out.message = r.remainder();
  return r.ok() && out.code != progress_code;
}

void append_err(std::string& out, Sequence& sequence, const Err& err) {
  Packet packet(out, sequence);
  packet.u8(err_header).u16(err.code);
  if (err.state.size() == sql_state_size) packet.u8('#').bytes(err.state);
  packet.bytes(err.message);
}

bool is_progress_report(ByteView payload) noexcept {
  Reader r(payload);
  return r.u8() == err_header && r.u16() == progress_code && r.ok();
}

bool read(ByteView payload, ProgressReport& out) {
  if (!is_progress_report(payload)) return false;
  Reader r(payload.subspan(3));
  (void)r.u8();  // number of strings, always 1
  out.stage = r.u8();
  out.stages = r.u8();
  out.thousandths = r.u24();
  out.info = r.lenenc_string();
  return r.ok();
}

bool read(ByteView payload, Eof& out) {
  Reader r(payload);
  if (r.u8() != eof_header) return false;
  out.warnings = r.u16();
  out.status = r.u16();
  return r.done();
}

void append_eof(std::string& out, Sequence& sequence, const Eof& eof) {
  Packet(out, sequence).u8(eof_header).u16(eof.warnings).u16(eof.status);
}

void append_result_end(std::string& out, Sequence& sequence, Capabilities capabilities, const Eof& eof) {
  if (!has(capabilities, capability::deprecate_eof)) return append_eof(out, sequence, eof);
  Ok ok;
  ok.header = eof_header;
  ok.status = eof.status;
  ok.warnings = eof.warnings;
  append_ok(out, sequence, capabilities, ok);
}

std::optional<std::string_view> read_local_infile(ByteView payload) noexcept {
  if (payload.empty() || payload[0] != local_infile_header) return std::nullopt;
  return as_text(payload.subspan(1));
}

void append_local_infile(std::string& out, Sequence& sequence, std::string_view file) {
  Packet(out, sequence).u8(local_infile_header).bytes(file);
}

bool read(ByteView payload, Capabilities capabilities, ColumnCount& out) {
  Reader r(payload);
  out.count = r.lenenc();
  out.metadata = Metadata::full;
  if (sends_metadata_byte(capabilities) && !read_metadata(r, out.metadata)) return false;
  return r.done() && out.count > 0;
}

void append_column_count(std::string& out, Sequence& sequence, Capabilities capabilities, const ColumnCount& count) {
  Packet packet(out, sequence);
  packet.lenenc(count.count);
  if (sends_metadata_byte(capabilities)) packet.u8(static_cast<std::uint8_t>(count.metadata));
}

namespace {
// Bytes of the fixed part, which its own length announces.
constexpr std::uint64_t fixed_part = 12;

constexpr bool sends_extended(Capabilities set) { return is_mariadb(set) && has(set, capability::extended_metadata); }
}  // namespace

bool read(ByteView payload, Capabilities capabilities, ColumnDefinition& out) {
  Reader r(payload);
  out = {};
  for (auto* text : {&out.catalog, &out.schema, &out.table, &out.org_table, &out.name, &out.org_name})
    *text = r.lenenc_string();
  if (sends_extended(capabilities)) out.extended = as_bytes(r.lenenc_string());
  if (r.lenenc() != fixed_part) return false;
  out.charset = r.u16();
  out.length = r.u32();
  out.type = static_cast<ColumnType>(r.u8());
  out.flags = r.u16();
  out.decimals = r.u8();
  (void)r.bytes(2);
  if (r.left() > 0) out.default_value = r.lenenc_cell();
  return r.done();
}

void append_column_definition(std::string& out, Sequence& sequence, Capabilities capabilities,
                              const ColumnDefinition& column) {
  Packet packet(out, sequence);
  for (const auto text : {column.catalog, column.schema, column.table, column.org_table, column.name, column.org_name})
    packet.lenenc_string(text);
  if (sends_extended(capabilities)) packet.lenenc_string(as_text(column.extended));
  packet.lenenc(fixed_part).u16(column.charset).u32(column.length).u8(static_cast<std::uint8_t>(column.type));
  packet.u16(column.flags).u8(column.decimals).zeros(2);
  if (column.default_value) packet.lenenc_cell(*column.default_value);
}

bool read(ByteView extended, std::vector<ExtendedMetadata>& out) {
  Reader r(extended);
  out.clear();
  while (r.ok() && r.left() > 0) {
    const auto type = static_cast<ExtendedMetadata::Type>(r.u8());
    out.push_back({type, r.lenenc_string()});
  }
  return r.ok();
}

void append_extended(std::string& extended, const ExtendedMetadata& item) {
  extended.push_back(static_cast<char>(item.type));
  append_lenenc_string(extended, item.value);
}

// Before MySQL 4.1.1 the warnings were not sent; the metadata byte only by MySQL and only where agreed.
bool read(ByteView payload, Capabilities capabilities, PrepareOk& out) {
  Reader r(payload);
  if (r.u8() != ok_header) return false;
  out.statement = r.u32();
  out.columns = r.u16();
  out.parameters = r.u16();
  (void)r.u8();
  out.warnings = r.u16();
  out.metadata = Metadata::full;
  if (has(capabilities, capability::optional_metadata) && r.left() > 0 && !read_metadata(r, out.metadata)) return false;
  return r.done();
}

void append_prepare_ok(std::string& out, Sequence& sequence, Capabilities capabilities, const PrepareOk& ok) {
  Packet packet(out, sequence);
  packet.u8(ok_header).u32(ok.statement).u16(ok.columns).u16(ok.parameters).u8(0).u16(ok.warnings);
  if (has(capabilities, capability::optional_metadata)) packet.u8(static_cast<std::uint8_t>(ok.metadata));
}

}  // namespace sealrow::wire::mysql
