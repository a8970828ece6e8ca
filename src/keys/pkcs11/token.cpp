#include "keys/pkcs11/token.hpp"

#include "keys/json_reader.hpp"
#include "sealrow/base/log.hpp"

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include <array>

namespace sealrow::keys::pkcs11 {

// RFC 7512.
class Token::Uri {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Uri>> parse(const std::string& text) {
    auto uri = std::make_unique<Uri>();
    const auto malformed = [&](std::string detail, std::string hint = {}) {
      return Error{ErrorCode::config_value, "PKCS#11 URI cannot be used", std::move(detail), std::move(hint),
                   "keys.pkcs11.uri"};
    };
    const int done = p11_kit_uri_parse(text.c_str(), P11_KIT_URI_FOR_OBJECT_ON_TOKEN_AND_MODULE, uri->uri_);
    if (done != P11_KIT_URI_OK)
      return malformed(p11_kit_uri_message(done), "pkcs11:token=NAME;object=NAME;type=secret-key");
    if (p11_kit_uri_get_pin_value(uri->uri_) != nullptr || p11_kit_uri_get_pin_source(uri->uri_) != nullptr)
      return malformed("it has a PIN", "use pin_file or pin_env");
    if (p11_kit_uri_any_unrecognized(uri->uri_) != 0) return malformed("it has an unknown attribute");
    if (p11_kit_uri_get_attribute(uri->uri_, CKA_LABEL) == nullptr &&
        p11_kit_uri_get_attribute(uri->uri_, CKA_ID) == nullptr)
      return malformed("it names no key", "add object=LABEL or id=%01");
    return uri;
  }
  Uri() : uri_(p11_kit_uri_new()) {}
  ~Uri() { p11_kit_uri_free(uri_); }
  Uri(const Uri&) = delete;
  Uri& operator=(const Uri&) = delete;
  [[nodiscard]] bool matches(CK_TOKEN_INFO& info) const { return p11_kit_uri_match_token_info(uri_, &info) != 0; }
  // What to look for: a secret key with this label and id.
  [[nodiscard]] std::vector<CK_ATTRIBUTE> key_template() const {
    static CK_OBJECT_CLASS secret_key = CKO_SECRET_KEY;
    std::vector<CK_ATTRIBUTE> out{{CKA_CLASS, &secret_key, sizeof secret_key}};
    for (const CK_ATTRIBUTE_TYPE type : {CKA_LABEL, CKA_ID})
      if (const CK_ATTRIBUTE* wanted = p11_kit_uri_get_attribute(uri_, type)) out.push_back(*wanted);
    return out;
  }

