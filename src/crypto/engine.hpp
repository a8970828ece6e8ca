// The work behind Sealer: per-thread caches of keys, and the order of steps in sealing and opening.
#pragma once

#include "crypto/compress.hpp"
#include "crypto/envelope_key.hpp"
#include "crypto/lru_cache.hpp"
#include "crypto/message_key.hpp"
#include "crypto/nonce.hpp"
#include "crypto/suite.hpp"
#include "sealrow/crypto/sealer.hpp"

#include <array>
#include <optional>
#include <string>

namespace sealrow::crypto {

struct EngineLimits {
  std::size_t data_keys = 1024;     // derivation contexts, about 1 KiB each
  std::size_t message_keys = 1024;  // scheduled keys of nonce prefixes met while opening, about 1 KiB each
  // A prefix lives long, so that opening finds few message keys, and ends long before the counter does (2^32) or the
  // message key has met too many blocks (2^32 blocks of 16 bytes keep the advantage of SP 800-38D below 2^-64).
  std::uint32_t prefix_uses = 1U << 24;
  std::uint64_t prefix_bytes = std::uint64_t{1} << 36;
};

// A nonce as it stands in the envelope; the AEAD takes the last 12 bytes.
struct Nonce {
  std::array<std::uint8_t, prefix_size + aead_nonce_size> bytes{};
  std::size_t size = 0;

  [[nodiscard]] ByteView view() const noexcept { return ByteView(bytes).first(size); }
};

class Engine {
 public:
  Engine(Backend backend, NonceSource nonces, EngineLimits limits = {});

  [[nodiscard]] Result<> seal(const EnvelopeKey& key, const ContextView& context, const SealOptions& options,
                              ByteView plaintext, std::string& out);
  // For frozen test vectors: as seal(), under a nonce of the caller's choice.
  [[nodiscard]] Result<> seal_with_nonce(const EnvelopeKey& key, const ContextView& context, const SealOptions& options,
                                         ByteView plaintext, ByteView nonce, std::string& out);
  [[nodiscard]] Result<OpenedValue> open(const EnvelopeKey& key, const ContextView& context, ByteView envelope,
                                         std::size_t max_size, std::string& out);
  [[nodiscard]] Result<OpenedValue> open(const EnvelopeKey& key, const ContextView& context, const Header& header,
                                         ByteView envelope, std::size_t max_size, std::string& out);
  void forget(KeyId id);
  [[nodiscard]] Provider provider() const noexcept { return backend_.provider; }

 private:
  struct DataKeyName {
    std::uint64_t serial;
    Suite suite;
    friend bool operator==(const DataKeyName&, const DataKeyName&) = default;
  };
  struct MessageKeyName {
    DataKeyName data_key;
    Prefix prefix;
    friend bool operator==(const MessageKeyName&, const MessageKeyName&) = default;
  };
  struct NameHash {
    std::size_t operator()(const DataKeyName& name) const noexcept;
    std::size_t operator()(const MessageKeyName& name) const noexcept;
  };
  // One (data key, suite): how to derive, and what sealing goes on with.
  struct DataKey {
    KeyId id;
    std::unique_ptr<MessageKeySource> source;
    std::optional<MessageKey> current;
    Prefix prefix{};
    std::uint32_t counter = 0;
    std::uint64_t sealed_bytes = 0;
  };
  struct OpeningKey {
    KeyId id;
    MessageKey message_key;
  };

  [[nodiscard]] Result<> check_process(const EnvelopeKey& key);
  [[nodiscard]] Result<DataKey*> data_key(const EnvelopeKey& key, Suite suite);
  [[nodiscard]] Result<Nonce> next_nonce(const EnvelopeKey& key, DataKey& data_key, const SuiteLayout& layout,
                                         std::size_t size);
  [[nodiscard]] Result<> renew_prefix(DataKey& data_key);
  [[nodiscard]] Result<> write(MessageKey& message_key, const Nonce& nonce, const EnvelopeKey& key,
                               const ContextView& context, const SealOptions& options, ByteView plaintext,
                               std::string& out);

  struct Body;
  [[nodiscard]] Result<std::size_t> authenticate(const EnvelopeKey& key, const Header& header, const Body& body,
                                                 std::string& target);

  Backend backend_;
  EngineLimits limits_;
  NonceGenerator nonces_;
  Compressor compressor_;
  LruCache<DataKeyName, DataKey, NameHash> data_keys_;
  LruCache<MessageKeyName, OpeningKey, NameHash> message_keys_;
  std::uint64_t generation_;
  std::string aad_;      // reused from value to value
  std::string scratch_;  // compressed plaintext; wiped after each use
};

}  // namespace sealrow::crypto
