#include "sealrow/wire/mysql/commands.hpp"

#include "sealrow/wire/mysql/values.hpp"

namespace sealrow::wire::mysql {
namespace {

constexpr std::uint8_t unsigned_mark = 0x80;

bool take_command(Reader& r, Command command) { return r.u8() == static_cast<std::uint8_t>(command) && r.ok(); }

Packet& write_command(Packet& packet, Command command) { return packet.u8(static_cast<std::uint8_t>(command)); }

ParameterType read_type(Reader& r) {
  const auto type = static_cast<ColumnType>(r.u8());
  return {type, (r.u8() & unsigned_mark) != 0};
}

void write_type(Packet& packet, const ParameterType& type) {
  packet.u8(static_cast<std::uint8_t>(type.type)).u8(type.is_unsigned ? unsigned_mark : std::uint8_t{0});
}

enum class Names : std::uint8_t { absent, present };

// The part that COM_QUERY's attributes and COM_STMT_EXECUTE's parameters have in common: bitmap, flag, types, values.
// Before `out` grows to `count` the bitmap has been there, so that a payload pays an eighth of a byte per element.
bool read_parameters(Reader& r, std::uint64_t count, Names names, const StatementState& state, bool& types_sent,
                     std::vector<Parameter>& out) {
  out.clear();
  if (count > r.left() * 8) return false;
  const auto n = static_cast<std::size_t>(count);
  const auto bitmap = r.bytes(null_bitmap_size(n, 0));
  const std::uint8_t flag = r.u8();
  types_sent = flag == 1;
  if (!r.ok() || flag > 1) return false;
  if (types_sent ? n * 2 > r.left() : n > state.types.size()) return false;
  out.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    auto& p = out[i];
    p.type = types_sent ? read_type(r) : state.types[i];
    if (types_sent && names == Names::present) p.name = r.lenenc_string();
  }
  for (std::size_t i = 0; i < n && r.ok(); ++i) {
    auto& p = out[i];
    p.long_data = i < state.long_data.size() && state.long_data[i] != 0;
    std::string_view value;
    if (p.long_data || is_null(bitmap, i, 0) || p.type.type == ColumnType::null) continue;
    if (read_binary_value(r, p.type.type, value)) p.value = value;
  }
  return r.ok();
}

enum class Types : std::uint8_t { omit, send };

void write_parameters(Packet& packet, const std::vector<Parameter>& parameters, Types types, Names names) {
  const std::size_t bitmap = packet.out().size();
  packet.zeros(null_bitmap_size(parameters.size(), 0)).u8(types == Types::send ? 1 : 0);
  for (const auto& p : parameters) {
    if (types == Types::omit) break;
    write_type(packet, p.type);
    if (names == Names::present) packet.lenenc_string(p.name);
  }
  auto& out = packet.out();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& p = parameters[i];
    if (p.long_data) continue;
    if (p.value)
      append_binary_value(out, p.type.type, *p.value);
    else
      out[bitmap + i / 8] = static_cast<char>(out[bitmap + i / 8] | 1 << (i % 8));
  }
}

}  // namespace

std::optional<Command> command_of(ByteView payload) noexcept {
  if (payload.empty()) return std::nullopt;
  return static_cast<Command>(payload[0]);
}

bool read(ByteView payload, Capabilities capabilities, Query& out) {
  Reader r(payload);
  out.attributes.clear();
  if (!take_command(r, Command::query)) return false;
  if (has(capabilities, capability::query_attributes)) {
    const std::uint64_t count = r.lenenc();
    if (r.lenenc() != 1) return false;
    bool types_sent = false;
    if (count > 0 && (!read_parameters(r, count, Names::present, {}, types_sent, out.attributes) || !types_sent))
      return false;
  }
  out.text = r.remainder();
  return r.ok();
}

void append_query(std::string& out, Sequence& sequence, Capabilities capabilities, const Query& query) {
  Packet packet(out, sequence);
  write_command(packet, Command::query);
  if (has(capabilities, capability::query_attributes)) {
    packet.lenenc(query.attributes.size()).lenenc(1);
    if (!query.attributes.empty()) write_parameters(packet, query.attributes, Types::send, Names::present);
  }
  packet.bytes(query.text);
}

bool read(ByteView payload, TextCommand& out) {
  Reader r(payload);
  out.command = static_cast<Command>(r.u8());
  out.text = r.remainder();
  return r.ok() && (out.command == Command::stmt_prepare || out.command == Command::init_db ||
                    out.command == Command::create_db || out.command == Command::drop_db);
}

void append_text_command(std::string& out, Sequence& sequence, const TextCommand& command) {
  Packet packet(out, sequence);
  write_command(packet, command.command).bytes(command.text);
}

std::optional<std::uint32_t> statement_of(ByteView payload) noexcept {
  Reader r(payload);
  const auto command = static_cast<Command>(r.u8());
  const std::uint32_t statement = r.u32();
  switch (command) {
    case Command::stmt_execute:
    case Command::stmt_send_long_data:
    case Command::stmt_fetch:
    case Command::stmt_close:
    case Command::stmt_reset:
    case Command::stmt_bulk_execute:
      if (r.ok()) return statement;
      [[fallthrough]];
    default:
      return std::nullopt;
  }
}

