// The byte side of Engine: writing an envelope, and the order of checks in opening one (docs/envelope.md).
#include "crypto/engine.hpp"
#include "crypto/wire_format.hpp"

#include <algorithm>

namespace sealrow::crypto {
namespace {

constexpr std::size_t max_plaintext = std::size_t{1} << 30;  // the libraries count in int

// One error for every cause: whoever can write to the database must not learn from it (facts stay in the audit log).
Error rejected() { return {ErrorCode::envelope_rejected, "stored value failed authentication"}; }
Error too_large() { return {ErrorCode::value_too_large, "value exceeds the size limit"}; }

void write_header(std::uint8_t* p, KeyId key, const ContextView& context, const SealOptions& options, bool compressed) {
  const auto profile = context.row ? AadProfile::row : AadProfile::column;
  p[0] = magic;
  p[1] = static_cast<std::uint8_t>(format_version << 4 | static_cast<std::uint8_t>(profile));
  p[2] = static_cast<std::uint8_t>(options.suite);
  p[3] = static_cast<std::uint8_t>((options.tag ? flag_tag : 0) | (compressed ? flag_compressed : 0) |
                                   (context.row ? flag_row_bound : 0));
  store_u64(p + key_id_offset, key.value());
}

bool is_known(ValueType type) {
  switch (type) {
    case ValueType::text:
    case ValueType::bytes:
    case ValueType::int64:
    case ValueType::decimal:
    case ValueType::float64:
    case ValueType::boolean:
    case ValueType::datetime:
    case ValueType::json:
    case ValueType::uuid:
    case ValueType::null:
      return true;
  }
  return false;
}

// Undoes what was appended unless told to keep it; the bytes may be plaintext.
class Appended {
 public:
  Appended(std::string& out, std::size_t size) : out_(out), before_(out.size()) { out.resize(before_ + size); }
  ~Appended() {
    if (kept_) return;
    wipe(out_.data() + before_, out_.size() - before_);
    out_.resize(before_);
  }
  Appended(const Appended&) = delete;
  Appended& operator=(const Appended&) = delete;
  void keep() noexcept { kept_ = true; }
  [[nodiscard]] std::uint8_t* data() const noexcept { return reinterpret_cast<std::uint8_t*>(out_.data()) + before_; }

 private:
  std::string& out_;
  std::size_t before_;
  bool kept_ = false;
};

// Wipes the scratch buffer on every way out, and gives it back after an unusually large value.
class Wiped {
 public:
  explicit Wiped(std::string& text) : text_(text) {}
  ~Wiped() {
    if (text_.empty()) return;
    constexpr std::size_t most_kept = std::size_t{1} << 20;
    wipe(text_);
    if (text_.capacity() > most_kept) std::string().swap(text_);
  }
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;

 private:
  std::string& text_;
};

}  // namespace

// The fields behind the header, cut by the suite's table.
struct Engine::Body {
  ByteView front;  // header and equality tag
  ByteView nonce, commitment, sealed, tag;

