// Hostile bytes as a text spelling, a binary envelope and a zstd frame, under a fixed key. The first input byte picks
// the way; envelopes are also taken with the header repaired, so that the fuzzer gets past it.
#include "crypto/compress.hpp"
#include "sealrow/crypto/sealer.hpp"

#include <algorithm>
#include <cstdlib>

using namespace sealrow;
using namespace sealrow::crypto;

namespace {

constexpr std::uint64_t key_id = 0x1122334455667788;
constexpr std::size_t max_size = 1U << 16;

const EnvelopeKey& fixed_key() {
  static const auto key =
      EnvelopeKey::make(KeyId{key_id}, TenantId{"acme"}, DomainId{"general"}, SecretBytes(key_size)).value();
  return *key;
}

Sealer& sealer() {
  static const auto instance = Sealer::make().value();
  return *instance;
}

void open_it(ByteView envelope) {
  std::string out = "kept";
  for (const bool row : {false, true}) {
    const Context where{TenantId{"acme"}, TableId{"t"}, ColumnId{"c"},
                        row ? std::optional<std::string>("1") : std::nullopt};
    if (sealer().open(fixed_key(), where, envelope, max_size, out).has_error() && out != "kept") std::abort();
    out = "kept";
  }
  if (equality_tag(envelope) && !parse_header(envelope)) std::abort();
}

void open_repaired(ByteView input) {
  std::string envelope(as_text(input));
  if (envelope.size() < header_size) return;
  constexpr std::uint8_t suites[] = {1, 2, 3, 4, 0x10};
  envelope[0] = static_cast<char>(magic);
  envelope[1] = (envelope[3] & 4) != 0 ? 0x12 : 0x11;
  envelope[2] = static_cast<char>(suites[static_cast<std::uint8_t>(envelope[2]) % 5]);
  envelope[3] = static_cast<char>(envelope[3] & 7);
  store_u64(envelope.data() + 4, key_id);
  open_it(as_bytes(envelope));
}

void spell(ByteView input) {
  std::string binary;
  std::string text(text_prefix);
  text += as_text(input);
  if (!decode_text_spelling(text, binary)) return;
  std::string again;
  append_text_spelling(again, as_bytes(binary));
  if (again != text) std::abort();  // one value, one spelling
  open_it(as_bytes(binary));
}

void decompress(ByteView input) {
  static Compressor compressor;
  std::string out;
  const bool done = compressor.decompress(input, max_size, out) == Compressor::Outcome::done;
  if (out.size() > max_size || (!done && !out.empty())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      open_it(rest);
      break;
    case 1:
      open_repaired(rest);
      break;
    case 2:
      spell(rest);
      break;
    case 3:
      decompress(rest);
      break;
  }
  return 0;
}
