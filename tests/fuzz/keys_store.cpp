// The key store's documents are read from disk before anything vouches for them: no bytes may crash the parsers, and
// what they accept must survive being written and read again.
#include "keys/documents.hpp"
#include "keys/local_provider.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace sealrow;
using namespace sealrow::keys;

// The fuzzer starts from well-formed documents and breaks them: offset (2 bytes), length to cut (1 byte), insertion.
std::string spliced(std::string document, ByteView patch) {
  if (patch.size() < 3) return document;
  const std::size_t at = load_u16(patch.data()) % document.size();
  return document.replace(at, patch[2], as_text(patch.subspan(3)));
}

KeyRecord record() {
  KeyRecord r;
  r.id = KeyId(1);
  r.slot = {TenantId("tenant"), DomainId("general"), KeyPurpose::data};
  r.state = KeyState::active;
  r.wrapped = {"local:0", "1", WrapAlgorithm::aes_256_gcm, std::string(60, 'w')};
  r.wrapped_next = r.wrapped;
  r.activated_at = r.created_at;
  return r;
}

template <class Document>
void check_again(const Result<Document>& first, Result<Document> (*parse)(std::string_view)) {
  if (first.has_error()) return;
  const std::string text = to_json(*first);
  const auto second = parse(text);
  if (second.has_error() || to_json(*second) != text) std::abort();
}

void parse_all(std::string_view text) {
  check_again(parse_root(text), &parse_root);
  check_again(parse_manifest(text), &parse_manifest);
  check_again(parse_record(text), &parse_record);
  check_again(parse_kek_file(text), &parse_kek_file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string templates[] = {
      to_json(StoreRoot{"id", "deployment", record().wrapped, {}, {}}),
      to_json(Manifest{"id", 3, {{KeyId(1), 1, {}}, {KeyId(2), 2, {}}}, {}}),
      to_json(record()),
      to_json(KekFile{"local:0", "1", Protection::passphrase, {}, std::string(32, 's'), std::string(60, 'w')}),
  };
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  const std::size_t which = data[0] % 5;
  parse_all(which < 4 ? spliced(templates[which], rest) : std::string(as_text(rest)));
  return 0;
}
