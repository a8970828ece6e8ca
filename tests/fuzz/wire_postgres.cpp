// Readers of hostile message bodies and the walker over hostile chunks.
#include "sealrow/wire/postgres/frame.hpp"
#include "sealrow/wire/postgres/messages.hpp"
#include "sealrow/wire/postgres/startup.hpp"

using namespace sealrow;
using namespace sealrow::wire::postgres;

namespace {
struct Sink final : FrameSink {
  Decision decide(char type, std::uint32_t) override {
    return static_cast<Decision>(static_cast<unsigned char>(type) % 3);
  }
  Progress look(const Frame& frame, Lifetime) override {
    return frame.body.size() % 7 == 6 ? Progress::again : Progress::taken;
  }
  void pass(ByteView, Lifetime) override {}
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  Parse parse;
  Bind bind;
  Target target;
  Execute execute;
  std::vector<Field> fields;
  std::vector<Cell> cells;
  std::vector<Oid> types;
  (void)read(bytes, parse);
  if (read(bytes, bind)) {
    for (std::size_t i = 0; i < bind.values.size(); ++i) (void)bind.format(i);
  }
  (void)read(bytes, target);
  (void)read(bytes, execute);
  (void)read(bytes, fields);
  (void)read_row(bytes, cells);
  (void)read_types(bytes, types);
  (void)error_field(bytes, 'C');
  (void)option_settings(as_text(bytes));
  std::size_t used = 0;
  if (auto packet = cut_startup(bytes, 10000, used); packet && *packet) (void)parse_startup(**packet);
  if (size < 2) return 0;
  Sink sink;
  FrameWalker walker(1u << 16);
  const std::size_t step = 1 + data[0] % 16;
  for (std::size_t i = 1; i < size; i += step) {
    const auto status = walker.feed(bytes.subspan(i, std::min(step, size - i)), sink);
    if (status != FeedStatus::ok && status != FeedStatus::suspended) return 0;
    if (status == FeedStatus::suspended && data[0] % 2 == 0) (void)walker.resume(sink);
  }
  return 0;
}