  Body(ByteView envelope, const Header& header) {
    const SuiteLayout& layout = layout_of(header.suite);
    front = envelope.first(header_size + (header.has_tag ? equality_tag_size : 0));
    ByteView rest = envelope.subspan(front.size());
    const auto take = [&rest](std::size_t size) {
      const ByteView field = rest.first(size);
      rest = rest.subspan(size);
      return field;
    };
    nonce = take(layout.nonce_size);
    commitment = take(layout.commitment);
    if (layout.tag_first) {
      tag = take(tag_size);
      sealed = rest;
    } else {
      sealed = take(rest.size() - tag_size);
      tag = rest;
    }
  }
};

Result<> Engine::write(MessageKey& message_key, const Nonce& nonce, const EnvelopeKey& key, const ContextView& context,
                       const SealOptions& options, ByteView plaintext, std::string& out) {
  if (plaintext.size() > max_plaintext) return too_large();
  if (context.tenant != key.tenant())
    return Error{ErrorCode::tenant_denied, "data key belongs to another tenant than the value"};
  const Wiped wiped(scratch_);
  const bool compressed = options.compression == Compression::automatic && compressor_.compress(plaintext, scratch_);
  const ByteView content = compressed ? as_bytes(scratch_) : plaintext;

  const SuiteLayout& layout = layout_of(options.suite);
  Appended appended(out, envelope_size(options.suite, options.tag.has_value(), content.size()));
  std::uint8_t* const start = appended.data();
  write_header(start, key.id(), context, options, compressed);
  std::uint8_t* p = start + header_size;
  if (options.tag) p = put(p, *options.tag);
  if (!assemble_aad(aad_, {start, p}, context)) return too_large();

  p = put(p, nonce.view());
  p = put(p, ByteView(message_key.commitment).first(layout.commitment));
  std::uint8_t* const text = layout.tag_first ? p + tag_size : p;
  const std::size_t text_size = 1 + content.size();
  std::uint8_t* const tag = layout.tag_first ? p : p + text_size;
  text[0] = static_cast<std::uint8_t>(options.type);
  put(text + 1, content);
  const std::uint8_t* aead_nonce = nonce.bytes.data() + (layout.has_prefix() ? prefix_size : 0);
  if (!message_key.aead->seal(aead_nonce, as_bytes(aad_), {text, text_size}, tag))
    return Error{ErrorCode::crypto_failure, "encryption failed"};
  appended.keep();
  return {};
}

Result<std::size_t> Engine::authenticate(const EnvelopeKey& key, const Header& header, const Body& body,
                                         std::string& target) {
  const SuiteLayout& layout = layout_of(header.suite);
  MessageKeyName name{{key.impl().serial, header.suite}, {}};
  if (layout.has_prefix()) std::copy_n(body.nonce.begin(), prefix_size, name.prefix.begin());

  OpeningKey* known = message_keys_.find(name);
  std::optional<MessageKey> fresh;
  if (known == nullptr) {
    SEALROW_TRY(DataKey* const data, data_key(key, header.suite));
    SEALROW_TRY(fresh, data->source->derive(name.prefix));
  }
  MessageKey& message_key = known != nullptr ? known->message_key : *fresh;

  if (layout.commitment != 0 &&
      !constant_time_equal(body.commitment, ByteView(message_key.commitment).first(layout.commitment)))
    return rejected();
  Appended opened(target, body.sealed.size());
  const std::uint8_t* aead_nonce = body.nonce.data() + (layout.has_prefix() ? prefix_size : 0);
  if (!message_key.aead->open(aead_nonce, as_bytes(aad_), body.sealed, body.tag.data(), opened.data()))
    return rejected();
  opened.keep();
  // Only now: forged envelopes with made-up prefixes must not push good keys out.
  if (fresh) message_keys_.insert(name, OpeningKey{key.id(), std::move(*fresh)});
  return body.sealed.size();
}

Result<OpenedValue> Engine::open(const EnvelopeKey& key, const ContextView& context, ByteView envelope,
                                 std::size_t max_size, std::string& out) {
  SEALROW_TRY(const Header header, parse_header(envelope));
  return open(key, context, header, envelope, max_size, out);
}

Result<OpenedValue> Engine::open(const EnvelopeKey& key, const ContextView& context, const Header& header,
                                 ByteView envelope, std::size_t max_size, std::string& out) {
  SEALROW_CHECK(check_process(key));
  if (envelope.size() > max_plaintext) return too_large();
  // A column that is row-bound by policy takes row-bound envelopes only: otherwise an old envelope of profile 1 could
  // stand in any row.
  const bool row_bound = header.profile == AadProfile::row;
  if (header.key != key.id() || context.tenant != key.tenant() || row_bound != context.row.has_value())
    return rejected();
  const Body body(envelope, header);
  if (!assemble_aad(aad_, body.front, context)) return rejected();

  const Wiped wiped(scratch_);
  std::string& target = header.compressed ? scratch_ : out;
  const std::size_t before = target.size();
  SEALROW_TRY(const std::size_t size, authenticate(key, header, body, target));
  const auto type = static_cast<ValueType>(target[before]);
  if (!header.compressed) {
    if (is_known(type)) {
      target.erase(before, 1);
      return OpenedValue{type, size - 1};
    }
    wipe(target.data() + before, size);
    target.resize(before);
    return rejected();
  }
  if (!is_known(type)) return rejected();
  const std::size_t out_before = out.size();
  switch (compressor_.decompress(as_bytes(scratch_).subspan(1), max_size, out)) {
    case Compressor::Outcome::done:
      return OpenedValue{type, out.size() - out_before};
    case Compressor::Outcome::too_large:
      return too_large();
    case Compressor::Outcome::hostile:
      break;
  }
  return rejected();
}

}  // namespace sealrow::crypto
