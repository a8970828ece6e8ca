#include "seal.hpp"

#include "containers.hpp"
#include "envelope_forms.hpp"
#include "json.hpp"

#include "sealrow/base/secret.hpp"

namespace sealrow::session {

using crypto::ValueType;
using plan::BoundColumn;
using plan::Purpose;
using plan::Storage;

namespace {

class Task {
 public:
  Task(KeyGather& keys, crypto::Sealer& sealer, const SealTask& task)
      : keys_(keys), sealer_(sealer), task_(task), column_(task.plan->columns.at(task.destination.column)) {}

  Result<bool> run(std::string_view value, std::string& out) {
    if (value.size() > task_.plan->policy->max_value_size) {
      return Error{ErrorCode::value_too_large, "value exceeds the size limit", {}, {}, column_.display};
    }
    if (task_.destination.purpose == Purpose::search_tag_array) return tag_array(value, out);
    const bool text = column_.storage == Storage::text || column_.storage == Storage::varchar;
    if (text && task_.zero == ZeroByte::refused && value.find('\0') != std::string_view::npos) {
      return Error{ErrorCode::encoding, "value is not valid UTF-8", {}, {}, column_.display};
    }
    SEALROW_TRY(const Plain plain, canonical_value(column_, task_.in, task_.source, value));
    if (task_.destination.purpose == Purpose::search_tag) return tag(plain, task_.in, out);
    return seal(plain, out);
  }

 private:
  const policy::SealedColumn& sealed() const { return *column_.column; }
  const std::string& index_group() const { return sealed().index_group; }

  std::optional<crypto::EqualityTag> make_tag(const Plain& plain) {
    const auto key = keys_.index(*task_.tenant, sealed().domain);
    if (!key) return std::nullopt;
    std::string input = tag_input(sealed(), plain);
    const auto made = key->tag(index_group(), plain.type, as_bytes(input));
    wipe(input);
    return made;
  }

  Result<bool> seal(const Plain& plain, std::string& out) {
    if (holds_envelope(plain.bytes)) {
      return Error{
          ErrorCode::envelope_from_client, "client value already looks like a sealed value", {}, {}, column_.display};
    }
    const auto key = keys_.sealing(*task_.tenant, sealed().domain);
    crypto::SealOptions options{sealed().suite, sealed().compression, plain.type, std::nullopt};
    if (sealed().search == policy::Search::equality) {
      options.tag = make_tag(plain);
      if (!options.tag) return false;
    }
    if (!key) return false;
    std::string envelope;
    const crypto::ContextView context(*task_.tenant, column_.table->id, sealed().id);
    SEALROW_CHECK(sealer_.seal(*key, context, options, as_bytes(plain.bytes), envelope));
    return spell(envelope, out);
  }

  Result<bool> spell(const std::string& envelope, std::string& out) {
    const bool binary = task_.in == Format::binary;
    const std::size_t size =
        column_.storage == Storage::bytea ? envelope.size() : crypto::text_spelling_size(envelope.size());
    const bool json = column_.storage == Storage::json || column_.storage == Storage::jsonb;
    // MySQL would cut it off, but for a strict sql_mode.
    if (!json && column_.max_characters != 0 && size > column_.max_characters) {
      return Error{ErrorCode::envelope_too_long,
                   "sealed value does not fit the column",
                   {},
                   "widen the column or change it to text",
                   column_.display};
    }
    switch (column_.storage) {
      case Storage::bytea:
        if (binary)
          out += envelope;
        else
          append_bytea(out, envelope, ByteaOutput::hex);
        return true;
      case Storage::varchar:
      case Storage::text:
        crypto::append_text_spelling(out, as_bytes(envelope));
        return true;
      case Storage::json:
      case Storage::jsonb:
        break;
    }
    const bool versioned = binary && !task_.destination.json_as_text &&
                           (task_.source == oid::jsonb || (task_.source == 0 && column_.storage == Storage::jsonb));
    if (versioned) out.push_back('\x01');
    out.push_back('"');
    crypto::append_text_spelling(out, as_bytes(envelope));
    out.push_back('"');
    return true;
  }

