// Readers of hostile payloads, the walker over hostile chunks, hostile compressed frames. What a reader takes, the
// writer gives back in a form that the reader takes again.
#include "sealrow/wire/mysql/commands.hpp"
#include "sealrow/wire/mysql/compression.hpp"
#include "sealrow/wire/mysql/handshake.hpp"
#include "sealrow/wire/mysql/replies.hpp"
#include "sealrow/wire/mysql/values.hpp"

#include <cstdlib>

using namespace sealrow;
using namespace sealrow::wire::mysql;

namespace {

struct Sink final : FrameSink {
  Decision decide(const Head& head) override { return static_cast<Decision>(head.first % 4); }
  Progress look(const Frame& frame, Lifetime) override {
    return frame.body.size() % 7 == 6 ? Progress::again : Progress::taken;
  }
  void pass(ByteView, Lifetime) override {}
};

// `write` appends one packet; `read` must take its payload.
template <class Read, class Write>
void again(Read read_it, Write write_it) {
  std::string out;
  Sequence ids;
  write_it(out, ids);
  Frame frame;
  if (!read_single(as_bytes(out), frame) || !read_it(frame.body)) std::abort();
}

void handshakes(ByteView bytes, Capabilities set) {
  Handshake h;
  HandshakeResponse response;
  SslRequest ssl;
  AuthSwitch change;
  ChangeUser user;
  (void)read(bytes, h);
  (void)read(bytes, ssl);
  (void)auth_packet(bytes);
  (void)read_auth_data(bytes);
  if (read(bytes, change))
    again([&](ByteView b) { return read(b, change); }, [&](auto& o, auto& s) { append_auth_switch(o, s, change); });
  if (read(bytes, response)) {
    HandshakeResponse second;
    again([&](ByteView b) { return read(b, second) && second.attributes == response.attributes; },
          [&](auto& o, auto& s) { append_handshake_response(o, s, response); });
  }
  if (read(bytes, set, user)) {
    ChangeUser second;
    again([&](ByteView b) { return read(b, set, second) && second.user == user.user; },
          [&](auto& o, auto& s) { append_change_user(o, s, set, user); });
  }
}

void replies(ByteView bytes, Capabilities set) {
  Ok ok;
  Err err;
  Eof eof;
  ColumnCount count;
  ColumnDefinition column;
  PrepareOk prepared;
  ProgressReport progress;
  std::vector<StateChange> changes;
  std::vector<ExtendedMetadata> items;
  std::vector<Cell> cells;
  (void)read(bytes, err);
  (void)read(bytes, eof);
  (void)read(bytes, set, count);
  (void)read(bytes, set, prepared);
  (void)read(bytes, progress);
  (void)read(bytes, changes);
  if (read(bytes, set, ok)) {
    (void)read(ok.state, changes);
    Ok second;
    again([&](ByteView b) { return read(b, set, second) && second.info == ok.info; },
          [&](auto& o, auto& s) { append_ok(o, s, set, ok); });
  }
  if (read(bytes, set, column)) {
    (void)read(column.extended, items);
    ColumnDefinition second;
    again([&](ByteView b) { return read(b, set, second) && second.name == column.name; },
          [&](auto& o, auto& s) { append_column_definition(o, s, set, column); });
  }
  (void)read_text_row(bytes, 3, cells);
  if (bytes.empty()) return;
  std::vector<ColumnType> types;
  for (int i = 0; i < 5; ++i) types.push_back(static_cast<ColumnType>(bytes[0] + 50 * i));
  if (!read_binary_row(bytes.subspan(1), types, cells)) return;
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (cells[i]) (void)load_temporal(types[i], *cells[i]);
  std::vector<Cell> second;
  again([&](ByteView b) { return read_binary_row(b, types, second) && second == cells; },
        [&](auto& o, auto& s) { append_binary_row(o, s, types, cells); });
}

void commands(ByteView bytes, Capabilities set, std::size_t placeholders) {
  Query query;
  TextCommand text;
  LongData data;
  Fetch fetch;
  StatementCommand statement;
  FieldList fields;
  Execute execute, second;
  BulkExecute bulk;
  (void)read(bytes, text);
  (void)read(bytes, data);
  (void)read(bytes, fetch);
  (void)read(bytes, statement);
  (void)read(bytes, fields);
  (void)statement_of(bytes);
  (void)read_set_option(bytes);
  (void)read_process_kill(bytes);
  if (read(bytes, set, query)) {
    Query other;
    again([&](ByteView b) { return read(b, set, other) && other.text == query.text; },
          [&](auto& o, auto& s) { append_query(o, s, set, query); });
  }
  const std::vector<ParameterType> types(placeholders, {ColumnType::var_string, false});
  const std::vector<std::uint8_t> waiting(placeholders > 2 ? 1 : 0, 1);
  const StatementState state{set, placeholders, types, waiting};
  if (read(bytes, state, execute)) {
    again([&](ByteView b) { return read(b, state, second) && second.parameters.size() == execute.parameters.size(); },
          [&](auto& o, auto& s) { append_execute(o, s, set, execute); });
  }
  if (!read(bytes, placeholders, bulk)) return;
  BulkRows rows(bulk.rows, bulk.types.empty() ? types : bulk.types);
  std::vector<BulkCell> row;
  while (rows.next(row)) {
  }
}

void inflate(Algorithm algorithm, ByteView bytes) {
  auto decompressor = Decompressor::make(algorithm);
  std::size_t total = 0;
  for (;;) {
    const auto piece = decompressor->pull(bytes);
    if (!piece || piece->empty()) return;
    if ((total += piece->size()) > (64u << 20)) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const ByteView bytes(data + 2, size - 2);
  Capabilities set = capability::protocol_41 | capability::secure_connection | capability::plugin_auth;
  if ((data[0] & 1) != 0) set |= capability::mysql;
  if ((data[0] & 2) != 0) set |= capability::session_track;
  if ((data[0] & 4) != 0) set |= capability::query_attributes;
  if ((data[0] & 8) != 0) set |= capability::connect_attributes;
  if ((data[0] & 16) != 0) set |= capability::extended_metadata | capability::cache_metadata;
  if ((data[0] & 32) != 0) set |= capability::optional_metadata;
  handshakes(bytes, set);
  replies(bytes, set);
  commands(bytes, set, data[1] % 5);
  inflate((data[0] & 64) != 0 ? Algorithm::zlib : Algorithm::zstd, bytes);
  Sink sink;
  FrameWalker walker(1u << 16);
  walker.layout().shift(data[0] % 2);
  const std::size_t step = 1 + data[1] % 16;
  for (std::size_t i = 0; i < bytes.size(); i += step) {
    const auto status = walker.feed(bytes.subspan(i, std::min(step, bytes.size() - i)), sink);
    if (status != FeedStatus::ok && status != FeedStatus::suspended) return 0;
    if (status == FeedStatus::suspended && data[0] % 2 == 0) (void)walker.resume(sink);
  }
  return 0;
}