// parameter_count is there only with the flag: the server falls back to the number of placeholders without it
// (protocol_classic.cc, parse_packet); names then still follow the types.
bool read(ByteView payload, const StatementState& state, Execute& out) {
  Reader r(payload);
  out.parameters.clear();
  out.types_sent = false;
  if (!take_command(r, Command::stmt_execute)) return false;
  out.statement = r.u32();
  out.flags = r.u8();
  out.iterations = r.u32();
  const bool attributes = has(state.capabilities, capability::query_attributes);
  std::uint64_t count = state.placeholders;
  if (attributes && (out.flags & cursor_flag::parameter_count_available) != 0) count = r.lenenc();
  if (!r.ok() || count < state.placeholders) return false;
  if (count == 0) return r.done();
  return read_parameters(r, count, attributes ? Names::present : Names::absent, state, out.types_sent,
                         out.parameters) &&
         r.done();
}

void append_execute(std::string& out, Sequence& sequence, Capabilities capabilities, const Execute& execute) {
  Packet packet(out, sequence);
  const bool attributes = has(capabilities, capability::query_attributes);
  const std::uint8_t counted = cursor_flag::parameter_count_available;
  const auto flags = static_cast<std::uint8_t>(attributes ? execute.flags | counted : execute.flags & ~counted);
  write_command(packet, Command::stmt_execute).u32(execute.statement).u8(flags).u32(execute.iterations);
  if (attributes) packet.lenenc(execute.parameters.size());
  if (execute.parameters.empty()) return;
  write_parameters(packet, execute.parameters, execute.types_sent ? Types::send : Types::omit,
                   attributes ? Names::present : Names::absent);
}

bool read(ByteView payload, LongData& out) {
  Reader r(payload);
  if (!take_command(r, Command::stmt_send_long_data)) return false;
  out.statement = r.u32();
  out.parameter = r.u16();
  out.data = r.remainder();
  return r.ok();
}

void append_long_data(std::string& out, Sequence& sequence, const LongData& data) {
  Packet packet(out, sequence);
  write_command(packet, Command::stmt_send_long_data).u32(data.statement).u16(data.parameter).bytes(data.data);
}

bool read(ByteView payload, Fetch& out) {
  Reader r(payload);
  if (!take_command(r, Command::stmt_fetch)) return false;
  out.statement = r.u32();
  out.rows = r.u32();
  return r.done();
}

void append_fetch(std::string& out, Sequence& sequence, const Fetch& fetch) {
  Packet packet(out, sequence);
  write_command(packet, Command::stmt_fetch).u32(fetch.statement).u32(fetch.rows);
}

bool read(ByteView payload, StatementCommand& out) {
  Reader r(payload);
  out.command = static_cast<Command>(r.u8());
  out.statement = r.u32();
  return r.done() && (out.command == Command::stmt_close || out.command == Command::stmt_reset);
}

void append_statement_command(std::string& out, Sequence& sequence, const StatementCommand& command) {
  Packet packet(out, sequence);
  write_command(packet, command.command).u32(command.statement);
}

bool read(ByteView payload, std::size_t placeholders, BulkExecute& out) {
  Reader r(payload);
  out.types.clear();
  if (!take_command(r, Command::stmt_bulk_execute)) return false;
  out.statement = r.u32();
  out.flags = r.u16();
  if ((out.flags & ~(bulk_flag::send_types | bulk_flag::unit_results)) != 0) return false;
  if ((out.flags & bulk_flag::send_types) != 0) {
    if (placeholders * 2 > r.left()) return false;
    out.types.reserve(placeholders);
    for (std::size_t i = 0; i < placeholders; ++i) out.types.push_back(read_type(r));
  }
  out.rows = r.rest();
  return r.ok() && placeholders > 0;
}

bool BulkRows::next(std::vector<BulkCell>& out) {
  out.clear();
  if (reader_.left() == 0 || types_.empty()) return false;
  for (std::size_t i = 0; i < types_.size() && reader_.ok(); ++i) {
    BulkCell cell;
    const std::uint8_t indicator = reader_.u8();
    if (indicator > static_cast<std::uint8_t>(Indicator::ignore)) reader_.fail();
    cell.indicator = static_cast<Indicator>(indicator);
    if (reader_.ok() && cell.indicator == Indicator::none) (void)read_binary_value(reader_, types_[i].type, cell.value);
    out.push_back(cell);
  }
  return reader_.ok();
}

void write_bulk_head(Packet& packet, const BulkExecute& bulk) {
  write_command(packet, Command::stmt_bulk_execute).u32(bulk.statement).u16(bulk.flags);
  if ((bulk.flags & bulk_flag::send_types) == 0) return;
  for (const auto& type : bulk.types) write_type(packet, type);
}

void append_bulk_cell(std::string& out, ColumnType type, const BulkCell& cell) {
  out.push_back(static_cast<char>(cell.indicator));
  if (cell.indicator == Indicator::none) append_binary_value(out, type, cell.value);
}

bool read(ByteView payload, FieldList& out) {
  Reader r(payload);
  if (!take_command(r, Command::field_list)) return false;
  out.table = r.cstring();
  out.wildcard = r.remainder();
  return r.ok();
}

std::optional<SetOption> read_set_option(ByteView payload) noexcept {
  Reader r(payload);
  if (!take_command(r, Command::set_option)) return std::nullopt;
  const std::uint16_t value = r.u16();
  if (!r.done() || value > 1) return std::nullopt;
  return static_cast<SetOption>(value);
}

std::optional<std::uint32_t> read_process_kill(ByteView payload) noexcept {
  Reader r(payload);
  if (!take_command(r, Command::process_kill)) return std::nullopt;
  const std::uint32_t connection = r.u32();
  if (!r.done()) return std::nullopt;
  return connection;
}

void append_command(std::string& out, Sequence& sequence, Command command) {
  Packet packet(out, sequence);
  write_command(packet, command);
}

}  // namespace sealrow::wire::mysql
