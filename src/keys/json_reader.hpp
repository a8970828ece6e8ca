// Strict reading of this room's small JSON documents: every expected field once and of the right kind, none besides.
// The first problem sticks; finish() reports it, so that callers read all fields in a row without checking each.
#pragma once

#include "sealrow/base/clock.hpp"
#include "sealrow/base/result.hpp"
#include "sealrow/keys/model.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sealrow::keys {

class JsonReader {
 public:
  // `format` is the value that the document's field "format" must have.
  JsonReader(std::string_view document, std::string_view format);

  [[nodiscard]] std::string text(const char* field);
  [[nodiscard]] std::uint64_t number(const char* field, std::uint64_t max = UINT64_MAX);
  [[nodiscard]] std::string hex(const char* field);
  template <std::size_t n>
  [[nodiscard]] std::array<std::uint8_t, n> bytes(const char* field) {
    const std::string raw = hex(field);
    std::array<std::uint8_t, n> out{};
    if (raw.size() == n)
      std::copy(raw.begin(), raw.end(), out.begin());
    else
      fail(field);
    return out;
  }
  [[nodiscard]] std::uint64_t id(const char* field);              // 16 hex digits
  [[nodiscard]] std::optional<WallTime> time(const char* field);  // microseconds or null
  [[nodiscard]] WrappedKey wrapped(const char* field);
  [[nodiscard]] bool is_null(const char* field);  // and then the field counts as read
  [[nodiscard]] JsonReader object(const char* field);
  [[nodiscard]] const nlohmann::json& array(const char* field);
  // A named value of an enumeration.
  template <class Enum>
  [[nodiscard]] Enum named(const char* field, std::optional<Enum> (*parse)(std::string_view) noexcept) {
    const auto value = parse(text(field));
    if (!value) fail(field);
    return value.value_or(Enum{});
  }

  void fail(std::string_view field);
  // key_store_corrupt with the name of the field; never its value.
  [[nodiscard]] Result<> finish();

 private:
  struct Failure {
    std::string field;
  };
  JsonReader(const nlohmann::json* value, std::shared_ptr<Failure> failure);
  const nlohmann::json* take(const char* field);

  std::shared_ptr<const nlohmann::json> document_;
  const nlohmann::json* value_ = nullptr;
  std::size_t taken_ = 0;
  std::shared_ptr<Failure> failure_;
};

[[nodiscard]] std::string hex_of(ByteView bytes);
[[nodiscard]] std::string hex_of(KeyId id);
[[nodiscard]] std::optional<std::uint64_t> parse_id(std::string_view hex);
[[nodiscard]] nlohmann::json json_of(const std::optional<WallTime>& time);
[[nodiscard]] nlohmann::json json_of(const WrappedKey& wrapped);

}  // namespace sealrow::keys
