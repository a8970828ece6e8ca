#include "keys/pkcs11/provider.hpp"

#include "sealrow/crypto/keys.hpp"

#include <algorithm>

namespace sealrow::keys::pkcs11 {

namespace {

constexpr std::size_t nonce_size = 12, tag_size = 16, max_blob = 4096;

CK_BYTE_PTR raw(std::string& text) { return reinterpret_cast<CK_BYTE_PTR>(text.data()); }

Error rejected() { return {ErrorCode::key_wrap_rejected, "wrapped key failed authentication"}; }

// An object that lives as long as its session, wherever the code leaves.
class SessionObject {
 public:
  SessionObject(CK_FUNCTION_LIST& module, CK_SESSION_HANDLE session) : module_(module), session_(session) {}
  ~SessionObject() {
    if (handle != CK_INVALID_HANDLE) module_.C_DestroyObject(session_, handle);
  }
  SessionObject(const SessionObject&) = delete;
  SessionObject& operator=(const SessionObject&) = delete;
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;

 private:
  CK_FUNCTION_LIST& module_;
  CK_SESSION_HANDLE session_;
};

struct GcmParameters {
  GcmParameters(CK_MECHANISM_TYPE type, std::string nonce_, std::string context_)
      : nonce(std::move(nonce_)), context(std::move(context_)) {
    values.pIv = raw(nonce);
    values.ulIvLen = nonce.size();
    values.ulIvBits = nonce.size() * 8;
    values.pAAD = raw(context);
    values.ulAADLen = context.size();
    values.ulTagBits = tag_size * 8;
    mechanism = {type, &values, sizeof values};
  }
  std::string nonce, context;
  CK_GCM_PARAMS values{};
  CK_MECHANISM mechanism{};
};

// A data key as the token sees it for a moment: a session object whose value can be read and wrapped.
struct KeyTemplate {
  CK_OBJECT_CLASS kind = CKO_SECRET_KEY;
  CK_KEY_TYPE type = CKK_AES;
  CK_BBOOL no = CK_FALSE, yes = CK_TRUE;
  std::vector<CK_ATTRIBUTE> attributes{{CKA_CLASS, &kind, sizeof kind},
                                       {CKA_KEY_TYPE, &type, sizeof type},
                                       {CKA_TOKEN, &no, sizeof no},
                                       {CKA_SENSITIVE, &no, sizeof no},
                                       {CKA_EXTRACTABLE, &yes, sizeof yes}};
};

}  // namespace

CK_MECHANISM_TYPE Provider::mechanism(Pkcs11Mode mode) const {
  if (config_.mechanism != 0 && mode == config_.mode) return config_.mechanism;
  return mode == Pkcs11Mode::gcm ? CKM_AES_GCM : CKM_AES_KEY_WRAP_PAD;
}

Result<std::string> Provider::wrap_gcm(const WrapContext& context, const SecretBytes& key) {
  std::string nonce(nonce_size, '\0');
  if (config_.nonce == Pkcs11Nonce::sent)
    SEALROW_CHECK(crypto::random_bytes({reinterpret_cast<std::uint8_t*>(nonce.data()), nonce.size()}));
  GcmParameters gcm(mechanism(Pkcs11Mode::gcm), std::move(nonce), canonical(context));
  SecretBytes plain = key.clone();
  std::string sealed;
  SEALROW_CHECK(
      token_->with_key("wrap a key", [&](CK_FUNCTION_LIST& module, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE kek) {
        sealed.assign(nonce_size + key.size() + tag_size, '\0');
        CK_ULONG size = sealed.size();
        CK_RV done = module.C_EncryptInit(session, &gcm.mechanism, kek);
        if (done == CKR_OK)
          done = module.C_Encrypt(session, plain.reveal_mutable().data(), plain.size(), raw(sealed), &size);
        sealed.resize(std::min<std::size_t>(size, sealed.size()));
        return done;
      }));
  if (config_.nonce != Pkcs11Nonce::prepended) sealed.insert(0, gcm.nonce);
  const bool drawn = std::ranges::any_of(sealed.substr(0, nonce_size), [](char c) { return c != 0; });
  if (sealed.size() == nonce_size + key.size() + tag_size && drawn) return sealed;
  return Error{ErrorCode::key_encryption_key_unfit, "HSM's AES-GCM does not answer as configured",
               drawn ? "length of the ciphertext" : "it left the nonce empty",
               "set keys.pkcs11.nonce to what the vendor says", token_->uri()};
}

Result<SecretBytes> Provider::unwrap_gcm(const WrapContext& context, const std::string& blob) {
  if (blob.size() <= nonce_size + tag_size || blob.size() > max_blob) return rejected();
  GcmParameters gcm(mechanism(Pkcs11Mode::gcm), blob.substr(0, nonce_size), canonical(context));
  std::string sealed = config_.nonce == Pkcs11Nonce::prepended ? blob : blob.substr(nonce_size);
  SecretBytes plain(blob.size());
  CK_ULONG size = 0;
  SEALROW_TRY(const CK_RV done,
              token_->try_with_key([&](CK_FUNCTION_LIST& module, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE kek) {
                size = plain.size();
                const CK_RV started = module.C_DecryptInit(session, &gcm.mechanism, kek);
                if (started != CKR_OK) return started;
                return module.C_Decrypt(session, raw(sealed), sealed.size(), plain.reveal_mutable().data(), &size);
              }));
  if (done == CKR_OK && size == blob.size() - nonce_size - tag_size)
    return SecretBytes::copy_of(plain.reveal().first(size));
  const Error error = failure_of(done, "unwrap a key", token_->uri());
  // Tokens report a wrong tag in many ways, CKR_GENERAL_ERROR among them.
  const bool about_key = error.code == ErrorCode::key_encryption_key_unfit || is_session_loss(done);
  return about_key ? error : rejected();
}

Result<std::string> Provider::wrap_kwp(const SecretBytes& key) {
  SecretBytes value = key.clone();
  KeyTemplate data_key;
  data_key.attributes.push_back({CKA_VALUE, value.reveal_mutable().data(), value.size()});
  std::string wrapped;
  SEALROW_CHECK(token_->with_key("wrap a key", [&](CK_FUNCTION_LIST& module, CK_SESSION_HANDLE session,
                                                   CK_OBJECT_HANDLE kek) {
    SessionObject object(module, session);
    CK_RV done = module.C_CreateObject(session, data_key.attributes.data(), data_key.attributes.size(), &object.handle);
    if (done != CKR_OK) return done;
    CK_MECHANISM how{mechanism(Pkcs11Mode::kwp), nullptr, 0};
    wrapped.assign(key.size() + 16, '\0');
    CK_ULONG size = wrapped.size();
    done = module.C_WrapKey(session, &how, kek, object.handle, raw(wrapped), &size);
    wrapped.resize(std::min<std::size_t>(size, wrapped.size()));
    return done;
  }));
  return wrapped;
}

Result<SecretBytes> Provider::unwrap_kwp(const std::string& blob) {
  if (blob.size() < 24 || blob.size() > max_blob) return rejected();
  std::string sealed = blob;
  KeyTemplate data_key;
  SecretBytes plain(blob.size());
  CK_ULONG size = 0;
  SEALROW_TRY(const CK_RV done,
              token_->try_with_key([&](CK_FUNCTION_LIST& module, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE kek) {
                SessionObject object(module, session);
                CK_MECHANISM how{mechanism(Pkcs11Mode::kwp), nullptr, 0};
                const CK_RV opened =
                    module.C_UnwrapKey(session, &how, kek, raw(sealed), sealed.size(), data_key.attributes.data(),
                                       data_key.attributes.size(), &object.handle);
                if (opened != CKR_OK) return opened;
                CK_ATTRIBUTE value{CKA_VALUE, plain.reveal_mutable().data(), plain.size()};
                const CK_RV read = module.C_GetAttributeValue(session, object.handle, &value, 1);
                size = value.ulValueLen;
                return read;
              }));
  if (done == CKR_OK && size != 0 && size <= plain.size()) return SecretBytes::copy_of(plain.reveal().first(size));
  const Error error = failure_of(done, "unwrap a key", token_->uri());
  const bool about_key = error.code == ErrorCode::key_encryption_key_unfit || is_session_loss(done);
  return about_key ? error : rejected();
}

Result<GeneratedKey> Provider::generate(const WrapContext& context) {
  SecretBytes key(crypto::key_size);
  SEALROW_CHECK(
      token_->with_key("draw random bytes", [&](CK_FUNCTION_LIST& module, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE) {
        return module.C_GenerateRandom(session, key.reveal_mutable().data(), key.size());
      }));
  SEALROW_TRY(WrappedKey wrapped, wrap(context, key));
  return GeneratedKey{std::move(key), std::move(wrapped)};
}

Result<WrappedKey> Provider::wrap(const WrapContext& context, const SecretBytes& key) {
  SEALROW_TRY(std::string kek, token_->name());
  const bool gcm = config_.mode == Pkcs11Mode::gcm;
  SEALROW_TRY(std::string blob, gcm ? wrap_gcm(context, key) : wrap_kwp(key));
  return WrappedKey{std::move(kek), "1", gcm ? WrapAlgorithm::aes_256_gcm : WrapAlgorithm::aes_kwp, std::move(blob)};
}

Result<SecretBytes> Provider::unwrap(const WrapContext& context, const WrappedKey& wrapped) {
  SEALROW_TRY(const std::string kek, token_->name());
  if (wrapped.kek_id != kek)
    return Error{ErrorCode::key_encryption_key_missing, "key is wrapped under another key-encryption key",
                 "the configuration names " + kek, "", wrapped.kek_id};
  if (wrapped.algorithm == WrapAlgorithm::aes_256_gcm) return unwrap_gcm(context, wrapped.bytes);
  if (wrapped.algorithm == WrapAlgorithm::aes_kwp) return unwrap_kwp(wrapped.bytes);
  return rejected();
}

Result<WrappedKey> Provider::rewrap(const WrapContext& context, const WrappedKey& wrapped) {
  SEALROW_TRY(const SecretBytes key, unwrap(context, wrapped));
  return wrap(context, key);
}

Result<ProviderInfo> Provider::describe() {
  SEALROW_TRY(const KeyAttributes key, token_->describe());
  const bool gcm = config_.mode == Pkcs11Mode::gcm;
  const auto unfit = [&](std::string detail) {
    return Error{ErrorCode::key_encryption_key_unfit, "HSM's key is not fit for this use", std::move(detail),
                 gcm ? "mode gcm needs an AES-256 key with CKA_ENCRYPT and CKA_DECRYPT"
                     : "mode kwp needs an AES-256 key with CKA_WRAP and CKA_UNWRAP",
                 token_->uri()};
  };
  if (!key.is_aes) return unfit("it is no AES key");
  if (key.size != 0 && key.size != crypto::key_size) return unfit(std::to_string(key.size * 8) + " bits");
  if (gcm ? !(key.encrypts && key.decrypts) : !(key.wraps && key.unwraps))
    return unfit("its attributes do not allow it");
  SEALROW_TRY(std::string name, token_->name());
  const bool kept = key.sensitive && !key.extractable;
  return ProviderInfo{"pkcs11", std::move(name), "1",
                      std::string("AES-256 in an HSM, ") + (gcm ? "AES-GCM" : "AES-KWP") +
                          (kept ? "" : "; WARNING: the key may leave the token (extractable or not sensitive)")};
}

Result<> Provider::probe() {
  SEALROW_CHECK(describe());
  return {};
}

Result<std::shared_ptr<KeyProvider>> make(const Pkcs11Token& config) {
  SEALROW_TRY(auto token, Token::open(config));
  return std::shared_ptr<KeyProvider>(std::make_shared<Provider>(config, std::move(token)));
}

}  // namespace sealrow::keys::pkcs11
