#include "keys/remote/secret_json.hpp"

#include <boost/json/src.hpp>

#include <algorithm>
#include <cstring>
#include <memory>

namespace sealrow::keys {

namespace json = boost::json;

namespace {

constexpr std::size_t max_depth = 16;

// Each block is a SecretBytes behind a header that owns it: wiped when the document lets go of it.
class SecretResource final : public json::memory_resource {
  static constexpr std::size_t room = 32;  // secret memory is aligned to 32 bytes
  static_assert(sizeof(SecretBytes) <= room);

  void* do_allocate(std::size_t size, std::size_t) override {
    SecretBytes block(size + room);
    std::uint8_t* data = block.reveal_mutable().data();
    new (data) SecretBytes(std::move(block));
    return data + room;
  }
  void do_deallocate(void* data, std::size_t, std::size_t) noexcept override {
    auto* owner = reinterpret_cast<SecretBytes*>(static_cast<std::uint8_t*>(data) - room);
    const SecretBytes released = std::move(*owner);
    owner->~SecretBytes();
  }
  bool do_is_equal(const json::memory_resource& other) const noexcept override { return this == &other; }
};

json::storage_ptr secret_storage() { return json::make_shared_resource<SecretResource>(); }

}  // namespace

SecretJson::SecretJson() : document_(json::object_kind, secret_storage()) {}
SecretJson::SecretJson(json::value document) : document_(std::move(document)) {}

std::optional<SecretJson> SecretJson::parse(std::string_view text) {
  const json::storage_ptr storage = secret_storage();
  json::parse_options options;
  options.max_depth = max_depth;
  // The parser keeps pieces of strings in a buffer of its own: it is put into secret memory too.
  SecretBytes place(sizeof(json::parser) + alignof(json::parser));
  void* at = place.reveal_mutable().data();
  std::size_t space = place.size();
  std::align(alignof(json::parser), sizeof(json::parser), at, space);
  auto* parser = new (at) json::parser(storage, options);
  boost::system::error_code failed;
  parser->reset(storage);
  parser->write(text.data(), text.size(), failed);
  json::value document(storage);
  if (!failed) document = parser->release();
  std::destroy_at(parser);
  if (failed || !document.is_object()) return std::nullopt;
  return SecretJson(std::move(document));
}

const json::value* SecretJson::find(std::initializer_list<std::string_view> path) const noexcept {
  const json::value* at = &document_;
  for (const std::string_view key : path) {
    const json::object* object = at->if_object();
    at = object == nullptr ? nullptr : object->if_contains(key);
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string_view SecretJson::text(std::initializer_list<std::string_view> path) const noexcept {
  const json::value* value = find(path);
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

std::optional<std::int64_t> SecretJson::number(std::initializer_list<std::string_view> path) const noexcept {
  const json::value* value = find(path);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

std::optional<bool> SecretJson::flag(std::initializer_list<std::string_view> path) const noexcept {
  const json::value* value = find(path);
  if (value == nullptr || !value->is_bool()) return std::nullopt;
  return value->get_bool();
}

std::optional<SecretBytes> SecretJson::base64(std::initializer_list<std::string_view> path) const {
  const std::string_view value = text(path);
  if (value.empty()) return std::nullopt;
  return decode_base64(value);
}

SecretJson& SecretJson::set(std::string_view key, std::string_view value) {
  document_.get_object()[key] = json::string_view(value.data(), value.size());
  return *this;
}
SecretJson& SecretJson::set(std::string_view key, std::int64_t value) {
  document_.get_object()[key] = value;
  return *this;
}
SecretJson& SecretJson::set_base64(std::string_view key, ByteView value) {
  return set(key, as_text(encode_base64(value).reveal()));
}
SecretJson& SecretJson::set(std::string_view key, const json::object& value) {
  document_.get_object()[key] = value;
  return *this;
}

SecretBytes SecretJson::serialize() const {
  json::serializer serializer;
  serializer.reset(&document_);
  SecretBytes out(4096);
  std::size_t size = 0;
  while (!serializer.done()) {
    if (out.size() - size < 1024) {
      SecretBytes larger(out.size() * 2);
      std::memcpy(larger.reveal_mutable().data(), out.reveal().data(), size);
      out = std::move(larger);
    }
    auto* to = reinterpret_cast<char*>(out.reveal_mutable().data());
    size += serializer.read(to + size, out.size() - size).size();
  }
  return SecretBytes::copy_of(out.reveal().first(size));
}

SecretBytes encode_base64(ByteView bytes) {
  std::string text = encode_base64url(bytes);
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  SecretBytes out((text.size() + 3) / 4 * 4);
  std::ranges::fill(out.reveal_mutable(), std::uint8_t{'='});
  if (!text.empty()) std::memcpy(out.reveal_mutable().data(), text.data(), text.size());
  wipe(text);
  return out;
}

std::string encode_base64url(ByteView bytes) {
  std::string text;
  append_base64url(text, bytes);
  return text;
}

std::optional<SecretBytes> decode_base64(std::string_view text) {
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  if (padding != 0 && text.size() % 4 != 0) return std::nullopt;
  std::string letters(text.substr(0, text.size() - padding)), raw;
  std::ranges::replace(letters, '+', '-');
  std::ranges::replace(letters, '/', '_');
  std::optional<SecretBytes> out;
  raw.reserve(letters.size());  // one buffer, so that one wipe reaches everything
  if (decode_base64url(letters, raw)) out = SecretBytes::copy_of(as_bytes(raw));
  wipe(letters);
  wipe(raw);
  return out;
}

}  // namespace sealrow::keys