 private:
  P11KitUri* const uri_;
};

namespace {

struct Meaning {
  CK_RV value;
  const char* name;
  ErrorCode code;
};
constexpr ErrorCode unavailable = ErrorCode::key_provider_unavailable, unfit = ErrorCode::key_encryption_key_unfit,
                    credentials = ErrorCode::key_provider_credentials;
constexpr Meaning meanings[] = {
    {CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT", credentials},
    {CKR_PIN_LEN_RANGE, "CKR_PIN_LEN_RANGE", credentials},
    {CKR_PIN_INVALID, "CKR_PIN_INVALID", credentials},
    {CKR_PIN_EXPIRED, "CKR_PIN_EXPIRED", credentials},
    {CKR_PIN_LOCKED, "CKR_PIN_LOCKED", credentials},
    {CKR_USER_PIN_NOT_INITIALIZED, "CKR_USER_PIN_NOT_INITIALIZED", credentials},
    {CKR_KEY_FUNCTION_NOT_PERMITTED, "CKR_KEY_FUNCTION_NOT_PERMITTED", unfit},
    {CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID", unfit},
    {CKR_MECHANISM_PARAM_INVALID, "CKR_MECHANISM_PARAM_INVALID", unfit},
    {CKR_KEY_TYPE_INCONSISTENT, "CKR_KEY_TYPE_INCONSISTENT", unfit},
    {CKR_WRAPPING_KEY_TYPE_INCONSISTENT, "CKR_WRAPPING_KEY_TYPE_INCONSISTENT", unfit},
    {CKR_KEY_SIZE_RANGE, "CKR_KEY_SIZE_RANGE", unfit},
    {CKR_TEMPLATE_INCONSISTENT, "CKR_TEMPLATE_INCONSISTENT", unfit},
    {CKR_ATTRIBUTE_VALUE_INVALID, "CKR_ATTRIBUTE_VALUE_INVALID", unfit},
    {CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED", unavailable},
    {CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR", unavailable},
    {CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT", unavailable},
    {CKR_TOKEN_NOT_RECOGNIZED, "CKR_TOKEN_NOT_RECOGNIZED", unavailable},
    {CKR_SLOT_ID_INVALID, "CKR_SLOT_ID_INVALID", unavailable},
    {CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID", unavailable},
    {CKR_SESSION_CLOSED, "CKR_SESSION_CLOSED", unavailable},
    {CKR_KEY_HANDLE_INVALID, "CKR_KEY_HANDLE_INVALID", unavailable},
    {CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN", unavailable},
    {CKR_CRYPTOKI_NOT_INITIALIZED, "CKR_CRYPTOKI_NOT_INITIALIZED", unavailable},
};

const char* hint_for(ErrorCode code) {
  if (code == credentials) return "check the PIN; the token locks itself after a few wrong ones";
  if (code == unfit) return "docs/key-management.md says which kind of key and which mechanism a token must offer";
  return "check that the HSM is connected and its client software runs";
}

std::string trimmed(const unsigned char* text, std::size_t size) {
  while (size > 0 && text[size - 1] == ' ') --size;
  return {reinterpret_cast<const char*>(text), size};
}

template <class T>
T attribute(CK_FUNCTION_LIST& module, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type,
            T otherwise) {
  T value = otherwise;
  CK_ATTRIBUTE wanted{type, &value, sizeof value};
  return module.C_GetAttributeValue(session, key, &wanted, 1) == CKR_OK ? value : otherwise;
}

std::string text_attribute(CK_FUNCTION_LIST& module, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
                           CK_ATTRIBUTE_TYPE type) {
  std::array<char, 256> text{};
  CK_ATTRIBUTE wanted{type, text.data(), text.size()};
  if (module.C_GetAttributeValue(session, key, &wanted, 1) != CKR_OK || wanted.ulValueLen > text.size()) return {};
  return {text.data(), wanted.ulValueLen};
}

// RFC 7512 section 2.3, for what is outside of letters, digits and a few marks.
std::string uri_encoded(std::string_view text, bool all) {
  std::string out;
  for (const char c : text) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    if (plain && !all)
      out += c;
    else
      append_hex(out += '%', as_bytes({&c, 1}));
  }
  return out;
}

}  // namespace

Error failure_of(CK_RV code, std::string_view doing, const std::string& object) {
  ErrorCode meant = unavailable;
  std::array<char, 32> number{};
  std::snprintf(number.data(), number.size(), "CKR 0x%lx", code);
  std::string name = number.data();
  for (const Meaning& meaning : meanings) {
    if (meaning.value != code) continue;
    meant = meaning.code;
    name = meaning.name;
  }
  return {meant, "HSM could not " + std::string(doing), name, hint_for(meant), object};
}

bool is_session_loss(CK_RV code) noexcept {
  switch (code) {
    case CKR_SESSION_HANDLE_INVALID:
    case CKR_SESSION_CLOSED:
    case CKR_USER_NOT_LOGGED_IN:
    case CKR_DEVICE_REMOVED:
    case CKR_DEVICE_ERROR:
    case CKR_TOKEN_NOT_PRESENT:
    case CKR_TOKEN_NOT_RECOGNIZED:
    case CKR_KEY_HANDLE_INVALID:
    case CKR_OBJECT_HANDLE_INVALID:
      return true;
    default:
      return false;
  }
}

Result<std::unique_ptr<Token>> Token::open(const Pkcs11Token& config) {
  SEALROW_TRY(auto uri, Uri::parse(config.uri));
  CK_FUNCTION_LIST* module = p11_kit_module_load(config.module.c_str(), P11_KIT_MODULE_CRITICAL);
  if (module == nullptr) {
    const char* reason = p11_kit_message();
    return Error{ErrorCode::config_io, "PKCS#11 module cannot be loaded", reason != nullptr ? reason : "", "",
                 config.module};
  }
  if (const CK_RV done = p11_kit_module_initialize(module); done != CKR_OK) {
    p11_kit_module_release(module);
    return failure_of(done, "be started", config.module);
  }
  return std::unique_ptr<Token>(new Token(config, std::move(uri), module));
}

Token::Token(Pkcs11Token config, std::unique_ptr<Uri> uri, CK_FUNCTION_LIST* module)
    : config_(std::move(config)),
      uri_(std::move(uri)),
      module_(module),
      shown_uri_(config_.uri.substr(0, config_.uri.find('?'))) {}

Token::~Token() {
  for (const CK_SESSION_HANDLE session : idle_) module_->C_CloseSession(session);
  p11_kit_module_finalize(module_);
  p11_kit_module_release(module_);
}

Result<CK_SLOT_ID> Token::find_slot() {
  CK_ULONG count = 0;
  CK_RV done = module_->C_GetSlotList(CK_TRUE, nullptr, &count);
  std::vector<CK_SLOT_ID> slots(count);
  if (done == CKR_OK) done = module_->C_GetSlotList(CK_TRUE, slots.data(), &count);
  if (done != CKR_OK) return failure_of(done, "list its tokens", shown_uri_);
  slots.resize(std::min<std::size_t>(count, slots.size()));
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO info{};
    if (module_->C_GetTokenInfo(slot, &info) != CKR_OK || !uri_->matches(info)) continue;
    token_label_ = trimmed(info.label, sizeof info.label);
    return slot;
  }
  return Error{ErrorCode::key_provider_unavailable, "HSM has no such token",
               std::to_string(slots.size()) + " others are there",
               "compare with `pkcs11-tool --module MODULE --list-slots`", shown_uri_};
}

Result<> Token::log_in(CK_SESSION_HANDLE session) {
  SEALROW_TRY(const SecretBytes pin, config_.pin());
  if (!refused_pin_.empty() && refused_pin_.equals(pin.reveal()))
    return Error{ErrorCode::key_provider_credentials, "HSM refused this PIN before", "it is not tried again",
                 "correct the PIN: another try with the same one would only lock the token", shown_uri_};
  SecretBytes copy = pin.clone();  // the interface wants a pointer to what it may not change
  const CK_RV done = module_->C_Login(session, CKU_USER, copy.reveal_mutable().data(), copy.size());
  if (done == CKR_OK || done == CKR_USER_ALREADY_LOGGED_IN) return {};
  if (done == CKR_PIN_INCORRECT) refused_pin_ = pin.clone();
  return failure_of(done, "log in", shown_uri_);
}

Result<CK_OBJECT_HANDLE> Token::find_key(CK_SESSION_HANDLE session) {
  std::vector<CK_ATTRIBUTE> wanted = uri_->key_template();
  std::array<CK_OBJECT_HANDLE, 2> found{};
  CK_ULONG count = 0;
  CK_RV done = module_->C_FindObjectsInit(session, wanted.data(), wanted.size());
  if (done == CKR_OK) {
    done = module_->C_FindObjects(session, found.data(), found.size(), &count);
    module_->C_FindObjectsFinal(session);
  }
  if (done != CKR_OK) return failure_of(done, "look for the key", shown_uri_);
  if (count == 1) return found[0];
  return Error{
      ErrorCode::key_encryption_key_missing, count == 0 ? "HSM has no such key" : "several keys of the HSM fit", "",
      count == 0 ? "compare with `pkcs11-tool --login --list-objects`" : "name the key by label and id", shown_uri_};
}

Result<> Token::connect() {
  SEALROW_TRY(slot_, find_slot());
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  const CK_RV done = module_->C_OpenSession(slot_, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session);
  if (done != CKR_OK) return failure_of(done, "open a session", shown_uri_);
  auto ready = log_in(session);
  if (ready.has_value()) {
    auto key = find_key(session);
    if (key.has_value()) {
      key_ = *key;
      idle_.push_back(session);  // stays open: the login ends with a token's last session
      connected_ = true;
      return {};
    }
    ready = std::move(key).error();
  }
  module_->C_CloseSession(session);
  return ready;
}

Result<Token::Session> Token::borrow() {
  const std::lock_guard lock(mutex_);
  if (!connected_) SEALROW_CHECK(connect());
  if (!idle_.empty()) {
    const Session session{idle_.back(), key_, generation_};
    idle_.pop_back();
    return session;
  }
  Session session{CK_INVALID_HANDLE, key_, generation_};
  const CK_RV done =
      module_->C_OpenSession(slot_, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session.handle);
  if (done != CKR_OK) return failure_of(done, "open a session", shown_uri_);
  return session;
}

void Token::give_back(Session session) {
  const std::lock_guard lock(mutex_);
  if (session.generation == generation_)
    idle_.push_back(session.handle);
  else
    module_->C_CloseSession(session.handle);
}

void Token::drop_all(std::uint64_t generation) {
  const std::lock_guard lock(mutex_);
  if (generation != generation_) return;  // somebody else did
  ++generation_;
  connected_ = false;
  for (const CK_SESSION_HANDLE session : idle_) module_->C_CloseSession(session);
  idle_.clear();
}

Result<CK_RV> Token::try_with_key(const Act& act) {
  for (bool again = false;; again = true) {
    auto session = borrow();
    // A slot that went away is found again by its label at the next try.
    if (session.has_error()) return std::move(session).error();
    const CK_RV done = act(*module_, session->handle, session->key);
    if (!is_session_loss(done)) {
      give_back(*session);
      return done;
    }
    module_->C_CloseSession(session->handle);
    drop_all(session->generation);
    if (again) return done;
    log::warn("keys", "HSM lost its session, logging in again");
  }
}

Result<> Token::with_key(std::string_view doing, const Act& act) {
  SEALROW_TRY(const CK_RV done, try_with_key(act));
  if (done != CKR_OK) return failure_of(done, doing, shown_uri_);
  return {};
}

Result<KeyAttributes> Token::describe() {
  KeyAttributes out;
  SEALROW_CHECK(
      with_key("describe the key", [&](CK_FUNCTION_LIST& module, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key) {
        const auto flag = [&](CK_ATTRIBUTE_TYPE type, CK_BBOOL otherwise) {
          return attribute<CK_BBOOL>(module, session, key, type, otherwise) != CK_FALSE;
        };
        CK_KEY_TYPE type = 0;
        CK_ATTRIBUTE wanted{CKA_KEY_TYPE, &type, sizeof type};
        if (const CK_RV done = module.C_GetAttributeValue(session, key, &wanted, 1); done != CKR_OK) return done;
        out.is_aes = type == CKK_AES;
        out.size = attribute<CK_ULONG>(module, session, key, CKA_VALUE_LEN, 0);
        out.label = text_attribute(module, session, key, CKA_LABEL);
        out.id = text_attribute(module, session, key, CKA_ID);
        out.encrypts = flag(CKA_ENCRYPT, CK_FALSE);
        out.decrypts = flag(CKA_DECRYPT, CK_FALSE);
        out.wraps = flag(CKA_WRAP, CK_FALSE);
        out.unwraps = flag(CKA_UNWRAP, CK_FALSE);
        out.extractable = flag(CKA_EXTRACTABLE, CK_TRUE);
        out.sensitive = flag(CKA_SENSITIVE, CK_FALSE);
        return CK_RV{CKR_OK};
      }));
  return out;
}

Result<std::string> Token::name() {
  {
    const std::lock_guard lock(mutex_);
    if (!name_.empty()) return name_;
  }
  SEALROW_TRY(const KeyAttributes key, describe());
  const std::lock_guard lock(mutex_);
  name_ = "pkcs11:token=" + uri_encoded(token_label_, false);
  if (!key.label.empty()) name_ += ";object=" + uri_encoded(key.label, false);
  if (!key.id.empty()) name_ += ";id=" + uri_encoded(key.id, true);
  return name_;
}

}  // namespace sealrow::keys::pkcs11
