#include "crypto/engine.hpp"

#include "crypto/fork_guard.hpp"

#include <algorithm>

namespace sealrow::crypto {
namespace {

std::uint64_t mix(std::uint64_t x) noexcept {
  x ^= x >> 32;
  x *= 0x9E3779B97F4A7C15ULL;
  return x ^ x >> 29;
}

}  // namespace

std::size_t Engine::NameHash::operator()(const DataKeyName& name) const noexcept {
  return mix(name.serial << 8 | static_cast<std::uint8_t>(name.suite));
}

std::size_t Engine::NameHash::operator()(const MessageKeyName& name) const noexcept {
  return mix((*this)(name.data_key) ^ load_u64(name.prefix.data()) ^ load_u32(name.prefix.data() + 8));
}

Engine::Engine(Backend backend, NonceSource nonces, EngineLimits limits)
    : backend_(backend),
      limits_(limits),
      nonces_(nonces),
      data_keys_(limits.data_keys),
      message_keys_(limits.message_keys),
      generation_(fork_generation()) {}

Result<> Engine::check_process(const EnvelopeKey& key) {
  const std::uint64_t now = fork_generation();
  if (generation_ != now) {
    generation_ = now;
    data_keys_.clear();
    message_keys_.clear();
    nonces_.reset();
  }
  if (key.impl().generation == now) return {};
  return Error{ErrorCode::crypto_failure, "data key used in a forked process", "keys are wiped on fork"};
}

Result<Engine::DataKey*> Engine::data_key(const EnvelopeKey& key, Suite suite) {
  const DataKeyName name{key.impl().serial, suite};
  if (DataKey* known = data_keys_.find(name)) return known;
  SEALROW_TRY(auto source, make_message_key_source(suite, key.impl().subkey(suite), backend_.gcm));
  DataKey fresh;
  fresh.id = key.id();
  fresh.source = std::move(source);
  return &data_keys_.insert(name, std::move(fresh));
}

void Engine::forget(KeyId id) {
  data_keys_.erase_if([&](const DataKey& key) { return key.id == id; });
  message_keys_.erase_if([&](const OpeningKey& key) { return key.id == id; });
}

Result<> Engine::renew_prefix(DataKey& data_key) {
  SEALROW_TRY(data_key.prefix, nonces_.random());
  SEALROW_TRY(data_key.current, data_key.source->derive(data_key.prefix));
  data_key.counter = 0;
  data_key.sealed_bytes = 0;
  return {};
}

Result<Nonce> Engine::next_nonce(const EnvelopeKey& key, DataKey& data_key, const SuiteLayout& layout,
                                 std::size_t size) {
  const bool spent =
      layout.has_prefix() && (data_key.counter >= limits_.prefix_uses || data_key.sealed_bytes >= limits_.prefix_bytes);
  if (!data_key.current || spent) {
    data_key.current.reset();
    SEALROW_CHECK(renew_prefix(data_key));
  }
  Nonce nonce;
  nonce.size = layout.nonce_size;
  if (layout.has_prefix()) {
    data_key.sealed_bytes += size;
    SEALROW_TRY(const AeadNonce tail, nonces_.tail(data_key.counter++));
    std::ranges::copy(data_key.prefix, nonce.bytes.begin());
    std::ranges::copy(tail, nonce.bytes.begin() + prefix_size);
  } else if (layout.nonce_size == aead_nonce_size) {
    if (key.impl().gcm_uses.fetch_add(1, std::memory_order_relaxed) >= max_gcm_uses)
      return Error{ErrorCode::key_exhausted, "data key has sealed 2^32 values with AES-256-GCM", "",
                   "rotate the key or use xaes-256-gcm-commit"};
    SEALROW_TRY(const AeadNonce random, nonces_.random());
    std::ranges::copy(random, nonce.bytes.begin());
  }
  return nonce;
}

Result<> Engine::seal(const EnvelopeKey& key, const ContextView& context, const SealOptions& options,
                      ByteView plaintext, std::string& out) {
  SEALROW_CHECK(check_process(key));
  SEALROW_TRY(DataKey* const data, data_key(key, options.suite));
  SEALROW_TRY(const Nonce nonce, next_nonce(key, *data, layout_of(options.suite), plaintext.size()));
  return write(*data->current, nonce, key, context, options, plaintext, out);
}

Result<> Engine::seal_with_nonce(const EnvelopeKey& key, const ContextView& context, const SealOptions& options,
                                 ByteView plaintext, ByteView fixed, std::string& out) {
  SEALROW_CHECK(check_process(key));
  const SuiteLayout& layout = layout_of(options.suite);
  if (fixed.size() != layout.nonce_size) return Error{ErrorCode::internal, "nonce does not have the suite's size"};
  SEALROW_TRY(DataKey* const data, data_key(key, options.suite));
  Nonce nonce;
  nonce.size = fixed.size();
  std::ranges::copy(fixed, nonce.bytes.begin());
  Prefix prefix{};
  if (layout.has_prefix()) std::copy_n(fixed.begin(), prefix_size, prefix.begin());
  SEALROW_TRY(MessageKey message_key, data->source->derive(prefix));
  return write(message_key, nonce, key, context, options, plaintext, out);
}

}  // namespace sealrow::crypto