  Result<bool> tag(const Plain& plain, Format format, std::string& out) {
    const auto made = make_tag(plain);
    if (!made) return false;
    if (column_.storage != Storage::bytea)
      append_base64url(out, *made);
    else if (format == Format::binary)
      out.append(as_text(*made));
    else
      append_bytea(out, as_text(*made), ByteaOutput::hex);
    return true;
  }

  Result<bool> tag_array(std::string_view value, std::string& out) {
    return task_.in == Format::text ? tag_text_array(value, out) : tag_binary_array(value, out);
  }

  Error bad_array() const {
    return Error{ErrorCode::value_syntax, "value is not a one-dimensional array", {}, {}, column_.display};
  }

  Result<bool> tag_text_array(std::string_view value, std::string& out) {
    std::vector<Element> elements;
    if (!scan_array(value, elements)) return bad_array();
    bool complete = true;
    std::string made = "{", spelled;
    for (auto& element : elements) {
      if (made.size() > 1) made.push_back(',');
      if (!element.value) {
        made += "NULL";
        continue;
      }
      SEALROW_TRY(const Plain plain, canonical_value(column_, Format::text, 0, *element.value));
      wipe(*element.value);
      spelled.clear();
      SEALROW_TRY(const bool one, tag(plain, Format::text, spelled));
      complete = complete && one;
      append_array_element(made, spelled);
    }
    out += made + "}";
    return complete;
  }

  // array_send: dimensions, a flag, the element type, then per dimension length and lower bound, then the elements.
  Result<bool> tag_binary_array(std::string_view value, std::string& out) {
    if (value.size() < 12) return bad_array();
    const std::uint32_t dimensions = load_u32(value.data());
    const Oid type = load_u32(value.data() + 8);
    const Oid target = column_.storage == Storage::bytea ? oid::bytea : oid::text;
    if (dimensions > 1 || (dimensions == 1 && value.size() < 20)) return bad_array();
    out.append(value.substr(0, 8));
    append_u32(out, target);
    if (dimensions == 0) return true;
    out.append(value.substr(12, 8));
    const std::uint32_t count = load_u32(value.data() + 12);
    bool complete = true;
    std::size_t at = 20;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (value.size() - at < 4) return bad_array();
      const std::uint32_t size = load_u32(value.data() + at);
      at += 4;
      if (size == 0xFFFFFFFFu) {
        append_u32(out, size);
        continue;
      }
      if (size > value.size() - at) return bad_array();
      SEALROW_TRY(const Plain plain, canonical_value(column_, Format::binary, type, value.substr(at, size)));
      at += size;
      std::string spelled;
      SEALROW_TRY(const bool one, tag(plain, Format::binary, spelled));
      complete = complete && one;
      append_u32(out, static_cast<std::uint32_t>(spelled.size()));
      out += spelled;
    }
    if (at != value.size()) return bad_array();
    return complete;
  }

  KeyGather& keys_;
  crypto::Sealer& sealer_;
  const SealTask& task_;
  const BoundColumn& column_;
};

}  // namespace

bool holds_envelope(std::string_view value) {
  if (resembles_envelope_binary(value)) return true;
  constexpr std::string_view blanks = " \t\n\r\v\f";
  const auto begin = value.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return false;
  value = value.substr(begin, value.find_last_not_of(blanks) - begin + 1);
  if (resembles_envelope_text(value)) return true;
  std::string inner;
  bool found = false;
  if (value.front() == '\\') found = decode_bytea(value, inner) && resembles_envelope_binary(inner);
  if (value.front() == '"') {
    found = scan_json(value, [](const JsonString&) {}) && decode_json_string(value, inner) &&
            resembles_envelope_text(inner);
  }
  wipe(inner);
  return found;
}

bool seal_value(KeyGather& keys, crypto::Sealer& sealer, const SealTask& task, std::string_view value,
                std::string& out) {
  auto done = Task(keys, sealer, task).run(value, out);
  if (done) return *done;
  keys.fail(std::move(done).error());
  return false;
}

}  // namespace sealrow::session
