#include "keys/json_reader.hpp"

#include <chrono>
#include <utility>

namespace sealrow::keys {

namespace {

using nlohmann::json;

constexpr int max_depth = 4;

// Nested brackets cost far more memory than bytes: refuse them before the parser builds anything.
bool is_too_deep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\')
      ++i;
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && (c == '{' || c == '['))
      ++depth;
    else if (!quoted && (c == '}' || c == ']'))
      --depth;
    if (depth > max_depth) return true;
  }
  return false;
}

}  // namespace

JsonReader::JsonReader(std::string_view document, std::string_view format) : failure_(std::make_shared<Failure>()) {
  auto parsed = std::make_shared<json>(json::value_t::discarded);
  if (!is_too_deep(document)) *parsed = json::parse(document.begin(), document.end(), nullptr, /*exceptions=*/false);
  if (!parsed->is_object()) {
    fail("document");
    return;
  }
  document_ = std::move(parsed);
  value_ = document_.get();
  if (text("format") != format) fail("format");
}

JsonReader::JsonReader(const json* value, std::shared_ptr<Failure> failure)
    : value_(value), failure_(std::move(failure)) {}

void JsonReader::fail(std::string_view field) {
  if (failure_->field.empty()) failure_->field = field;
}

const json* JsonReader::take(const char* field) {
  if (value_ == nullptr) return nullptr;
  const auto found = value_->find(field);
  if (found == value_->end()) {
    fail(field);
    return nullptr;
  }
  ++taken_;
  return &*found;
}

std::string JsonReader::text(const char* field) {
  const json* value = take(field);
  if (value != nullptr && value->is_string()) return value->get<std::string>();
  fail(field);
  return {};
}

std::uint64_t JsonReader::number(const char* field, std::uint64_t max) {
  const json* value = take(field);
  if (value != nullptr && value->is_number_unsigned() && value->get<std::uint64_t>() <= max)
    return value->get<std::uint64_t>();
  fail(field);
  return 0;
}

std::string JsonReader::hex(const char* field) {
  std::string out;
  if (!decode_hex(text(field), out)) fail(field);
  return out;
}

std::uint64_t JsonReader::id(const char* field) {
  const auto value = parse_id(text(field));
  if (!value) fail(field);
  return value.value_or(0);
}

std::optional<WallTime> JsonReader::time(const char* field) {
  if (is_null(field)) return std::nullopt;
  // Bounded so that the conversion to the clock's nanoseconds cannot overflow (year 2255).
  return WallTime(std::chrono::microseconds(number(field, 9'000'000'000'000'000)));
}

WrappedKey JsonReader::wrapped(const char* field) {
  JsonReader inner = object(field);
  WrappedKey out;
  out.kek_id = inner.text("kek_id");
  out.kek_version = inner.text("kek_version");
  out.algorithm = inner.named("algorithm", &parse_wrap_algorithm);
  out.bytes = inner.hex("bytes");
  if (inner.finish().has_error()) fail(field);
  return out;
}

bool JsonReader::is_null(const char* field) {
  if (value_ == nullptr) return false;
  const auto found = value_->find(field);
  if (found == value_->end() || !found->is_null()) return false;
  ++taken_;
  return true;
}

JsonReader JsonReader::object(const char* field) {
  const json* value = take(field);
  if (value != nullptr && value->is_object()) return {value, failure_};
  fail(field);
  return {nullptr, failure_};
}

const json& JsonReader::array(const char* field) {
  static const json none = json::array();
  const json* value = take(field);
  if (value != nullptr && value->is_array()) return *value;
  fail(field);
  return none;
}

Result<> JsonReader::finish() {
  if (value_ != nullptr && taken_ != value_->size()) fail("unknown field");
  if (failure_->field.empty()) return {};
  return Error{ErrorCode::key_store_corrupt, "key store document is malformed", "at " + failure_->field};
}

std::string hex_of(ByteView bytes) {
  std::string out;
  append_hex(out, bytes);
  return out;
}

std::string hex_of(KeyId id) {
  std::array<std::uint8_t, 8> raw;
  store_u64(raw.data(), id.value());
  return hex_of(ByteView(raw));
}

std::optional<std::uint64_t> parse_id(std::string_view hex) {
  std::string raw;
  if (hex.size() != 16 || !decode_hex(hex, raw)) return std::nullopt;
  return load_u64(raw.data());
}

json json_of(const std::optional<WallTime>& time) {
  if (!time) return nullptr;
  const auto micros = std::chrono::floor<std::chrono::microseconds>(time->time_since_epoch()).count();
  return static_cast<std::uint64_t>(micros < 0 ? 0 : micros);
}

json json_of(const WrappedKey& wrapped) {
  return {{"kek_id", wrapped.kek_id},
          {"kek_version", wrapped.kek_version},
          {"algorithm", name_of(wrapped.algorithm)},
          {"bytes", hex_of(as_bytes(wrapped.bytes))}};
}

}  // namespace sealrow::keys
