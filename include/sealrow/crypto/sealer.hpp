// Sealing and opening. One Sealer per worker thread: it keeps key schedules, derived XAES keys and a nonce source, so
// that an operation costs one AES-GCM call. Not thread-safe; keys may be shared between sealers.
#pragma once

#include "sealrow/crypto/envelope.hpp"
#include "sealrow/crypto/keys.hpp"

#include <memory>
#include <optional>
#include <string>

namespace sealrow::crypto {

enum class Compression : std::uint8_t { off, automatic };
// Both survive forks and cloned virtual machines (src/crypto/nonce.hpp). `pool`: the CPU's generator for the part that
// a clone must not repeat, else the kernel's. `getrandom`: always the kernel's, for those who do not trust the CPU's.
enum class NonceSource : std::uint8_t { pool, getrandom };

struct SealOptions {
  Suite suite = Suite::xaes_256_gcm_commit;
  Compression compression = Compression::off;
  ValueType type = ValueType::text;
  std::optional<EqualityTag> tag;  // placed in the envelope and authenticated
};

struct OpenedValue {
  ValueType type;
  std::size_t size;  // bytes appended to `out`
};

// The backend of the AEAD calls: OpenSSL always, Intel ipsec-mb where it is built in and passes its self-test.
enum class Provider : std::uint8_t { automatic, openssl, ipsec_mb };

class Sealer {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Sealer>> make(Provider provider = Provider::automatic,
                                                            NonceSource nonces = NonceSource::pool);
  ~Sealer();
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;

  // Appends the binary envelope of `plaintext` to `out`.
  [[nodiscard]] Result<> seal(const EnvelopeKey& key, const ContextView& context, const SealOptions& options,
                              ByteView plaintext, std::string& out);
  // Appends the plaintext. On any failure `out` is as before and holds no partial plaintext. The error never tells
  // why authentication failed. `max_size` caps decompression.
  [[nodiscard]] Result<OpenedValue> open(const EnvelopeKey& key, const ContextView& context, ByteView envelope,
                                         std::size_t max_size, std::string& out);
  // The same for one whose header has been read: `header` is header_of(envelope).
  [[nodiscard]] Result<OpenedValue> open(const EnvelopeKey& key, const ContextView& context, const Header& header,
                                         ByteView envelope, std::size_t max_size, std::string& out);
  // Drops everything kept for a key (eviction, destruction).
  void forget(KeyId id);
  [[nodiscard]] Provider provider() const noexcept;

 private:
  struct Impl;
  explicit Sealer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealrow::crypto
