// One key on one PKCS#11 token: module, sessions, login. Sessions are pooled; when the token loses them (removed,
// reset, failed over), all are dropped and the token is opened and logged in to anew, once per call.
#pragma once

#include "sealrow/keys/providers.hpp"

#include <p11-kit/pkcs11.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::keys::pkcs11 {

// "CKR_PIN_INCORRECT (0xa0)" or what the number is.
[[nodiscard]] Error failure_of(CK_RV code, std::string_view doing, const std::string& object);
[[nodiscard]] bool is_session_loss(CK_RV code) noexcept;

struct KeyAttributes {
  std::string label, id;
  bool is_aes = false;
  std::size_t size = 0;  // bytes; 0: the token does not say
  bool encrypts = false, decrypts = false, wraps = false, unwraps = false;
  bool extractable = true, sensitive = false;
};

class Token {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Token>> open(const Pkcs11Token& config);
  ~Token();
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;

  // One try with a session and the key's handle; after a loss, one more. Errors say what `doing` could not be done.
  using Act = std::function<CK_RV(CK_FUNCTION_LIST& module, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)>;
  [[nodiscard]] Result<> with_key(std::string_view doing, const Act& act);
  // The same, for what must tell its own failures from lost sessions: the code of the last try.
  [[nodiscard]] Result<CK_RV> try_with_key(const Act& act);

  [[nodiscard]] Result<KeyAttributes> describe();
  // "pkcs11:token=…;object=…;id=…", by what the token says about itself; asked for at first need.
  [[nodiscard]] Result<std::string> name();
  [[nodiscard]] const std::string& uri() const noexcept { return shown_uri_; }

 private:
  class Uri;
  struct Session {
    CK_SESSION_HANDLE handle;
    CK_OBJECT_HANDLE key;
    std::uint64_t generation;
  };
  Token(Pkcs11Token config, std::unique_ptr<Uri> uri, CK_FUNCTION_LIST* module);
  [[nodiscard]] Result<Session> borrow();
  void give_back(Session session);
  void drop_all(std::uint64_t generation);
  [[nodiscard]] Result<> connect();  // slot, login, key
  [[nodiscard]] Result<CK_SLOT_ID> find_slot();
  [[nodiscard]] Result<> log_in(CK_SESSION_HANDLE session);
  [[nodiscard]] Result<CK_OBJECT_HANDLE> find_key(CK_SESSION_HANDLE session);

  const Pkcs11Token config_;
  const std::unique_ptr<Uri> uri_;
  CK_FUNCTION_LIST* const module_;
  const std::string shown_uri_;

  std::mutex mutex_;
  bool connected_ = false;
  std::uint64_t generation_ = 0;
  CK_SLOT_ID slot_ = 0;
  std::string token_label_;
  CK_OBJECT_HANDLE key_ = CK_INVALID_HANDLE;
  std::vector<CK_SESSION_HANDLE> idle_;
  SecretBytes refused_pin_;  // tried once: each further try would bring the token nearer to being locked
  std::string name_;
};

}  // namespace sealrow::keys::pkcs11
