#include "sealrow/crypto/sealer.hpp"

#include "crypto/engine.hpp"

namespace sealrow::crypto {

struct Sealer::Impl {
  Engine engine;
};

Result<std::unique_ptr<Sealer>> Sealer::make(Provider provider, NonceSource nonces) {
  SEALROW_TRY(const Backend backend, choose_backend(provider));
  return std::unique_ptr<Sealer>(new Sealer(std::unique_ptr<Impl>(new Impl{Engine(backend, nonces)})));
}

Sealer::Sealer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Sealer::~Sealer() = default;

Result<> Sealer::seal(const EnvelopeKey& key, const ContextView& context, const SealOptions& options,
                      ByteView plaintext, std::string& out) {
  return impl_->engine.seal(key, context, options, plaintext, out);
}

Result<OpenedValue> Sealer::open(const EnvelopeKey& key, const ContextView& context, ByteView envelope,
                                 std::size_t max_size, std::string& out) {
  return impl_->engine.open(key, context, envelope, max_size, out);
}

Result<OpenedValue> Sealer::open(const EnvelopeKey& key, const ContextView& context, const Header& header,
                                 ByteView envelope, std::size_t max_size, std::string& out) {
  return impl_->engine.open(key, context, header, envelope, max_size, out);
}

void Sealer::forget(KeyId id) { impl_->engine.forget(id); }
Provider Sealer::provider() const noexcept { return impl_->engine.provider(); }

}  // namespace sealrow::crypto
