#include "open.hpp"
#include "envelope_forms.hpp"

#include "containers.hpp"
#include "json.hpp"

#include "sealrow/base/secret.hpp"

#include <optional>

namespace sealrow::session {

using crypto::ValueType;
using plan::BoundColumn;

namespace {

// Magic and version in the spellings of bytea, with however many escaped backslashes: hex, octal escapes.
constexpr std::string_view hex_mark = "xf51", octal_mark = "\\365";

bool holds_binary_mark(std::string_view bytes) {
  for (std::size_t at = bytes.find('\xF5'); at != std::string_view::npos; at = bytes.find('\xF5', at + 1)) {
    if (at + 1 < bytes.size() && (static_cast<unsigned char>(bytes[at + 1]) >> 4) == 1) return true;
  }
  return false;
}

bool holds(std::string_view text, std::string_view mark) { return text.find(mark) != std::string_view::npos; }

bool is_base64url(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// Replaces parts of a text; what is not replaced is copied.
class Splice {
 public:
  Splice(std::string_view text, std::string& out) : text_(text), out_(out) {}
  std::string& replace(std::size_t begin, std::size_t end) {
    out_.append(text_.substr(at_, begin - at_));
    at_ = end;
    return out_;
  }
  void finish() { out_.append(text_.substr(at_)); }

 private:
  std::string_view text_;
  std::string& out_;
  std::size_t at_ = 0;
};

}  // namespace

bool may_hold_envelope(std::string_view cell) noexcept {
  return holds(cell, crypto::text_prefix) || holds(cell, hex_mark) || holds(cell, octal_mark) ||
         holds_binary_mark(cell);
}

// What the server reads may have been written with escapes.
bool CellOpener::worth_reading(std::string_view text) const noexcept {
  return may_hold_envelope(text) || (only_looks_ && text.find_first_of("\\\"") != std::string_view::npos);
}

// A client's value is suspect wherever the front of an envelope stands in it: a cast may cut off what follows.
void CellOpener::look_for_front(std::string_view text) {
  for (std::size_t at = text.find(crypto::text_prefix); at != std::string_view::npos && !found_;
       at = text.find(crypto::text_prefix, at + 1)) {
    found_ = resembles_envelope_text(text.substr(at));
  }
}

Cell CellOpener::fail(ErrorCode code, const char* message) {
  found_ = true;
  if (only_looks_) return Cell::failed;
  std::string object;
  if (context_->readable.size() == 1) object = context_->plan->columns.at(context_->readable[0]).display;
  keys_.fail(Error{code, message, {}, {}, object});
  return Cell::failed;
}

Cell CellOpener::open(const OpenContext& context, std::string_view cell, std::string& out) {
  context_ = &context;
  Cell result = Cell::unchanged;
  if (worth_reading(cell)) {
    result = context.format == Format::binary ? open_binary(context.type, cell, context.places, out, 0)
             : context.type == oid::bytea     ? open_bytea_text(cell, Place::text, out)
                                              : open_text(cell, Place::text, context.places, out, 0);
  }
  if (result == Cell::unchanged && context.direct) {
    return fail(ErrorCode::envelope_expected, "protected column holds a value that is not sealed");
  }
  return result;
}

bool CellOpener::finds(Format format, Oid type, std::string_view cell) {
  only_looks_ = true;
  found_ = false;
  std::string nothing;
  (void)open({nullptr, {}, nullptr, false, format, type}, cell, nothing);
  only_looks_ = false;
  return found_;
}

// ---- one envelope -----------------------------------------------------------------------------------------------

std::optional<CellOpener::Opened> CellOpener::try_column(const BoundColumn& column, const crypto::EnvelopeKey& key,
                                                         const Envelope& envelope, std::string& out) {
  const std::size_t at = out.size();
  const crypto::ContextView context(key.tenant(), column.table->id, column.column->id);
  const auto value = sealer_.open(key, context, envelope.header, as_bytes(envelope.bytes),
                                  context_->plan->policy->max_value_size, out);
  if (!value) return std::nullopt;
  return Opened{at, value->type, column.column->type};
}

// The header does not name the column: the associated data of each column that the statement reads is tried.
std::optional<CellOpener::Opened> CellOpener::open_envelope(const Envelope& envelope, std::string& out) {
  found_ = true;
  if (only_looks_) return std::nullopt;
  const auto key = keys_.opening(envelope.header.key);
  if (!key) return std::nullopt;
  std::optional<Error> denied;
  for (const auto index : context_->readable) {
    const BoundColumn& column = context_->plan->columns.at(index);
    if (column.column->domain != key->domain()) continue;
    if (auto allowed = gate_(*column.table, key->tenant()); !allowed) {
      if (!denied) denied = allowed.error();
      continue;
    }
    if (auto opened = try_column(column, *key, envelope, out)) return opened;
  }
  if (denied)
    keys_.fail(*denied);
  else if (context_->readable.size() == 1)
    (void)fail(ErrorCode::envelope_rejected, "stored value failed authentication");
  else
    (void)fail(ErrorCode::envelope_wrong_column, "sealed value does not belong to a column that the statement reads");
  return std::nullopt;
}

Cell CellOpener::shown(const Result<>& outcome) {
  if (outcome) return Cell::opened;
  keys_.fail(outcome.error());
  return Cell::failed;
}

namespace {

// Takes the value away from the end of the buffer, so that its spelling can stand there.
Plain take_plain(crypto::ValueType type, std::size_t at, std::string& out) {
  Plain plain(type, out.substr(at));
  wipe(out.data() + at, out.size() - at);
  out.resize(at);
  return plain;
}

}  // namespace

Cell CellOpener::open_as_text(const Envelope& envelope, Place place, ByteaOutput bytea, std::string& out) {
  const auto opened = open_envelope(envelope, out);
  if (!opened) return Cell::failed;
  if (place == Place::text && is_own_text(opened->value, opened->type)) return Cell::opened;
  const Plain plain = take_plain(opened->value, opened->at, out);
  return shown(place == Place::json ? append_json(out, plain, opened->type)
                                    : append_text(out, plain, opened->type, bytea));
}

Cell CellOpener::open_as_binary(const Envelope& envelope, std::string& out) {
  const auto opened = open_envelope(envelope, out);
  if (!opened) return Cell::failed;
  return shown(append_binary(out, take_plain(opened->value, opened->at, out), opened->type));
}

// ---- text format ------------------------------------------------------------------------------------------------

Cell CellOpener::open_bytea_text(std::string_view text, Place place, std::string& out) {
  std::string bytes;
  const bool hex = text.starts_with("\\x");
  if (!decode_bytea(text, bytes)) return Cell::unchanged;
  const EnvelopeHeader header = envelope_header(bytes);
  if (!header) return Cell::unchanged;
  return open_as_text({*header, bytes}, place, hex ? ByteaOutput::hex : ByteaOutput::escape, out);
}

namespace {

// Everything below is as good as this: nothing more is known of it.
bool is_leaf(const plan::Places* where) { return where == nullptr || where->parts.empty(); }

// No sealed value is expected there; what looks like one is the text of a clear column.
bool is_clear(const plan::Places& where) { return !where.any_sealed; }

const plan::Places nowhere;

const plan::Places* below(const plan::Places* where, std::uint32_t position) {
  if (is_leaf(where)) return where;
  const plan::Places* next = where->element(position);
  return next != nullptr ? next : &nowhere;
}

const plan::Places* below(const plan::Places* where, const JsonStep& step) {
  if (is_leaf(where) || !step.object) return below(where, static_cast<std::uint32_t>(step.position));
  std::string name;
  const plan::Places* next = decode_json_string(step.name, name) ? where->member(name) : nullptr;
  return next != nullptr ? next : &nowhere;
}

const plan::Places* along(const plan::Places* where, const std::vector<JsonStep>& path) {
  for (const JsonStep& step : path) where = below(where, step);
  return where;
}

}  // namespace

const plan::Places* places_along(const plan::Places* where, std::span<const std::uint32_t> path) {
  for (const std::uint32_t position : path) where = below(where, position);
  return where;
}

Cell CellOpener::open_text(std::string_view text, Place place, const Places* where, std::string& out, int depth) {
  if (where != nullptr && is_clear(*where)) return Cell::unchanged;
  if (only_looks_) look_for_front(text);
  envelope_.clear();
  if (is_leaf(where)) {
    if (const EnvelopeHeader header = decode_envelope_text(text, envelope_))
      return open_as_text({*header, envelope_}, place, ByteaOutput::hex, out);
  }
  if (!worth_reading(text)) return Cell::unchanged;
  if (is_leaf(where) && text.starts_with('\\')) {
    const Cell bytea = open_bytea_text(text, place, out);
    if (bytea != Cell::unchanged) return bytea;
  }
  std::string composed;
  const Cell result = open_composed(text, where, composed, depth);
  if (result == Cell::opened) {
    // A document inside a JSON string stays a string.
    if (place == Place::json)
      append_json_string(out, composed);
    else
      out += composed;
  }
  wipe(composed);
  return result;
}

Cell CellOpener::open_composed(std::string_view text, const Places* where, std::string& out, int depth) {
  if (depth >= max_depth) return leftover(text);
  bool fits = false;
  Cell result = open_json(text, where, out, depth, fits);
  if (!fits) result = open_array(text, where, out, depth, fits);
  if (!fits) result = open_record(text, where, out, depth, fits);
  return fits ? result : leftover(text);
}

// An envelope in a text that cannot be taken apart: never handed out as if it were data.
Cell CellOpener::leftover(std::string_view text) {
  std::string envelope;
  for (std::size_t at = text.find(crypto::text_prefix); at != std::string_view::npos;
       at = text.find(crypto::text_prefix, at + 1)) {
    std::size_t end = at + crypto::text_prefix.size();
    while (end < text.size() && is_base64url(text[end])) ++end;
    envelope.clear();
    if (decode_envelope_text(text.substr(at, end - at), envelope)) {
      return fail(ErrorCode::sealed_operand, "a sealed value stands inside a text that cannot be taken apart");
    }
  }
  return Cell::unchanged;
}

Cell CellOpener::open_json(std::string_view text, const Places* where, std::string& out, int depth, bool& is_json) {
  struct Replacement {
    std::size_t begin, end;
    std::string text;
  };
  std::vector<Replacement> replacements;
  bool failed = false;
  std::string content;
  is_json = scan_json(text, [&](const JsonString& s) {
    const auto token = text.substr(s.begin, s.end - s.begin);
    if (failed || s.key || !worth_reading(token)) return;
    content.clear();
    if (!decode_json_string(token, content)) return;
    std::string made;
    const Cell cell = open_text(content, Place::json, along(where, *s.path), made, depth + 1);
    failed = cell == Cell::failed;
    if (cell == Cell::opened) replacements.push_back({s.begin, s.end, std::move(made)});
  });
  if (!is_json) return Cell::unchanged;
  if (failed) return Cell::failed;
  if (replacements.empty()) return Cell::unchanged;
  Splice splice(text, out);
  for (auto& r : replacements) {
    splice.replace(r.begin, r.end) += r.text;
    wipe(r.text);
  }
  splice.finish();
  return Cell::opened;
}

namespace {

// What arrays and composites share: elements are opened one by one and quoted again.
template <class OpenElement, class Append>
Cell open_elements(std::string_view text, const std::vector<Element>& elements, std::string& out, OpenElement open,
                   Append append) {
  Splice splice(text, out);
  bool changed = false;
  std::string made;
  for (const auto& element : elements) {
    if (!element.value) continue;
    made.clear();
    const Cell cell = open(element, made);
    if (cell == Cell::failed) return Cell::failed;
    if (cell != Cell::opened) continue;
    append(splice.replace(element.begin, element.end), made);
    wipe(made);
    changed = true;
  }
  if (!changed) return Cell::unchanged;
  splice.finish();
  return Cell::opened;
}

}  // namespace

Cell CellOpener::open_array(std::string_view text, const Places* where, std::string& out, int depth, bool& is_array) {
  std::vector<Element> elements;
  is_array = scan_array(text, elements);
  if (!is_array) return Cell::unchanged;
  return open_elements(
      text, elements, out,
      [&](const Element& element, std::string& made) {
        return open_text(*element.value, Place::text, places_along(where, element.path), made, depth + 1);
      },
      append_array_element);
}

Cell CellOpener::open_record(std::string_view text, const Places* where, std::string& out, int depth, bool& is_record) {
  std::vector<Element> elements;
  is_record = scan_record(text, elements);
  if (!is_record) return Cell::unchanged;
  return open_elements(
      text, elements, out,
      [&](const Element& element, std::string& made) {
        return open_text(*element.value, Place::text, places_along(where, element.path), made, depth + 1);
      },
      append_record_field);
}

}  // namespace sealrow::session
