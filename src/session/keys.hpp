// Key look-ups of one piece of work: what is missing is gathered, so that one pause fetches all of it.
#pragma once

#include "sealrow/keys/key_service.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

namespace sealrow::session {

// done: result written. pending: keys are missing, do the same work again once they are there. failed: see the error.
enum class Outcome : std::uint8_t { done, pending, failed };

class KeyGather {
 public:
  explicit KeyGather(keys::KeyService& service) : service_(service) {}

  // Null: pending or failed, see outcome().
  std::shared_ptr<const crypto::EnvelopeKey> sealing(const TenantId& tenant, const DomainId& domain) {
    return take(service_.sealing_key(tenant, domain), [&] { return keys::SealingKeyRequest{tenant, domain}; });
  }
  std::shared_ptr<const crypto::EnvelopeKey> opening(KeyId id) {
    if (last_opened_ != nullptr && last_opened_->id() == id) return last_opened_;  // the usual case within a row
    last_opened_ = take(service_.opening_key(id), [&] { return keys::OpeningKeyRequest{id}; });
    return last_opened_;
  }
  std::shared_ptr<const crypto::IndexKey> index(const TenantId& tenant, const DomainId& domain) {
    return take(service_.index_key(tenant, domain), [&] { return keys::IndexKeyRequest{tenant, domain}; });
  }
  void fail(Error error) {
    if (!error_) error_ = std::move(error);
  }
  [[nodiscard]] Outcome outcome() const noexcept {
    if (error_) return Outcome::failed;
    return missing_.empty() ? Outcome::done : Outcome::pending;
  }
  [[nodiscard]] const Error& error() const noexcept { return *error_; }
  [[nodiscard]] const std::vector<keys::KeyRequest>& missing() const noexcept { return missing_; }

 private:
  template <class Key, class MakeRequest>
  std::shared_ptr<const Key> take(keys::Lookup<Key> found, const MakeRequest& make_request) {
    if (auto* key = std::get_if<std::shared_ptr<const Key>>(&found)) return std::move(*key);
    if (auto* error = std::get_if<Error>(&found)) {
      fail(std::move(*error));
      return nullptr;
    }
    keys::KeyRequest request = make_request();
    if (std::ranges::find(missing_, request) == missing_.end()) missing_.push_back(std::move(request));
    return nullptr;
  }

  keys::KeyService& service_;
  std::shared_ptr<const crypto::EnvelopeKey> last_opened_;
  std::vector<keys::KeyRequest> missing_;
  std::optional<Error> error_;
};

}  // namespace sealrow::session
