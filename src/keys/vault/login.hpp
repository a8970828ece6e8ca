// The token with which Sealrow speaks to Vault or OpenBao: given, or had by a login, renewed at two thirds of its life.
#pragma once

#include "keys/remote/caller.hpp"
#include "keys/remote/secret_json.hpp"
#include "sealrow/keys/providers.hpp"

#include <memory>
#include <mutex>
#include <optional>

namespace sealrow::keys::vault {

using SharedToken = std::shared_ptr<const SecretBytes>;

// What Vault's error answers mean. Errors are {"errors": ["text", …]}: the texts are Vault's own words.
[[nodiscard]] Failure explain(const HttpResponse& response, const std::string& service);

// Thread-safe; one login at a time.
class Login {
 public:
  Login(std::string address, std::string name_space, VaultLogin how, Caller caller);
  [[nodiscard]] Result<SharedToken> token();
  // Vault did not accept this one: the next token() logs in (or reads the file) again.
  void forget(const SharedToken& refused);

 private:
  [[nodiscard]] Result<SharedToken> obtain();
  [[nodiscard]] Result<SharedToken> login(const std::string& mount, const SecretJson& proof);
  [[nodiscard]] Result<> renew();
  [[nodiscard]] Result<SecretJson> post(const std::string& path, const SecretJson& body,
                                        const SecretBytes* token) const;
  [[nodiscard]] Result<SharedToken> keep(std::string_view token, std::optional<std::int64_t> seconds, bool renewable);

  const std::string address_, name_space_;
  const VaultLogin how_;
  const Caller caller_;
  std::mutex mutex_;
  SharedToken token_;
  std::optional<WallTime> renew_at_, expires_;
  bool renewable_ = false;
};

// "X-Vault-Request: true" guards against requests that a browser or a confused server was tricked into.
[[nodiscard]] HttpHeaders headers(const std::string& name_space, const SecretBytes* token);

}  // namespace sealrow::keys::vault
