#include "crypto/message_key.hpp"

#include "crypto/hmac.hpp"

#include <algorithm>

namespace sealrow::crypto {
namespace {

Result<MessageKey> scheduled(AeadFactory factory, ByteView key) {
  MessageKey message_key;
  message_key.aead = factory(key);
  if (message_key.aead == nullptr) return Error{ErrorCode::crypto_failure, "cipher cannot be set up"};
  return message_key;
}

// AES-256-GCM and AES-256-SIV: the subkey itself.
class DirectSource final : public MessageKeySource {
 public:
  DirectSource(AeadFactory factory, ByteView subkey) : factory_(factory), subkey_(SecretBytes::copy_of(subkey)) {}
  Result<MessageKey> derive(const Prefix&) override { return scheduled(factory_, subkey_.reveal()); }

 private:
  AeadFactory factory_;
  SecretBytes subkey_;
};

class XaesSource final : public MessageKeySource {
 public:
  XaesSource(AeadFactory gcm, XaesKey key) : gcm_(gcm), key_(std::move(key)) {}

  Result<MessageKey> derive(const Prefix& prefix) override {
    SecretBytes derived(32 + commitment_size);
    SEALROW_CHECK(key_.derive(prefix, derived.reveal_mutable()));
    SEALROW_TRY(MessageKey message_key, scheduled(gcm_, derived.reveal().first(32)));
    std::ranges::copy(derived.reveal().subspan(32), message_key.commitment.begin());
    return message_key;
  }

 private:
  AeadFactory gcm_;
  XaesKey key_;
};

// Subkey of a prefix: HMAC-SHA-256(K, "sealrow/v1" 0x00 "chacha" ‖ prefix).
class ChaChaSource final : public MessageKeySource {
 public:
  explicit ChaChaSource(ByteView subkey) : hmac_(subkey) {}

  Result<MessageKey> derive(const Prefix& prefix) override {
    using namespace std::string_view_literals;
    Digest key = hmac_.compute({as_bytes("sealrow/v1\0chacha"sv), prefix});
    auto message_key = scheduled(make_chacha20_poly1305, key);
    wipe(key.data(), key.size());
    return message_key;
  }

 private:
  HmacSha256 hmac_;
};

}  // namespace

Result<std::unique_ptr<MessageKeySource>> make_message_key_source(Suite suite, ByteView subkey, AeadFactory gcm) {
  using Source = std::unique_ptr<MessageKeySource>;
  switch (suite) {
    case Suite::aes_256_gcm:
      return Source(std::make_unique<DirectSource>(gcm, subkey));
    case Suite::aes_256_siv:
      return Source(std::make_unique<DirectSource>(make_aes_siv, subkey));
    case Suite::chacha20_poly1305:
      return Source(std::make_unique<ChaChaSource>(subkey));
    case Suite::xaes_256_gcm:
    case Suite::xaes_256_gcm_commit:
      break;
  }
  SEALROW_TRY(XaesKey key, XaesKey::make(subkey));
  return Source(std::make_unique<XaesSource>(gcm, std::move(key)));
}

}  // namespace sealrow::crypto
