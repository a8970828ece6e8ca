// One keyed AEAD. Not thread-safe (it keeps a library context); the factories below are.
#pragma once

#include "sealrow/base/bytes.hpp"
#include "sealrow/base/result.hpp"
#include "sealrow/crypto/sealer.hpp"

#include <memory>

namespace sealrow::crypto {

class Aead {
 public:
  Aead() = default;
  Aead(const Aead&) = delete;
  Aead& operator=(const Aead&) = delete;
  virtual ~Aead() = default;
  // Encrypts `text` in place and writes 16 bytes to `tag`. `nonce` has 12 bytes (SIV: ignored).
  [[nodiscard]] virtual bool seal(const std::uint8_t* nonce, ByteView aad, MutableBytes text, std::uint8_t* tag) = 0;
  // Decrypts into `out` (sealed.size() bytes). On false, `out` may hold unauthenticated text: the caller wipes it.
  [[nodiscard]] virtual bool open(const std::uint8_t* nonce, ByteView aad, ByteView sealed, const std::uint8_t* tag,
                                  std::uint8_t* out) = 0;
};

// nullptr when the library fails. Keys: 32 bytes, SIV 64.
using AeadFactory = std::unique_ptr<Aead> (*)(ByteView key);
[[nodiscard]] std::unique_ptr<Aead> make_gcm_openssl(ByteView key);
[[nodiscard]] std::unique_ptr<Aead> make_gcm_ipsec(ByteView key);  // nullptr too when it is not built in
[[nodiscard]] std::unique_ptr<Aead> make_chacha20_poly1305(ByteView key);
[[nodiscard]] std::unique_ptr<Aead> make_aes_siv(ByteView key);

// The provider in force and its AES-256-GCM.
struct Backend {
  Provider provider;
  AeadFactory gcm;
};
[[nodiscard]] Result<Backend> choose_backend(Provider wanted);

}  // namespace sealrow::crypto
