// JSON that carries keys: the document, the parser's own buffers and the serialised text live in secret memory and are
// wiped with it. Bounded depth; the size is bounded by whoever receives it.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/base/secret.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sealrow::keys {

class SecretJson {
 public:
  SecretJson();  // an empty object
  // Nothing unless the text is one JSON object.
  [[nodiscard]] static std::optional<SecretJson> parse(std::string_view text);

  // The members below a path: object("data").text("token"). Absent or of another kind: empty, null pointer, nothing.
  [[nodiscard]] std::string_view text(std::initializer_list<std::string_view> path) const noexcept;
  [[nodiscard]] std::optional<std::int64_t> number(std::initializer_list<std::string_view> path) const noexcept;
  [[nodiscard]] std::optional<bool> flag(std::initializer_list<std::string_view> path) const noexcept;
  [[nodiscard]] const boost::json::value* find(std::initializer_list<std::string_view> path) const noexcept;
  // RFC 4648 section 4 (or 5, without padding); nothing when absent or malformed.
  [[nodiscard]] std::optional<SecretBytes> base64(std::initializer_list<std::string_view> path) const;

  SecretJson& set(std::string_view key, std::string_view value);
  SecretJson& set(std::string_view key, std::int64_t value);
  SecretJson& set_base64(std::string_view key, ByteView value);
  SecretJson& set(std::string_view key, const boost::json::object& value);
  [[nodiscard]] SecretBytes serialize() const;

 private:
  explicit SecretJson(boost::json::value document);
  boost::json::value document_;
};

// RFC 4648 section 4, with padding.
[[nodiscard]] SecretBytes encode_base64(ByteView bytes);
[[nodiscard]] std::string encode_base64url(ByteView bytes);
// Strict. Takes both alphabets, padding or none.
[[nodiscard]] std::optional<SecretBytes> decode_base64(std::string_view text);

}  // namespace sealrow::keys
